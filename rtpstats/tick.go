package rtpstats

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// begin sets the event clock by the first packet or tick.
func (t *Table) begin(at int64) {
	t.started = true
	t.now = at
	t.cell = cellOf(at, t.cfg.Interval)
}

// cellOf numbers the intervals of the absolute grid.
func cellOf(at, interval int64) int64 {
	n := at / interval
	if at%interval < 0 {
		n--
	}
	return n
}

// Tick passes packet time at, in whole seconds: it closes intervals, ends idle
// streams and emits their reports, sorted by source, destination, SSRC and
// start (addresses as 16 bytes). Drops is how many packets the capture lost
// since the last tick: they mark the open interval. A jump of any size closes
// one interval; time never goes back. The report is valid until emit returns.
func (t *Table) Tick(at int64, drops uint64, emit func(*Report)) {
	if !t.started {
		t.begin(at)
	}
	t.drops += drops
	t.now = max(t.now, at)
	t.expireCandidates(t.now - candidateIdle)
	t.endpoints.expire(t.now-endpointAge, t.now)
	cell := cellOf(t.now, t.cfg.Interval)
	boundary := cell > t.cell
	if boundary || t.now >= t.quietest {
		t.sweep(boundary, false, emit)
	}
	t.cell = max(cell, t.cell)
}

// Close ends all streams: proven candidates too become streams, and every
// stream emits its last report, in the order of Tick.
func (t *Table) Close(emit func(*Report)) {
	for i := range t.candidates.next {
		if t.candidates.at(i).n > 0 {
			t.conclude(i)
		}
	}
	t.sweep(false, true, emit)
}

// sweep goes through all streams in order: it reports those whose interval
// closes and those that have ended.
func (t *Table) sweep(boundary, all bool, emit func(*Report)) {
	t.sort()
	t.quietest = math.MaxInt64
	kept := t.order[:0]
	for _, i := range t.order {
		s, c := t.hot.at(i), t.cold.at(i)
		final := all || s.flags&streamEnded != 0 || s.quiet(t)
		busy := s.packets != c.open.packets
		if final || boundary && busy {
			t.fill(s, c, final, boundary || final)
			emit(&t.report)
		}
		if final {
			t.free(i)
			continue
		}
		if boundary {
			t.open(s, c)
		}
		t.quietest = min(t.quietest, s.end+t.cfg.Idle)
		kept = append(kept, i)
	}
	t.order = kept
}

// quiet reports whether the stream has had no packet for the idle time.
func (s *hotStream) quiet(t *Table) bool { return t.now-s.end >= t.cfg.Idle }

// sort brings the streams into the order of the reports. New ones stand at the
// end of an otherwise sorted list, which is the cheap case for pdqsort.
func (t *Table) sort() {
	if !t.unsorted {
		return
	}
	t.unsorted = false
	slices.SortFunc(t.order, func(a, b uint32) int {
		x, y := t.hot.at(a), t.hot.at(b)
		if c := bytes.Compare(x.src[:], y.src[:]); c != 0 {
			return c
		}
		if c := cmp.Compare(x.srcPort, y.srcPort); c != 0 {
			return c
		}
		if c := bytes.Compare(x.dst[:], y.dst[:]); c != 0 {
			return c
		}
		if c := cmp.Compare(x.dstPort, y.dstPort); c != 0 {
			return c
		}
		if c := cmp.Compare(x.ssrc, y.ssrc); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(t.cold.at(a).start, t.cold.at(b).start), cmp.Compare(a, b))
	})
}

// free gives the memory of a stream back whose last report is out.
func (t *Table) free(i uint32) {
	if s := t.hot.at(i); s.flags&streamEnded == 0 {
		t.index.remove(t.cold.at(i).hash, streamRef(i))
		t.unlink(i)
		t.endpoints.abandon(t.cold.at(i).endpoint, s.end)
	}
	t.hot.give(i)
	t.cold.give(i)
}
