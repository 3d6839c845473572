package sanitise

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// tcp copies a TCP header. What the plan knows of the stream comes in the place
// of the payload, and sequence numbers follow it; the payload of other streams is
// filled with an octet that means nothing.
func (r *rewriter) tcp(h *hosts, b []byte, cut int) (int, bool) {
	if len(b) < 20 {
		return r.senseless(b, cut)
	}
	header := int(b[12]>>4) * 4
	if header < 20 || len(b) < header {
		return r.senseless(b, cut)
	}
	r.note(didTCP)
	kind := checksumKind(b, 16, h.pseudo(wire.ProtocolTCP, len(b)+cut), cut)
	start := r.copyHeader(b[:header])
	f := flow{h.src, h.dst, uint16(be16(b)), uint16(be16(b[2:]))}
	back := r.plan.direction(f.reversed(), r.ordinal, be32(b[8:]))
	const ack = 0x10
	if b[13]&ack != 0 {
		binary.BigEndian.PutUint32(r.out[start+8:], back.number(be32(b[8:])))
	}
	r.tcpOptions(r.out[start+20:start+header], back)

	seq := be32(b[4:])
	there := r.plan.direction(f, r.ordinal, seq)
	binary.BigEndian.PutUint32(r.out[start+4:], there.number(seq))
	const syn = 0x02
	if b[13]&syn != 0 {
		seq++
	}
	lacks := r.segment(there, seq, b[header:], cut)
	r.mendChecksum(kind, start, start+16, h.newPseudo(wire.ProtocolTCP, r.length(start, lacks)))
	return lacks, true
}

// segment writes what a segment carries now, and returns what it lacks.
func (r *rewriter) segment(d *direction, seq uint32, b []byte, cut int) int {
	if len(b)+cut == 0 {
		return 0
	}
	if d == nil {
		for range b {
			r.out = append(r.out, nothing)
		}
		return cut
	}
	from := d.position(seq)
	captured, end := d.moved(from+int64(len(b))), d.moved(from+int64(len(b)+cut))
	r.out = r.plan.read(r.out, d, d.moved(from), captured)
	return int(end - captured)
}

// TCP options (IANA) that stay: they size and pace a connection.
const (
	tcpEnd       = 0
	tcpNop       = 1
	tcpMSS       = 2
	tcpWindow    = 3
	tcpPermitted = 4
	tcpSACK      = 5
	tcpTimestamp = 8
)

// tcpOptions keeps the options that size and pace a connection, moves the
// numbers of selective acknowledgements along (RFC 2018 3), and makes padding of
// the rest, cookies and signatures among them.
func (r *rewriter) tcpOptions(b []byte, acked *direction) {
	for len(b) > 0 {
		if b[0] == tcpNop {
			b = b[1:]
			continue
		}
		if b[0] == tcpEnd || len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			clear(b)
			return
		}
		n := int(b[1])
		switch b[0] {
		case tcpMSS, tcpWindow, tcpPermitted, tcpTimestamp:
		case tcpSACK:
			for edge := b[2:n]; len(edge) >= 4; edge = edge[4:] {
				binary.BigEndian.PutUint32(edge, acked.number(be32(edge)))
			}
		default:
			for i := range b[:n] {
				b[i] = tcpNop
			}
		}
		b = b[n:]
	}
}
