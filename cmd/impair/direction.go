package main

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// Limits: what is beyond them passes untouched, or is dropped, and is counted.
const (
	maxFlows     = 8192
	maxScheduled = 200_000
	maxFrame     = 1 << 17
)

// scheduled is a frame that waits for its time.
type scheduled struct {
	due   int64
	order uint64 // frames that are due together keep their order
	came  int64
	data  []byte // with the virtio header
	flow  *flow
	seq   uint16
	rtp   bool
	copy  bool
}

// direction relays from one port to the other. One goroutine works it.
type direction struct {
	o        *options
	from, to *port
	im       impairment
	id       uint64
	flows    map[flowKey]*flow
	listed   []*flow // in order of their first packet
	waiting  frameHeap
	busy     int64 // when the throttled line is free again
	order    uint64

	frames  uint64 // that came
	passed  uint64 // of these, untouched
	unsent  uint64 // that the other interface refused
	refused uint64 // of flows beyond maxFlows, untouched
	missed  uint64 // that the kernel dropped before they came here
}

func newDirection(o *options, from, to *port, im impairment, id uint64) *direction {
	return &direction{o: o, from: from, to: to, im: im, id: id, flows: map[flowKey]*flow{}}
}

// monotonic returns the time that due times are of.
func monotonic(start time.Time) int64 { return int64(time.Since(start)) }

// relay works until ctx ends and everything that waits has left.
func (d *direction) relay(ctx context.Context) error {
	start := time.Now()
	buffer := make([]byte, maxFrame)
	for ctx.Err() == nil {
		if err := d.from.wait(d.patience(monotonic(start))); err != nil {
			return err
		}
		d.sendDue(monotonic(start))
		for range 64 { // then look at what is due again
			frame, err := d.from.receive(buffer)
			if errors.Is(err, unix.EAGAIN) {
				break
			}
			if err != nil {
				return err
			}
			d.take(frame, monotonic(start))
		}
	}
	for len(d.waiting) > 0 {
		time.Sleep(d.patience(monotonic(start)))
		d.sendDue(monotonic(start))
	}
	d.missed = d.from.missed()
	return nil
}

// patience is how long nothing has to be done if nothing comes.
func (d *direction) patience(now int64) time.Duration {
	const most = 50 * time.Millisecond // ctx is looked at in between
	if len(d.waiting) == 0 {
		return most
	}
	return min(most, max(0, time.Duration(d.waiting[0].due-now)))
}

// take decides what happens to a frame that has come.
func (d *direction) take(frame []byte, now int64) {
	d.frames++
	p := readPacket(frame[virtioHeader:])
	if !d.im.impairsFlows || !d.o.chosen(&p) {
		d.passed++
		d.send(frame)
		return
	}
	f := d.flow(p.key)
	if f == nil {
		d.refused++
		d.send(frame)
		return
	}
	ready, free := d.throttle(p.octets, now)
	if !free || len(d.waiting) >= maxScheduled {
		f.overflowed(&p)
		return
	}
	fate := f.decide(&p, now, ready)
	if fate.drop {
		return
	}
	d.busy = max(d.busy, ready)
	s := scheduled{due: fate.due, came: now, data: append([]byte(nil), frame...), flow: f, seq: p.seq, rtp: p.rtp}
	d.schedule(s)
	if fate.duplicate {
		s.copy = true
		s.due += int64(d.im.duplicateBy)
		d.schedule(s)
	}
	d.sendDue(now)
}

// flow returns the flow of a key, nil when there are too many.
func (d *direction) flow(key flowKey) *flow {
	f := d.flows[key]
	if f == nil && len(d.flows) < maxFlows {
		f = newFlow(key, d.o, &d.im, d.id)
		d.flows[key] = f
		d.listed = append(d.listed, f)
	}
	return f
}

// throttle returns when the line has sent a frame that comes now, and whether
// the queue in front of it takes the frame.
func (d *direction) throttle(octets int, now int64) (ready int64, free bool) {
	if d.im.bitsPerSec == 0 {
		return now, true
	}
	begin := max(now, d.busy)
	queued := float64(begin-now) / float64(time.Second) * d.im.bitsPerSec / 8
	if queued+float64(octets) > d.im.queueOctets {
		return 0, false
	}
	return begin + int64(float64(octets)*8/d.im.bitsPerSec*float64(time.Second)), true
}

func (d *direction) schedule(s scheduled) {
	d.order++
	s.order = d.order
	heap.Push(&d.waiting, s)
}

// sendDue sends what should have left by now.
func (d *direction) sendDue(now int64) {
	for len(d.waiting) > 0 && d.waiting[0].due <= now {
		s := heap.Pop(&d.waiting).(scheduled)
		if d.send(s.data) {
			s.flow.sent(&s, now)
		}
	}
}

func (d *direction) send(frame []byte) bool {
	if err := d.to.send(frame); err != nil {
		d.unsent++
		return false
	}
	return true
}

// frameHeap gives the frame that is due first.
type frameHeap []scheduled

func (h frameHeap) Len() int { return len(h) }
func (h frameHeap) Less(i, j int) bool {
	return h[i].due < h[j].due || h[i].due == h[j].due && h[i].order < h[j].order
}
func (h frameHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *frameHeap) Push(x any) { *h = append(*h, x.(scheduled)) }

// Pop is heap.Interface's.
func (h *frameHeap) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = scheduled{}
	*h = (*h)[:len(*h)-1]
	return last
}
