package alerting

import "sort"

// histogram counts the samples of a window's buckets between fixed bounds.
// Count i holds values above bound i-1 and up to bound i; the last one all above.
type histogram struct {
	bounds []float64
	ring   []uint32 // of every bucket, one after the other
	sum    []uint32
	total  uint32
}

func newHistogram(bounds []float64, buckets int) *histogram {
	n := len(bounds) + 1
	return &histogram{bounds: bounds, ring: make([]uint32, n*buckets), sum: make([]uint32, n)}
}

func (h *histogram) add(bucket int, v float64) {
	i := sort.SearchFloat64s(h.bounds, v)
	h.ring[bucket*len(h.sum)+i]++
	h.sum[i]++
	h.total++
}

func (h *histogram) forget(bucket int) {
	counts := h.ring[bucket*len(h.sum):][:len(h.sum)]
	for i, n := range counts {
		h.sum[i] -= n
		h.total -= n
	}
	clear(counts)
}

// percentile is the value below which p percent of the samples lie, linear
// between bounds. It is on the same side of every bound as the sample itself;
// above the last bound it is that bound.
func (h *histogram) percentile(p float64) float64 {
	rank := p / 100 * float64(h.total)
	var before float64
	for i, n := range h.sum {
		if n == 0 || before+float64(n) < rank {
			before += float64(n)
			continue
		}
		if i == len(h.bounds) {
			break
		}
		low := 0.0
		if i > 0 {
			low = h.bounds[i-1]
		}
		return low + (h.bounds[i]-low)*(rank-before)/float64(n)
	}
	return h.bounds[len(h.bounds)-1]
}
