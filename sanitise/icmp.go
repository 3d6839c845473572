package sanitise

import "earshot/capture/wire"

// icmp rewrites ICMP (RFC 792). Errors quote the packet that they are about,
// which is rewritten as it was itself; what echoes carry is zeros.
func (r *rewriter) icmp(h *hosts, b []byte, cut int) (int, bool) {
	const header, unreachable, quench, redirect, exceeded, parameter = 8, 3, 4, 5, 11, 12
	if len(b) < header {
		return r.opaque(b, cut)
	}
	r.note(didICMP)
	kind := checksumKind(b, 2, 0, cut)
	start := r.copyHeader(b[:header])
	lacks := cut
	switch b[0] {
	case redirect:
		r.addresses.replace4(r.out[start+4 : start+8])
		lacks = r.quoted(b[header:], cut)
	case unreachable, quench, exceeded, parameter:
		lacks = r.quoted(b[header:], cut)
	default:
		r.blank(b[header:])
	}
	r.mendChecksum(kind, start, start+2, 0)
	return lacks, true
}

// igmp rewrites IGMP (RFC 3376, RFC 2236): the type and the group stay, under its
// pseudonym; a report of version 3 has no groups any more.
func (r *rewriter) igmp(b []byte, cut int) (int, bool) {
	const header, report3 = 8, 0x22
	if len(b) < header {
		return r.opaque(b, cut)
	}
	r.note(didICMP)
	kind := checksumKind(b, 2, 0, cut)
	start := r.copyHeader(b[:header])
	if b[0] == report3 {
		clear(r.out[start+4:])
	} else {
		r.addresses.replace4(r.out[start+4:])
	}
	r.blank(b[header:])
	r.mendChecksum(kind, start, start+2, 0)
	return cut, true
}

// quoted rewrites the beginning of a packet that an ICMP error quotes.
func (r *rewriter) quoted(b []byte, cut int) int {
	if r.enter() {
		r.blank(b)
		return cut
	}
	r.quoting++
	lacks, _ := r.ip(b, cut)
	r.quoting--
	r.depth--
	return lacks
}

// Types of ICMPv6 (RFC 4443, RFC 4861).
const (
	icmp6Unreachable   = 1
	icmp6Parameter     = 4
	icmp6Echo          = 128
	icmp6EchoReply     = 129
	icmp6Router        = 133 // solicitation, the first of neighbour discovery
	icmp6Advertisement = 134
	icmp6Solicitation  = 135
	icmp6Neighbor      = 136
	icmp6Redirect      = 137
)

// icmp6 rewrites ICMPv6: errors, echoes and neighbour discovery; of the rest the
// first eight octets stay.
func (r *rewriter) icmp6(h *hosts, b []byte, cut int) (int, bool) {
	const header = 8
	if len(b) < header {
		return r.opaque(b, cut)
	}
	r.note(didICMP)
	kind := checksumKind(b, 2, h.pseudo(wire.ProtocolICMPv6, len(b)+cut), cut)
	start := r.copyHeader(b[:header])
	lacks := cut
	switch t := b[0]; {
	case t >= icmp6Unreachable && t <= icmp6Parameter:
		lacks = r.quoted(b[header:], cut)
	case t >= icmp6Router && t <= icmp6Redirect:
		r.discovery(t, b[header:])
	default:
		r.blank(b[header:])
	}
	r.mendChecksum(kind, start, start+2, h.newPseudo(wire.ProtocolICMPv6, r.length(start, lacks)))
	return lacks, true
}

// discovery rewrites what follows the first eight octets of neighbour discovery
// (RFC 4861 4): timers or addresses, then options.
func (r *rewriter) discovery(kind byte, b []byte) {
	fixed, targets := 0, 0
	switch kind {
	case icmp6Advertisement:
		fixed = 8
	case icmp6Solicitation, icmp6Neighbor:
		targets = 1
	case icmp6Redirect:
		targets = 2
	}
	n := min(fixed, len(b))
	r.copyHeader(b[:n])
	for b = b[n:]; targets > 0 && len(b) >= 16; targets-- {
		at := r.copyHeader(b[:16])
		r.addresses.replace6(r.out[at : at+16])
		b = b[16:]
	}
	for len(b) >= 8 && b[1] > 0 && int(b[1])*8 <= len(b) {
		r.discoveryOption(b[:int(b[1])*8])
		b = b[int(b[1])*8:]
	}
	r.blank(b)
}

// discoveryOption rewrites one option: hardware addresses, a prefix, an MTU; of
// others the type and the length stay.
func (r *rewriter) discoveryOption(b []byte) {
	const source, target, prefix, mtu = 1, 2, 3, 5
	at := r.copyHeader(b)
	o := r.out[at:]
	switch {
	case (b[0] == source || b[0] == target) && len(b) == 8:
		r.tags.mac(o[2:8])
	case b[0] == prefix && len(b) == 32:
		r.addresses.replace6(o[16:32])
	case b[0] == mtu && len(b) == 8:
	default:
		clear(o[2:])
	}
}
