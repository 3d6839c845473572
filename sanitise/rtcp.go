package sanitise

import "earshot/rtpstats"

// RTCP packet types (IANA).
const (
	rtcpOldFIR  = 192
	rtcpOldNACK = 193
	rtcpSR      = 200
	rtcpRR      = 201
	rtcpSDES    = 202
	rtcpBYE     = 203
	rtcpRTPFB   = 205
	rtcpPSFB    = 206
	rtcpXR      = 207
)

// rtcp writes RTCP part by part: reports stay, descriptions get pseudonyms,
// reasons and what applications add become zeros.
func (r *rewriter) rtcp(kind rtpstats.RTCPKind, p []byte) {
	at := len(r.out)
	r.blank(p)
	out := r.out[at:]
	if kind == rtpstats.RTCPEncrypted {
		encryptedRTCP(out, p)
		return
	}
	for len(p) >= 4 {
		n := min(4*(be16(p[2:])+1), len(p))
		r.rtcpPart(out[:n], p[:n])
		p, out = p[n:], out[n:]
	}
}

// encryptedRTCP keeps what SRTCP leaves in the clear (RFC 3711 3.4): the first
// header, the sender's SSRC, and the index wherever it may be.
func encryptedRTCP(out, p []byte) {
	const clearText, index = 8, 4
	copy(out, p[:clearText])
	for _, tag := range [...]int{10, 4, 0} {
		at := len(p) - tag - index
		if at < clearText {
			continue
		}
		copy(out[at:at+index], p[at:])
		if rtpstats.IsSRTCP(out, len(out)) {
			return
		}
		clear(out[at : at+index])
	}
}

// rtcpPart writes one packet of a compound. out has its length, and is zeros.
func (r *rewriter) rtcpPart(out, p []byte) {
	const header, padding, count = 4, 0x20, 0x1f
	n := int(p[0] & count)
	keep := func(octets int) { copy(out[:min(octets, len(p))], p) }
	keep(2 * header)
	switch p[1] {
	case rtcpSR:
		keep(28 + 24*n)
	case rtcpRR:
		keep(8 + 24*n)
	case rtcpSDES:
		keep(header)
		clear(out[min(header, len(out)):])
		r.descriptions(out[min(header, len(out)):], p[min(header, len(p)):], n)
	case rtcpBYE:
		keep(header + 4*n)
		if end := header + 4*n; end < len(p) {
			out[end] = p[end] // length of the reason
		}
	case rtcpRTPFB:
		keep(12)
		if isTransportFeedback(n) {
			keep(len(p))
		}
	case rtcpPSFB:
		keep(12)
		if isPayloadFeedback(n, p) {
			keep(len(p))
		}
	case rtcpXR:
		extendedReport(out, p)
	case rtcpOldFIR, rtcpOldNACK:
		keep(12)
	}
	if p[0]&padding != 0 {
		out[len(out)-1] = p[len(p)-1]
	}
}

// isTransportFeedback reports whether a format of RTPFB holds nothing but
// numbers: NACK, TMMBR, TMMBN, SR request, ECN, congestion control, transport-cc.
func isTransportFeedback(format int) bool {
	switch format {
	case 1, 3, 4, 5, 8, 11, 15:
		return true
	}
	return false
}

// isPayloadFeedback does for PSFB: PLI, SLI, RPSI no (bits of the codec), FIR,
// TSTR, TSTN, and of the application's own REMB.
func isPayloadFeedback(format int, p []byte) bool {
	switch format {
	case 1, 2, 4, 5, 6:
		return true
	}
	return format == 15 && len(p) >= 16 && string(p[12:16]) == "REMB"
}

// descriptions writes the chunks of a source description (RFC 3550 6.5): the
// SSRC, then items of type, length and text up to a zero.
func (r *rewriter) descriptions(out, p []byte, chunks int) {
	const ssrc = 4
	at := 0
	for ; chunks > 0 && at+ssrc <= len(p); chunks-- {
		copy(out[at:at+ssrc], p[at:])
		at += ssrc
		for at+2 <= len(p) && p[at] != 0 {
			from := at + 2
			to := min(from+int(p[at+1]), len(p))
			out[at], out[at+1] = p[at], p[at+1]
			r.text.SDES(out[from:from:to], p[from:to])
			at = to
		}
		at = at/4*4 + 4 // the zero, and then to the next word
	}
}

// extendedReport keeps the blocks that the registry of RFC 3611 knows; all of
// them are numbers.
func extendedReport(out, p []byte) {
	const header, lastKnown = 8, 37
	for at := header; at+4 <= len(p); {
		n := min(4*(be16(p[at+2:])+1), len(p)-at)
		kept := 4
		if kind := p[at]; kind >= 1 && kind <= lastKnown {
			kept = n
		}
		copy(out[at:at+kept], p[at:])
		at += n
	}
}
