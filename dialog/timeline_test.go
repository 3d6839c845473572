package dialog

import (
	"fmt"
	"math"
	"testing"

	"earshot/rtpstats"
)

// interval is one of 250 packets at the n-th 5 s of the scene.
func interval(n int, lost int32, late uint32) rtpstats.Interval {
	return rtpstats.Interval{
		Start: clock(float64(5 * n)), End: clock(float64(5*n + 5)), Packets: 250 - uint32(max(lost, 0)), Expected: 250,
		Lost: lost, Late: late, BadRuns: uint32(max(lost, 0)) + late, JitterMS: 1,
	}
}

// intervals reports a stream interval by interval.
func (s *scene) intervals(list ...rtpstats.Interval) {
	for _, i := range list {
		r := rtp(phoneA, phoneB, 0xa, 0.1, 0)
		r.End = i.End - 1
		r.Packets, r.Expected = 1000, 1000
		r.Interval = i
		s.report(r)
	}
}

// Each interval is scored by its own counts; the worst is kept with or without
// the timeline. Losses one by one are BurstR 1, so by G.107 with Bpl 25.1: 5 of
// 250 is R 93.206 - 95*2/(2+25.1); 8 lost and 5 late are 5.2 %.
func TestWorstInterval(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("timeline kept %v", keep), func(t *testing.T) {
			s := newScene(t, Config{KeepTimeline: keep})
			c := s.plainCall("c", 0, phoneA, phoneB)
			dropped := interval(4, 100, 0) // the capture's own doing
			dropped.Suspect = true
			short := interval(5, 20, 0) // 49 packets are no interval to judge
			short.Expected = 49
			s.intervals(interval(0, 0, 0), interval(1, 5, 0), interval(2, 8, 5), interval(3, -3, 0), dropped, short)
			r := s.finish(c, 30).Media[0]
			want := mosOfR(93.2062077233 - 95*5.2/(5.2+25.1))
			if r.MOSMin == nil || math.Abs(*r.MOSMin-want) > 1e-6 || r.MOSMinAt != Time(clock(10)) {
				t.Errorf("worst %v at %v, want %v at %v", deref(r.MOSMin), r.MOSMinAt, want, Time(clock(10)))
			}
			if r.Trust != "suspect" {
				t.Errorf("trust %s, want suspect", r.Trust)
			}
			if !keep {
				if r.Timeline != nil {
					t.Errorf("%d intervals, want none kept", len(r.Timeline))
				}
				return
			}
			if len(r.Timeline) != 6 {
				t.Fatalf("%d intervals, want 6", len(r.Timeline))
			}
			scores := []float64{4.409406, mosOfR(93.2062077233 - 95*2/(2+25.1)), want, 4.409406, mosOfR(93.2062077233 - 95*40/(40+25.1)), 0}
			for i, want := range scores {
				got := r.Timeline[i].MOS
				if want == 0 && got != nil || want != 0 && (got == nil || math.Abs(*got-want) > 1e-6) {
					t.Errorf("interval %d: MOS %v, want %v", i, deref(got), want)
				}
			}
			if !r.Timeline[4].Suspect || r.Timeline[3].Lost != -3 {
				t.Errorf("%+v", r.Timeline)
			}
		})
	}
}

// mosOfR is G.107 Annex B.
func mosOfR(r float64) float64 { return 1 + 0.035*r + r*(r-60)*(100-r)*7e-6 }

// Losses in one run are worse than scattered ones for a codec that hides
// single losses, and the burst measure finds them among equals.
func TestWorstByBursts(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	scattered, run := interval(0, 4, 0), interval(1, 4, 0)
	run.BadRuns = 1
	s.intervals(scattered, run)
	r := s.finish(c, 10).Media[0]
	// Ppl 1.6 %, a mean run of 4: BurstR 4*(1-0.016) = 3.936, allowed below 2 %.
	want := mosOfR(93.2062077233 - 95*1.6/(1.6/3.936+25.1))
	if math.Abs(deref(r.MOSMin)-want) > 1e-6 || r.MOSMinAt != Time(clock(5)) {
		t.Errorf("worst %v at %v, want %v in the second interval", deref(r.MOSMin), r.MOSMinAt, want)
	}
}

// A timeline of more than six hours is folded: counts are kept, steps grow.
func TestTimelineIsBounded(t *testing.T) {
	var tl timeline
	codec := newMedia(&Config{}).reference
	const n = 3*maxIntervals + 1
	for i := range n {
		v := interval(i, 1, 0)
		tl.add(&v, &codec, true)
	}
	if len(tl.steps) > maxIntervals || tl.folds != 2 {
		t.Fatalf("%d steps folded %d times, want at most %d, twice", len(tl.steps), tl.folds, maxIntervals)
	}
	var lost, expected int
	for i, s := range tl.steps {
		lost += int(s.lost)
		expected += int(s.expected)
		if want := clock(float64(20 * i)); s.start != want {
			t.Fatalf("step %d starts at %d, want %d: four intervals each", i, s.start, want)
		}
	}
	if lost != n || expected != 250*n {
		t.Errorf("%d lost of %d, want %d of %d", lost, expected, n, 250*n)
	}
}
