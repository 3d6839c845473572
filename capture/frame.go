package capture

import (
	"errors"
	"net/netip"
)

// Frame is one captured frame. Data is valid until the next call of Next.
type Frame struct {
	At       int64    // capture time, ns since the Unix epoch
	Data     []byte   // captured octets
	OrigLen  int      // octets on the wire, before the snap length cut
	Link     LinkType // how Data begins
	Point    uint16   // which interface or file section it came from, dense from 0
	Outgoing bool     // the capture says that this host sent it (SLL, pcapng flags, AF_PACKET)
	FCS      uint8    // octets of frame check sequence that OrigLen counts at its end, mostly 0
	HEP      bool     // it may carry HEP, which the decoder then unwraps like a tunnel
	Seen     int64    // wall clock when a live source took it, ns; 0: At. The event clock never runs ahead of it.
}

// LinkType is a pcap link-layer header type (LINKTYPE_ values).
type LinkType uint16

// Source yields frames in capture order. Next fills f and returns nil, io.EOF
// at the end, ErrIdle where a live source has nothing now, or an error that
// names the file, the offset and the reason; after such an error the source is
// at its end, and everything before it has been given.
type Source interface {
	Next(f *Frame) error
	// Drops returns how many packets were lost before Next could give them,
	// and whether packets that Next has given may have lost neighbours; both
	// since the last call. A kernel may tell one earlier than the other.
	Drops() (lost uint64, suspect bool)
	Close() error
}

// ErrIdle is returned by a live source that has no frame now. With it, Next has
// set f.At to a time before which no frame will come any more.
var ErrIdle = errors.New("capture: idle")

// Datagram is the UDP datagram or TCP segment that a frame carried, after
// tunnels and fragments. Payload aliases the frame (or the reassembly buffer)
// and is valid until the next call of Decode.
type Datagram struct {
	At         int64
	SrcAddr    [16]byte // IPv4 mapped
	DstAddr    [16]byte
	SrcPort    uint16
	DstPort    uint16
	Protocol   uint8 // 17 UDP, 6 TCP
	TOS        uint8
	TTL        uint8
	Priority   uint8 // innermost VLAN priority, valid with Tagged
	Tagged     bool
	Truncated  bool   // Payload is shorter than the headers say
	Fragmented bool   // reassembled
	FragmentID uint32 // identification of the last fragmented IP header on the way, 0 without one
	Copy       bool   // second copy of a packet that this capture already gave
	WireLen    int    // octets on the wire of the outermost frame, with Ethernet header and FCS; over all fragments
	Length     int    // payload octets as the headers say
	Payload    []byte
	Point      uint16 // capture point: the frame's, or that of the HEP node that sent it
	VLAN       uint16 // innermost VLAN identifier, valid with Tagged

	// From HEP only.
	Message     bool   // Payload is one whole message, whatever the Protocol; its TTL is not known
	NoTOS       bool   // nor is its TOS
	TLS         bool   // it went over TLS
	Correlation []byte // correlation id, mostly a Call-ID; aliases the frame

	// TCP only.
	Seq   uint32
	Flags uint8 // FIN 1, SYN 2, RST 4
}

// Source returns the sender.
func (d *Datagram) Source() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(d.SrcAddr).Unmap(), d.SrcPort)
}

// Destination returns the receiver.
func (d *Datagram) Destination() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(d.DstAddr).Unmap(), d.DstPort)
}
