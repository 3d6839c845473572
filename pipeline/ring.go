package pipeline

import "sync/atomic"

// cacheLine is what the cursors are kept apart by, so that producer and
// consumer don't take each other's line (128: adjacent-line prefetch).
const cacheLine = 128

// ring is a bounded single-producer single-consumer queue of slots that are
// filled and emptied in place: what moves is a cursor, never the data.
//
// Contract: claim and publish belong to one goroutine, peek and release to
// one other. A slot is the producer's from claim to publish, and the
// consumer's from peek to release; a pointer into it is dead after that.
//
// Ordering: publish stores tail after the slot was written, peek loads tail
// before the slot is read, so the consumer sees whole slots (Go's atomics are
// sequentially consistent; the same pair holds for head in the other
// direction). Each side caches the other's cursor and reloads it only when the
// ring looks full or empty.
type ring[T any] struct {
	slots []T
	mask  uint64

	_          [cacheLine]byte
	tail       atomic.Uint64 // slots published; written by the producer
	cachedHead uint64        // producer's last view of head
	_          [cacheLine]byte
	head       atomic.Uint64 // slots released; written by the consumer
	cachedTail uint64        // consumer's last view of tail
	_          [cacheLine]byte
	closed     atomic.Bool

	notFull  *parker // where the producer sleeps, shared by all the rings it fills
	notEmpty *parker // where the consumer sleeps, shared by all the rings it reads
}

// newRing returns a ring of size slots, a power of two, filled by the goroutine
// that parks on producer and read by the one that parks on consumer.
func newRing[T any](size int, producer, consumer *parker) *ring[T] {
	if size < 1 || size&(size-1) != 0 {
		panic("pipeline: ring size must be a power of two")
	}
	return &ring[T]{
		slots:    make([]T, size),
		mask:     uint64(size - 1),
		notFull:  producer,
		notEmpty: consumer,
	}
}

// claim returns the next slot to fill, or nil while the ring is full.
func (r *ring[T]) claim() *T {
	tail := r.tail.Load()
	if tail-r.cachedHead == uint64(len(r.slots)) {
		r.cachedHead = r.head.Load()
		if tail-r.cachedHead == uint64(len(r.slots)) {
			return nil
		}
	}
	return &r.slots[tail&r.mask]
}

// claimWait returns the next slot to fill, sleeping while the ring is full.
// Each time before it sleeps it calls flush, so that nothing which the producer
// could show elsewhere by then stays hidden; any ring of the producer that gets
// room wakes it.
func (r *ring[T]) claimWait(flush func()) *T {
	for {
		r.notFull.prepare() // first: room that comes after a look in vain wakes
		flush()
		if s := r.claim(); s != nil {
			r.notFull.cancel()
			return s
		}
		r.notFull.park()
	}
}

// publish hands the claimed slot to the consumer.
func (r *ring[T]) publish() {
	r.tail.Store(r.tail.Load() + 1)
	r.notEmpty.wake()
}

// peek returns the oldest published slot, or nil while there is none.
func (r *ring[T]) peek() *T {
	head := r.head.Load()
	if head == r.cachedTail {
		r.cachedTail = r.tail.Load()
		if head == r.cachedTail {
			return nil
		}
	}
	return &r.slots[head&r.mask]
}

// release gives the peeked slot back to the producer.
func (r *ring[T]) release() {
	r.head.Store(r.head.Load() + 1)
	r.notFull.wake()
}

// close says that nothing more will be published. The producer calls it, once.
func (r *ring[T]) close() {
	r.closed.Store(true)
	r.notEmpty.wake()
}

// drained reports that the ring is closed and empty. The order matters: what
// was published before close is visible to the peek after closed was seen.
func (r *ring[T]) drained() bool { return r.closed.Load() && r.peek() == nil }

// used returns the share of the ring that waits for the consumer, 0 to 1. Any
// goroutine may ask; the answer is as old as it takes to read it.
func (r *ring[T]) used() float64 {
	head := r.head.Load() // first: what is published meanwhile only adds
	return float64(r.tail.Load()-head) / float64(len(r.slots))
}
