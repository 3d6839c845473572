package sanitise

import "earshot/rtpstats"

// media writes RTP and RTCP; false, and nothing written, means that it is
// neither.
func (r *rewriter) media(p []byte, claimed int) bool {
	if len(p) >= 2 && isRTCPType(p[1]) {
		kind := rtpstats.ClassifyRTCP(p, claimed)
		if kind == rtpstats.NotRTCP {
			return false
		}
		r.note(didRTCP)
		r.rtcp(kind, p)
		return true
	}
	h, ok := rtpstats.ReadHeader(p, claimed)
	if ok {
		r.note(didRTP)
		r.rtp(&h, p, claimed)
	}
	return ok
}

// rtp keeps the header: sequence number, time stamp, SSRC, payload type, marker
// and contributing sources. Of a header extension the profile and the length
// stay. The payload is zeros, but for what the figures stand on: the number of
// padding octets, and what says how a payload is divided.
func (r *rewriter) rtp(h *rtpstats.Header, p []byte, claimed int) {
	const fixed, extensionBit, paddingBit = 12, 0x10, 0x20
	header := min(int(h.HeaderLen), len(p))
	at := r.copyHeader(p[:header])
	if p[0]&extensionBit != 0 {
		values := fixed + 4*int(p[0]&0x0f) + 4
		if values < header {
			r.extensionValues(be16(p[values-4:]), at+values, at+header)
		}
	}
	payload := p[header:]
	kept := len(payload)
	if r.cut {
		kept = max(0, min(kept, copyFingerprint-header))
		if p[0]&paddingBit != 0 {
			kept = len(payload)
		}
	}
	r.payload(h, payload[:kept])
	if p[0]&paddingBit != 0 && len(p) == claimed && kept > 0 {
		r.out[len(r.out)-1] = p[len(p)-1]
	}
}

// extensionValues blanks the values of a header extension; with the profiles of
// RFC 8285 their identifiers and lengths stay.
func (r *rewriter) extensionValues(profile, from, to int) {
	const oneByte, twoBytes = 0xbede, 0x1000
	b := r.out[from:to]
	for len(b) > 0 {
		head, n := 1, 0
		switch {
		case b[0] == 0: // padding
		case profile == oneByte:
			n = int(b[0]&0x0f) + 1
		case profile&0xfff0 == twoBytes && len(b) > 1:
			head, n = 2, int(b[1])
		default:
			clear(b)
			return
		}
		end := min(head+n, len(b))
		clear(b[min(head, end):end])
		b = b[end:]
	}
}

// payload writes the payload of RTP. Of telephone-events (RFC 4733 2.3) the end
// bit, the volume and the duration stay; the event, that is the digit, becomes
// 0. Of the codecs whose first octets say how they are coded those bits stay.
func (r *rewriter) payload(h *rtpstats.Header, b []byte) {
	at := len(r.out)
	r.blank(b)
	const event, firstDynamic, reserved = 4, 96, 0x40
	pt := h.MarkerPT & 0x7f
	modes := r.plan.modes[pt]
	switch {
	case pt < firstDynamic || len(b) < 2:
	case int(h.PayloadLen) == event || modes&modeEvent != 0 && h.PayloadLen%event == 0 && int(h.PayloadLen) <= 4*event:
		out := r.out[at:]
		for ; len(out) >= event; out, b = out[event:], b[event:] {
			out[1] = b[1] &^ reserved
			out[2], out[3] = b[2], b[3]
		}
	case modes&modeOpus != 0:
		r.out[at] = b[0] & 0xf0 // bandwidth and mode (RFC 6716 3.1)
		fallthrough
	case modes&modeAMR != 0:
		if modes&modeAMR != 0 { // mode request and first frame type, in either format (RFC 4867 4)
			r.out[at] |= b[0] & 0x0f
			r.out[at+1] = b[1] & 0xf8
		}
	}
}
