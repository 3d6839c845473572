package capture

import "earshot/capture/wire"

// ppp reads PPP with or without the HDLC address and control octets, with one
// or two octets of protocol (RFC 1661 6.5 and 6.6), and Cisco's HDLC, which
// shares their link type.
func (d *Decoder) ppp(w *descent, b []byte) Reason {
	if w.enter() {
		return PassedTooDeep
	}
	if len(b) >= 4 && (b[0] == 0x0f || b[0] == 0x8f) && b[1] == 0 {
		return d.etherType(w, be16(b[2:]), b[4:])
	}
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b = b[2:]
	}
	if len(b) < 2 {
		return w.short()
	}
	protocol := int(b[0])
	b = b[1:]
	if protocol&1 == 0 { // the last octet of a protocol number is odd
		protocol = protocol<<8 | int(b[0])
		b = b[1:]
	}
	switch protocol {
	case wire.PPPIPv4:
		return d.ipv4(w, b)
	case wire.PPPIPv6:
		return d.ipv6(w, b)
	case wire.PPPMPLS:
		return d.mpls(w, b)
	}
	return PassedNotIP
}

// pppoe reads a PPPoE session header (RFC 2516 4).
func (d *Decoder) pppoe(w *descent, b []byte) Reason {
	const header = 6
	if len(b) < header {
		return w.short()
	}
	if b[0] != 0x11 { // version 1, type 1
		return PassedBadHeader
	}
	if b[1] != 0 { // discovery
		return PassedNotIP
	}
	length := be16(b[4:])
	return d.ppp(w, w.limit(b[header:], length))
}
