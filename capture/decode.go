package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// maxDepth bounds the encapsulations of one frame (tunnels and IP headers).
// Real networks nest three or four.
const maxDepth = 8

// maxCut bounds what a capture may claim that it cut off: more than the largest
// packets that hosts hand to their network cards, and far from any overflow.
const maxCut = 1 << 20

// An Ethernet frame has at least 60 octets before its frame check sequence of 4
// (IEEE 802.3 3.2.7).
const (
	ethernetHeader = 14
	ethernetFCS    = 4
	ethernetMin    = 60
)

// DecoderConfig bounds what a Decoder keeps. Zero values mean the defaults.
type DecoderConfig struct {
	FragmentSets  int // datagrams under reassembly at once, 1024
	FragmentBytes int // octets that they hold together, 16 MiB
	HEP           HEPDecoding
}

// Decoder takes frames down to the UDP datagram or TCP segment they carry. It
// is for one goroutine, and must see a capture's frames in order: fragments and
// copies are recognised across frames.
type Decoder struct {
	counters  Counters
	copies    copies
	fragments fragments
	hep       hepDecoder
}

// NewDecoder returns a Decoder with empty tables.
func NewDecoder(config DecoderConfig) *Decoder {
	return &Decoder{
		copies:    newCopies(),
		fragments: newFragments(config),
		hep:       newHEPDecoder(config.HEP),
	}
}

// Counters returns what was counted so far.
func (d *Decoder) Counters() Counters {
	c := d.counters
	c.Fragments = d.fragments.counters
	c.Fragments.Pending = uint64(d.fragments.pending)
	return c
}

// Decode fills dg from a frame and reports whether it holds a datagram or
// segment now; otherwise the reason is counted, and of dg only FragmentID and
// the addresses with it mean anything. dg.Payload is valid until the next call
// and as long as the frame is.
func (d *Decoder) Decode(f *Frame, dg *Datagram) bool {
	d.counters.Packets++
	d.counters.Bytes += uint64(f.OrigLen)
	*dg = Datagram{At: f.At, Point: f.Point}
	w := descent{dg: dg, traits: uint64(f.Point) << 1, hep: f.HEP}
	if f.Outgoing {
		w.traits |= 1
	}
	if cut := f.OrigLen - len(f.Data); cut > 0 {
		w.cut = min(cut, maxCut)
		d.counters.Truncated++
	}

	var reason Reason
	if f.Link == LinkEthernet {
		w.wire = max(f.OrigLen-int(f.FCS), ethernetMin) + ethernetFCS
		reason = d.ethernet(&w, f.Data)
	} else {
		reason = d.link(&w, f.Link, f.Data)
	}
	if reason != decoded {
		d.counters.Passed[reason]++
		return false
	}

	dg.WireLen = w.wire
	if dg.Protocol == wire.ProtocolUDP {
		d.counters.UDP++
	} else {
		d.counters.TCP++
	}
	if d.copies.again(&w) {
		dg.Copy = true
		d.counters.Copies++
	}
	return true
}

// descent is the way down one frame. It lives on the stack of Decode.
type descent struct {
	dg          *Datagram
	cut         int    // octets that the current layer lacks at its end
	wire        int    // octets on the wire of the outermost frame, 0 until known
	depth       int    // encapsulations entered
	reassembled int    // datagrams put together on the way
	traits      uint64 // what may differ between copies of one packet: point, direction, MACs, VLANs
	id          uint32 // IP identification of the innermost header, 0 where there is none
	checksum    uint16 // of the UDP or TCP header
	hep         bool   // the frame may carry HEP
	whole       bool   // the payload came in HEP: all of it makes the packet itself
}

// enter counts one more encapsulation and reports whether it is one too many.
func (w *descent) enter() bool {
	w.depth++
	return w.depth > maxDepth
}

// limit cuts b to the length that a header claims, so that padding never
// becomes payload, and notes how much of that length the capture lacks.
func (w *descent) limit(b []byte, length int) []byte {
	if length <= len(b) {
		w.cut = 0
		return b[:length]
	}
	w.cut = length - len(b)
	return b
}

// short is the reason for a header that does not fit.
func (w *descent) short() Reason {
	if w.cut > 0 {
		return PassedTruncatedHeaders
	}
	return PassedBadHeader
}

// trait notes something that may differ between two copies of a packet.
func (w *descent) trait(v uint64) {
	w.traits = (w.traits ^ v) * traitMultiplier
}

func be16(b []byte) int    { return int(binary.BigEndian.Uint16(b)) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
