package rtpstats

import (
	"encoding/json"
	"math/rand"
	"os"
	"strconv"
	"testing"
)

// delayed makes 20 ms PCMU packets that arrive after the given network delays,
// in ms; negative ones are lost. They are in order of arrival.
func delayed(delays []float64) []Packet {
	var ps []Packet
	for i, d := range delays {
		if d < 0 {
			continue
		}
		p := testPacket(uint16(100 + i))
		p.Timestamp = uint32(i) * 160
		p.At += int64(i)*20e6 + int64(d*1e6)
		at := len(ps)
		for at > 0 && ps[at-1].At > p.At {
			at--
		}
		ps = append(ps, Packet{})
		copy(ps[at+1:], ps[at:])
		ps[at] = p
	}
	return ps
}

func TestFixedBufferVectors(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "vectors/emodel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Fixed struct {
			Delays  []*float64 `json:"delays_ms"`
			Results map[string]string
		} `json:"fixed_jitter_buffer"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Fixed.Results) == 0 {
		t.Fatal("no vectors")
	}
	delays := make([]float64, len(doc.Fixed.Delays))
	for i, d := range doc.Fixed.Delays {
		delays[i] = -1
		if d != nil {
			delays[i] = *d
		}
	}
	for depth, want := range doc.Fixed.Results {
		d, err := strconv.ParseFloat(depth, 64)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(delays))
		late := uint64(0)
		for i, delay := range delays {
			switch {
			case delay < 0:
				got[i] = '0'
			case lateFor(delay-delays[0], d):
				got[i] = 'X'
				late++
			default:
				got[i] = '1'
			}
		}
		if string(got) != want {
			t.Errorf("depth %s: got %s, want %s", depth, got, want)
		}
		if d != fixedDepthMS {
			continue
		}
		final, _ := run(t, Config{}, delayed(delays), pcmuHint())
		if len(final) != 1 || final[0].LateFixed != late {
			t.Errorf("through the table: %d late, want %d", final[0].LateFixed, late)
		}
	}
}

// TestAdaptiveBuffer works the peak-hold rule by hand.
func TestAdaptiveBuffer(t *testing.T) {
	steady := func(n int, d float64) (s []float64) {
		for range n {
			s = append(s, d)
		}
		return s
	}
	ramp := func(n int, from, step float64) (s []float64) {
		for i := range n {
			s = append(s, from+float64(i)*step)
		}
		return s
	}
	tests := []struct {
		name   string
		delays []float64
		late   uint64
	}{
		{"within the smallest delay", append(steady(50, 20), 60, 20, 60), 0},
		{"first peak is late, the next is not", append(steady(50, 20), 70, 20, 70, 20, 70), 1},
		{"a peak within the reserve of 20 ms is in time", append(steady(50, 20), 70, 20, 90, 20, 90), 1},
		{"a higher one is late again", append(steady(50, 20), 70, 20, 91, 20, 91), 2},
		{"a delay that grows by 8 ms a second is followed", ramp(1000, 20, 0.16), 0}, // to 180 ms, 80 of them within two windows
		{"never deeper than 200 ms", append(steady(50, 20), 221, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 221), 2},
		{"a lost packet is not late", append(steady(50, 20), -1, -1, 20), 0},
		{"forgets after two windows", append(append(append(steady(50, 20), 70), steady(600, 20)...), 70, 20), 2},
	}
	for _, tt := range tests {
		final, _ := run(t, Config{}, delayed(tt.delays), pcmuHint())
		if got := final[0].LateAdaptive; got != tt.late {
			t.Errorf("%s: %d late, want %d", tt.name, got, tt.late)
		}
	}
}

func TestLateCountsGrowWithJitter(t *testing.T) {
	rng := rand.New(rand.NewSource(200))
	for round := range 50 {
		pattern := make([]float64, 1500)
		for i := range pattern {
			if pattern[i] = rng.ExpFloat64(); rng.Intn(30) == 0 {
				pattern[i] *= 5
			}
			pattern[i] = min(pattern[i], 9)
		}
		var lastFixed, lastAdaptive uint64
		for scale := 1.0; scale <= 100; scale *= 1.5 { // up to 0.9 s of delay
			delays := make([]float64, len(pattern))
			for i := range pattern {
				delays[i] = pattern[i] * scale
			}
			final, _ := run(t, Config{}, delayed(delays), pcmuHint())
			r := final[0]
			if r.LateFixed < lastFixed || r.LateAdaptive < lastAdaptive {
				t.Fatalf("round %d: at scale %.1f late %d and %d, less than %d and %d", round, scale, r.LateFixed, r.LateAdaptive, lastFixed, lastAdaptive)
			}
			lastFixed, lastAdaptive = r.LateFixed, r.LateAdaptive
		}
		if lastFixed == 0 || lastAdaptive == 0 {
			t.Fatalf("round %d: no late packets at all", round)
		}
	}
}

// TestDelayStep: a path that becomes 1.5 s longer for good costs the fixed
// buffer a second of packets, then it follows; a talkspurt begins in time at once.
func TestDelayStep(t *testing.T) {
	var delays []float64
	for i := range 400 {
		if delays = append(delays, 20); i >= 100 {
			delays[i] = 1520
		}
	}
	ps := delayed(delays)
	final, _ := run(t, Config{}, ps, pcmuHint())
	if got := final[0].LateFixed; got < 50 || got > 51 || final[0].Restarts != 0 {
		t.Errorf("late %d restarts %d, want 51 (one second) and 0", got, final[0].Restarts)
	}
	ps[100].MarkerPT |= 0x80
	final, _ = run(t, Config{}, ps, pcmuHint())
	if got := final[0].LateFixed; got != 0 {
		t.Errorf("late %d after a marker, want 0", got)
	}
}

func TestDuplicatesAndRepairs(t *testing.T) {
	ps := delayed([]float64{20, 20, 20, 20, 20, 20, 20, 20})
	dup := ps[2]
	dup.At += 100e6 // a copy long after its playout: the ear has had the first
	late := ps[5]   // a repair long after its playout
	late.At += 300e6
	ps = append(append(append([]Packet(nil), ps[:5]...), ps[6:]...), dup, late)
	final, _ := run(t, Config{}, ps, pcmuHint())
	r := final[0]
	if r.Lost != 0 || r.Duplicates != 1 || r.LateFixed != 1 || r.LateAdaptive != 1 {
		t.Errorf("lost %d duplicates %d late %d and %d, want 0 1 1 1", r.Lost, r.Duplicates, r.LateFixed, r.LateAdaptive)
	}
}

// TestSkewOverHours: 150 ppm make 540 ms in an hour; no buffer may call that late.
func TestSkewOverHours(t *testing.T) {
	for _, ppm := range []float64{-150, 40, 150} {
		t.Run(strconv.FormatFloat(ppm, 'f', 0, 64), func(t *testing.T) {
			const n = 2 * 3600 * 50
			ps := make([]Packet, n)
			rng := rand.New(rand.NewSource(7))
			for i := range ps {
				p := testPacket(uint16(i))
				p.Timestamp = 0xffff0000 + uint32(i)*160
				p.At += int64(float64(i)*20e6*(1-ppm/1e6)) + rng.Int63n(3e6)
				ps[i] = p
			}
			final, intervals := run(t, Config{}, ps, pcmuHint())
			r := final[0]
			checkIntervals(t, &r, intervals[0])
			if r.LateFixed != 0 || r.LateAdaptive != 0 || r.Restarts != 0 || r.Lost != 0 {
				t.Errorf("late %d and %d, restarts %d, lost %d, want none", r.LateFixed, r.LateAdaptive, r.Restarts, r.Lost)
			}
			if !r.SkewValid || !near(r.SkewPPM, ppm, 0.5) {
				t.Errorf("skew %v, want %v ppm", r.SkewPPM, ppm)
			}
		})
	}
}
