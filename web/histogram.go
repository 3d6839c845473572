package web

import (
	"math"
	"strconv"
	"strings"
	"sync/atomic"
)

// buckets are the upper bounds of a histogram's buckets but the last, which is
// unbounded, with the labels that write them.
type buckets struct {
	bounds []float64
	le     []string // ,le="0.5"} for each bound, and +Inf
}

// newBuckets writes the bounds in OpenMetrics' canonical form, so that a
// series has the same name in both formats.
func newBuckets(bounds ...float64) *buckets {
	b := &buckets{bounds: bounds}
	for _, bound := range bounds {
		text := strconv.FormatFloat(bound, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		b.le = append(b.le, `le="`+text+`"} `)
	}
	b.le = append(b.le, `le="+Inf"} `)
	return b
}

// series is how many series one histogram has: a bucket each, sum and count.
func (b *buckets) series() int { return len(b.le) + 2 }

// place returns the number of the bucket that a value belongs to.
func (b *buckets) place(v float64) int {
	for i, bound := range b.bounds {
		if v <= bound {
			return i
		}
	}
	return len(b.bounds)
}

// histogram counts values by bucket. One goroutine updates it; any may read it
// and then sees a count that its buckets add up to, with a sum that may already
// hold one value more.
type histogram struct {
	*buckets
	counts    []atomic.Uint64 // by bucket, not cumulative
	sum       atomic.Uint64   // bits of a float64
	exemplars []atomic.Pointer[exemplar]
}

// exemplar is one observed value and where to look further.
type exemplar struct {
	labels string
	value  float64
	at     int64 // ns
}

func newHistogram(b *buckets) *histogram {
	return &histogram{buckets: b, counts: make([]atomic.Uint64, len(b.le))}
}

// withExemplars lets every bucket of a new histogram name its worst stream.
func (h *histogram) withExemplars() *histogram {
	h.exemplars = make([]atomic.Pointer[exemplar], len(h.counts))
	return h
}

// update takes a value and returns its bucket.
func (h *histogram) update(v float64) int {
	i := h.place(v)
	h.sum.Store(math.Float64bits(math.Float64frombits(h.sum.Load()) + v))
	h.counts[i].Add(1)
	return i
}

// exemplarKeeps is how long the worst stream of a bucket is named before a
// better one may take its place, ns: a few scrapes.
const exemplarKeeps = int64(60e9)

// worse reports whether a value deserves to be its bucket's exemplar more than
// the one there: it is worse, or that one has been there for long. Sign is 1
// where high values are bad and -1 where low ones are.
func (h *histogram) worse(bucket int, v float64, at int64, sign float64) bool {
	e := h.exemplars[bucket].Load()
	return e == nil || sign*v > sign*e.value || at-e.at > exemplarKeeps
}

// histogram writes all series of a histogram.
func (p *page) histogram(labels string, h *histogram) {
	comma := ""
	if labels != "" {
		comma = ","
	}
	sum := math.Float64frombits(h.sum.Load())
	var total uint64
	for i := range h.counts {
		total += h.counts[i].Load()
		p.series++
		p.b = append(append(append(append(append(p.b, p.name...), "_bucket{"...), labels...), comma...), h.le[i]...)
		p.b = strconv.AppendUint(p.b, total, 10)
		if p.format == OpenMetrics && h.exemplars != nil {
			p.exemplar(h.exemplars[i].Load())
		}
		p.b = append(p.b, '\n')
	}
	p.sample("_sum", labels)
	p.b = append(appendFloat(p.b, sum), '\n')
	p.sample("_count", labels)
	p.b = append(strconv.AppendUint(p.b, total, 10), '\n')
}

// exemplar appends an exemplar to a bucket's sample.
func (p *page) exemplar(e *exemplar) {
	if e == nil {
		return
	}
	p.b = append(append(append(p.b, " # {"...), e.labels...), "} "...)
	p.b = append(appendFloat(p.b, e.value), ' ')
	p.b = strconv.AppendFloat(p.b, float64(e.at)/1e9, 'f', 3, 64)
}
