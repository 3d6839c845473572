package alerting

import (
	"net/netip"
	"strings"

	"earshot/topology"
)

// column is a kind of factor as the locator keeps it. Their order is that of
// preference: of two that explain the same the first one is told.
type column uint8

const (
	colSegment column = iota
	colOwner          // of the segment, by the directory
	colSite
	colTrunk
	colPeer
	colDirection
	colCodec
	colPoint
	colSource
	colSink
	colAgent
	colSourceWide // subnets around subnets: sites of one provider
	colSinkWide
	columns
)

// columnNames are what factors of a column are called.
var columnNames = [columns]FactorName{
	colSegment: FactorSegment, colOwner: FactorOwner, colSite: FactorSite, colTrunk: FactorTrunk, colPeer: FactorPeer,
	colDirection: FactorDirection, colCodec: FactorCodec, colPoint: FactorPoint,
	colSource: FactorSource, colSink: FactorSink, colAgent: FactorAgent, colSourceWide: FactorSource, colSinkWide: FactorSink,
}

// item is one value of one column; 0 stands for no value.
type item struct {
	col   column
	value uint32
}

// end is where one end of a unit is: its value of every column. A stream has
// one, a call and a registration two.
type end [columns]uint32

// has reports whether all items are among the end's values.
func (e *end) has(items []item) bool {
	for _, it := range items {
		if e[it.col] != it.value {
			return false
		}
	}
	return true
}

// maxFactorValues bounds how many values all columns have together: subnets and
// makes of phones come from packets.
const maxFactorValues = 50_000

// dictionary numbers the values of all columns, from 1.
type dictionary struct {
	ids     [columns]map[string]uint32
	subnets map[netip.Prefix][2]uint32 // numbers of columns colSource and colSourceWide
	agents  map[string]uint32          // by the whole text
	texts   [columns][]string          // by number; the first one is ""
	count   int
	refused uint64 // values beyond the bound
}

func newDictionary() dictionary {
	d := dictionary{subnets: map[netip.Prefix][2]uint32{}, agents: map[string]uint32{}}
	for c := range columns {
		d.ids[c] = map[string]uint32{}
		d.texts[c] = []string{""}
	}
	return d
}

// numberedAs is the column whose numbers a column uses: sinks are numbered like
// sources, so that one look-up does for both.
func (c column) numberedAs() column {
	switch c {
	case colSink:
		return colSource
	case colSinkWide:
		return colSourceWide
	}
	return c
}

// number returns a value's number, 0 for "" and beyond the bound.
func (d *dictionary) number(c column, text string) uint32 {
	if text == "" {
		return 0
	}
	c = c.numberedAs()
	if n, ok := d.ids[c][text]; ok {
		return n
	}
	if d.count == maxFactorValues || len(text) > maxNameLen*4 {
		d.refused++
		return 0
	}
	d.count++
	text = strings.Clone(text)
	n := uint32(len(d.texts[c]))
	d.ids[c][text] = n
	d.texts[c] = append(d.texts[c], text)
	return n
}

// text is an item's value.
func (d *dictionary) text(it item) string { return d.texts[it.col.numberedAs()][it.value] }

// factor is what is told of an item.
func (d *dictionary) factor(it item) Factor {
	return Factor{columnNames[it.col], d.text(it)}
}

// items numbers factors; false where one of them cannot be.
func (d *dictionary) items(factors []Factor) ([]item, bool) {
	var list []item
	for _, f := range factors {
		c := columnOf(f)
		it := item{c, d.number(c, f.Value)}
		if it.value == 0 {
			return nil, false
		}
		list = append(list, it)
	}
	return list, true
}

// columnOf is the column that a factor belongs to: a subnet's by its length.
func columnOf(f Factor) column {
	c := colSegment
	for columnNames[c] != f.Name && c < columns-1 {
		c++
	}
	if c != colSource && c != colSink {
		return c
	}
	if p, err := netip.ParsePrefix(f.Value); err == nil && p.Bits() == wideBits(p.Addr()) {
		return c + colSourceWide - colSource
	}
	return c
}

func netBits(a netip.Addr) int {
	if a.Is4() {
		return 24
	}
	return 48
}

func wideBits(a netip.Addr) int {
	if a.Is4() {
		return 16
	}
	return 32
}

// subnet numbers the subnets of an address, for sources or for sinks.
func (d *dictionary) subnet(e *end, c column, a netip.Addr) {
	a = a.Unmap().WithZone("")
	if !a.IsValid() {
		return
	}
	p, _ := a.Prefix(netBits(a))
	n, ok := d.subnets[p]
	if !ok {
		wide, _ := a.Prefix(wideBits(a))
		n = [2]uint32{d.number(colSource, p.String()), d.number(colSourceWide, wide.String())}
		if len(d.subnets) < maxFactorValues {
			d.subnets[p] = n
		}
	}
	e[c], e[c+colSourceWide-colSource] = n[0], n[1]
}

// agent numbers a make of phone, its version left out.
func (d *dictionary) agent(text string) uint32 {
	if text == "" {
		return 0
	}
	if n, ok := d.agents[text]; ok {
		return n
	}
	n := d.number(colAgent, makeOf(text))
	if len(d.agents) < maxFactorValues {
		d.agents[strings.Clone(text)] = n
	}
	return n
}

// makeOf is a User-Agent without its version: what stands before the first
// slash, and before the first word that is a number with dots.
func makeOf(agent string) string {
	var kept []string
	for _, word := range strings.Fields(agent) {
		name, _, versioned := strings.Cut(word, "/")
		if isVersion(name) {
			break
		}
		if name != "" {
			kept = append(kept, name)
		}
		if versioned {
			break
		}
	}
	return strings.Join(kept, " ")
}

// isVersion reports a word like 108.86.0.20 or v2.1.
func isVersion(word string) bool {
	word = strings.TrimLeft(word, "vV(")
	return strings.Contains(word, ".") && word != "" && word[0] >= '0' && word[0] <= '9'
}

// direction numbers a direction; unknown is no value.
func (d *dictionary) direction(x topology.Direction) uint32 {
	if x == topology.Unknown {
		return 0
	}
	return d.number(colDirection, x.String())
}
