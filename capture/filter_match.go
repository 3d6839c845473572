package capture

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// matchAddr is an address or network of IPv4, IPv6 or ARP.
type matchAddr struct {
	side      filterSide
	etherType uint32 // 0: of whichever protocol has such addresses
	prefixes  []netip.Prefix
}

func (m matchAddr) code(p *filterProgram, yes, no label) label {
	var v4, v6 []netip.Prefix
	for _, x := range m.prefixes {
		if x.Addr().Is4() {
			v4 = append(v4, x)
		} else {
			v6 = append(v6, x)
		}
	}
	next := no
	if len(v4) > 0 {
		if arp := m.ofARP(); len(arp) > 0 { // RFC 826: sender at 14, target at 24
			next = p.among(arp, p.address4(m.side, 14, 24, v4, yes, no), next)
		}
		if m.of(wire.EtherIPv4) {
			next = p.test(bpf.JumpEqual, wire.EtherIPv4, p.address4(m.side, 12, 16, v4, yes, no), next)
		}
	}
	if len(v6) > 0 && m.of(wire.EtherIPv6) {
		next = p.test(bpf.JumpEqual, wire.EtherIPv6, p.address6(m.side, v6, yes, no), next)
	}
	p.goTo(next)
	return p.etherTypeInA()
}

// of reports whether addresses of this EtherType are meant.
func (m matchAddr) of(etherType uint32) bool { return m.etherType == 0 || m.etherType == etherType }

// ofARP returns which of ARP's EtherTypes are meant.
func (m matchAddr) ofARP() []uint32 {
	return slices.DeleteFunc([]uint32{wire.EtherARP, etherRARP}, func(t uint32) bool { return !m.of(t) })
}

// address4 adds a condition on the IPv4 addresses at these offsets. Single
// addresses come first and share one load.
func (p *filterProgram) address4(side filterSide, source, destination uint32, prefixes []netip.Prefix, yes, no label) label {
	var single []uint32
	var networks []netip.Prefix
	for _, x := range prefixes {
		if x.IsSingleIP() {
			single = append(single, binary.BigEndian.Uint32(x.Addr().AsSlice()))
		} else {
			networks = append(networks, x)
		}
	}
	p.sides(side, yes, no, func(src bool, yes, no label) label {
		offset := destination
		if src {
			offset = source
		}
		for i := len(networks) - 1; i >= 0; i-- {
			no = p.word(offset, networks[i].Addr().AsSlice(), networks[i].Bits(), yes, no)
		}
		if len(single) == 0 {
			return no
		}
		p.among(single, yes, no)
		return p.loadAtX(offset, 4)
	})
	return p.networkInX()
}

// address6 adds a condition on the addresses of an IPv6 header.
func (p *filterProgram) address6(side filterSide, prefixes []netip.Prefix, yes, no label) label {
	p.sides(side, yes, no, func(src bool, yes, no label) label {
		offset := uint32(24)
		if src {
			offset = 8
		}
		for i := len(prefixes) - 1; i >= 0; i-- {
			no = p.prefix6(offset, prefixes[i], yes, no)
		}
		return no
	})
	return p.networkInX()
}

// prefix6 adds a condition on the IPv6 address at X + offset.
func (p *filterProgram) prefix6(offset uint32, prefix netip.Prefix, yes, no label) label {
	octets := prefix.Addr().AsSlice()
	words := max(1, (prefix.Bits()+31)/32)
	for w := words - 1; w >= 0; w-- {
		bits := min(32, prefix.Bits()-32*w)
		yes = p.word(offset+uint32(4*w), octets[4*w:], bits, yes, no)
	}
	return yes
}

// word adds "if the first bits of the 32 at X + offset are those of octets".
func (p *filterProgram) word(offset uint32, octets []byte, bits int, yes, no label) label {
	mask := uint32(0xffffffff) << (32 - bits)
	p.test(bpf.JumpEqual, binary.BigEndian.Uint32(octets)&mask, yes, no)
	if bits < 32 {
		p.put(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: mask})
	}
	return p.loadAtX(offset, 4)
}

// portRange is a range of ports, both ends included.
type portRange struct{ first, last uint16 }

// matchPort is a TCP, UDP or SCTP port in the first fragment.
type matchPort struct {
	side     filterSide
	protocol uint8 // 0: all three
	ranges   []portRange
}

func (m matchPort) code(p *filterProgram, yes, no label) label {
	ports := p.sides(m.side, yes, no, func(source bool, yes, no label) label {
		for i := len(m.ranges) - 1; i >= 0; i-- {
			no = p.inRange(m.ranges[i], yes, no)
		}
		offset := uint32(2)
		if source {
			offset = 0
		}
		return p.loadAtX(offset, 2)
	})
	p.goTo(ports)
	p.put(bpf.TAX{}) // X: transport header
	p.put(bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 40})
	v6 := m.carried(p, p.put(bpf.TXA{}), no, 6)

	p.goTo(ports)
	p.put(bpf.TAX{})
	p.put(bpf.ALUOpX{Op: bpf.ALUOpAdd})
	p.put(bpf.ALUOpConstant{Op: bpf.ALUOpShiftLeft, Val: 2}) // IHL counts 32-bit words
	p.put(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x0f})
	first := p.loadAtX(0, 1)
	p.test(bpf.JumpBitsSet, 0x1fff, no, first) // fragment offset
	v4 := m.carried(p, p.loadAtX(6, 2), no, 9)
	return p.byVersion(v4, v6, no)
}

// carried adds "if the protocol at this octet of the IP header has the ports".
func (m matchPort) carried(p *filterProgram, yes, no label, octet uint32) label {
	protocols := []uint32{wire.ProtocolTCP, wire.ProtocolUDP, wire.ProtocolSCTP}
	if m.protocol != 0 {
		protocols = []uint32{uint32(m.protocol)}
	}
	p.among(protocols, yes, no)
	p.loadAtX(octet, 1)
	return p.networkInX()
}

// inRange adds "if A is in r".
func (p *filterProgram) inRange(r portRange, yes, no label) label {
	if r.first == r.last {
		return p.test(bpf.JumpEqual, uint32(r.first), yes, no)
	}
	return p.test(bpf.JumpGreaterOrEqual, uint32(r.first), p.test(bpf.JumpGreaterThan, uint32(r.last), no, yes), no)
}

// matchMAC is an Ethernet address.
type matchMAC struct {
	side filterSide
	addr [6]byte
}

func (m matchMAC) code(p *filterProgram, yes, no label) label {
	ethernet := p.sides(m.side, yes, no, func(source bool, yes, no label) label {
		offset := uint32(0)
		if source {
			offset = 6
		}
		p.test(bpf.JumpEqual, binary.BigEndian.Uint32(m.addr[:]), yes, no)
		p.put(bpf.LoadAbsolute{Off: offset, Size: 4})
		p.test(bpf.JumpEqual, uint32(binary.BigEndian.Uint16(m.addr[4:])), label(len(p.reversed)-1), no)
		return p.put(bpf.LoadAbsolute{Off: offset + 4, Size: 2})
	})
	return p.ifEthernet(ethernet, no)
}

// matchVLAN is a VLAN tag, stripped by the kernel or in the frame.
type matchVLAN struct {
	any bool
	id  uint16
}

func (m matchVLAN) code(p *filterProgram, yes, no label) label {
	tag := yes // the first one in the frame
	if !m.any {
		tag = m.tags(p, yes, no)
	}
	p.ifTag(tag, no)
	p.put(bpf.LoadExtension{Num: bpf.ExtProto})
	inFrame := p.put(bpf.LoadScratch{Dst: bpf.RegX, N: memTags})
	stripped := yes
	if !m.any {
		p.identifier(m.id, yes, inFrame)
		stripped = p.put(bpf.LoadExtension{Num: bpf.ExtVLANTag})
	}
	p.test(bpf.JumpEqual, 0, inFrame, stripped)
	return p.put(bpf.LoadExtension{Num: bpf.ExtVLANTagPresent})
}

// tags adds the tags in the frame, one behind the other.
func (m matchVLAN) tags(p *filterProgram, yes, no label) label {
	next := no
	for i := filterTags - 1; i >= 0; i-- {
		offset := uint32(4 * i)
		if i < filterTags-1 { // not this one: is there another?
			p.ifTag(next, no)
			next = p.loadAtX(offset+2, 2)
		}
		p.identifier(m.id, yes, next)
		next = p.loadAtX(offset, 2)
	}
	return next
}

// identifier adds "if the tag in A has this VLAN identifier".
func (p *filterProgram) identifier(id uint16, yes, no label) {
	p.test(bpf.JumpEqual, uint32(id), yes, no)
	p.put(bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: 0x0fff})
}
