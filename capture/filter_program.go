package capture

import "golang.org/x/net/bpf"

// filterProgram is a program that grows from its end to its beginning. Classic
// BPF jumps forward only, so whatever an instruction may jump to is there
// before it, and its distance is known.
type filterProgram struct {
	reversed []bpf.Instruction
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

// test adds "if A cond value". Conditional jumps reach 255 instructions; what
// is farther gets an unconditional one in between, which reaches everything.
func (p *filterProgram) test(cond bpf.JumpTest, value uint32, yes, no label) label {
	const reach = 255
	if p.skip(yes)+1 > reach { // 1 for the other's jump
		yes = p.put(bpf.Jump{Skip: uint32(p.skip(yes))})
	}
	if p.skip(no) > reach {
		no = p.put(bpf.Jump{Skip: uint32(p.skip(no))})
	}
	return p.put(bpf.JumpIf{Cond: cond, Val: value, SkipTrue: uint8(p.skip(yes)), SkipFalse: uint8(p.skip(no))})
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
	p.test(bpf.JumpEqual, etherIPv4, v4, p.test(bpf.JumpEqual, etherIPv6, v6, neither))
	return p.etherTypeInA()
}
