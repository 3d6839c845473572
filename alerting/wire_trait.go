package alerting

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// wireKind numbers what is watched of a sender.
type wireKind uint8

const (
	wireAddress wireKind = iota
	wireHost
	wireCodec
	wirePTime
	wireDSCP
	wireTTL
	wireAgent
	wireTraits
)

// wireNames are how a value is spoken of.
var wireNames = [wireTraits]string{
	wireAddress: "media address", wireHost: "signalling address", wireCodec: "codec", wirePTime: "packet time",
	wireDSCP: "marking DSCP", wireTTL: "TTL", wireAgent: "user agent",
}

// How much it takes to be a change.
const (
	wireLeastLearnt = 40   // streams or calls after which something is usual at all
	wireCrowdLearnt = 80   // the same, of a sender with very many addresses
	wireLeastUsual  = 20   // of a value whose end is told
	wireLeastNew    = 6    // of a new value
	wireNewShare    = 0.10 // of what came since its first
	wireCrowdShare  = 0.25 // the same, of a sender with very many addresses: some of them are seldom heard
	wireUsualShare  = 0.10 // of a value whose end is told
	wireMissed      = 14.0 // how many of it were due since, by its share: e^-14 is one in a million
	wireReplaced    = 4.0  // the same, where another value has come instead
	wireGoneAfter   = int64(15 * time.Minute)
	wireBroken      = 60   // others in between after which a new value begins anew: a stray one long ago is no beginning
	wireRecent      = 120  // that the share of a new value is of, at most
	wireMemory      = 1000 // that the share of a usual value is of, at most
	wireFewUsual    = 4    // values; of more, as of a site's telephones, each comes and goes with its users
	maxWireValues   = 24   // of one kind; a sender with more has no usual ones
	maxWireAddress  = 8
	maxWireSame     = 2 // how often a day the same value is told of
)

// wireTrait is one kind of values of a sender.
type wireTrait struct {
	values  []wireValue
	began   int64   // of its first stream or call
	units   int     // streams and calls in all
	weight  float64 // streams and calls of late
	diffuse bool
}

// wireValue is one value: usual, new (it may become a change) or gone.
type wireValue struct {
	text   string
	usual  bool
	gone   bool    // was usual
	since  int64   // of a new one: the first start of those that count
	last   int64   // the latest start
	units  int     // in all
	weight float64 // those of late
	share  float64 // of the trait's weight, as of its last unit
	fresh  int     // of a new one, since then
	whole  int     // streams and calls of the trait since then
	others int     // of other values, started after last
	told   int     // on the day numbered
	day    int64
}

// wireUnit is one stream or call of a sender.
type wireUnit struct {
	w     *WireWatch
	p     *wirePlace
	start int64
}

// takeAll takes numbers, each once.
func (u *wireUnit) takeAll(kind wireKind, list []int) {
	for i, v := range list {
		if !slices.Contains(list[:i], v) {
			u.take(kind, strconv.Itoa(v))
		}
	}
}

// take counts one value and tells the change that it makes.
func (u *wireUnit) take(kind wireKind, text string) {
	t := &u.p.traits[kind]
	if t.diffuse {
		return
	}
	if t.units == 0 {
		t.began = u.start
	}
	least, share := wireLeastLearnt, wireNewShare
	if u.p.traits[wireAddress].diffuse {
		least, share = wireCrowdLearnt, wireCrowdShare
	}
	learnt := t.units >= least && u.start-t.began >= int64(u.w.cfg.Learn)
	t.units++
	if t.weight++; t.weight > wireMemory {
		t.weight /= 2
		for i := range t.values {
			t.values[i].weight /= 2
		}
	}
	i := u.find(t, kind, text, learnt)
	if i < 0 {
		return
	}
	u.count(t, i)
	if v := &t.values[i]; !v.usual && v.fresh >= wireLeastNew && float64(v.fresh) >= share*float64(v.whole) {
		u.arrived(t, kind, i)
	}
	for j := range t.values {
		u.missed(t, kind, j)
	}
}

// find returns a value's place, -1 where there are too many.
func (u *wireUnit) find(t *wireTrait, kind wireKind, text string, learnt bool) int {
	if i := slices.IndexFunc(t.values, func(v wireValue) bool { return v.text == text }); i >= 0 {
		return i
	}
	most := maxWireValues
	if kind == wireAddress || kind == wireHost {
		most = maxWireAddress
	}
	if len(t.values) >= most || len(text) > maxWireText {
		*t = wireTrait{diffuse: true}
		u.w.stats.Diffuse++
		return -1
	}
	t.values = append(t.values, wireValue{text: strings.Clone(text), usual: !learnt, since: u.start})
	return len(t.values) - 1
}

// shown is a value as it is told: what a packet says may hold anything.
func (v *wireValue) shown() string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, v.text)
}

// maxWireText bounds a value's length.
const maxWireText = 128

// count adds the unit to its value, and to what others go by.
func (u *wireUnit) count(t *wireTrait, i int) {
	v := &t.values[i]
	if !v.usual && v.others >= wireBroken {
		v.since, v.fresh, v.whole = u.start, 0, 0
	}
	v.units++
	v.weight++
	v.fresh++
	v.since = min(v.since, u.start)
	if u.start >= v.last {
		v.last, v.others = u.start, 0
	}
	v.share = v.weight / t.weight
	for j := range t.values {
		o := &t.values[j]
		if u.start >= o.since {
			if o.whole++; o.whole > wireRecent {
				o.fresh, o.whole = o.fresh/2, o.whole/2
			}
		}
		if j != i && u.start > o.last {
			o.others++
		}
	}
}
