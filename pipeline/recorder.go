package pipeline

import (
	"sync/atomic"

	"earshot/dialog"
)

// Sink takes finished records, in order, from one goroutine. It may be slow:
// in a replay the stages behind it then wait, on live sources they shed and
// count.
type Sink interface {
	Record(dialog.Record)
}

// recorder hands records to the sink, and observations where it wants them.
// One goroutine runs it.
type recorder struct {
	in     *ring[recordBatch]
	sink   Sink
	wakeup *parker

	observer   Observer   // nil: the sink wants none
	timekeeper Timekeeper // nil: the sink wants no time

	records, observations atomic.Uint64
}

func (r *recorder) run() {
	for {
		if b := r.in.peek(); b != nil {
			r.take(b)
			r.in.release()
			continue
		}
		if r.in.drained() {
			return
		}
		r.wakeup.prepare()
		if r.in.peek() != nil || r.in.drained() {
			r.wakeup.cancel()
			continue
		}
		r.wakeup.park()
	}
}

// take gives a batch: the time first, then what was observed, since records
// tell the end.
func (r *recorder) take(b *recordBatch) {
	if r.timekeeper != nil && b.beat.At != 0 {
		r.timekeeper.Tick(b.beat)
	}
	if r.observer != nil {
		for i := range b.observations {
			r.observer.Observe(&b.observations[i])
		}
	}
	for _, rec := range b.records {
		r.sink.Record(rec)
	}
	r.observations.Add(uint64(len(b.observations)))
	r.records.Add(uint64(len(b.records)))
}
