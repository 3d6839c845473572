package main

import (
	"math"
	"testing"
)

// arrivals feeds packets of 20 ms at 8 kHz that arrive as late as given, in ms.
func arrivals(late []float64, index []int64) *reception {
	r := &reception{clock: 8000, samples: 160}
	for i, n := range index {
		at := n*20_000_000 + int64(late[i]*1e6)
		r.add(at, &flight{packet: packet{ts: uint32(n * 160)}, index: n}, 218)
	}
	return r
}

// TestJitterAlternating: packets alternately on time and 5 ms late differ by 40
// units each, so that RFC 3550 A.8 gives J(n) = 40 (1 - (15/16)^n).
func TestJitterAlternating(t *testing.T) {
	const n = 100
	late, index := make([]float64, n+1), make([]int64, n+1)
	for i := range index {
		index[i], late[i] = int64(i), float64(i%2)*5
	}
	r := arrivals(late, index)
	want := 5 * (1 - math.Pow(15.0/16, n))
	if got := r.ms(r.jitter); math.Abs(got-want) > 1e-12 {
		t.Errorf("jitter %v ms, want %v", got, want)
	}
	// The mean of a geometric series: sum of 1-(15/16)^k for k=1..n is n - 15(1-(15/16)^n).
	mean := 5 * (n - 15*(1-math.Pow(15.0/16, n))) / n
	if got := r.ms(r.meanJitter()); math.Abs(got-mean) > 1e-12 {
		t.Errorf("mean jitter %v ms, want %v", got, mean)
	}
	if got, want := r.deltaMax, int64(25_000_000); got != want {
		t.Errorf("longest gap %d ns, want %d", got, want)
	}
}

// TestReceptionCounts works RFC 3550 A.3 by hand on one short stream: 2 lost, 5
// after 6, 8 twice.
func TestReceptionCounts(t *testing.T) {
	r := &reception{clock: 8000, samples: 160}
	for i, f := range []flight{{index: 0}, {index: 1}, {index: 3}, {index: 4}, {index: 6}, {index: 5}, {index: 7}, {index: 8}, {index: 8, duplicate: true}} {
		r.add(int64(i)*20_000_000, &f, 218)
	}
	got := [...]int64{r.packets, r.expected(), r.lost(), r.duplicates, r.reordered, r.restarts}
	want := [...]int64{9, 9, 1, 1, 1, 0}
	if got != want {
		t.Errorf("packets, expected, lost, duplicates, reordered, restarts = %v, want %v", got, want)
	}
	r.add(200_000_000, &flight{index: 0, segment: 1}, 218)
	r.add(220_000_000, &flight{index: 2, segment: 1}, 218)
	got = [...]int64{r.packets, r.expected(), r.lost(), r.duplicates, r.reordered, r.restarts}
	want = [...]int64{11, 12, 2, 1, 1, 1}
	if got != want {
		t.Errorf("after a restart: %v, want %v", got, want)
	}
}

// TestJitterReference: a telephone-event ends the reference, so that the shift of
// its frozen timestamp enters no jitter.
func TestJitterReference(t *testing.T) {
	r := &reception{clock: 8000, samples: 160}
	r.add(0, &flight{packet: packet{ts: 0}}, 0)
	r.add(20_000_000, &flight{packet: packet{ts: 160, kind: telephoneEvent}, index: 1}, 0)
	r.add(40_000_000, &flight{packet: packet{ts: 160, kind: telephoneEvent}, index: 2}, 0)
	r.add(65_000_000, &flight{packet: packet{ts: 480}, index: 3}, 0)
	if r.jitter != 0 || r.updates != 0 {
		t.Errorf("jitter %v after %d updates, want none", r.jitter, r.updates)
	}
	if r.events != 1 || r.evs != 2 {
		t.Errorf("%d events in %d packets, want 1 in 2", r.events, r.evs)
	}
}
