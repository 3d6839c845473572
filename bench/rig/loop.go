package rig

import (
	"bytes"
	"encoding/binary"
)

// Offsets in the frames of callgen's plain traffic: Ethernet, IPv4 without
// options, UDP.
const (
	frameProtocol = 14 + 9
	framePorts    = 14 + 20
	framePayload  = 14 + 20 + 8
	protocolUDP   = 17
)

// Loop sends a Recording again and again. From the second time on it is new
// calls on the same hosts and ports: Call-IDs, branches and SSRCs differ, by as
// many octets, so that nothing else has to. Up to 256 rounds are all different.
type Loop struct {
	recording *Recording
	chunk     int // place in the recording
	off       int
	round     int
}

// Next is Traffic's.
func (l *Loop) Next(buf []byte) (n int, at int64, err error) {
	r := l.recording
	if l.off == len(r.chunks[l.chunk]) {
		l.chunk, l.off = l.chunk+1, 0
		if l.chunk == len(r.chunks) {
			l.chunk = 0
			l.round++
		}
	}
	b := r.chunks[l.chunk][l.off:]
	at = int64(binary.LittleEndian.Uint64(b))
	n = int(binary.LittleEndian.Uint16(b[8:]))
	kept := int(binary.LittleEndian.Uint16(b[10:]))
	copy(buf, b[recordHeader:recordHeader+kept])
	l.off += recordHeader + kept
	if l.round > 0 {
		renew(buf[:n], l.round)
	}
	return n, at + int64(l.round)*(r.last-r.first), nil
}

// renew makes a frame one of another call.
func renew(b []byte, round int) {
	if len(b) < framePayload+12 || b[frameProtocol] != protocolUDP {
		return
	}
	switch p := b[framePayload:]; {
	case p[0]>>6 != 2:
		renewSIP(p, round)
	case isRTCP(p):
		renewRTCP(p, round)
	default:
		renewSSRC(p[8:], round)
	}
}

func renewSSRC(b []byte, round int) {
	binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)^uint32(round))
}

// renewRTCP changes the SSRCs of a compound packet (RFC 3550 6.4 to 6.6).
func renewRTCP(p []byte, round int) {
	const sr, rr, sdes, bye, block = 200, 201, 202, 203, 24
	for len(p) >= 8 {
		length := 4 * (1 + int(binary.BigEndian.Uint16(p[2:])))
		if length > len(p) {
			return
		}
		count := int(p[0] & 31)
		renewSSRC(p[4:], round)
		reports := length // where report blocks begin
		switch p[1] {
		case sr:
			reports = 28
		case rr:
			reports = 8
		}
		for range count {
			if p[1] > rr || reports+block > length {
				break
			}
			renewSSRC(p[reports:], round)
			reports += block
		}
		p = p[length:]
	}
}

// renewSIP changes two digits of the Call-ID and of every branch, which callgen
// makes of hexadecimal digits.
func renewSIP(p []byte, round int) {
	for _, mark := range [...]string{"\r\nCall-ID: ", ";branch=z9hG4bK"} {
		rest := p
		for {
			i := bytes.Index(rest, []byte(mark))
			if i < 0 || i+len(mark)+2 > len(rest) {
				break
			}
			rest = rest[i+len(mark):]
			rest[0] = turn(rest[0], round)
			rest[1] = turn(rest[1], round>>4)
		}
	}
}

// turn adds to a hexadecimal digit, modulo 16.
func turn(c byte, by int) byte {
	const digits = "0123456789abcdef"
	v := int(c - '0')
	if c >= 'a' {
		v = int(c-'a') + 10
	}
	return digits[(v+by)&15]
}
