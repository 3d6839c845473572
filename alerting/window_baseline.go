package alerting

import (
	"math"
	"time"
)

// baseline is what is usual: the mean of what buckets held when they left the
// window, plain until it spans its length, trailing off from then on.
type baseline struct {
	mean   float64
	count  uint32 // buckets that the mean stands on, at most length
	length uint32 // buckets of the configured span
	frozen bool   // while an alert lasts, so that its fault does not become usual
	since  int64  // for how long, ns
}

func newBaseline(span time.Duration, width int64) *baseline {
	return &baseline{length: uint32(max(1, int64(span)/width))}
}

// add takes one bucket.
func (b *baseline) add(affected uint32) {
	if b.frozen {
		return
	}
	b.count = min(b.count+1, b.length)
	b.mean += (float64(affected) - b.mean) / float64(b.count)
}

// skip takes n empty buckets at once.
func (b *baseline) skip(n uint32) {
	if b.frozen || b.count == 0 {
		return
	}
	plain := min(n, b.length-b.count)
	b.mean *= float64(b.count) / float64(b.count+plain)
	b.count += plain
	b.mean *= math.Pow(1-1/float64(b.length), float64(n-plain))
}

// known reports whether it spans a quarter of its length: less is no habit.
func (b *baseline) known() bool { return uint64(b.count)*4 >= uint64(b.length) }

// factor compares a window of buckets with as many usual ones; less than one
// usual event counts as one.
func (b *baseline) factor(affected uint32, buckets int) float64 {
	return float64(affected) / max(1, b.mean*float64(buckets))
}
