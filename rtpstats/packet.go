package rtpstats

import (
	"net/netip"
	"unsafe"
)

// Packet is one RTP packet as the data path carries it: exactly 64 bytes (a
// cache line) and free of pointers, so that millions of them cost the garbage
// collector nothing. Addresses are 16 bytes; IPv4 is mapped (::ffff:a.b.c.d).
type Packet struct {
	At         int64    // capture time, ns since the Unix epoch
	SSRC       uint32   // RFC 3550 5.1
	Timestamp  uint32   // RTP timestamp, in units of the payload's clock
	Src        [16]byte // source address
	Dst        [16]byte // destination address
	SrcPort    uint16
	DstPort    uint16
	Seq        uint16   // sequence number
	WireLen    uint16   // bytes on the wire, Ethernet header to FCS; saturates at 65535
	PayloadLen uint16   // RTP payload bytes without header, extension and padding, as the packet claims
	MarkerPT   uint8    // second octet as sent: marker bit and payload type
	TOS        uint8    // IPv4 TOS or IPv6 traffic class (DSCP in the upper six bits)
	TTL        uint8    // IPv4 TTL or IPv6 hop limit
	Link       uint8    // the VLAN priority and what is known of the packet, see below
	Head       [2]uint8 // first two payload octets (Opus TOC, AMR CMR and frame type); 0 where cut off
}

// Bits of Packet.Link.
const (
	LinkPriority = 0x07 // the VLAN priority (IEEE 802.1Q PCP) where LinkVLAN is set
	LinkVLAN     = 0x08 // the frame carried a VLAN tag
	LinkNoTOS    = 0x10 // nobody knows the packet's TOS: a message relayed by HEP
	LinkNoTTL    = 0x20 // nor its TTL
	LinkCopy     = 0x80 // the capture holds this packet twice and this is the second one
)

// Compile-time proof of the record's size.
const _ = -(unsafe.Sizeof(Packet{}) ^ 64)

// Marker reports the marker bit (RFC 3550 5.1).
func (p *Packet) Marker() bool { return p.MarkerPT&0x80 != 0 }

// PayloadType returns the payload type, 0 to 127 (RFC 3550 5.1).
func (p *Packet) PayloadType() uint8 { return p.MarkerPT & 0x7f }

// Source returns the sender's address and port.
func (p *Packet) Source() netip.AddrPort { return addrPort(p.Src, p.SrcPort) }

// Destination returns the receiver's address and port.
func (p *Packet) Destination() netip.AddrPort { return addrPort(p.Dst, p.DstPort) }

func addrPort(a [16]byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(a).Unmap(), port)
}
