package capture

import "earshot/capture/wire"

func isTunnelPort(port int) bool {
	switch port {
	case wire.PortVXLAN, wire.PortVXLANGPE, wire.PortVXLANLinux, wire.PortGeneve, wire.PortGTPU, wire.PortL2TP:
		return true
	}
	return false
}

// udpTunnel looks for a tunnel behind a port that tunnels use. Phones use these
// ports too, so ok is false, and dg as it was, when the octets make no sense as
// a tunnel.
func (d *Decoder) udpTunnel(w *descent, port int, b []byte) (reason Reason, ok bool) {
	outer, dg := *w, *w.dg
	if w.enter() {
		return PassedTooDeep, true
	}
	switch port {
	case wire.PortVXLAN, wire.PortVXLANLinux:
		reason = d.vxlan(w, b)
	case wire.PortVXLANGPE:
		reason = d.vxlanGPE(w, b)
	case wire.PortGeneve:
		reason = d.geneve(w, b)
	case wire.PortGTPU:
		reason = d.gtpu(w, b)
	case wire.PortL2TP:
		reason = d.l2tpUDP(w, b)
	}
	if senseless(reason) {
		*w, *outer.dg = outer, dg
		return decoded, false
	}
	return reason, true
}

// senseless reports whether a guess at what follows was wrong.
func senseless(reason Reason) bool {
	return reason == PassedBadHeader || reason == PassedNotIP || reason == PassedTruncatedHeaders
}

// vxlan reads a VXLAN header (RFC 7348 5): flags with the I bit, reserved,
// network identifier, reserved. Bit 0x80 is the group policy extension.
func (d *Decoder) vxlan(w *descent, b []byte) Reason {
	if len(b) < 8 {
		return w.short()
	}
	if b[0]&^0x80 != 0x08 || b[7] != 0 {
		return PassedBadHeader
	}
	return d.ethernet(w, b[8:])
}

// vxlanGPE reads VXLAN's protocol extension (draft-ietf-nvo3-vxlan-gpe 3): the
// protocol is the fourth octet. Not everyone sets the P bit 0x04 for it.
func (d *Decoder) vxlanGPE(w *descent, b []byte) Reason {
	if len(b) < 8 {
		return w.short()
	}
	if b[0]|0x04 != 0x0c || b[7] != 0 {
		return PassedBadHeader
	}
	switch b[3] {
	case 1, 2:
		return d.ip(w, b[8:])
	case 3:
		return d.ethernet(w, b[8:])
	}
	return PassedNotIP
}

// geneve reads a Geneve header (RFC 8926 3.4): version and option length,
// flags, protocol type, network identifier, reserved; then options.
func (d *Decoder) geneve(w *descent, b []byte) Reason {
	if len(b) < 8 {
		return w.short()
	}
	header := 8 + int(b[0]&0x3f)*4
	if b[0]>>6 != 0 || b[1]&0x3f != 0 || b[7] != 0 {
		return PassedBadHeader
	}
	if len(b) < header {
		return w.short()
	}
	return d.etherType(w, be16(b[2:]), b[header:])
}
