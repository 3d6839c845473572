package rig

import (
	"encoding/binary"
	"errors"
	"time"
)

// Messages is the SIP of a Recording, wrapped in HEP v3 and sent again and
// again, as new calls from the second time on.
type Messages struct {
	packets [][]byte // of the first round
	times   []int64
	next    int
	round   int
}

// Chunks of HEP v3 (HEP3 network protocol specification, revision 12), vendor 0.
const (
	hepHeader    = 6 // "HEP3" and the packet's length
	chunkHeader  = 6 // vendor, type, length
	hepFamily    = 1
	hepProtocol  = 2
	hepSource    = 3
	hepTarget    = 4
	hepFromPort  = 7
	hepToPort    = 8
	hepSeconds   = 9
	hepMicros    = 10
	hepKind      = 11
	hepNode      = 12
	hepPayload   = 15
	hepAddressV4 = 2
	hepSIP       = 1
)

// Messages wraps the SIP messages of the recording.
func (r *Recording) Messages() (*Messages, error) {
	m := new(Messages)
	l := r.Loop()
	buf := make([]byte, maxFrame)
	for range r.frames {
		n, at, err := l.Next(buf)
		if err != nil {
			return nil, err
		}
		if f := buf[:n]; isSIP(f) {
			m.packets = append(m.packets, hepPacket(f))
			m.times = append(m.times, at)
		}
	}
	if len(m.packets) == 0 {
		return nil, errors.New("the recording has no SIP")
	}
	return m, nil
}

// Next is Traffic's. Its times go on from round to round.
func (m *Messages) Next(buf []byte) (n int, at int64, err error) {
	if m.next == len(m.packets) {
		m.next, m.round = 0, m.round+1
	}
	n = copy(buf, m.packets[m.next])
	if m.round > 0 {
		renewSIP(buf[:n], m.round)
	}
	stampHEP(buf, time.Now())
	at = m.times[m.next] + int64(m.round)*(m.times[len(m.times)-1]-m.times[0])
	m.next++
	return n, at, nil
}

// Where the values of the two chunks of time lie: they come first.
const (
	secondsAt = hepHeader + chunkHeader
	microsAt  = secondsAt + 4 + chunkHeader
)

func stampHEP(b []byte, now time.Time) {
	binary.BigEndian.PutUint32(b[secondsAt:], uint32(now.Unix()))
	binary.BigEndian.PutUint32(b[microsAt:], uint32(now.Nanosecond()/1000))
}

// hepPacket wraps the payload of a frame.
func hepPacket(frame []byte) []byte {
	b := []byte("HEP3\x00\x00")
	chunk := func(kind uint16, value ...byte) {
		b = binary.BigEndian.AppendUint16(b, 0)
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(chunkHeader+len(value)))
		b = append(b, value...)
	}
	chunk(hepSeconds, 0, 0, 0, 0)
	chunk(hepMicros, 0, 0, 0, 0)
	chunk(hepFamily, hepAddressV4)
	chunk(hepProtocol, protocolUDP)
	chunk(hepSource, frame[14+12:14+16]...)
	chunk(hepTarget, frame[14+16:14+20]...)
	chunk(hepFromPort, frame[framePorts:framePorts+2]...)
	chunk(hepToPort, frame[framePorts+2:framePorts+4]...)
	chunk(hepKind, hepSIP)
	chunk(hepNode, 0, 0, 0x07, 0xd1)
	chunk(hepPayload, frame[framePayload:]...)
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
	return b
}
