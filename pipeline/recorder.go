package pipeline

import "earshot/dialog"

// Sink takes finished records, in order, from one goroutine. It may be slow:
// the stages behind it then wait.
type Sink interface {
	Record(dialog.Record)
}

// recorder hands records to the sink. One goroutine runs it.
type recorder struct {
	in     *ring[recordBatch]
	sink   Sink
	wakeup *parker
}

func (r *recorder) run() {
	for {
		if b := r.in.peek(); b != nil {
			for _, rec := range b.records {
				r.sink.Record(rec)
			}
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
