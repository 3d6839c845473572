package alerting

import "time"

// maxBuckets is into how many steps a window is cut at most. With the bucket
// being filled a label set has one more, 24 octets each; a percentile rule adds
// 4 octets for each bucket and bound, about 7 kB.
const maxBuckets = 60

// shape is how a window is cut: steps of whole seconds.
type shape struct {
	width   int64 // of a bucket, ns
	buckets int   // without the one being filled
}

func shapeOf(window time.Duration) shape {
	width := (window + maxBuckets*time.Second - 1) / (maxBuckets * time.Second) * time.Second
	return shape{int64(width), int((window + width - 1) / width)}
}

func (s shape) epoch(at int64) uint32 { return uint32(at / s.width) }

// tally is what a bucket counts, and a window the sum of.
type tally struct {
	weight, bad     uint64 // of what was judged, and of its impaired part: ms of media, calls, packets
	units, affected uint32 // different streams; calls, registrations, seconds
}

// window slides over time in steps. Its sum covers the whole buckets and the
// one being filled. All work is of constant time but moving on, which is
// bounded by the number of buckets.
type window struct {
	shape
	born    uint32  // epoch of the first bucket
	head    uint32  // epoch of the bucket being filled
	ring    []tally // by epoch modulo its length
	sum     tally
	samples *histogram // nil: no percentiles
	usual   *baseline  // nil: no factor
}

func newWindow(r *Rule, at int64) window {
	w := window{shape: shapeOf(r.Window)}
	w.ring = make([]tally, w.buckets+1)
	w.born = w.epoch(at)
	w.head = w.born
	switch r.Measure.Kind {
	case MeasurePercentile:
		w.samples = newHistogram(r.bounds(), len(w.ring))
	case MeasureFactor:
		w.usual = newBaseline(r.Baseline, w.width)
	}
	return w
}

func (w *window) slot(epoch uint32) int { return int(epoch % uint32(len(w.ring))) }

// holds reports whether a bucket is still within the window.
func (w *window) holds(epoch uint32) bool { return w.head-epoch < uint32(len(w.ring)) }

// advance moves on to the bucket of a time. What falls out of the window
// becomes part of what is usual.
func (w *window) advance(at int64) {
	to := w.epoch(at)
	if to <= w.head {
		return
	}
	steps := to - w.head
	for range min(steps, uint32(len(w.ring))) {
		w.head++
		i := w.slot(w.head)
		w.forget(i)
	}
	w.head = to
	if w.usual != nil && steps > uint32(len(w.ring)) {
		w.usual.skip(steps - uint32(len(w.ring)))
	}
}

// forget empties a bucket.
func (w *window) forget(i int) {
	b := &w.ring[i]
	if w.usual != nil && w.head-w.born >= uint32(len(w.ring)) {
		w.usual.add(b.affected)
	}
	w.sum.weight -= b.weight
	w.sum.bad -= b.bad
	w.sum.units -= b.units
	w.sum.affected -= b.affected
	*b = tally{}
	if w.samples != nil {
		w.samples.forget(i)
	}
}

// add judges something of a weight, of which bad is impaired, into the bucket
// being filled. Its units are counted apart.
func (w *window) add(weight, bad uint64) {
	b := &w.ring[w.slot(w.head)]
	b.weight += weight
	b.bad += bad
	w.sum.weight += weight
	w.sum.bad += bad
}

// count adds one unit that comes only once.
func (w *window) count(affected bool) {
	b := &w.ring[w.slot(w.head)]
	b.units++
	w.sum.units++
	if affected {
		b.affected++
		w.sum.affected++
	}
}

// sighting is when a stream was last judged, and last impaired, by one rule:
// it counts in the bucket of that time alone, so that the window's sum is the
// number of different streams. Its epochs are one too large; 0 is never.
type sighting struct {
	seen, impaired uint32
}

// see counts a stream again.
func (w *window) see(s *sighting, impaired bool) {
	now := w.head + 1
	i := w.slot(w.head)
	if s.seen != now {
		if s.seen != 0 && w.holds(s.seen-1) {
			w.ring[w.slot(s.seen-1)].units--
			w.sum.units--
		}
		w.ring[i].units++
		w.sum.units++
		s.seen = now
	}
	if impaired && s.impaired != now {
		if s.impaired != 0 && w.holds(s.impaired-1) {
			w.ring[w.slot(s.impaired-1)].affected--
			w.sum.affected--
		}
		w.ring[i].affected++
		w.sum.affected++
		s.impaired = now
	}
}

// unsee takes a stream out, which belongs elsewhere from now on.
func (w *window) unsee(s *sighting) {
	if s.seen != 0 && w.holds(s.seen-1) {
		w.ring[w.slot(s.seen-1)].units--
		w.sum.units--
	}
	if s.impaired != 0 && w.holds(s.impaired-1) {
		w.ring[w.slot(s.impaired-1)].affected--
		w.sum.affected--
	}
	*s = sighting{}
}

// share is the impaired part.
func (w *window) share() float64 {
	if w.sum.weight == 0 {
		return 0
	}
	return float64(w.sum.bad) / float64(w.sum.weight)
}

// empty reports whether nothing is in the window any more.
func (w *window) empty() bool { return w.sum == tally{} }
