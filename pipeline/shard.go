package pipeline

import (
	"sync/atomic"

	"earshot/rtpstats"
)

// shard owns a part of the streams. One goroutine runs it.
type shard struct {
	lanes   []*ring[packetBatch]
	waiting []bool  // per lane: it has reached a tick that others have not
	at      []int64 // per lane: that tick
	drops   uint64  // since the last tick, over all lanes
	table   *rtpstats.Table
	out     outlet[reportBatch]
	wakeup  *parker

	live  bool
	now   int64 // the last tick
	stage atomic.Pointer[ShardStage]
}

// run measures until every lane has ended.
func (s *shard) run() {
	for !s.finished() {
		if s.step() {
			continue
		}
		s.out.send()
		s.wakeup.prepare()
		if s.step() || s.finished() {
			s.wakeup.cancel()
			continue
		}
		s.wakeup.park()
	}
	s.table.Close(s.report)
	s.out.open().counters = s.table.Counters()
	s.out.close()
}

// step takes one batch of every lane that has one, and says whether it did
// anything. A lane that has reached a tick waits for the others.
func (s *shard) step() bool {
	worked := false
	for i, r := range s.lanes {
		if s.waiting[i] {
			continue
		}
		if b := r.peek(); b != nil {
			s.take(i, b)
			worked = true
		}
	}
	return s.tick() || worked
}

// take measures a batch. At a tick that other lanes have not reached it stops,
// and goes on from there when the tick has passed.
func (s *shard) take(lane int, b *packetBatch) {
	for e, ok := b.event(); ok; e, ok = b.event() {
		s.table.UpdateBatch(b.upTo(e.pos))
		if e.hint != nil {
			s.table.Hint(e.hint)
			continue
		}
		s.waiting[lane], s.at[lane] = true, e.tick.at
		s.drops += e.tick.drops
		if !s.tick() {
			return
		}
	}
	s.table.UpdateBatch(b.upTo(b.n))
	s.lanes[lane].release()
}

// tick passes packet time on when every running lane has reached it.
func (s *shard) tick() bool {
	at, ok := barrier(s.lanes, s.waiting, s.at)
	if !ok {
		return false
	}
	s.table.Tick(at, s.drops, s.report)
	s.drops = 0
	s.now = at
	b := s.out.open()
	b.ticks = append(b.ticks, reportTick{pos: len(b.reports), at: at})
	if len(b.ticks) >= reportBatchLen {
		s.out.send()
	}
	if s.live {
		s.publish()
	}
	return true
}

// publish lets others see what the shard has counted.
func (s *shard) publish() {
	s.stage.Store(&ShardStage{At: s.now, Table: s.table.Counters(), RingUsed: s.out.ring.used()})
}

// report copies one report into the ring; the table reuses the original.
func (s *shard) report(r *rtpstats.Report) {
	b := s.out.open()
	b.add(r)
	if len(b.reports) >= reportBatchLen {
		s.out.send()
	}
}

func (s *shard) finished() bool {
	for i, r := range s.lanes {
		if s.waiting[i] || !r.drained() {
			return false
		}
	}
	return true
}

// barrier says that every lane that still runs waits at a tick, and gives the
// earliest of these ticks, whose lanes it lets go. It depends only on what the
// lanes sent, so every shard and the correlator see the same ticks.
func barrier[T any](lanes []*ring[T], waiting []bool, at []int64) (int64, bool) {
	earliest, found := int64(0), false
	for i, r := range lanes {
		if !waiting[i] {
			if r.drained() {
				continue
			}
			return 0, false
		}
		if !found || at[i] < earliest {
			earliest, found = at[i], true
		}
	}
	if !found {
		return 0, false
	}
	for i := range lanes {
		if waiting[i] && at[i] == earliest {
			waiting[i] = false
		}
	}
	return earliest, true
}
