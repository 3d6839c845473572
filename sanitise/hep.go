package sanitise

import "earshot/capture/wire"

// unwrapHEP rewrites a HEP packet; ok is false, and nothing written, where there
// is none.
func (r *rewriter) unwrapHEP(port int, b []byte, cut int) (lacks int, ok bool) {
	const defaultPort = 9060
	switch {
	case wire.IsHEP3(b):
		r.note(didHEP)
		return r.hep3(b, cut), true
	case port == defaultPort && len(b) > 0 && (b[0] == 1 || b[0] == 2):
		header := hep12Header(b)
		if header == 0 {
			return cut, false
		}
		r.note(didHEP)
		return r.hep12(b, header, cut), true
	}
	return cut, false
}

// hep12Header is the length of the header of version 1 or 2, a C struct, 0 where
// it does not hold together: version, length, family, protocol u8, ports u16,
// addresses, and of version 2 the time and the node.
func hep12Header(b []byte) int {
	const fixed, time, padded = 8, 10, 12
	if len(b) < fixed {
		return 0
	}
	address := 0
	switch b[2] {
	case 2:
		address = 4
	case 10, 24, 28, 30:
		address = 16
	default:
		return 0
	}
	fields := fixed + 2*address
	version, header := b[0], int(b[1])
	switch {
	case version == 1 && header == fields:
	case version == 2 && header == fields:
		header += padded
	case version == 2 && (header == fields+time || header == fields+padded):
	default:
		return 0
	}
	if len(b) < header {
		return 0
	}
	return header
}

// hep12 rewrites a packet of version 1 or 2, whose payload is SIP.
func (r *rewriter) hep12(b []byte, header, cut int) int {
	at := r.copyHeader(b[:header])
	if b[2] == 2 {
		r.addresses.replace4(r.out[at+8 : at+12])
		r.addresses.replace4(r.out[at+12 : at+16])
	} else {
		r.addresses.replace6(r.out[at+8 : at+24])
		r.addresses.replace6(r.out[at+24 : at+40])
	}
	return r.datagram(b[header:], cut)
}

// hep3 rewrites a packet of version 3, chunk by chunk. What it carries is known
// when all chunks have been seen, so they are seen twice.
func (r *rewriter) hep3(b []byte, cut int) int {
	e := enclose(b, cut, max(be16(b[4:]), wire.HEP3Header))
	kind := hepKind(e.body)
	start := r.copyHeader(b[:wire.HEP3Header])
	lacks := e.lack
	for rest := e.body[wire.HEP3Header:]; len(rest) > 0; {
		if len(rest) < wire.HEP3Chunk || be16(rest[4:]) < wire.HEP3Chunk {
			r.blank(rest)
			break
		}
		length := be16(rest[4:])
		n := min(length, len(rest))
		missing := r.chunk(kind, rest[:n], length-n)
		if n < length {
			lacks = max(e.lack+missing-(length-n), 0)
		}
		rest = rest[n:]
	}
	r.put16(start+4, r.length(start, lacks))
	return r.close(&e, lacks)
}

// hepKind finds chunk 0x0b.
func hepKind(b []byte) byte {
	for b = b[wire.HEP3Header:]; len(b) >= wire.HEP3Chunk; {
		n := be16(b[4:])
		if n < wire.HEP3Chunk || n > len(b) {
			return 0
		}
		if be32(b) == 0x0000000b && n == wire.HEP3Chunk+1 {
			return b[wire.HEP3Chunk]
		}
		b = b[n:]
	}
	return 0
}

// chunk rewrites one chunk and returns how many octets it lacks. The key that
// authenticates the sender is left out; names and unknown chunks are zeros.
func (r *rewriter) chunk(kind byte, b []byte, cut int) int {
	const key = 0x0e
	start, value := len(r.out), b[wire.HEP3Chunk:]
	if be32(b) == key {
		return 0
	}
	r.copyHeader(b[:wire.HEP3Chunk])
	lacks := r.chunkValue(kind, be32(b), value, cut)
	r.put16(start+4, r.length(start, lacks))
	return lacks
}

// chunkValue writes the value of a chunk of this vendor and type.
func (r *rewriter) chunkValue(kind byte, what uint32, b []byte, cut int) int {
	at := len(r.out)
	switch what {
	case 0x01, 0x02, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x12, 0x18:
		r.copyHeader(b[:min(len(b), 4)]) // numbers: family, protocol, ports, time, kind, node, VLAN, TOS
		r.blank(b[min(len(b), 4):])
	case 0x03, 0x04:
		if r.blank(b); len(b) == 4 {
			copy(r.out[at:], b)
			r.addresses.replace4(r.out[at:])
		}
	case 0x05, 0x06:
		if r.blank(b); len(b) == 16 {
			copy(r.out[at:], b)
			r.addresses.replace6(r.out[at:])
		}
	case 0x0f:
		return r.hepPayload(kind, b, cut)
	case 0x10:
		return r.compressed(kind, b, cut)
	case 0x11:
		r.out = r.names.CallID(r.out, b)
	default:
		r.blank(b)
	}
	return cut
}

// hepPayload rewrites what a HEP packet carries.
func (r *rewriter) hepPayload(kind byte, b []byte, cut int) int {
	switch {
	case len(b) == 0:
	case kind == wire.HEPSIP, kind == wire.HEPRTP, kind == wire.HEPRTCP && b[0]>>6 == 2:
		return r.datagram(b, cut)
	case kind == wire.HEPRTCP && cut == 0:
		r.out = r.text.RTCPJSON(r.out, b)
	default:
		r.blank(b)
	}
	return cut
}

// compressed rewrites a payload that is compressed, and compresses it again.
func (r *rewriter) compressed(kind byte, b []byte, cut int) int {
	plain, ok := []byte(nil), false
	if cut == 0 {
		plain, ok = r.zip.inflate(b)
	}
	if !ok {
		r.blank(b)
		return cut
	}
	whole := r.out
	r.out = r.zip.room[:0]
	r.hepPayload(kind, plain, 0)
	r.zip.room = r.out
	r.out = r.zip.deflate(whole, r.zip.room)
	return 0
}
