package pipeline

import (
	"encoding/binary"
	"sync/atomic"

	"earshot/capture"
)

// chunkBytes is the room of a chunk: some 3,000 RTP headers.
const chunkBytes = 256 << 10

// chunk is a run of packets that one lane kept, packed one after the other.
//
// Contract: only the lane writes buf, beyond fill; readers read buf up to the
// fill that they loaded, and only while they hold a pin. The lane uses a chunk
// again when it has taken it out of its ring and then finds no pin: a reader
// that pinned it too late sees that it is no longer in the ring.
type chunk struct {
	seq    uint64       // number among the keeper's chunks; set before the chunk is shown
	fill   atomic.Int64 // octets that readers may read
	sealed atomic.Bool  // fill is final
	pins   atomic.Int32 // readers
	buf    [chunkBytes]byte
}

// A record is a header and the octets that were kept, padded to a multiple of
// eight so that headers are stored and loaded in whole words.
const (
	recordAt      = 0  // int64, ns
	recordWire    = 8  // uint32, octets on the wire
	recordKept    = 12 // uint32, octets that follow
	recordLink    = 16 // uint16
	recordPoint   = 18 // uint16
	recordFlags   = 20 // uint8
	recordFCS     = 21 // uint8
	recordHeader  = 24
	recordPadding = 8

	flagOutgoing = 1
	flagHEP      = 2
)

// RecentOctets is what a packet takes in the ring of recent packets of which so
// many octets are kept.
func RecentOctets(kept int) int {
	return (recordHeader + kept + recordPadding - 1) &^ (recordPadding - 1)
}

// put writes a record with the first octets of f, and returns where the next one goes.
func (c *chunk) put(off int, f *capture.Frame, kept int) int {
	next := off + RecentOctets(kept)
	b := c.buf[off:next:next]
	binary.LittleEndian.PutUint64(b[recordAt:], uint64(f.At))
	binary.LittleEndian.PutUint32(b[recordWire:], uint32(f.OrigLen))
	binary.LittleEndian.PutUint32(b[recordKept:], uint32(kept))
	binary.LittleEndian.PutUint16(b[recordLink:], uint16(f.Link))
	binary.LittleEndian.PutUint16(b[recordPoint:], f.Point)
	var flags uint8
	if f.Outgoing {
		flags = flagOutgoing
	}
	if f.HEP {
		flags |= flagHEP
	}
	b[recordFlags] = flags
	b[recordFCS] = f.FCS
	copy(b[recordHeader:], f.Data[:kept])
	return next
}

// get reads the record at off into f, whose Data then aliases the chunk, and
// returns where the next one begins. The caller holds a pin.
func (c *chunk) get(off int, f *capture.Frame) (next int) {
	b := c.buf[off:]
	kept := int(binary.LittleEndian.Uint32(b[recordKept:]))
	*f = capture.Frame{
		At:       int64(binary.LittleEndian.Uint64(b[recordAt:])),
		Data:     b[recordHeader : recordHeader+kept : recordHeader+kept],
		OrigLen:  int(binary.LittleEndian.Uint32(b[recordWire:])),
		Link:     capture.LinkType(binary.LittleEndian.Uint16(b[recordLink:])),
		Point:    binary.LittleEndian.Uint16(b[recordPoint:]),
		Outgoing: b[recordFlags]&flagOutgoing != 0,
		HEP:      b[recordFlags]&flagHEP != 0,
		FCS:      b[recordFCS],
	}
	return off + RecentOctets(kept)
}

func (c *chunk) unpin() { c.pins.Add(-1) }

// cursor reads the records of a chunk that its owner has pinned.
type cursor struct {
	chunk *chunk
	off   int
	end   int // fill, as last seen
}

// next reads the next record; false where there is none that may be read.
func (c *cursor) next(f *capture.Frame) bool {
	if c.off == c.end {
		return false
	}
	c.off = c.chunk.get(c.off, f)
	return true
}
