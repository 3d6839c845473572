package sanitise

import "earshot/capture/wire"

// udpTunnel goes into a tunnel behind a port that tunnels use; ok is false, and
// nothing written, where there is none.
func (r *rewriter) udpTunnel(port int, b []byte, cut int) (lacks int, ok bool) {
	switch port {
	case wire.PortVXLAN, wire.PortVXLANLinux:
		return r.tunnel(r.vxlan, b, cut)
	case wire.PortVXLANGPE:
		return r.tunnel(r.vxlanGPE, b, cut)
	case wire.PortGeneve:
		return r.tunnel(r.geneve, b, cut)
	case wire.PortGTPU:
		return r.tunnel(r.gtpu, b, cut)
	case wire.PortL2TP:
		return r.tunnel(r.l2tpUDP, b, cut)
	}
	return cut, false
}

func (r *rewriter) tunnel(layer func([]byte, int) (int, bool), b []byte, cut int) (int, bool) {
	if r.depth >= maxDepth {
		return r.opaque(b, cut)
	}
	r.depth++
	lacks, ok := r.attempt(layer, b, cut)
	if !ok {
		r.depth--
	}
	return lacks, ok
}

func (r *rewriter) vxlan(b []byte, cut int) (int, bool) {
	if len(b) < 8 || b[0]&^0x80 != 0x08 || b[7] != 0 {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:8])
	return r.ethernet(b[8:], cut)
}

func (r *rewriter) vxlanGPE(b []byte, cut int) (int, bool) {
	if len(b) < 8 || b[0]|0x04 != 0x0c || b[7] != 0 {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:8])
	switch b[3] {
	case 1, 2:
		return r.ip(b[8:], cut)
	case 3:
		return r.ethernet(b[8:], cut)
	}
	return r.senseless(b[8:], cut)
}

// geneve copies a Geneve header, and the types and lengths of its options
// (RFC 8926 3.5); their values are zeros.
func (r *rewriter) geneve(b []byte, cut int) (int, bool) {
	if len(b) < 8 {
		return r.senseless(b, cut)
	}
	header := 8 + int(b[0]&0x3f)*4
	if b[0]>>6 != 0 || b[1]&0x3f != 0 || b[7] != 0 || len(b) < header {
		return r.senseless(b, cut)
	}
	r.copyHeader(b[:8])
	for o := b[8:header]; len(o) > 0; {
		n := min(4+4*int(o[3]&0x1f), len(o))
		r.copyHeader(o[:4])
		r.blank(o[4:n])
		o = o[n:]
	}
	return r.etherType(be16(b[2:]), b[header:], cut)
}

// gtpu copies a GTP-U header and mends its length. Of the extension headers
// only lengths and types stay.
func (r *rewriter) gtpu(b []byte, cut int) (int, bool) {
	const header, optional, pdu, maxExtensions = 8, 4, 0xff, 8
	if len(b) < header+optional || b[0]>>4 != 0x3 || b[1] != pdu || be16(b[2:]) > len(b)+cut-header {
		return r.senseless(b, cut)
	}
	flags := b[0]
	start := r.copyHeader(b[:header])
	e := enclose(b[header:], cut, be16(b[2:]))
	lacks, ok := cut, false
	switch rest, more := r.gtpuExtensions(flags, e.body); {
	case !more:
		lacks, ok = r.senseless(rest, e.lack)
	default:
		lacks, ok = r.ip(rest, e.lack)
	}
	r.put16(start+2, r.length(start+header, lacks))
	return r.close(&e, lacks), ok
}

// gtpuExtensions copies what lies between GTP-U's header and its payload; more
// is false where it makes no sense.
func (r *rewriter) gtpuExtensions(flags byte, b []byte) (rest []byte, more bool) {
	const optional, maxExtensions = 4, 8
	if flags&0x07 == 0 {
		return b, true
	}
	if len(b) < optional {
		return b, false
	}
	extension := b[3]
	r.copyHeader(b[:optional])
	b = b[optional:]
	for range maxExtensions {
		if flags&0x04 == 0 || extension == 0 {
			return b, true
		}
		if len(b) == 0 || b[0] == 0 || len(b) < int(b[0])*4 {
			return b, false
		}
		size := int(b[0]) * 4
		extension = b[size-1]
		at := r.copyHeader(b[:size])
		clear(r.out[at+1 : at+size-1])
		b = b[size:]
	}
	return b, false
}

// bridged goes into an Ethernet frame that a tunnel carries.
func (r *rewriter) bridged(b []byte, cut int) (int, bool) {
	if r.enter() {
		return r.opaque(b, cut)
	}
	return r.ethernet(b, cut)
}

// mpls copies a label stack; what is below it is found out by trying.
func (r *rewriter) mpls(b []byte, cut int) (int, bool) {
	const maxLabels, controlWord = 16, 4
	if r.enter() {
		return r.opaque(b, cut)
	}
	bottom := false
	for i := 0; !bottom; i++ {
		if i == maxLabels {
			return r.opaque(b, cut)
		}
		if len(b) < 4 {
			return r.senseless(b, cut)
		}
		bottom = b[2]&1 != 0
		r.copyHeader(b[:4])
		b = b[4:]
	}
	if isIPv4(b) {
		return r.ipv4(b, cut)
	}
	start := len(r.out)
	if len(b) > controlWord && b[0]>>4 == 0 {
		r.copyHeader(b[:controlWord])
		if lacks, ok := r.attempt(r.ethernet, b[controlWord:], cut); ok {
			return lacks, true
		}
		r.out = r.out[:start]
	}
	if lacks, ok := r.attempt(r.ethernet, b, cut); ok {
		return lacks, true
	}
	return r.ip(b, cut)
}

// isIPv4 reports whether b begins with an IPv4 header whose checksum is right.
func isIPv4(b []byte) bool {
	if len(b) < 20 || b[0]>>4 != 4 {
		return false
	}
	header := int(b[0]&0x0f) * 4
	return header >= 20 && header <= len(b) && fold(sum(0, b[:header])) == 0xffff
}
