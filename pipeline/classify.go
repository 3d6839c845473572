package pipeline

import (
	"encoding/binary"

	"earshot/rtpstats"
	"earshot/sipparse"
)

// protocolTCP is the IP protocol number of TCP.
const protocolTCP = 6

// stunCookie is at octet 4 of every STUN message since RFC 5389.
const stunCookie = 0x2112a442

// zrtpCookie is at octet 4 of every ZRTP packet, "ZRTP" (RFC 6189 5).
const zrtpCookie = 0x5a525450

// dtlsMajor is the first octet of the version in a DTLS record (RFC 6347 4.1).
// What begins in DTLS's range without it is text more often than a record of
// DTLS 1.3, whose short header cannot be told from text.
const dtlsMajor = 0xfe

// datagram recognises one UDP payload by what it is, whatever its port
// (RFC 7983 for the first octet, RFC 5761 4 for the second).
func (l *lane) datagram() {
	p := l.dg.Payload
	if len(p) == 0 {
		l.pass(passedEmpty)
		return
	}
	first := p[0]
	if first>>6 == 2 && l.media(p) {
		return
	}
	if sipparse.Looks(p) {
		if l.dg.Copy {
			l.pass(passedCopy)
			return
		}
		l.kind = keepWhole
		l.marked = !l.dg.NoTOS
		l.message(l.dg.At, flow{l.dg.Source(), l.dg.Destination()}, l.transport(), p)
		l.marked = false
		return
	}
	l.pass(stranger(p))
}

// media takes RTP and RTCP; false means that it was neither.
func (l *lane) media(p []byte) bool {
	if len(p) >= 2 && p[1] >= 192 && p[1] <= 223 {
		if !rtpstats.LooksRTCP(p, l.dg.Length) {
			return false
		}
		l.rtcp(p)
		return true
	}
	if !l.header.Read(p, l.dg.Length) {
		return false
	}
	l.counts.RTP++
	if l.keep != nil {
		l.kind, l.kept = keepRTP, rtpKept(&l.header, p)
	}
	l.rtp(&l.header)
	return true
}

// transport names what brought a whole message: UDP, or what HEP says.
func (l *lane) transport() string {
	switch {
	case l.dg.TLS:
		return "tls"
	case l.dg.Protocol == protocolTCP:
		return "tcp"
	}
	return "udp"
}

func (l *lane) rtcp(p []byte) {
	if l.dg.Copy {
		l.pass(passedCopy)
		return
	}
	l.counts.RTCP++
	l.kind = keepWhole
	l.messages.put(message{
		at: l.dg.At, order: l.now, src: l.dg.Source(), dst: l.dg.Destination(),
		kind: messageRTCP, callID: string(l.dg.Correlation),
	}, p)
}

// stranger names what is neither SIP nor RTP nor RTCP.
func stranger(p []byte) passed {
	switch first := p[0]; {
	case first < 4 && len(p) >= 20 && (binary.BigEndian.Uint32(p[4:]) == stunCookie || len(p)%4 == 0):
		return passedSTUN
	case first >= 16 && first < 20 && len(p) >= 8 && binary.BigEndian.Uint32(p[4:]) == zrtpCookie:
		return passedZRTP
	case first >= 20 && first < 64 && len(p) > 1 && p[1] == dtlsMajor:
		return passedDTLS
	case first >= 64 && first < 80 && len(p) >= 4 && len(p) >= 4+int(binary.BigEndian.Uint16(p[2:])):
		return passedTURN // RFC 8656 12.4: channel number and a length that fits; else text, such as "M-SEARCH"
	case first>>6 == 2:
		return passedRTPRange
	}
	return passedOther
}

func (l *lane) pass(why passed) { l.counts.Passed[why]++ }
