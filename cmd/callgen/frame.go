package main

import (
	"encoding/binary"
	"net/netip"
)

// host is one machine on the network.
type host struct {
	mac [6]byte
	ip  netip.Addr
	id  uint16 // IPv4 identification of its next packet, counting up
	ttl uint8  // as seen at the tap
}

// endpoint is a socket on a host.
type endpoint struct {
	*host
	port uint16
}

func (e endpoint) addrPort() netip.AddrPort { return netip.AddrPortFrom(e.ip, e.port) }

// IP protocol numbers and EtherTypes that callgen writes.
const (
	protoIPIP     = 4
	protoTCP      = 6
	protoUDP      = 17
	protoIPv6     = 41
	protoFragment = 44
	protoGRE      = 47

	etherIPv4  = 0x0800
	etherIPv6  = 0x86dd
	etherVLAN  = 0x8100
	etherQinQ  = 0x88a8
	etherMPLS  = 0x8847
	etherPPPoE = 0x8864
	etherTEB   = 0x6558 // transparent Ethernet bridging, in GRE and Geneve
)

// DSCP values (RFC 2474, RFC 3246) as they stand in the TOS octet.
const (
	tosEF  = 46 << 2
	tosCS3 = 24 << 2
)

// path holds the headers of one direction between two sockets, ready made: a
// packet is a copy of them with lengths, identifications and checksums filled in.
type path struct {
	hdr   []byte     // Ethernet to the end of the UDP or TCP header
	lens  []lenPatch // 16-bit lengths, outermost first
	v4    []v4Patch  // IPv4 headers, outermost first
	seqs  []seqPatch // GRE sequence numbers
	ip    int        // offset of the innermost IP header
	l4    int        // offset of the UDP or TCP header
	proto uint8      // of the innermost IP header
	sum   uint32     // pseudo header, and for UDP the ports, of the innermost datagram
	src   *host
	iface uint32 // capture interface
	copy  bool   // the capture sees every packet twice
	keep  int    // octets of each frame that the capture keeps; 0 all

	// What the slices above hold lies in the path itself: with 20,000 streams the
	// cost of a packet is cache misses, and these lines are fetched together.
	hdrRoom  [maxHeaders]byte
	lensRoom [4]lenPatch
	v4Room   [2]v4Patch
}

// maxHeaders has room for VXLAN's stack with IPv6 inside and TCP.
const maxHeaders = 144

// lenPatch is a length field at off: the frame's length less from.
type lenPatch struct{ off, from int16 }

// v4Patch is an IPv4 header: its sum with total length, identification and
// fragment field still zero.
type v4Patch struct {
	host *host
	sum  uint32
	off  int16
}

type seqPatch struct {
	off  int
	next *uint32
}

// begin starts a frame: the caller appends the payload to it.
func (p *path) begin(buf []byte) []byte { return append(buf[:0], p.hdr...) }

// finishUDP completes the frame begun by begin; sum is the payload's checksum sum.
func (p *path) finishUDP(buf []byte, sum uint32) {
	length := uint32(len(buf) - p.l4)
	ck := ^fold(p.sum + 2*length + sum) // the length counts in pseudo header and header
	if ck == 0 {
		ck = 0xffff
	}
	binary.BigEndian.PutUint16(buf[p.l4+4:], uint16(length))
	binary.BigEndian.PutUint16(buf[p.l4+6:], ck)
	p.finishIP(buf, 0)
}

// finishIP fills in all IP and tunnel headers; fragment is the innermost IPv4
// header's flags and offset.
func (p *path) finishIP(buf []byte, fragment uint16) {
	id := p.src.id
	p.src.id++
	p.finishFragment(buf, id, fragment)
}

func (p *path) finishFragment(buf []byte, id, fragment uint16) {
	for _, l := range p.lens {
		binary.BigEndian.PutUint16(buf[l.off:], uint16(len(buf)-int(l.from)))
	}
	for _, h := range p.v4 {
		hid, frag := id, fragment
		off := int(h.off)
		if off != p.ip { // a tunnel's
			hid, frag = h.host.id, 0
			h.host.id++
		}
		total := len(buf) - off
		binary.BigEndian.PutUint16(buf[off+4:], hid)
		binary.BigEndian.PutUint16(buf[off+6:], frag)
		ck := ^fold(h.sum + uint32(total) + uint32(hid) + uint32(frag))
		binary.BigEndian.PutUint16(buf[off+10:], ck)
	}
	for _, s := range p.seqs {
		binary.BigEndian.PutUint32(buf[s.off:], *s.next)
		*s.next++
	}
}

// checksum adds b to a ones'-complement sum (RFC 1071); an odd octet is padded.
func checksum(sum uint32, b []byte) uint32 {
	acc := uint64(sum)
	for len(b) >= 4 {
		acc += uint64(binary.BigEndian.Uint32(b))
		b = b[4:]
	}
	if len(b) >= 2 {
		acc += uint64(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		acc += uint64(b[0]) << 8
	}
	for acc > 0xffff {
		acc = acc&0xffff + acc>>16
	}
	return uint32(acc)
}

func fold(sum uint32) uint16 {
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return uint16(sum)
}

// minFrame is the shortest Ethernet frame without FCS (IEEE 802.3): shorter ones
// are padded with zeros, as a receiver's capture shows them.
const minFrame = 60

var zeros [minFrame]byte

func pad(buf []byte) []byte {
	if len(buf) >= minFrame {
		return buf
	}
	return append(buf, zeros[:minFrame-len(buf)]...)
}

// wireLen is the frame's length on the wire: with the FCS.
func wireLen(frame []byte) int64 { return int64(len(frame)) + 4 }
