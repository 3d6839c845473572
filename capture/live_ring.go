package capture

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// liveRing reads a TPACKET_V3 ring: a mapping shared with the kernel, cut into
// blocks of one size that the kernel fills and we give back in the same order.
// A block is ours while statusUser is set in its status word, so loading that
// word acquires what the kernel wrote before, and storing 0 releases it.
//
// One goroutine reads a ring.
type liveRing struct {
	memory []byte
	size   int // octets of a block
	turn   int // the block that is open, or opened next

	open  bool // the block at turn is being read
	full  bool // head has not been given yet
	block ringBlock
	head  ringPacket
	taken time.Time // when the block was opened
	seen  int64     // the same by the wall clock, ns

	blocks   uint64 // opened so far
	hole     bool   // packets of the open block may have lost neighbours
	holeFrom uint64 // blocks that will have, by their number: 1 is the first
	holeTo   uint64
	broken   uint64 // blocks that contradicted themselves
}

func (r *liveRing) count() int { return len(r.memory) / r.size }

// status returns the status word of a block. It is aligned: blocks are pages.
func (r *liveRing) status(block int) *uint32 {
	return (*uint32)(unsafe.Pointer(&r.memory[block*r.size+blockStatus]))
}

// advance makes the next packet of the open block the head.
func (r *liveRing) advance() bool {
	r.full = r.block.step(&r.head)
	return r.full
}

// refill finds a head: in the open block or in the next ones. It reports
// whether there is one, and gives blocks back that have been read.
func (r *liveRing) refill(now time.Time) bool {
	for {
		if r.open {
			if r.advance() {
				return true
			}
			r.release()
		}
		if !r.take(now) {
			return false
		}
	}
}

// take opens the next block, if the kernel has closed it.
func (r *liveRing) take(now time.Time) bool {
	if len(r.memory) == 0 {
		return false
	}
	status := atomic.LoadUint32(r.status(r.turn))
	if status&statusUser == 0 {
		return false
	}
	begin := r.turn * r.size
	r.block = newRingBlock(r.memory[begin : begin+r.size : begin+r.size])
	r.open = true
	r.taken, r.seen = now, now.UnixNano()
	r.blocks++
	r.hole = status&statusLosing != 0 || r.holeFrom <= r.blocks && r.blocks <= r.holeTo
	return true
}

// release gives the open block back to the kernel.
func (r *liveRing) release() {
	if r.block.broken {
		r.broken++
		r.expectHole(0, 0) // what was in it is lost
	}
	r.open, r.full = false, false
	r.block = ringBlock{}
	atomic.StoreUint32(r.status(r.turn), 0)
	r.turn++
	if r.turn == r.count() {
		r.turn = 0
	}
}

// order is the time by which the head takes its turn among other rings'. No
// packet comes from the future: where a clock is ahead of ours, the time at
// which the packet was seen decides.
func (r *liveRing) order() int64 { return min(r.head.at, r.seen) }

// unread counts the blocks that the kernel has closed and we have not opened.
func (r *liveRing) unread() int {
	n, block := 0, r.turn
	if r.open {
		block++
	}
	for range r.count() {
		block %= r.count()
		if r.open && block == r.turn || atomic.LoadUint32(r.status(block))&statusUser == 0 {
			break
		}
		n++
		block++
	}
	return n
}

// used returns the share of the blocks that are ours, open or unread.
func (r *liveRing) used() float64 {
	if len(r.memory) == 0 {
		return 0
	}
	n := r.unread()
	if r.open {
		n++
	}
	return float64(n) / float64(r.count())
}

// expectHole says that packets were dropped while the block behind the next
// `from` unread ones was being filled or waited for, or one up to that behind
// the next `to`.
//
// The kernel marks blocks itself: statusLosing is set in each that it closes
// while drops have not been read. But if they are read before it closes the
// block behind the hole, that block comes without the mark. Which one that will
// be follows from what was unread before and after the reading.
func (r *liveRing) expectHole(from, to int) {
	first, last := r.blocks+uint64(from)+1, r.blocks+uint64(to)+1
	if r.holeTo > r.blocks { // an earlier hole is still to come
		first = min(first, r.holeFrom)
		last = max(last, r.holeTo)
	}
	r.holeFrom, r.holeTo = first, last
}
