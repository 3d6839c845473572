package pipeline

import (
	"earshot/rtpstats"
)

// outlet is a producer's end of a ring: the slot being filled. Before it waits
// for a full ring it calls flush, which publishes everything else that its
// stage still holds back. That is what rules out a deadlock: a stage that
// waits has shown all it has, so whoever waits for its tick can go on.
type outlet[T any] struct {
	ring  *ring[T]
	slot  *T
	reset func(*T)
	flush func()
}

// open returns the slot being filled, claiming one when there is none.
func (o *outlet[T]) open() *T {
	if o.slot != nil {
		return o.slot
	}
	s := o.ring.claim()
	if s == nil {
		o.flush()
		s = o.ring.claimWait()
	}
	o.reset(s)
	o.slot = s
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

// packetOutlet leads from a lane to a shard.
type packetOutlet struct {
	outlet[packetBatch]
	size int // records a batch holds before it is sent, at most packetBatchLen
}

// next returns the record to fill; put sends it on.
func (o *packetOutlet) next() *rtpstats.Packet {
	b := o.open()
	return &b.packets[b.n]
}

func (o *packetOutlet) put() {
	o.slot.n++
	if o.slot.n >= o.size {
		o.send()
	}
}

func (o *packetOutlet) event(e event) {
	b := o.open()
	e.pos = b.n
	b.events = append(b.events, e)
	if len(b.events) >= packetBatchLen {
		o.send()
	}
}
