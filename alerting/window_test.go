package alerting

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestShape(t *testing.T) {
	for _, tt := range []struct {
		window, width time.Duration
		buckets       int
	}{
		{10 * time.Second, time.Second, 10},
		{time.Minute, time.Second, 60},
		{61 * time.Second, 2 * time.Second, 31}, // 62 s: never less than asked for
		{5 * time.Minute, 5 * time.Second, 60},
		{24 * time.Hour, 24 * time.Minute, 60},
	} {
		got := shapeOf(tt.window)
		if got.width != int64(tt.width) || got.buckets != tt.buckets {
			t.Errorf("%s: %d buckets of %s, want %d of %s", tt.window, got.buckets, time.Duration(got.width), tt.buckets, tt.width)
		}
	}
}

// event is one judgement of one stream, as the test remembers it.
type event struct {
	epoch  uint32
	stream int
	bad    bool
	weight uint64
	value  float64
}

// A window's sums are what counting all its events anew gives.
func TestWindowCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Rule{Signal: SignalJitter, Measure: Measure{MeasurePercentile, 95}, Bound: 30, Resolve: 20, Window: 10 * time.Second}
		at := start * int64(time.Second)
		w := newWindow(r, at)
		var events []event
		streams := map[int]*sighting{}
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "moves") {
				at += int64(rapid.SampledFrom([]int{1, 1, 2, 5, 11, 12, 40}).Draw(t, "seconds")) * int64(time.Second)
			}
			w.advance(at)
			e := event{
				w.head, rapid.IntRange(0, 5).Draw(t, "stream"), rapid.Bool().Draw(t, "bad"),
				rapid.Uint64Range(1, 5000).Draw(t, "weight"), float64(rapid.IntRange(0, 1200).Draw(t, "value")),
			}
			events = append(events, e)
			if streams[e.stream] == nil {
				streams[e.stream] = &sighting{}
			}
			bad := uint64(0)
			if e.bad {
				bad = e.weight
			}
			w.add(e.weight, bad)
			w.samples.add(w.slot(w.head), e.value)
			w.see(streams[e.stream], e.bad)
			compare(t, &w, events)
		}
		w.advance(at + int64(time.Hour))
		if !w.empty() || w.samples.total != 0 {
			t.Fatalf("after an hour: %+v, %d samples; want nothing", w.sum, w.samples.total)
		}
	})
}

func compare(t *rapid.T, w *window, events []event) {
	var want tally
	var values []float64
	seen, impaired := map[int]bool{}, map[int]bool{}
	for _, e := range events {
		if w.head-e.epoch > 10 {
			continue
		}
		want.weight += e.weight
		seen[e.stream] = true
		if e.bad {
			want.bad += e.weight
			impaired[e.stream] = true
		}
		values = append(values, e.value)
	}
	want.units, want.affected = uint32(len(seen)), uint32(len(impaired))
	if w.sum != want {
		t.Fatalf("sum %+v, want %+v", w.sum, want)
	}
	// The percentile is on the same side of the rule's bound as the sample.
	slices.Sort(values)
	rank := int(math.Ceil(0.95 * float64(len(values))))
	if got, exact := w.samples.percentile(95), values[rank-1]; (got > 30) != (exact > 30) || (got > 20) != (exact > 20) {
		t.Fatalf("95th percentile %g, the sample is %g: not on the same side of 20 and 30", got, exact)
	}
}

// Between bounds a percentile is linear: of ten samples in (20, 25] half lie
// below 22.5.
func TestPercentile(t *testing.T) {
	h := newHistogram([]float64{10, 20, 25}, 1)
	for range 10 {
		h.add(0, 21)
	}
	if got := h.percentile(50); got != 22.5 {
		t.Errorf("median %g, want 22.5", got)
	}
	for range 10 {
		h.add(0, 99) // beyond all bounds
	}
	if got := h.percentile(99); got != 25 {
		t.Errorf("99th percentile %g, want the last bound, 25", got)
	}
}

// The mean of 10, 20, 30 is 20. It spans four buckets at most: with a fourth, 40,
// it is 25, and from then on a new one counts a quarter: 25 + (5-25)/4 = 20.
func TestBaseline(t *testing.T) {
	b := newBaseline(4*time.Minute, int64(time.Minute))
	if b.known() {
		t.Error("an empty baseline is known")
	}
	for i, tt := range []struct {
		add  uint32
		mean float64
	}{{10, 10}, {20, 15}, {30, 20}, {40, 25}, {5, 20}} {
		b.add(tt.add)
		if b.mean != tt.mean || !b.known() {
			t.Errorf("after %d: mean %g, want %g", i+1, b.mean, tt.mean)
		}
	}
	b.frozen = true
	b.add(1000)
	b.skip(1000)
	if b.mean != 20 {
		t.Errorf("frozen: mean %g, want 20", b.mean)
	}
	if got := b.factor(200, 2); got != 5 { // 200 where 40 are usual
		t.Errorf("factor %g, want 5", got)
	}
	b.mean = 0.01
	if got := b.factor(7, 2); got != 7 { // where less than one is usual
		t.Errorf("factor %g, want 7", got)
	}
}

// Skipping empty buckets is adding them one by one.
func TestBaselineSkips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newBaseline(20*time.Second, int64(time.Second))
		for range rapid.IntRange(0, 30).Draw(t, "before") {
			a.add(rapid.Uint32Range(0, 1000).Draw(t, "count"))
		}
		b := *a
		n := rapid.Uint32Range(0, 100).Draw(t, "skipped")
		a.skip(n)
		for range n {
			b.add(0)
		}
		if a.count != b.count && a.count != 0 || math.Abs(a.mean-b.mean) > 1e-9 {
			t.Fatalf("skip(%d): %+v, want %+v", n, *a, b)
		}
	})
}

// A window that jumps far keeps nothing and spoils no baseline: 60 s of two a
// second, then an hour of nothing with a baseline of a minute.
func TestWindowJump(t *testing.T) {
	w := newWindow(&Rule{Signal: SignalRegistrationRate, Measure: Measure{Kind: MeasureFactor}, Window: 10 * time.Second, Baseline: time.Minute}, ns(0))
	for s := range 60 {
		w.advance(ns(s))
		w.count(true)
		w.count(true)
	}
	if w.usual.mean != 2 || w.usual.count != 49 { // seconds 0 to 48 left the 11 buckets
		t.Errorf("usual %g of %d buckets, want 2 of 49", w.usual.mean, w.usual.count)
	}
	w.advance(ns(3660))
	if !w.empty() || w.usual.mean > 1e-9 {
		t.Errorf("after an hour: %+v, usual %g; want nothing", w.sum, w.usual.mean)
	}
}
