package rig

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"earshot/capture"
)

// Offsets in the frames of callgen's plain traffic: Ethernet, IPv4 without
// options, UDP.
const (
	frameProtocol = 14 + 9
	framePorts    = 14 + 20
	framePayload  = 14 + 20 + 8
	protocolUDP   = 17
)

// Loop is the traffic of a capture that callgen made without tunnels, again and
// again. From the second time on it is new calls on the same hosts and ports:
// Call-IDs, branches and SSRCs differ, by as many octets, so that nothing else
// has to. Up to 256 rounds are all different.
type Loop struct {
	path  string
	src   *capture.Files
	frame capture.Frame
	round int
	shift int64 // what is added to times so that rounds follow each other
	last  int64
}

// NewLoop reads the capture at path.
func NewLoop(path string) (*Loop, error) {
	l := &Loop{path: path}
	return l, l.open()
}

func (l *Loop) open() error {
	src, err := capture.Open([]string{l.path}, capture.Options{})
	if err != nil {
		return err
	}
	l.src = src
	return nil
}

// Close closes the capture.
func (l *Loop) Close() error { return l.src.Close() }

// Next is Traffic's.
func (l *Loop) Next(buf []byte) (n int, at int64, err error) {
	err = l.src.Next(&l.frame)
	if errors.Is(err, io.EOF) {
		if err := l.rewind(); err != nil {
			return 0, 0, err
		}
		err = l.src.Next(&l.frame)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("cannot read %q: %w", l.path, err)
	}
	n = copy(buf, l.frame.Data)
	if l.round > 0 {
		renew(buf[:n], l.round)
	}
	l.last = l.frame.At + l.shift
	return n, l.last, nil
}

func (l *Loop) rewind() error {
	if err := l.src.Close(); err != nil {
		return err
	}
	if err := l.open(); err != nil {
		return err
	}
	l.round++
	var first capture.Frame
	if err := l.src.Next(&first); err != nil {
		return err
	}
	l.shift = l.last - first.At
	if err := l.src.Close(); err != nil {
		return err
	}
	return l.open()
}

// renew makes a frame one of another call.
func renew(b []byte, round int) {
	if len(b) < framePayload+12 || b[frameProtocol] != protocolUDP {
		return
	}
	switch p := b[framePayload:]; {
	case p[0]>>6 != 2:
		renewSIP(p, round)
	case p[1] >= 192 && p[1] <= 223:
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
