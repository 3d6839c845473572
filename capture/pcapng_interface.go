package capture

import (
	"fmt"
	"math"
	"math/bits"
)

// Options of an interface description block (4.2) and of an interface
// statistics block (4.6).
const (
	optionName       = 2
	optionResolution = 9
	optionFCSLength  = 13
	optionOffset     = 14

	optionStart         = 2
	optionInterfaceDrop = 5
	optionSystemDrop    = 7
)

// maxInterfaces bounds the interfaces of a file, over all its sections.
const maxInterfaces = 4096

// ngInterface is what a section says about one of its interfaces.
type ngInterface struct {
	clock
	link     LinkType
	local    uint16 // index in pcapngReader.keys
	fcs      uint8
	snaplen  uint32
	limit    uint32
	reported uint64 // drops that statistics without a start time have told
}

// interfaceKey tells the interfaces of a file apart, and finds an interface
// again in the next section or in the next file of a rotated set.
type interfaceKey struct {
	link  LinkType
	index int
	name  string
}

// clock turns the time stamps of an interface into ns: units of 10^-n s are
// multiplied or divided, units of 2^-n s are shifted.
type clock struct {
	multiply uint64
	divide   uint64 // 0 for none
	shift    uint8
	offset   int64 // s
}

// newClock reads if_tsresol: the top bit chooses 2^-n rather than 10^-n.
func newClock(resolution uint8, offset int64) clock {
	c := clock{multiply: 1, offset: offset}
	n := resolution & 0x7F
	switch {
	case resolution&0x80 != 0:
		c.multiply, c.shift = 1e9, n
	case n <= 9:
		c.multiply = powerOf10(9 - n)
	case n <= 28:
		c.divide = powerOf10(n - 9)
	default: // finer than 64 bits can count to one ns
		c.multiply = 0
	}
	return c
}

func powerOf10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// time returns ns since the Unix epoch, exactly or cut down to whole ns; what
// an int64 can't hold (after the year 2262) becomes its limit.
func (c *clock) time(ticks uint64) int64 {
	hi, lo := bits.Mul64(ticks, c.multiply)
	switch {
	case c.shift >= 64:
		hi, lo = 0, hi>>(c.shift-64)
	case c.shift > 0:
		hi, lo = hi>>c.shift, hi<<(64-c.shift)|lo>>c.shift
	case c.divide > 0:
		lo /= c.divide
	}
	if hi > 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	if c.offset == 0 {
		return int64(lo)
	}
	return addSeconds(int64(lo), c.offset)
}

// addSeconds adds s seconds to ns, held at the limits of int64.
func addSeconds(ns, s int64) int64 {
	const limit = math.MaxInt64 / 1_000_000_000
	if s > limit {
		return math.MaxInt64
	}
	if s < -limit {
		return math.MinInt64
	}
	sum := ns + s*1_000_000_000
	if s > 0 && sum < ns {
		return math.MaxInt64
	}
	return sum
}

// fill sets what every packet of the interface has.
func (in *ngInterface) fill(f *Frame, at int64) {
	f.At = at
	f.Link = in.link
	f.HEP = true
	f.Point = in.local
	f.Outgoing = false
	f.FCS = in.fcs
}

// declared returns interface id of the section.
func (r *pcapngReader) declared(id uint32) (*ngInterface, error) {
	if id >= uint32(len(r.interfaces)) {
		return nil, r.undeclared(id)
	}
	return &r.interfaces[id], nil
}

// undeclared is apart so that declared can be inlined.
func (r *pcapngReader) undeclared(id uint32) error {
	return fmt.Errorf("block names interface %d, the section has declared %d", id, len(r.interfaces))
}

// declare reads an interface description block (4.2): link type u16, reserved
// u16, snap length u32, options.
func (r *pcapngReader) declare(length uint32) error {
	b, err := r.whole(length, interfaceMin)
	if err != nil {
		return err
	}
	if len(r.interfaces) == maxInterfaces {
		return fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	in := ngInterface{link: LinkType(r.u16(b[8:])), snaplen: r.u32(b[12:])}
	in.limit = packetLimit(in.snaplen)
	resolution, offset := uint8(6), int64(0)
	key := interfaceKey{link: in.link, index: len(r.interfaces)}
	options := ngOptions{b[interfaceMin-4 : len(b)-4], r.byteOrder}
	for {
		code, value, ok := options.next()
		if !ok {
			break
		}
		switch {
		case code == optionName:
			key.name = string(value[:min(len(value), 64)])
		case code == optionResolution && len(value) == 1:
			resolution = value[0]
		case code == optionOffset && len(value) == 8:
			offset = int64(r.u64(value))
		case code == optionFCSLength && len(value) == 1:
			in.fcs = value[0]
		}
	}
	in.clock = newClock(resolution, offset)
	if in.local, err = r.number(key); err != nil {
		return err
	}
	r.interfaces = append(r.interfaces, in)
	r.pos += len(b)
	return nil
}

// number returns the number of an interface within the file. The same
// interface in a later section keeps its number.
func (r *pcapngReader) number(key interfaceKey) (uint16, error) {
	for i, k := range r.keys {
		if k == key {
			return uint16(i), nil
		}
	}
	if len(r.keys) == maxInterfaces {
		return 0, fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	r.keys = append(r.keys, key)
	return uint16(len(r.keys) - 1), nil
}

// statistics reads an interface statistics block (4.6): interface u32, time as
// two u32, options. Its counters run from the start of the capture, so that
// only their growth is new.
func (r *pcapngReader) statistics(length uint32) error {
	b, err := r.whole(length, statisticsMin)
	if err != nil {
		return err
	}
	in, err := r.declared(r.u32(b[8:]))
	if err != nil {
		return err
	}
	var start, total uint64
	options := ngOptions{b[statisticsMin-4 : len(b)-4], r.byteOrder}
	for {
		code, value, ok := options.next()
		if !ok {
			break
		}
		switch {
		case len(value) != 8:
		case code == optionStart:
			start = uint64(r.u32(value))<<32 | uint64(r.u32(value[4:]))
		case code == optionInterfaceDrop, code == optionSystemDrop:
			total += r.u64(value)
		}
	}
	told := r.ledger.entry(r.keys[in.local], start)
	if told == nil {
		told = &in.reported
	}
	if total > *told {
		r.dropped += total - *told
		*told = total
	}
	r.pos += len(b)
	return nil
}

// ledger remembers the drops that the files of a rotated set have told: each
// file repeats the counters of the capture, known by its start time.
type ledger map[capturedBy]*uint64

type capturedBy struct {
	interfaceKey
	start uint64
}

// entry returns the drops that an interface's capture has told so far, or nil
// where the file doesn't say which capture it belongs to.
func (l ledger) entry(key interfaceKey, start uint64) *uint64 {
	if l == nil || start == 0 {
		return nil
	}
	id := capturedBy{key, start}
	told := l[id]
	if told == nil && len(l) < maxInterfaces {
		told = new(uint64)
		l[id] = told
	}
	return told
}
