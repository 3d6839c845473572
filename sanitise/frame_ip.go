package sanitise

import "earshot/capture/wire"

// maxExtensions bounds the extension headers of one IPv6 packet.
const maxExtensions = 8

func (r *rewriter) ip(b []byte, cut int) (int, bool) {
	if len(b) > 0 {
		switch b[0] >> 4 {
		case 4:
			return r.ipv4(b, cut)
		case 6:
			return r.ipv6(b, cut)
		}
	}
	return r.senseless(b, cut)
}

// ipv4 replaces the addresses of an IPv4 header. Options may hold a route: they
// become padding.
func (r *rewriter) ipv4(b []byte, cut int) (int, bool) {
	if len(b) < 20 {
		return r.senseless(b, cut)
	}
	header, total := int(b[0]&0x0f)*4, be16(b[2:])
	filledLater := total == 0
	if filledLater {
		total = len(b) + cut
	}
	if b[0]>>4 != 4 || header < 20 || total < header {
		return r.senseless(b, cut)
	}
	e := enclose(b, cut, total)
	if len(e.body) < header {
		return r.senseless(b, cut)
	}
	r.note(didBlank)
	r.id = be16(b[4:])
	start := r.copyHeader(e.body[:header])
	const noOperation = 1
	for i := start + 20; i < start+header; i++ {
		r.out[i] = noOperation
	}
	r.addresses.replace4(r.out[start+12 : start+16])
	r.addresses.replace4(r.out[start+16 : start+20])
	h := hosts{src: mapped(b[12:16]), dst: mapped(b[16:20])}
	h.newSrc, h.newDst = mapped(r.out[start+12:start+16]), mapped(r.out[start+16:start+20])

	lacks, ok := r.ipv4Payload(&h, e.body, header, e.lack)
	if !filledLater {
		r.put16(start+2, r.length(start, lacks))
	}
	r.mendHeader(start, header, checksumKind(b[:header], 10, 0, 0))
	return r.close(&e, lacks), ok
}

// mendHeader writes the checksum of an IPv4 header.
func (r *rewriter) mendHeader(start, header int, kind checksum) {
	whole := r.out
	r.out = r.out[:start+header]
	r.mendChecksum(kind, start, start+10, 0)
	r.out = whole
}

func mapped(b []byte) (a [16]byte) {
	a[10], a[11] = 0xff, 0xff
	copy(a[12:], b)
	return a
}

func (r *rewriter) ipv4Payload(h *hosts, b []byte, header, cut int) (int, bool) {
	const moreFragments, offsetMask = 0x2000, 0x1fff
	flags := be16(b[6:])
	if flags&(moreFragments|offsetMask) == 0 {
		return r.transport(h, b[9], b[header:], cut)
	}
	return r.fragment(h, fragment{
		key:      fragmentKey{src: h.src, dst: h.dst, id: uint32(be16(b[4:])), protocol: b[9]},
		protocol: b[9],
		offset:   flags & offsetMask * 8,
		more:     flags&moreFragments != 0,
		data:     b[header:],
		lack:     cut,
	})
}

// ipv6 replaces the addresses of an IPv6 header.
func (r *rewriter) ipv6(b []byte, cut int) (int, bool) {
	const header = 40
	if len(b) < header || b[0]>>4 != 6 {
		return r.senseless(b, cut)
	}
	total := header + be16(b[4:])
	filledLater := total == header
	if filledLater {
		total = len(b) + cut
	}
	e := enclose(b, cut, total)
	r.note(didBlank)
	r.id = 0
	start := r.copyHeader(e.body[:header])
	r.addresses.replace6(r.out[start+8 : start+24])
	r.addresses.replace6(r.out[start+24 : start+40])
	h := hosts{src: [16]byte(b[8:24]), dst: [16]byte(b[24:40]), v6: true}
	h.newSrc, h.newDst = [16]byte(r.out[start+8:start+24]), [16]byte(r.out[start+24:start+40])

	lacks, ok := r.extensions(&h, b[6], e.body[header:], e.lack)
	if !filledLater {
		r.put16(start+4, r.length(start+header, lacks))
	}
	return r.close(&e, lacks), ok
}

// extensions goes through IPv6 extension headers. Options become padding.
func (r *rewriter) extensions(h *hosts, next byte, b []byte, cut int) (int, bool) {
	for range maxExtensions {
		length := 8
		switch next {
		case wire.ProtocolHopByHop, wire.ProtocolRouting, wire.ProtocolDestination:
			if len(b) >= 8 {
				length += int(b[1]) * 8
			}
		case wire.ProtocolAH:
			if len(b) >= 8 {
				length += int(b[1]) * 4
			}
		case wire.ProtocolFragment:
			return r.fragmentHeader(h, b, cut)
		default:
			return r.transport(h, next, b, cut)
		}
		if len(b) < length {
			return r.senseless(b, cut)
		}
		r.extension(next, b[:length])
		next, b = b[0], b[length:]
	}
	return r.opaque(b, cut)
}

// extension writes one extension header.
func (r *rewriter) extension(kind byte, b []byte) {
	const segments = 8 // before the addresses of a routing header (RFC 8200 4.4, RFC 8754 2)
	at := len(r.out)
	switch {
	case kind == wire.ProtocolRouting:
		r.copyHeader(b[:segments])
		for b = b[segments:]; len(b) >= 16; b = b[16:] {
			at := r.copyHeader(b[:16])
			r.addresses.replace6(r.out[at : at+16])
		}
		r.blank(b)
	case kind == wire.ProtocolAH:
		const fields = 12 // before the integrity check value
		r.copyHeader(b[:min(fields, len(b))])
		r.blank(b[min(fields, len(b)):])
	default:
		r.blank(b)
		r.out[at], r.out[at+1] = b[0], b[1]
	}
}

// fragmentHeader copies IPv6's fragment header.
func (r *rewriter) fragmentHeader(h *hosts, b []byte, cut int) (int, bool) {
	const header = 8
	if len(b) < header {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:header])
	offset, more := be16(b[2:])&^7, b[3]&1 != 0
	if offset == 0 && !more {
		return r.extensions(h, b[0], b[header:], cut)
	}
	return r.fragment(h, fragment{
		key:      fragmentKey{src: h.src, dst: h.dst, id: be32(b[4:]), protocol: wire.ProtocolFragment},
		protocol: b[0],
		offset:   offset,
		more:     more,
		data:     b[header:],
		lack:     cut,
	})
}

// transport goes on by an IP protocol number.
func (r *rewriter) transport(h *hosts, protocol byte, b []byte, cut int) (int, bool) {
	switch protocol {
	case wire.ProtocolUDP:
		return r.udp(h, b, cut)
	case wire.ProtocolTCP:
		return r.tcp(h, b, cut)
	case wire.ProtocolICMP:
		return r.icmp(h, b, cut)
	case wire.ProtocolICMPv6:
		return r.icmp6(h, b, cut)
	case wire.ProtocolIGMP:
		return r.igmp(b, cut)
	case wire.ProtocolSCTP:
		return r.sctp(b, cut)
	case wire.ProtocolAH:
		return r.authenticated(h, b, cut)
	}
	if r.enter() {
		return r.opaque(b, cut)
	}
	switch protocol {
	case wire.ProtocolIPv4:
		return r.ipv4(b, cut)
	case wire.ProtocolIPv6:
		return r.ipv6(b, cut)
	case wire.ProtocolGRE:
		return r.gre(b, cut)
	case wire.ProtocolMPLS:
		return r.mpls(b, cut)
	case wire.ProtocolL2TP:
		return r.l2tpIP(b, cut)
	}
	return r.opaque(b, cut)
}

// authenticated steps over an authentication header in IPv4.
func (r *rewriter) authenticated(h *hosts, b []byte, cut int) (int, bool) {
	if len(b) < 8 || len(b) < 8+int(b[1])*4 {
		return r.senseless(b, cut)
	}
	if r.enter() {
		return r.opaque(b, cut)
	}
	length := 8 + int(b[1])*4
	r.extension(wire.ProtocolAH, b[:length])
	return r.transport(h, b[0], b[length:], cut)
}
