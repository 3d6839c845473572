package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// maxExtensions bounds the extension headers of one IPv6 packet; RFC 8200 4.1
// allows each kind once, destination options twice.
const maxExtensions = 8

// ip reads an IP header of whichever version.
func (d *Decoder) ip(w *descent, b []byte) Reason {
	if len(b) == 0 {
		return w.short()
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(w, b)
	case 6:
		return d.ipv6(w, b)
	}
	return PassedNotIP
}

// ipv4 reads an IPv4 header (RFC 791 3.1).
func (d *Decoder) ipv4(w *descent, b []byte) Reason {
	if len(b) < 20 {
		return w.short()
	}
	header := int(b[0]&0x0f) * 4
	if b[0]>>4 != 4 || header < 20 {
		return PassedBadHeader
	}
	total := be16(b[2:])
	if total == 0 { // the sender's network card cuts the packet up later and fills it in
		total = len(b) + w.cut
	}
	if total < header {
		return PassedBadHeader
	}
	b = w.limit(b, total)
	if len(b) < header {
		return w.short()
	}
	w.outermost(total)

	dg := w.dg
	dg.TOS, dg.TTL = b[1], b[8]
	w.id = uint32(be16(b[4:]))
	mapIPv4(&dg.SrcAddr, b[12:16])
	mapIPv4(&dg.DstAddr, b[16:20])

	const moreFragments, offsetMask = 0x2000, 0x1fff
	flags := be16(b[6:])
	if flags&(moreFragments|offsetMask) != 0 {
		return d.fragment(w, fragment{
			protocol: b[9],
			key:      fragmentKey{id: w.id, protocol: b[9]},
			offset:   flags & offsetMask * 8,
			more:     flags&moreFragments != 0,
			data:     b[header:],
		})
	}
	if b[9] == wire.ProtocolUDP {
		return d.udp(w, b[header:])
	}
	return d.transport(w, b[9], b[header:])
}

// mapIPv4 writes an IPv4 address as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). Two
// stores of 8 octets: a composite literal of single octets stalls the copy that
// follows, and took 15 ns of a decode of 40.
func mapIPv4(to *[16]byte, address []byte) {
	binary.LittleEndian.PutUint64(to[:8], 0)
	binary.LittleEndian.PutUint64(to[8:], 0xffff0000|uint64(binary.LittleEndian.Uint32(address))<<32)
}

// ipv6 reads an IPv6 header (RFC 8200 3).
func (d *Decoder) ipv6(w *descent, b []byte) Reason {
	const header = 40
	if len(b) < header {
		return w.short()
	}
	if b[0]>>4 != 6 {
		return PassedBadHeader
	}
	total := header + be16(b[4:])
	if total == header { // a jumbogram (RFC 2675), or the network card fills it in later
		total = len(b) + w.cut
	}
	b = w.limit(b, total)
	w.outermost(total)

	dg := w.dg
	dg.TOS = b[0]<<4 | b[1]>>4
	dg.TTL = b[7]
	w.id = 0
	dg.SrcAddr = [16]byte(b[8:24])
	dg.DstAddr = [16]byte(b[24:40])
	if b[6] == wire.ProtocolUDP {
		return d.udp(w, b[header:])
	}
	return d.extensions(w, b[6], b[header:])
}

// extensions goes through IPv6 extension headers (RFC 8200 4, RFC 4302 2).
func (d *Decoder) extensions(w *descent, next byte, b []byte) Reason {
	for range maxExtensions {
		var length int
		switch next {
		case wire.ProtocolHopByHop, wire.ProtocolRouting, wire.ProtocolDestination, wire.ProtocolAH:
			if len(b) < 8 {
				return w.short()
			}
			length = 8 + int(b[1])*8
			if next == wire.ProtocolAH {
				length = 8 + int(b[1])*4
			}
		case wire.ProtocolFragment:
			return d.fragmentHeader(w, b)
		default:
			return d.transport(w, next, b)
		}
		if len(b) < length {
			return w.short()
		}
		next, b = b[0], b[length:]
	}
	return PassedTooDeep
}

// fragmentHeader reads the fragment header (RFC 8200 4.5). The identification
// is unique for source and destination alone, whatever the next header.
func (d *Decoder) fragmentHeader(w *descent, b []byte) Reason {
	const header = 8
	if len(b) < header {
		return w.short()
	}
	w.id = be32(b[4:])
	offset := be16(b[2:]) &^ 7
	more := b[3]&1 != 0
	if offset == 0 && !more { // an atomic fragment (RFC 6946)
		return d.extensions(w, b[0], b[header:])
	}
	return d.fragment(w, fragment{
		protocol: b[0],
		key:      fragmentKey{id: w.id, protocol: wire.ProtocolFragment},
		offset:   offset,
		more:     more,
		data:     b[header:],
	})
}

// outermost reckons the wire length of a frame whose link layer is not
// Ethernet as if it were.
func (w *descent) outermost(total int) {
	if w.wire == 0 {
		w.wire = max(total+ethernetHeader, ethernetMin) + ethernetFCS
	}
}
