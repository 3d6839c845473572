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
		l.message(l.dg.At, flow{l.dg.Source(), l.dg.Destination()}, "udp", p)
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
	l.rtp(&l.header)
	return true
}

func (l *lane) rtcp(p []byte) {
	if l.dg.Copy {
		l.pass(passedCopy)
		return
	}
	l.counts.RTCP++
	l.send(message{at: l.dg.At, src: l.dg.Source(), dst: l.dg.Destination(), kind: messageRTCP}, p)
}

// stranger names what is neither SIP nor RTP nor RTCP.
func stranger(p []byte) passed {
	switch first := p[0]; {
	case first < 4 && len(p) >= 20 && (binary.BigEndian.Uint32(p[4:]) == stunCookie || len(p)%4 == 0):
		return passedSTUN
	case first >= 16 && first < 20:
		return passedZRTP
	case first >= 20 && first < 64:
		return passedDTLS
	case first >= 64 && first < 80:
		return passedTURN
	case first>>6 == 2:
		return passedRTPRange
	}
	return passedOther
}

func (l *lane) pass(why passed) { l.counts.Passed[why]++ }
