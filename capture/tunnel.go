package capture

// UDP ports of tunnels.
const (
	portL2TP       = 1701 // RFC 2661, RFC 3931
	portGTPU       = 2152 // 3GPP TS 29.281
	portVXLAN      = 4789 // RFC 7348
	portVXLANGPE   = 4790 // draft-ietf-nvo3-vxlan-gpe
	portGeneve     = 6081 // RFC 8926
	portVXLANLinux = 8472 // Linux before it had a number
)

func isTunnelPort(port int) bool {
	switch port {
	case portVXLAN, portVXLANGPE, portVXLANLinux, portGeneve, portGTPU, portL2TP:
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
	case portVXLAN, portVXLANLinux:
		reason = d.vxlan(w, b)
	case portVXLANGPE:
		reason = d.vxlanGPE(w, b)
	case portGeneve:
		reason = d.geneve(w, b)
	case portGTPU:
		reason = d.gtpu(w, b)
	case portL2TP:
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

// gtpu reads a GTP-U G-PDU (TS 29.281 5): flags, message type, length of what
// follows the first 8 octets, tunnel identifier; then, if any of the E, S and
// PN flags is set, sequence number, N-PDU number and the first extension type.
func (d *Decoder) gtpu(w *descent, b []byte) Reason {
	const header, optional, pdu = 8, 4, 0xff
	if len(b) < header+optional {
		return w.short()
	}
	flags := b[0]
	if flags>>4 != 0x3 || b[1] != pdu { // version 1, protocol type GTP
		return PassedBadHeader
	}
	length := be16(b[2:])
	if length > len(b)+w.cut-header {
		return PassedBadHeader
	}
	b = w.limit(b[header:], length)
	if flags&0x07 == 0 {
		return d.ip(w, b)
	}
	if len(b) < optional {
		return w.short()
	}
	extension := b[3]
	b = b[optional:]
	for range maxExtensions {
		if flags&0x04 == 0 || extension == 0 {
			return d.ip(w, b)
		}
		if len(b) == 0 {
			return w.short()
		}
		size := int(b[0]) * 4
		if size == 0 {
			return PassedBadHeader
		}
		if len(b) < size {
			return w.short()
		}
		extension = b[size-1]
		b = b[size:]
	}
	return PassedTooDeep
}

// gre reads a GRE header (RFC 2784 2, RFC 2890 2) or PPTP's version 1 of it
// (RFC 2637 4.1).
func (d *Decoder) gre(w *descent, b []byte) Reason {
	const checksum, routing, key, sequence, acknowledgment = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080
	if len(b) < 4 {
		return w.short()
	}
	flags, protocol := be16(b), be16(b[2:])
	version := flags & 7
	if version > 1 || flags&routing != 0 {
		return PassedBadHeader
	}
	header := 4
	if flags&checksum != 0 {
		header += 4
	}
	if flags&key != 0 {
		header += 4
	}
	if flags&sequence != 0 {
		header += 4
	}
	if version == 1 && flags&acknowledgment != 0 {
		header += 4
	}
	if len(b) < header {
		return w.short()
	}
	if protocol == etherEoIP {
		return d.bridged(w, b[header:])
	}
	if version == 1 && flags&sequence == 0 {
		return PassedOtherProtocol // an acknowledgement, without payload
	}
	b = b[header:]
	switch protocol {
	case etherERSPAN:
		return d.erspan(w, flags&sequence != 0, b)
	case etherERSPAN3:
		return d.erspan3(w, b)
	}
	return d.etherType(w, protocol, b)
}

// bridged reads an Ethernet frame that a tunnel carries.
func (d *Decoder) bridged(w *descent, b []byte) Reason {
	if w.enter() {
		return PassedTooDeep
	}
	return d.ethernet(w, b)
}

// erspan reads ERSPAN type I, which has no header of its own, or type II, which
// has 8 octets (draft-foschiano-erspan 4.1 and 4.2). GRE's sequence number
// tells them apart.
func (d *Decoder) erspan(w *descent, sequenced bool, b []byte) Reason {
	if !sequenced {
		return d.bridged(w, b)
	}
	const header = 8
	if len(b) < header {
		return w.short()
	}
	if b[0]>>4 != 1 {
		return PassedBadHeader
	}
	return d.bridged(w, b[header:])
}

// erspan3 reads ERSPAN type III: 12 octets, and a platform subheader of 8 where
// the O bit says so (draft-foschiano-erspan 4.3). A frame type other than
// Ethernet may be IP.
func (d *Decoder) erspan3(w *descent, b []byte) Reason {
	header := 12
	if len(b) < header {
		return w.short()
	}
	if b[0]>>4 != 2 {
		return PassedBadHeader
	}
	if b[11]&1 != 0 {
		header += 8
	}
	if len(b) < header {
		return w.short()
	}
	if frameType := b[10] >> 2 & 0x1f; frameType == 2 {
		return d.ip(w, b[header:])
	}
	return d.bridged(w, b[header:])
}

// mpls reads a label stack (RFC 3032 2.1). Nothing says what is below: IP, or
// a pseudowire with Ethernet, with a control word (RFC 4448 4.6) or without.
func (d *Decoder) mpls(w *descent, b []byte) Reason {
	const maxLabels = 16
	if w.enter() {
		return PassedTooDeep
	}
	bottom := false
	for i := 0; !bottom; i++ {
		if i == maxLabels {
			return PassedTooDeep
		}
		if len(b) < 4 {
			return w.short()
		}
		bottom = b[2]&1 != 0
		b = b[4:]
	}
	if isIPv4(b) {
		return d.ipv4(w, b)
	}
	outer, dg := *w, *w.dg
	const controlWord = 4 // begins with 0 to differ from IP (RFC 4385 3)
	if len(b) > controlWord && b[0]>>4 == 0 {
		if reason := d.ethernet(w, b[controlWord:]); !senseless(reason) {
			return reason
		}
		*w, *outer.dg = outer, dg
	}
	if reason := d.ethernet(w, b); !senseless(reason) {
		return reason
	}
	*w, *outer.dg = outer, dg
	return d.ip(w, b)
}

// isIPv4 reports whether b begins with an IPv4 header whose checksum is right.
func isIPv4(b []byte) bool {
	if len(b) < 20 || b[0]>>4 != 4 {
		return false
	}
	header := int(b[0]&0x0f) * 4
	if header < 20 || header > len(b) {
		return false
	}
	sum := 0
	for i := 0; i < header; i += 2 {
		sum += be16(b[i:])
	}
	return sum%0xffff == 0 // one's complement arithmetic (RFC 1071)
}
