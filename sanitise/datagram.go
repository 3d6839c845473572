package sanitise

import "earshot/sipparse"

// Numbers by which the lane tells datagrams apart.
const (
	stunCookie = 0x2112a442 // RFC 8489 5
	zrtpCookie = 0x5a525450 // RFC 6189 5
	dtlsMajor  = 0xfe       // RFC 6347 4.1
)

// datagram writes the payload of UDP, and returns what it lacks. What it is gets
// decided as the pipeline decides it, and it is still that afterwards.
func (r *rewriter) datagram(p []byte, cut int) int {
	if len(p) == 0 {
		r.note(didBlank)
		return cut
	}
	claimed, start := len(p)+cut, len(r.out)
	switch first := p[0]; {
	case first>>6 == 2 && r.media(p, claimed):
		return claimed - (len(r.out) - start) // RTP may have been cut
	case sipparse.Looks(p):
		r.note(didSIP)
		r.out = r.text.SIP(r.out, p)
		return cut
	case first < 4 && len(p) >= 20 && (be32(p[4:]) == stunCookie || len(p)%4 == 0):
		r.stun(p)
	case first >= 16 && first < 20 && len(p) >= 8 && be32(p[4:]) == zrtpCookie:
		r.opening(didSTUN, p, 8)
	case first >= 20 && first < 64 && len(p) > 1 && p[1] == dtlsMajor:
		r.dtls(p)
	case first >= 64 && first < 80 && len(p) >= 4 && len(p) >= 4+be16(p[2:]):
		r.opening(didSTUN, p, 4) // channel number and length
	case first>>6 == 2:
		r.almostMedia(p, claimed)
	default:
		r.stranger(p)
	}
	return cut
}

// opening keeps the first n octets.
func (r *rewriter) opening(d done, p []byte, n int) {
	r.note(d)
	n = min(n, len(p))
	at := r.copyHeader(p[:n])
	r.blank(p[n:])
	if len(p) >= n+markFrom {
		r.mark(r.out[at:], p)
	}
}

// markFrom is how many octets a payload of zeros has at least that gets a mark,
// copyFingerprint what the decoder looks at where there may be an RTP header.
const (
	markFrom        = 8
	copyFingerprint = 16
)

// nothing is an octet in the range of nothing that has a name (RFC 7983 7), and
// none of SigComp's (RFC 3320 7). As a length it is one that never ends.
const nothing = 0xf0

// stranger writes what must stay unknown. Zeros that keep a NAT open stay, and so does the direction of
// BOOTP, without which it makes no sense.
func (r *rewriter) stranger(p []byte) {
	const keepAlive, bootp = 8, 240
	r.note(didBlank)
	at := len(r.out)
	r.blank(p)
	switch {
	case len(p) <= keepAlive && isZero(p):
	case len(p) >= bootp && (p[0] == 1 || p[0] == 2):
		r.out[at] = p[0]
	default:
		r.out[at] = nothing
	}
	if len(p) >= markFrom {
		r.mark(r.out[at:], p)
	}
}

// mark makes what is blanked differ where the packets have no identification to
// tell them from copies.
func (r *rewriter) mark(b, payload []byte) {
	if r.id == 0 {
		r.tags.mark(b, payload)
	}
}

// almostMedia writes what has the version of RTP, but cannot be RTP nor RTCP,
// and still cannot: it has padding of no length or, where the capture lacks its
// end, a header extension that is longer than the packet.
func (r *rewriter) almostMedia(p []byte, claimed int) {
	const padding, extension, length, longest = 0xa0, 0x90, 14, 0xff
	r.note(didBlank)
	at := len(r.out)
	r.blank(p)
	b := r.out[at:]
	if len(b) > copyFingerprint {
		r.mark(b[:copyFingerprint], p)
	}
	b[0] = padding
	if len(p) < claimed {
		b[0] = extension
		if len(b) >= length+2 {
			b[length], b[length+1] = longest, longest
		}
	}
}

// isRTCPType reports whether the second octet is in the range that RTP leaves to
// RTCP (RFC 5761 4).
func isRTCPType(octet byte) bool { return octet >= 192 && octet <= 223 }

// dtls keeps the record header (RFC 6347 4.1): version, epoch, number, length.
// The record becomes application data, which nobody tries to read.
func (r *rewriter) dtls(p []byte) {
	const header, applicationData = 13, 23
	at := len(r.out)
	r.opening(didSTUN, p, header)
	if len(p) >= header {
		r.out[at] = applicationData
	}
}
