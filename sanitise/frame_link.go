package sanitise

import (
	"encoding/binary"

	"earshot/capture"
	"earshot/capture/wire"
)

// link begins at a link-layer header.
func (r *rewriter) link(link capture.LinkType, b []byte, cut int) (int, bool) {
	switch link {
	case capture.LinkEthernet:
		return r.ethernet(b, cut)
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14:
		return r.ip(b, cut)
	case capture.LinkIPv4:
		return r.ipv4(b, cut)
	case capture.LinkIPv6:
		return r.ipv6(b, cut)
	case capture.LinkNull, capture.LinkLoop:
		return r.loopback(b, cut)
	case capture.LinkLinuxSLL:
		return r.cooked(b, cut)
	case capture.LinkLinuxSLL2:
		return r.cooked2(b, cut)
	case capture.LinkPPP, capture.LinkPPPHDLC:
		return r.ppp(b, cut)
	case capture.LinkPPPoE:
		return r.pppoe(b, cut)
	case capture.LinkERF:
		return r.erf(b, cut)
	}
	return r.senseless(b, cut)
}

// loopback copies the address family of LINKTYPE_NULL and LINKTYPE_LOOP.
func (r *rewriter) loopback(b []byte, cut int) (int, bool) {
	if len(b) < 4 {
		return r.senseless(b, cut)
	}
	family := be32(b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(b)
	}
	r.copyHeader(b[:4])
	switch family {
	case 2:
		return r.ipv4(b[4:], cut)
	case 10, 24, 28, 30:
		return r.ipv6(b[4:], cut)
	}
	return r.senseless(b[4:], cut)
}

// cooked rewrites a Linux cooked header, version 1: packet type, hardware type,
// length of the address u16 each, address 8, protocol u16.
func (r *rewriter) cooked(b []byte, cut int) (int, bool) {
	const header = 16
	if len(b) < header {
		return r.senseless(b, cut)
	}
	at := r.copyHeader(b[:header])
	r.hardware(be16(b[4:]), r.out[at+6:at+14])
	return r.cookedPayload(be16(b[2:]), be16(b[14:]), b[header:], cut)
}

// cooked2 rewrites a Linux cooked header, version 2: protocol u16, reserved u16,
// interface u32, hardware type u16, packet type and length of the address u8
// each, address 8.
func (r *rewriter) cooked2(b []byte, cut int) (int, bool) {
	const header = 20
	if len(b) < header {
		return r.senseless(b, cut)
	}
	at := r.copyHeader(b[:header])
	clear(r.out[at+2 : at+4])
	r.hardware(int(b[11]), r.out[at+12:at+20])
	return r.cookedPayload(be16(b[8:]), be16(b), b[header:], cut)
}

// hardware replaces the address in a field of 8 octets.
func (r *rewriter) hardware(length int, b []byte) {
	if length != 6 {
		clear(b)
		return
	}
	r.tags.mac(b[:6])
	clear(b[6:])
}

func (r *rewriter) cookedPayload(hardware, protocol int, b []byte, cut int) (int, bool) {
	switch {
	case hardware == wire.CookedNetlink:
		return r.senseless(b, cut)
	case protocol == wire.CookedLLC:
		return r.llc(0, b, cut)
	}
	return r.etherType(protocol, b, cut)
}

// ppp copies the framing of PPP, or of Cisco's HDLC.
func (r *rewriter) ppp(b []byte, cut int) (int, bool) {
	if r.enter() {
		return r.opaque(b, cut)
	}
	if len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 {
		r.copyHeader(b[:4])
		return r.etherType(be16(b[2:]), b[4:], cut)
	}
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		r.copyHeader(b[:2])
		b = b[2:]
	}
	if len(b) < 2 {
		return r.senseless(b, cut)
	}
	protocol, n := int(b[0]), 1
	if protocol&1 == 0 {
		protocol, n = be16(b), 2
	}
	r.copyHeader(b[:n])
	switch b := b[n:]; protocol {
	case wire.PPPIPv4:
		return r.ipv4(b, cut)
	case wire.PPPIPv6:
		return r.ipv6(b, cut)
	case wire.PPPMPLS:
		return r.mpls(b, cut)
	}
	r.linkControl(protocol, b[n:], cut)
	return cut, false
}

// pppoe copies a PPPoE session header and mends its length.
func (r *rewriter) pppoe(b []byte, cut int) (int, bool) {
	const header = 6
	if len(b) < header || b[0] != 0x11 || b[1] != 0 {
		return r.senseless(b, cut)
	}
	start := r.copyHeader(b[:header])
	e := enclose(b[header:], cut, be16(b[4:]))
	lacks, ok := r.ppp(e.body, e.lack)
	r.put16(start+4, r.length(start+header, lacks))
	return r.close(&e, lacks), ok
}

// erf rewrites an Endace record: timestamp 8, type 1, flags 1, record length 2,
// loss counter or color 2, wire length 2, and extension headers of 8 octets.
func (r *rewriter) erf(b []byte, cut int) (int, bool) {
	const header, extension, maxExtensions = 16, 8, 16
	if len(b) < header {
		return r.senseless(b, cut)
	}
	whole := len(b)
	kind := b[8]
	start := r.copyHeader(b[:header])
	more := kind&0x80 != 0
	b = b[header:]
	for i := 0; more; i++ {
		if i == maxExtensions || len(b) < extension {
			return r.senseless(b, cut)
		}
		more = b[0]&0x80 != 0
		at := r.copyHeader(b[:extension])
		clear(r.out[at+1:]) // host and source identifiers
		b = b[extension:]
	}
	lacks, ok := r.erfPayload(kind, b, cut)
	grown := r.length(start, lacks) - whole - cut
	r.put16(start+10, be16(r.out[start+10:])+grown)
	r.put16(start+14, be16(r.out[start+14:])+grown)
	return lacks, ok
}

func (r *rewriter) erfPayload(kind byte, b []byte, cut int) (int, bool) {
	switch kind & 0x7f {
	case 2, 11, 16, 20: // Ethernet, behind two octets that align it
		if len(b) < 2 {
			return r.senseless(b, cut)
		}
		r.blank(b[:2])
		return r.ethernet(b[2:], cut)
	case 1, 10, 15, 19: // HDLC
		return r.ppp(b, cut)
	case 22:
		return r.ipv4(b, cut)
	case 23:
		return r.ipv6(b, cut)
	}
	return r.senseless(b, cut)
}
