package rtpstats

import (
	"encoding/json"
	"math/rand"
	"os"
	"strings"
	"testing"
)

// burstVector is a row of the E-model vectors' "burst": outcomes as a string,
// 1 good, 0 lost, X discarded, and what RFC 3611 4.7.2 says of them.
type burstVector struct {
	Name  string
	Loss  string  `json:"loss_string"`
	PTime float64 `json:"ptime_ms"`
	Exact struct {
		Bursts, Gaps uint32
		BurstPackets uint64  `json:"burst_pkts"`
		GapPackets   uint64  `json:"gap_pkts"`
		BurstBad     uint64  `json:"lost_in_burst"`
		GapBad       uint64  `json:"lost_in_gap"`
		BurstDensity float64 `json:"burst_density"`
		GapDensity   float64 `json:"gap_density"`
		BurstMS      float64 `json:"mean_burst_ms"`
		GapMS        float64 `json:"mean_gap_ms"`
	}
	Ratio struct {
		Clamped float64 `json:"burstR_clamped"`
	} `json:"burst_ratio"`
}

// feedString feeds outcomes in runs.
func feedString(m *burstMachine, s string) {
	for s != "" {
		good := len(s) - len(strings.TrimLeft(s, "1"))
		m.good(uint64(good))
		s = s[good:]
		bad := len(s) - len(strings.TrimLeft(s, "0X"))
		m.lose(uint64(bad))
		s = s[bad:]
	}
}

func TestBurstVectors(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "vectors/emodel.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Burst []burstVector }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Burst) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range doc.Burst {
		t.Run(v.Name, func(t *testing.T) {
			var m burstMachine
			feedString(&m, v.Loss)
			got, e := m.report(v.PTime), v.Exact
			want := BurstGap{
				Bursts: e.Bursts, Gaps: e.Gaps,
				BurstPackets: e.BurstPackets, BurstBad: e.BurstBad, GapPackets: e.GapPackets, GapBad: e.GapBad,
				BurstDensity: e.BurstDensity, GapDensity: e.GapDensity, BurstMS: e.BurstMS, GapMS: e.GapMS,
				BurstRatio: got.BurstRatio,
			}
			if got != want {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
			if !near(got.BurstRatio, v.Ratio.Clamped, 1e-6) { // the vectors give six decimals
				t.Errorf("burst ratio %v, want %v", got.BurstRatio, v.Ratio.Clamped)
			}
		})
	}
}

// batchBursts is the definition itself, over a whole string: two bad packets
// belong to one burst where fewer than gmin good ones lie between them; a group
// of one is no burst.
func batchBursts(s string) BurstGap {
	var r BurstGap
	gapStart := 0
	closeGap := func(end int) {
		if end > gapStart {
			r.Gaps++
			r.GapPackets += uint64(end - gapStart)
			r.GapBad += uint64(strings.Count(s[gapStart:end], "0"))
		}
	}
	for i := 0; i < len(s); {
		if s[i] == '1' {
			i++
			continue
		}
		last := i
		for j := i + 1; j < len(s) && j-last <= gmin; j++ {
			if s[j] == '0' {
				last = j
			}
		}
		if last > i {
			closeGap(i)
			r.Bursts++
			r.BurstPackets += uint64(last + 1 - i)
			r.BurstBad += uint64(strings.Count(s[i:last+1], "0"))
			gapStart = last + 1
		}
		i = last + 1
	}
	closeGap(len(s))
	return r
}

func TestBurstMachineAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewSource(3611))
	for range 5000 {
		var b strings.Builder
		p := rng.Float64() * rng.Float64()
		for range rng.Intn(200) {
			if rng.Float64() < p {
				b.WriteByte('0')
			} else {
				b.WriteByte('1')
			}
		}
		s := b.String()
		var m burstMachine
		cut := rng.Intn(len(s) + 1)
		feedString(&m, s[:cut])
		m.report(20) // a snapshot must not disturb the live machine
		feedString(&m, s[cut:])
		got, want := m.report(0), batchBursts(s)
		got.BurstDensity, got.GapDensity, got.BurstRatio = 0, 0, 0
		if got != want {
			t.Fatalf("%q cut at %d:\ngot  %+v\nwant %+v", s, cut, got, want)
		}
	}
}

func TestLossRuns(t *testing.T) {
	var l lossRunCounter
	for _, n := range []uint64{1, 1, 3, 9, 10, 25} {
		l.lose(n)
		l.good()
	}
	l.lose(2) // open at the end
	got := l.report()
	want := LossRuns{Count: [10]uint32{2, 1, 1, 0, 0, 0, 0, 0, 1, 2}, Runs: 7, Longest: 25}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if l.open != 2 {
		t.Errorf("the report closed the live run")
	}
}
