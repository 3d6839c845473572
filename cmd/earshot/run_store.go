package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"earshot/dialog"
	"earshot/store"
	"earshot/web"
)

// Records go to the store in batches: a transaction costs as much as hundreds
// of rows.
const (
	storeBatch  = 2000
	storeWait   = time.Second
	storeSweeps = 10 * time.Second
)

// recordQueue gives records to the store from a goroutine of its own. Who
// hands them over never waits: what finds the queue full is counted and lost.
type recordQueue struct {
	in      chan dialog.Record
	done    chan struct{}
	store   *store.Store
	tell    func(error) // an error that may repeat
	dropped atomic.Uint64
}

// openStore opens the store that the configuration names; nil where it names none.
func (p *probe) openStore() (*recordQueue, error) {
	cfg := p.cfg.store()
	if cfg.Dir == "" {
		return nil, nil
	}
	cfg.Notice = p.storeNotice
	s, err := store.Open(cfg, time.Now())
	if err != nil {
		return nil, err
	}
	return startQueue(s, int(p.cfg.Store.Queue.or(presetStoreQueue)), func(err error) {
		p.events.event(slog.LevelError, "store", "cannot keep records; measuring goes on", "error", err)
	}), nil
}

func startQueue(s *store.Store, size int, tell func(error)) *recordQueue {
	q := &recordQueue{in: make(chan dialog.Record, size), done: make(chan struct{}), store: s, tell: tell}
	go q.run()
	return q
}

func (p *probe) storeNotice(n store.Notice) {
	args := []any{"file", n.File}
	if n.Err == nil {
		p.log.Info(n.Text, args...)
		return
	}
	p.log.Error(n.Text, append(args, "error", n.Err)...)
}

// Record takes a call, or a stream of no call. The pipeline's recorder calls it.
func (q *recordQueue) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.CallRecord:
	case *dialog.StreamRecord:
		if r.Call != nil {
			return // it comes with its call
		}
	default:
		return
	}
	select {
	case q.in <- r:
	default:
		q.dropped.Add(1)
	}
}

// run writes until the queue is closed and empty.
func (q *recordQueue) run() {
	defer close(q.done)
	write, sweep := time.NewTicker(storeWait), time.NewTicker(storeSweeps)
	defer write.Stop()
	defer sweep.Stop()
	var batch []dialog.Record
	flush := func() {
		if len(batch) == 0 {
			return
		}
		if err := q.store.Write(time.Now(), batch); err != nil {
			q.tell(err)
		}
		clear(batch) // lets the records go
		batch = batch[:0]
	}
	for {
		select {
		case r, ok := <-q.in:
			if !ok {
				flush()
				return
			}
			if batch = append(batch, r); len(batch) == storeBatch {
				flush()
			}
		case <-write.C:
			flush()
		case now := <-sweep.C:
			if err := q.store.Sweep(now); err != nil {
				q.tell(err)
			}
		}
	}
}

// close writes the rest. Nobody hands over any more.
func (q *recordQueue) close() error {
	close(q.in)
	<-q.done
	return q.store.Close()
}

// keptCalls is how the API looks into the store of the running probe: each
// search opens the files for itself, and the writer never waits for it.
type keptCalls struct {
	queue *recordQueue
	dir   string
}

// Find gives what a query wants to take, the newest first.
func (k keptCalls) Find(ctx context.Context, q *store.Query, take func(*store.Found) error) error {
	r, err := store.OpenReader(k.dir)
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Find(ctx, q, take)
}

// Figures says what the queue and the store did.
func (k keptCalls) Figures() web.RecordFigures {
	q := k.queue
	return web.RecordFigures{Stats: q.store.Stats(), Queued: len(q.in), Room: cap(q.in), Dropped: q.dropped.Load()}
}
