package sanitise

import "earshot/capture/wire"

// udp copies a UDP header, mends its length and checksum, and goes on into the
// tunnels that use UDP and into the datagram.
func (r *rewriter) udp(h *hosts, b []byte, cut int) (int, bool) {
	const header = 8
	if len(b) < header {
		return r.senseless(b, cut)
	}
	length := be16(b[4:])
	filledLater := length == 0
	if filledLater {
		length = len(b) + cut
	}
	if length < header {
		r.copyHeader(b[:header])
		return r.senseless(b[header:], cut)
	}
	e := enclose(b, cut, length)
	kind := checksumKind(e.body, 6, h.pseudo(wire.ProtocolUDP, length), e.lack)
	start := r.copyHeader(e.body[:header])
	lacks, ok := r.udpPayload(be16(b), be16(b[2:]), e.body[header:], e.lack)
	now := r.length(start, lacks)
	if !filledLater {
		r.put16(start+4, now)
	}
	r.mendChecksum(kind, start, start+6, h.newPseudo(wire.ProtocolUDP, now))
	return r.close(&e, lacks), ok
}

// udpPayload looks for HEP and tunnels first, as the decoder does.
func (r *rewriter) udpPayload(src, dst int, b []byte, cut int) (lacks int, ok bool) {
	if r.hep {
		if lacks, ok := r.unwrapHEP(dst, b, cut); ok {
			return lacks, true
		}
	}
	port := dst
	if !isTunnelPort(dst) {
		port = src
	}
	if lacks, ok := r.udpTunnel(port, b, cut); ok {
		return lacks, true
	}
	return r.datagram(b, cut), true
}

func isTunnelPort(port int) bool {
	switch port {
	case wire.PortVXLAN, wire.PortVXLANGPE, wire.PortVXLANLinux, wire.PortGeneve, wire.PortGTPU, wire.PortL2TP:
		return true
	}
	return false
}
