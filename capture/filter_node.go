package capture

import (
	"slices"

	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// filterNode is a condition. code adds it to p so that a packet that meets it
// continues at yes, another at no, and returns where it begins. A load behind
// the end of a packet ends the program: such a packet is not kept.
type filterNode interface {
	code(p *filterProgram, yes, no label) label
}

type (
	matchAll  struct{}
	matchBoth struct{ a, b filterNode }
	matchAny  struct{ a, b filterNode }
	matchNot  struct{ a filterNode }
)

func (matchAll) code(p *filterProgram, yes, _ label) label { return p.goTo(yes) }

func (m matchBoth) code(p *filterProgram, yes, no label) label {
	return m.a.code(p, m.b.code(p, yes, no), no)
}

func (m matchAny) code(p *filterProgram, yes, no label) label {
	return m.a.code(p, yes, m.b.code(p, yes, no))
}

func (m matchNot) code(p *filterProgram, yes, no label) label { return m.a.code(p, no, yes) }

// either joins two conditions. Ports, and addresses, with the same qualifiers
// become one list: the packet's own are then loaded once for all of them.
func either(a, b filterNode) filterNode {
	if left, ok := a.(matchAny); ok {
		if one := merged(left.b, b); one != nil {
			return matchAny{left.a, one}
		}
	}
	if one := merged(a, b); one != nil {
		return one
	}
	return matchAny{a, b}
}

// merged returns the one condition that a or b makes, nil if there is none.
// "src and dst" can't be merged: it must hold for one value at a time.
func merged(a, b filterNode) filterNode {
	switch a := a.(type) {
	case matchPort:
		if b, ok := b.(matchPort); ok && a.side == b.side && a.side != sideBoth && a.protocol == b.protocol {
			a.ranges = append(slices.Clip(a.ranges), b.ranges...)
			return a
		}
	case matchAddr:
		if b, ok := b.(matchAddr); ok && a.side == b.side && a.side != sideBoth && a.etherType == b.etherType {
			a.prefixes = append(slices.Clip(a.prefixes), b.prefixes...)
			return a
		}
	}
	return nil
}

// filterSide says which end of a packet a condition is about.
type filterSide uint8

const (
	sideEither filterSide = iota
	sideSource
	sideDestination
	sideBoth
)

// sides adds a condition on the source, the destination or both of them; on
// adds it for one of the two.
func (p *filterProgram) sides(side filterSide, yes, no label, on func(source bool, yes, no label) label) label {
	switch side {
	case sideSource:
		return on(true, yes, no)
	case sideDestination:
		return on(false, yes, no)
	case sideBoth:
		return on(true, on(false, yes, no), no)
	}
	return on(true, yes, on(false, yes, no))
}

// matchEtherType is a packet whose EtherType, behind all tags, is one of these.
type matchEtherType []uint32

func (m matchEtherType) code(p *filterProgram, yes, no label) label {
	p.among(m, yes, no)
	return p.etherTypeInA()
}

// matchProtocol is an IP protocol. In IPv6 it is the first next header, or
// that behind a fragment header, as in tcpdump.
type matchProtocol struct {
	v4, v6 bool
	number uint8
}

func (m matchProtocol) code(p *filterProgram, yes, no label) label {
	v4, v6 := no, no
	number := uint32(m.number)
	if m.v6 {
		p.test(bpf.JumpEqual, number, yes, no)
		fragmented := p.loadAtX(40, 1)
		p.test(bpf.JumpEqual, number, yes, p.test(bpf.JumpEqual, wire.ProtocolFragment, fragmented, no))
		p.loadAtX(6, 1)
		v6 = p.networkInX()
	}
	if m.v4 {
		p.test(bpf.JumpEqual, number, yes, no)
		p.loadAtX(9, 1)
		v4 = p.networkInX()
	}
	return p.byVersion(v4, v6, no)
}

// matchFragment is any fragment, the first included.
type matchFragment struct{}

func (matchFragment) code(p *filterProgram, yes, no label) label {
	p.test(bpf.JumpEqual, wire.ProtocolFragment, yes, no)
	p.loadAtX(6, 1)
	v6 := p.networkInX()
	p.test(bpf.JumpBitsSet, 0x3fff, yes, no) // more fragments, or an offset
	p.loadAtX(6, 2)
	v4 := p.networkInX()
	return p.byVersion(v4, v6, no)
}

// matchLength is a frame of at least so many octets on the wire: the tag that
// the kernel took away counts.
type matchLength uint32

func (m matchLength) code(p *filterProgram, yes, no label) label {
	p.test(bpf.JumpGreaterOrEqual, uint32(m), yes, no)
	plain := p.put(bpf.LoadExtension{Num: bpf.ExtLen})
	p.test(bpf.JumpGreaterOrEqual, uint32(max(m, 4)-4), yes, no)
	tagged := p.put(bpf.LoadExtension{Num: bpf.ExtLen})
	p.test(bpf.JumpEqual, 0, plain, tagged)
	return p.put(bpf.LoadExtension{Num: bpf.ExtVLANTagPresent})
}
