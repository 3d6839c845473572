package dialog

import "container/heap"

// Timers of RFC 3261 and of our own patience, ns of packet time.
const (
	second = int64(1e9)

	t1     = second / 2
	t4     = 5 * second
	timerB = 64 * t1 // also F and H: nothing answers after that
	timerC = 180 * second

	linger     = 6 * second        // after the end, for last media reports and retransmissions
	maxLinger  = 30 * second       // while media goes on after the end
	silence    = 60 * second       // answered, media heard before: without media and signalling that long is over
	idleCall   = 4 * 3600 * second // answered, media never heard or on hold: no sign of life that long
	reordering = 2 * second        // a response this much before its request is the mirror's doing
	lookAgain  = 60 * second       // the longest time between two looks at a call
)

// perishable is what ends by itself: a call or an exchange.
type perishable interface {
	// look decides at packet time now; it returns when to look next, or 0 when
	// the thing is over and forgotten.
	look(t *Table, now int64) int64
	// slot is where the thing keeps its next deadline, 0 when not queued.
	slot() *int64
}

// deadline is a queued look. One whose time is not its thing's slot any more was
// replaced by an earlier one and is skipped.
type deadline struct {
	at    int64
	order uint64 // among equals, first queued first: the order must not depend on the heap
	thing perishable
}

// queue holds deadlines in order of packet time: a look costs O(log n) a few
// times in a call's life, a jump of packet time costs nothing.
type queue struct {
	heap   deadlines
	queued uint64
}

// schedule asks for a look at packet time at, or at the earlier time already asked for.
func (q *queue) schedule(p perishable, at int64) {
	slot := p.slot()
	if *slot != 0 && *slot <= at {
		return
	}
	*slot = at
	q.queued++
	heap.Push(&q.heap, deadline{at: at, order: q.queued, thing: p})
}

// run looks at everything that is due at packet time now.
func (q *queue) run(t *Table, now int64) {
	for len(q.heap) > 0 && q.heap[0].at <= now {
		d := heap.Pop(&q.heap).(deadline)
		slot := d.thing.slot()
		if *slot != d.at {
			continue
		}
		*slot = 0
		if next := d.thing.look(t, now); next != 0 {
			q.schedule(d.thing, max(next, now+1))
		}
	}
}

// drain hands over everything still queued, once each, in order of deadline.
func (q *queue) drain(take func(perishable)) {
	for len(q.heap) > 0 {
		d := heap.Pop(&q.heap).(deadline)
		if slot := d.thing.slot(); *slot == d.at {
			*slot = 0
			take(d.thing)
		}
	}
}

type deadlines []deadline

func (h deadlines) Len() int { return len(h) }
func (h deadlines) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].order < h[j].order
}
func (h deadlines) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *deadlines) Push(x any)   { *h = append(*h, x.(deadline)) }
func (h *deadlines) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = deadline{}
	*h = old[:len(old)-1]
	return last
}
