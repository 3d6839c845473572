package main

import (
	"encoding/binary"
	"net/netip"
)

// flowKey is what a measurement takes for one stream: source, destination and
// SSRC. Flows that are not RTP have SSRC 0.
type flowKey struct {
	src, dst netip.AddrPort
	ssrc     uint32
}

// packet is what impair reads of a frame.
type packet struct {
	key    flowKey
	udp    bool
	rtp    bool
	seq    uint16
	octets int // of the frame
}

// readPacket looks into an Ethernet frame: VLAN tags, IPv4 or IPv6, UDP, RTP.
// Later fragments and everything else have no flow of their own.
func readPacket(frame []byte) packet {
	p := packet{octets: len(frame)}
	if len(frame) < 14 {
		return p
	}
	etherType, b := binary.BigEndian.Uint16(frame[12:]), frame[14:]
	for (etherType == 0x8100 || etherType == 0x88a8) && len(b) >= 4 {
		etherType, b = binary.BigEndian.Uint16(b[2:]), b[4:]
	}
	var src, dst netip.Addr
	switch {
	case etherType == 0x0800 && len(b) >= 20 && b[9] == 17 && binary.BigEndian.Uint16(b[6:])&0x1fff == 0:
		src, dst = netip.AddrFrom4([4]byte(b[12:])), netip.AddrFrom4([4]byte(b[16:]))
		header := int(b[0]&0x0f) * 4
		if header < 20 || len(b) < header {
			return p
		}
		b = b[header:]
	case etherType == 0x86dd && len(b) >= 40 && b[6] == 17:
		src, dst = netip.AddrFrom16([16]byte(b[8:])), netip.AddrFrom16([16]byte(b[24:]))
		b = b[40:]
	default:
		return p
	}
	if len(b) < 8 {
		return p
	}
	p.udp = true
	p.key.src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(b))
	p.key.dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[2:]))
	p.readRTP(b[8:])
	return p
}

// readRTP takes version 2 for RTP (RFC 3550 5.1) unless the second octet is one
// of RTCP's packet types (RFC 5761 4).
func (p *packet) readRTP(b []byte) {
	if len(b) < 12 || b[0]>>6 != 2 || b[1] >= 192 && b[1] <= 223 {
		return
	}
	p.rtp = true
	p.seq = binary.BigEndian.Uint16(b[2:])
	p.key.ssrc = binary.BigEndian.Uint32(b[8:])
}

// chosen reports whether p is of a flow that is to be impaired.
func (o *options) chosen(p *packet) bool {
	switch {
	case o.flows == "all":
		return true
	case o.flows == "rtp" && !p.rtp, !p.udp:
		return false
	}
	in := func(port uint16) bool { return port >= o.low && port <= o.high }
	return in(p.key.src.Port()) || in(p.key.dst.Port())
}
