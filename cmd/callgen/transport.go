package main

import (
	"encoding/binary"
	"math/rand/v2"
)

// mtu is the Ethernet payload that an IP packet may fill.
const mtu = 1500

// sendUDP emits one datagram now, in IP fragments where it outgrows the MTU.
func (p *path) sendUDP(e *engine, at int64, payload []byte) {
	buf := append(p.begin(e.buf), payload...)
	sum := checksum(0, payload)
	if len(buf)-p.ip <= mtu {
		p.finishUDP(buf, sum)
		e.buf = pad(buf)
		e.emit(at, p, e.buf)
		return
	}
	p.fragment(e, at, buf, sum)
}

// fragment cuts the datagram in buf into IPv4 fragments (RFC 791) or behind
// IPv6 fragment headers (RFC 8200 4.5), all at the same moment.
func (p *path) fragment(e *engine, at int64, buf []byte, sum uint32) {
	length := uint32(len(buf) - p.l4)
	binary.BigEndian.PutUint16(buf[p.l4+4:], uint16(length))
	binary.BigEndian.PutUint16(buf[p.l4+6:], ^fold(p.sum+2*length+sum))
	v6 := p.src.ip.Is6()
	room := (mtu - (p.l4 - p.ip)) &^ 7
	if v6 {
		room -= 8
	}
	id := p.src.id
	p.src.id++
	for offset := p.l4; offset < len(buf); offset += room {
		piece := buf[offset:min(len(buf), offset+room)]
		more := offset+room < len(buf)
		f := append([]byte(nil), buf[:p.l4]...)
		field := uint16(offset-p.l4) / 8
		if v6 {
			f[p.ip+6] = protoFragment
			f = append(f, p.proto, 0)
			f = binary.BigEndian.AppendUint16(f, field<<3|bit(more))
			f = binary.BigEndian.AppendUint32(f, uint32(id))
		} else {
			field |= bit(more) << 13
		}
		f = append(f, piece...)
		p.finishFragment(f, id, field)
		e.emit(at, p, pad(f))
	}
}

func bit(b bool) uint16 {
	if b {
		return 1
	}
	return 0
}

// connection is a TCP connection that SIP messages of one hop share.
type connection struct {
	down, up       *path
	seqDown, seqUp uint32 // next octet of each direction
	free           int64  // when the wire has carried what was given to it so far
	open           bool
	r              *rand.Rand
}

// TCP flags (RFC 9293 3.1).
const (
	tcpFIN = 0x01
	tcpSYN = 0x02
	tcpPSH = 0x08
	tcpACK = 0x10
)

// segmentGap is the time between two segments of one write.
const segmentGap = 40_000

func newConnection(down, up *path, r *rand.Rand) *connection {
	return &connection{down: down, up: up, seqDown: r.Uint32(), seqUp: r.Uint32(), r: r}
}

// connect schedules the handshake before the first data.
func (c *connection) connect(e *engine, at int64) {
	c.open = true
	c.free = at
	c.segment(e, true, tcpSYN, nil)
	c.segment(e, false, tcpSYN|tcpACK, nil)
	c.segment(e, true, tcpACK, nil)
}

// send schedules one message, cut at random places, and its acknowledgement.
func (c *connection) send(e *engine, at int64, down bool, data []byte) {
	if !c.open {
		c.connect(e, at)
	}
	c.free = max(c.free, at)
	for len(data) > 0 {
		n := min(len(data), 1448)
		if c.r.IntN(2) == 0 {
			n = min(n, 1+c.r.IntN(700))
		}
		flags := byte(tcpACK)
		if n == len(data) {
			flags |= tcpPSH
		}
		c.segment(e, down, flags, data[:n])
		data = data[n:]
	}
	c.segment(e, !down, tcpACK, nil)
}

// close schedules an orderly end, begun by the caller's side.
func (c *connection) close(e *engine, at int64) {
	if !c.open {
		return
	}
	c.open = false
	c.free = max(c.free, at)
	c.segment(e, true, tcpFIN|tcpACK, nil)
	c.segment(e, false, tcpFIN|tcpACK, nil)
	c.segment(e, true, tcpACK, nil)
}

// segment schedules one segment and moves the sequence number past it.
func (c *connection) segment(e *engine, down bool, flags byte, data []byte) {
	p, seq, ack := c.down, &c.seqDown, c.seqUp
	if !down {
		p, seq, ack = c.up, &c.seqUp, c.seqDown
	}
	if flags&tcpACK == 0 {
		ack = 0
	}
	f := append(append([]byte(nil), p.hdr...), data...)
	binary.BigEndian.PutUint32(f[p.l4+4:], *seq)
	binary.BigEndian.PutUint32(f[p.l4+8:], ack)
	f[p.l4+13] = flags
	binary.BigEndian.PutUint16(f[p.l4+14:], 64240) // window
	*seq += uint32(len(data))
	if flags&(tcpSYN|tcpFIN) != 0 {
		*seq++
	}
	e.later(c.free, func(e *engine, at int64) {
		p.finishTCP(f)
		e.emit(at, p, pad(f))
		e.totals.tcp++
	})
	c.free += segmentGap
}

// finishTCP completes a segment whose TCP fields are set.
func (p *path) finishTCP(f []byte) {
	tcp := f[p.l4:]
	binary.BigEndian.PutUint16(tcp[16:], 0)
	binary.BigEndian.PutUint16(tcp[16:], ^fold(checksum(p.sum+uint32(len(tcp)), tcp)))
	p.finishIP(f, 0)
}
