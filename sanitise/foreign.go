package sanitise

import "encoding/binary"

// What is nobody's business still has to make sense to those who look at the
// result with other tools: these protocols would not, as zeros.

// sctp keeps the ports; what follows becomes one chunk of a type that receivers
// skip (RFC 9260 3.2).
func (r *rewriter) sctp(b []byte, cut int) (int, bool) {
	const ports, header, chunk, skipped = 4, 12, 4, 0x3f
	start := len(r.out)
	lacks, ok := r.opaque(b, cut)
	out := r.out[start:]
	copy(out[:min(ports, len(b))], b)
	if len(b) >= header+chunk {
		out[header] = skipped
		binary.BigEndian.PutUint16(out[header+2:], uint16(len(b)+cut-header))
	}
	return lacks, ok
}

// linkControl writes what negotiates PPP, where names and passwords are: a
// request to end (RFC 1661 5.5), which every control protocol has, or the answer
// of an authentication without a text (RFC 1334 2.2.2, RFC 1994 4.2).
func (r *rewriter) linkControl(protocol int, b []byte, cut int) {
	const header, terminate, answer = 4, 5, 3
	const pap, chap = 0xc023, 0xc223
	start := len(r.out)
	r.blank(b)
	if len(b) < header {
		return
	}
	out := r.out[start:]
	out[0], out[1] = terminate, b[1]
	if protocol == pap || protocol == chap {
		out[0] = answer
	}
	binary.BigEndian.PutUint16(out[2:], uint16(min(max(be16(b[2:]), header), len(b)+cut)))
}

// lldp writes an announcement that announces nothing (IEEE 802.1AB 8.4): chassis
// and port without a name, no time to live, the end.
func (r *rewriter) lldp(b []byte, cut int) (int, bool) {
	start := len(r.out)
	r.blank(b)
	copy(r.out[start:], []byte{
		0x02, 7, 4, 0, 0, 0, 0, 0, 0, // chassis: a hardware address
		0x04, 2, 7, 0, // port: assigned locally
		0x06, 2, 0, 0, // time to live
		0x00, 0x00,
	})
	return cut, false
}
