package capture

import "earshot/capture/wire"

// transport goes on by an IP protocol number.
func (d *Decoder) transport(w *descent, protocol byte, b []byte) Reason {
	switch protocol {
	case wire.ProtocolUDP:
		return d.udp(w, b)
	case wire.ProtocolTCP:
		return tcp(w, b)
	case wire.ProtocolICMP, wire.ProtocolICMPv6:
		return PassedICMP
	case wire.ProtocolAH:
		return d.authenticated(w, b)
	}
	if w.enter() {
		return PassedTooDeep
	}
	switch protocol {
	case wire.ProtocolIPv4:
		return d.ipv4(w, b)
	case wire.ProtocolIPv6:
		return d.ipv6(w, b)
	case wire.ProtocolGRE:
		return d.gre(w, b)
	case wire.ProtocolMPLS:
		return d.mpls(w, b)
	case wire.ProtocolL2TP:
		return d.l2tpIP(w, b)
	}
	return PassedOtherProtocol
}

// authenticated steps over an authentication header in IPv4 (RFC 4302 2).
func (d *Decoder) authenticated(w *descent, b []byte) Reason {
	if len(b) < 8 {
		return w.short()
	}
	length := 8 + int(b[1])*4
	if len(b) < length {
		return w.short()
	}
	if w.enter() {
		return PassedTooDeep
	}
	return d.transport(w, b[0], b[length:])
}

// udp reads a UDP header (RFC 768) and looks into the tunnels that use UDP.
func (d *Decoder) udp(w *descent, b []byte) Reason {
	const header = 8
	if len(b) < header {
		return w.short()
	}
	src, dst, length := be16(b), be16(b[2:]), be16(b[4:])
	if length == 0 { // a jumbogram (RFC 2675 4), or the network card fills it in later
		length = len(b) + w.cut
	}
	if length < header {
		return PassedBadHeader
	}
	checksum := uint16(be16(b[6:]))
	b = w.limit(b, length)[header:]
	if w.hep {
		if reason, ok := d.unwrapHEP(w, dst, b); ok {
			return reason
		}
	}
	if isTunnelPort(dst) {
		if reason, ok := d.udpTunnel(w, dst, b); ok {
			return reason
		}
	} else if isTunnelPort(src) {
		if reason, ok := d.udpTunnel(w, src, b); ok {
			return reason
		}
	}
	w.checksum = checksum
	dg := w.dg
	dg.Protocol = wire.ProtocolUDP
	dg.SrcPort, dg.DstPort = uint16(src), uint16(dst)
	dg.Length = length - header
	dg.Truncated = w.cut > 0
	dg.Payload = b
	return decoded
}

// tcp reads a TCP header (RFC 9293 3.1).
func tcp(w *descent, b []byte) Reason {
	if len(b) < 20 {
		return w.short()
	}
	header := int(b[12]>>4) * 4
	if header < 20 {
		return PassedBadHeader
	}
	if len(b) < header {
		return w.short()
	}
	dg := w.dg
	dg.Protocol = wire.ProtocolTCP
	dg.SrcPort, dg.DstPort = uint16(be16(b)), uint16(be16(b[2:]))
	dg.Seq = be32(b[4:])
	dg.Flags = b[13]
	w.checksum = uint16(be16(b[16:]))
	dg.Payload = b[header:]
	dg.Length = len(dg.Payload) + w.cut
	dg.Truncated = w.cut > 0
	return decoded
}
