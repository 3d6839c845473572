package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// Sizes of the C structs that HEP 1 and 2 are.
const (
	hep12Header = 8  // version, length, family, protocol, source port, destination port
	hep2Time    = 10 // seconds, microseconds, capture node
	hep2Padded  = 12 // the same as compilers lay it out
)

// readHEP12 reads a packet of version 1 or 2, which have no magic: it reports
// false where the header does not hold together. The header is a C struct:
//
//	u8 version, u8 length, u8 family, u8 protocol,
//	u16 source port, u16 destination port (network order),
//	source and destination address,
//	version 2: u32 seconds, u32 microseconds, u16 node (order of the sender's host)
//
// The length is that of the headers; kamailio leaves those of version 2 out of
// it. Everything is SIP. Version 1 has no time.
func (p *hepPacket) readHEP12(w *descent, b []byte) bool {
	if len(b) < hep12Header {
		return false
	}
	address := 4
	switch b[2] {
	case 2: // AF_INET everywhere
	case 10, 24, 28, 30: // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin
		address = 16
	default:
		return false
	}
	fields := hep12Header + 2*address
	version, header := b[0], int(b[1])
	switch {
	case version == 1 && header == fields:
	case version == 2 && header == fields:
		header += hep2Padded
	case version == 2 && (header == fields+hep2Time || header == fields+hep2Padded):
	default:
		return false
	}
	if len(b) < header {
		return false
	}
	p.kind = wire.HEPSIP
	p.protocol = b[3]
	p.srcPort, p.dstPort = uint16(be16(b[4:])), uint16(be16(b[6:]))
	p.address(&p.src, b[hep12Header:hep12Header+address])
	p.address(&p.dst, b[hep12Header+address:hep12Header+2*address])
	p.hasSrc, p.hasDst = true, true
	if version == 2 {
		p.readHEP2Time(b[fields:header], w.dg.At)
	}
	p.payload, p.lacks = b[header:], w.cut
	return true
}

// readHEP2Time takes the byte order in which the time is nearer to the arrival.
// kamailio and captagent write little-endian on the machines of today, Homer's
// own server reads big-endian.
func (p *hepPacket) readHEP2Time(b []byte, arrival int64) {
	little := int64(binary.LittleEndian.Uint32(b))*1e9 + int64(binary.LittleEndian.Uint32(b[4:]))*1e3
	big := int64(be32(b))*1e9 + int64(be32(b[4:]))*1e3
	if distance(big, arrival) < distance(little, arrival) {
		p.at, p.node = big, uint32(be16(b[8:]))
		return
	}
	p.at, p.node = little, uint32(binary.LittleEndian.Uint16(b[8:]))
}

func distance(a, b int64) int64 {
	if a < b {
		return b - a
	}
	return a - b
}
