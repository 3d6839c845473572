package capture

import (
	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// filterProgram is a program that grows from its end to its beginning. Classic
// BPF jumps forward only, so whatever an instruction may jump to is there
// before it, and its distance is known.
type filterProgram struct {
	reversed []bpf.Instruction
	jumps    map[label]label // the latest unconditional jump to a label
}

// label is an instruction to go to, counted from the program's end.
type label int

// Scratch memory, set by the prologue.
const (
	memEtherType = 0 // EtherType behind all VLAN tags
	memNetwork   = 1 // offset of what follows the tags
	memTags      = 2 // offset of the first tag, or what memNetwork has
)

// put adds ins before everything that is there and returns its label.
func (p *filterProgram) put(ins bpf.Instruction) label {
	p.reversed = append(p.reversed, ins)
	return label(len(p.reversed) - 1)
}

// skip returns the distance from the instruction that comes next to to.
func (p *filterProgram) skip(to label) int { return len(p.reversed) - 1 - int(to) }

// goTo makes the instruction that comes next continue at to: by falling into
// it, or by a jump.
func (p *filterProgram) goTo(to label) label {
	if p.skip(to) == 0 {
		return to
	}
	return p.put(bpf.Jump{Skip: uint32(p.skip(to))})
}

// reach is how many instructions a conditional jump can skip.
const reach = 255

// test adds "if A cond value".
func (p *filterProgram) test(cond bpf.JumpTest, value uint32, yes, no label) label {
	yes = p.within(yes, reach-1) // one less: the other's jump may come in between
	no = p.within(no, reach)
	return p.put(bpf.JumpIf{Cond: cond, Val: value, SkipTrue: uint8(p.skip(yes)), SkipFalse: uint8(p.skip(no))})
}

// within returns a label at most far instructions away that leads to to:
// itself, or an unconditional jump, which reaches everything. Tests that are
// near one another share it.
func (p *filterProgram) within(to label, far int) label {
	if p.skip(to) <= far {
		return to
	}
	if jump, ok := p.jumps[to]; ok && p.skip(jump) <= far {
		return jump
	}
	jump := p.put(bpf.Jump{Skip: uint32(p.skip(to))})
	p.jumps[to] = jump
	return jump
}

// among adds "if A is one of values".
func (p *filterProgram) among(values []uint32, yes, no label) label {
	for i := len(values) - 1; i >= 0; i-- {
		no = p.test(bpf.JumpEqual, values[i], yes, no)
	}
	return no
}

// loadAtX adds "A = octets at X + offset".
func (p *filterProgram) loadAtX(offset uint32, octets int) label {
	return p.put(bpf.LoadIndirect{Off: offset, Size: octets})
}

// networkInX adds "X = offset of the network header".
func (p *filterProgram) networkInX() label {
	return p.put(bpf.LoadScratch{Dst: bpf.RegX, N: memNetwork})
}

// etherTypeInA adds "A = EtherType of the network header".
func (p *filterProgram) etherTypeInA() label {
	return p.put(bpf.LoadScratch{Dst: bpf.RegA, N: memEtherType})
}

// byVersion adds the choice between what to do with IPv4 and with IPv6.
func (p *filterProgram) byVersion(v4, v6, neither label) label {
	p.test(bpf.JumpEqual, wire.EtherIPv4, v4, p.test(bpf.JumpEqual, wire.EtherIPv6, v6, neither))
	return p.etherTypeInA()
}
