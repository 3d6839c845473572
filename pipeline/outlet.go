package pipeline

import (
	"earshot/rtpstats"
)

// outlet is a producer's end of a ring: the slot being filled.
//
// A full ring is met in one of three ways. A stage that may wait calls open:
// before it sleeps it calls flush, which publishes everything else that the
// stage still holds back, and again whenever another of its rings has got room.
// That is what rules out a deadlock: a stage that waits has shown all it has,
// so whoever waits for its tick can go on. A lane on a
// live source calls room, which waits only as long as the source can keep what
// comes meanwhile. And a live stage that must never wait calls try.
type outlet[T any] struct {
	ring  *ring[T]
	slot  *T
	reset func(*T)
	flush func()
	rest  func() bool // nil: wait on a full ring; else whether to look again
}

// open returns the slot being filled, claiming one when there is none.
func (o *outlet[T]) open() *T {
	if o.slot != nil {
		return o.slot
	}
	s := o.ring.claim()
	if s == nil {
		s = o.ring.claimWait(o.flush)
	}
	o.reset(s)
	o.slot = s
	return s
}

// try is open without the wait: nil while the ring is full.
func (o *outlet[T]) try() *T {
	if o.slot != nil {
		return o.slot
	}
	s := o.ring.claim()
	if s == nil {
		return nil
	}
	o.reset(s)
	o.slot = s
	return s
}

// room is open where the source may wait, and try where it can't any longer.
func (o *outlet[T]) room() *T {
	if o.rest == nil {
		return o.open()
	}
	s := o.try()
	if s != nil {
		return s
	}
	o.flush()
	for s == nil && o.rest() {
		s = o.try()
	}
	return s
}

// send publishes the slot being filled, if there is one.
func (o *outlet[T]) send() {
	if o.slot == nil {
		return
	}
	o.slot = nil
	o.ring.publish()
}

// close sends what is left and ends the ring.
func (o *outlet[T]) close() {
	o.send()
	o.ring.close()
}

// maxWaitingEvents bounds the announcements that wait for a full ring: those of
// a few thousand calls.
const maxWaitingEvents = 8192

// packetOutlet leads from a lane to a shard. On a live source RTP is shed while
// the ring is full, but ticks and hints wait for room: a shard that missed a
// tick would stall the correlator, and one that missed a hint measures the call
// without its codec.
type packetOutlet struct {
	outlet[packetBatch]
	size    int     // records a batch holds before it is sent, at most packetBatchLen
	waiting []event // that found the ring full, in order

	shed      uint64 // RTP packets since the last tick
	marked    bool   // the last tick told of losses
	shedHints uint64
}

// next returns the record to fill, and its path; nil where it must be shed.
// put sends it on.
func (o *packetOutlet) next() (*rtpstats.Packet, *rtpstats.Path) {
	b := o.slot
	if b == nil {
		if b = o.claim(); b == nil {
			o.shed++
			return nil, nil
		}
	}
	return &b.packets[b.n], &b.paths[b.n]
}

func (o *packetOutlet) put() {
	o.slot.n++
	if o.slot.n >= o.size {
		o.send()
	}
}

// claim takes a slot; the events that waited for one go first.
func (o *packetOutlet) claim() *packetBatch {
	b := o.room()
	if b != nil && len(o.waiting) > 0 {
		b.events = append(b.events, o.waiting...) // at position 0 of a new batch
		clear(o.waiting)
		o.waiting = o.waiting[:0]
	}
	return b
}

// settle gives waiting events their room as soon as there is some.
func (o *packetOutlet) settle() {
	if len(o.waiting) > 0 && o.try() != nil {
		o.slot.events = append(o.slot.events, o.waiting...)
		clear(o.waiting)
		o.waiting = o.waiting[:0]
	}
}

func (o *packetOutlet) event(e event) {
	b := o.slot
	if b == nil {
		b = o.claim()
	}
	if b == nil {
		o.wait(e)
		return
	}
	e.pos = b.n
	b.events = append(b.events, e)
	if len(b.events) >= packetBatchLen {
		o.send()
	}
}

// wait keeps an event until the ring has room. Ticks in a row become one, as
// any jump of packet time is one tick.
func (o *packetOutlet) wait(e event) {
	if n := len(o.waiting); e.hint == nil && n > 0 && o.waiting[n-1].hint == nil {
		last := &o.waiting[n-1].tick
		e.tick.drops += last.drops
		*last = e.tick
		return
	}
	if e.hint != nil && len(o.waiting) >= maxWaitingEvents {
		o.shedHints++
		return
	}
	o.waiting = append(o.waiting, e)
}

// mark returns what a tick tells this shard of losses: at least 1 where packets
// since the last tick, or just before it, may have lost neighbours. The gap of
// a loss shows only with a stream's next packet, which may come after the tick.
func (o *packetOutlet) mark(lost uint64, suspect bool) uint64 {
	drops := lost + o.shed
	o.shed = 0
	now := drops > 0 || suspect
	if now || o.marked {
		drops = max(drops, 1)
	}
	o.marked = now
	return drops
}
