package pipeline

import (
	"math"
	"sync/atomic"

	"earshot/capture"
)

// saveQueue is how many chunks of one lane wait for the files' writer at most;
// saveBuffer is what a keeper needs that has no other readers.
const (
	saveQueue  = 128
	saveBuffer = (saveQueue + minChunks) * chunkBytes
)

// saveFeed leads from one lane's keeper to the saver. A chunk is handed over
// when it is begun, pinned, and followed while it fills.
type saveFeed struct {
	chunks  *ring[*chunk]
	reached atomic.Int64 // no packet from before this time will be shown any more
	shed    atomic.Uint64
	wakeup  *parker
}

func newSaveFeed(wakeup *parker) *saveFeed {
	return &saveFeed{chunks: newRing[*chunk](saveQueue, newParker(), wakeup), wakeup: wakeup}
}

// offer hands a chunk over; false where too many wait.
func (f *saveFeed) offer(c *chunk) bool {
	slot := f.chunks.claim()
	if slot == nil {
		return false
	}
	c.pins.Add(1)
	*slot = c
	f.chunks.publish()
	return true
}

// advance says that packet time has reached at, and everything before is shown.
func (f *saveFeed) advance(at int64) {
	f.reached.Store(at)
	f.wakeup.wake()
}

func (f *saveFeed) close() {
	f.reached.Store(math.MaxInt64)
	f.chunks.close()
}

// saveCursor is the saver's place in one lane's feed.
type saveCursor struct {
	*saveFeed
	cursor
	head  capture.Frame // valid while ready
	ready bool
}

// peek makes head the next packet, where there is one.
func (c *saveCursor) peek() bool {
	for !c.ready {
		if c.chunk == nil {
			slot := c.chunks.peek()
			if slot == nil {
				return false
			}
			c.cursor = cursor{chunk: *slot}
		}
		if c.cursor.next(&c.head) {
			c.ready = true
			return true
		}
		sealed := c.chunk.sealed.Load() // before fill, which is final then
		c.end = int(c.chunk.fill.Load())
		if c.off < c.end {
			continue
		}
		if !sealed {
			return false
		}
		c.chunk.unpin()
		c.chunk = nil
		c.chunks.release()
	}
	return true
}

// pressed reports that the lane is about to find its feed full.
func (c *saveCursor) pressed() bool {
	return c.chunks.tail.Load()-c.chunks.head.Load() > saveQueue/2
}

// done reports that the lane has ended and everything was read.
func (c *saveCursor) done() bool { return !c.peek() && c.chunk == nil && c.chunks.drained() }
