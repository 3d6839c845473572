package main

import (
	"encoding/binary"
	"net/netip"
)

// pathSpec says what a path's packets look like.
type pathSpec struct {
	src, dst endpoint
	proto    uint8 // protoUDP or protoTCP
	tos      uint8
	encap    *encapsulation
}

// build makes the headers of one direction, outermost first.
func (p *path) build(s pathSpec) {
	p.src, p.proto = s.src.host, s.proto
	p.hdr, p.lens, p.v4 = p.hdrRoom[:0], p.lensRoom[:0], p.v4Room[:0]
	s.encap.wrap(p, &s)
	p.ethernetOrInner(&s)
	p.l4 = len(p.hdr)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, s.src.port)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, s.dst.port)
	p.sum = checksum(uint32(s.proto), s.src.ip.AsSlice())
	p.sum = checksum(p.sum, s.dst.ip.AsSlice())
	if s.proto == protoUDP {
		p.sum += uint32(s.src.port) + uint32(s.dst.port)
		p.hdr = append(p.hdr, 0, 0, 0, 0)
		return
	}
	p.hdr = append(p.hdr, make([]byte, 16)...)
	p.hdr[p.l4+12] = 5 << 4 // data offset: 20 octets
}

// ethernetOrInner adds the innermost IP header, with an Ethernet header where
// the encapsulation left none to carry it.
func (p *path) ethernetOrInner(s *pathSpec) {
	if !s.encap.carriesIP {
		p.ethernet(s.src.mac, s.dst.mac, etherType(s.src.ip))
	}
	p.ip = len(p.hdr)
	p.ipHeader(s.src.host, s.src.ip, s.dst.ip, s.proto, s.tos)
}

func (p *path) ethernet(src, dst [6]byte, etherType uint16) {
	p.hdr = append(p.hdr, dst[:]...)
	p.hdr = append(p.hdr, src[:]...)
	p.hdr = binary.BigEndian.AppendUint16(p.hdr, etherType)
}

// ipHeader adds an IPv4 or IPv6 header; lengths and checksums are filled in later.
func (p *path) ipHeader(h *host, src, dst netip.Addr, proto, tos uint8) {
	off := len(p.hdr)
	if src.Is4() {
		p.hdr = append(p.hdr, 0x45, tos, 0, 0, 0, 0, 0, 0, h.ttl, proto, 0, 0)
		p.hdr = append(p.hdr, src.AsSlice()...)
		p.hdr = append(p.hdr, dst.AsSlice()...)
		p.lens = append(p.lens, lenPatch{int16(off + 2), int16(off)})
		p.v4 = append(p.v4, v4Patch{h, checksum(0, p.hdr[off:]), int16(off)})
		return
	}
	p.hdr = append(p.hdr, 0x60|tos>>4, tos<<4, 0, 0, 0, 0, proto, h.ttl)
	p.hdr = append(p.hdr, src.AsSlice()...)
	p.hdr = append(p.hdr, dst.AsSlice()...)
	p.lens = append(p.lens, lenPatch{int16(off + 4), int16(off + 40)})
}

func etherType(ip netip.Addr) uint16 {
	if ip.Is4() {
		return etherIPv4
	}
	return etherIPv6
}
