package pipeline

import (
	"sync/atomic"
	"unsafe"

	"earshot/capture"
	"earshot/rtpstats"
)

// keepKind is what a lane found a frame to be.
type keepKind uint8

const (
	keepNone  keepKind = iota // nothing that measuring uses
	keepWhole                 // SIP, RTCP, TCP that may carry SIP, fragments, and all that came by HEP
	keepRTP                   // an RTP packet, of which the header is enough
)

// copyFingerprint is how many octets of a payload tell a second copy of an RTP
// packet by (capture/copies.go).
const copyFingerprint = 16

// rtpKept is how many octets of an RTP packet's payload have to be kept so that
// it gives the same record again: the header with its extension, the first two
// octets that tell a multi-rate codec's mode, and what a copy is known by. Of a
// padded packet the last octet counts too, so that it is kept whole.
func rtpKept(h *rtpstats.Header, payload []byte) int {
	if payload[0]&rtpPadding != 0 {
		return len(payload)
	}
	return min(len(payload), max(int(h.HeaderLen)+len(h.Head), copyFingerprint))
}

// rtpPadding is the P bit (RFC 3550 5.1).
const rtpPadding = 0x20

// packetKeeper keeps what a lane has seen, in a ring of chunks whose oldest gives way
// to the newest. Only the lane calls its methods, except snapshot and usage.
//
// There is no lock: the lane alone replaces the pointers in the ring, and a
// reader pins a chunk and then looks whether it still is in its place.
type packetKeeper struct {
	rtp   KeepRTP
	ring  []atomic.Pointer[chunk]
	open  *chunk
	fill  int    // octets in open
	next  uint64 // number of the next chunk
	feed  *saveFeed
	fed   bool          // open was handed to the feed
	since uint64        // packets in open
	large atomic.Uint64 // packets that no chunk could hold
}

// minChunks is how many chunks a ring has at least: one to fill and one to look at.
const minChunks = 2

// newKeeper returns a keeper of about so many octets; feed may be nil.
func newKeeper(octets int, rtp KeepRTP, feed *saveFeed) *packetKeeper {
	return &packetKeeper{
		rtp:  rtp,
		ring: make([]atomic.Pointer[chunk], max(octets/chunkBytes, minChunks)),
		feed: feed,
	}
}

// take keeps one frame. Of an RTP packet it keeps the first octets of the
// payload, as many as rtpKept said.
func (k *packetKeeper) take(f *capture.Frame, dg *capture.Datagram, kind keepKind, payload int) {
	kept := len(f.Data)
	if kind == keepRTP && k.rtp != KeepAll {
		if k.rtp == KeepNothing {
			return
		}
		kept = cutAt(f, dg, payload)
	}
	size := RecentOctets(kept)
	if k.open == nil || k.fill+size > chunkBytes {
		if size > chunkBytes {
			k.large.Add(1)
			return
		}
		k.turn()
	}
	k.fill = k.open.put(k.fill, f, kept)
	k.open.fill.Store(int64(k.fill)) // for each packet: not measurable, see BenchmarkKeep
	k.since++
}

// tick says that packet time has reached at.
func (k *packetKeeper) tick(at int64) {
	if k.feed != nil {
		k.feed.advance(at)
	}
}

// turn begins a new chunk, in the place of the oldest.
func (k *packetKeeper) turn() {
	k.seal()
	slot := &k.ring[k.next%uint64(len(k.ring))]
	c := slot.Load()
	slot.Store(nil)
	if c == nil || c.pins.Load() != 0 { // whoever reads it keeps it; the garbage collector takes it after that
		c = new(chunk)
	}
	c.seq = k.next
	c.fill.Store(0)
	c.sealed.Store(false)
	slot.Store(c)
	k.open, k.fill, k.since = c, 0, 0
	k.next++
	k.fed = k.feed != nil && k.feed.offer(c)
}

// seal ends the open chunk.
func (k *packetKeeper) seal() {
	if k.open == nil {
		return
	}
	k.open.sealed.Store(true)
	if k.feed != nil && !k.fed {
		k.feed.shed.Add(k.since)
	}
	k.open = nil
}

// end ends the feed. What is kept stays readable.
func (k *packetKeeper) end() {
	k.seal()
	if k.feed != nil {
		k.feed.close()
	}
}

// cutAt returns how much of the frame to keep so that so many octets of the
// datagram's payload are in it: all of it where the payload does not lie in the
// frame, as after reassembly, or came by HEP, whose length could then not be right.
func cutAt(f *capture.Frame, dg *capture.Datagram, payload int) int {
	if dg.Message || dg.Fragmented || len(dg.Payload) == 0 || len(f.Data) == 0 {
		return len(f.Data)
	}
	off := uintptr(unsafe.Pointer(&dg.Payload[0])) - uintptr(unsafe.Pointer(&f.Data[0]))
	if off >= uintptr(len(f.Data)) {
		return len(f.Data)
	}
	return min(int(off)+payload, len(f.Data))
}
