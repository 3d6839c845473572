package rtpstats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// rtpVector is a row of the vectors: what RFC 3550's algorithms give for the
// capture of the same name.
type rtpVector struct {
	RFC3550 struct {
		Expected       uint64
		Received       uint64
		CumulativeLost int64   `json:"cumulative_lost"`
		LostUnique     uint64  `json:"lost_unique"`
		Dup            uint64  `json:"dup"`
		Jitter         float64 `json:"jitter_ms_float"`
		MaxJitter      float64 `json:"max_jitter_ms"`
		Resets         uint64  `json:"resets"`
	} `json:"rfc3550"`
}

func TestRTPVectors(t *testing.T) {
	raw, err := os.ReadFile(shared(t, "vectors/rtp.json"))
	if err != nil {
		t.Fatal(err)
	}
	var vectors map[string]rtpVector
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) == 0 {
		t.Fatal("no vectors")
	}
	for name, v := range vectors {
		t.Run(name, func(t *testing.T) {
			ps := readPcap(t, shared(t, "vectors/rtp/"+name+".pcap"))
			final, intervals := run(t, Config{}, ps)
			if len(final) != 1 {
				t.Fatalf("got %d streams, want 1", len(final))
			}
			r := final[0]
			checkIntervals(t, &r, intervals[0])
			want := v.RFC3550
			switch name {
			case "ts_jump_same_ssrc":
				// The plain RFC books the jump of a million ticks as 7.8 s of jitter;
				// here it is a restart and jitter knows nothing of it.
				if want.MaxJitter != 7812.5 || r.Restarts != 1 || r.Jitter.Max != 0 {
					t.Errorf("restarts %d, jitter max %v, want 1 and 0 (plain RFC: %v)", r.Restarts, r.Jitter.Max, want.MaxJitter)
				}
				want.Jitter, want.MaxJitter, want.Resets = 0, 0, 1
			case "seq_restart_same_ssrc":
				// The plain RFC starts over and forgets the 250 packets before and the
				// first one after; here the counts add up.
				if want.Expected != 249 || want.Resets != 1 {
					t.Fatalf("vector is not the one that this test knows: %+v", want)
				}
				want.Expected, want.Received = 500, 500
			}
			if r.Expected != want.Expected || r.Packets != want.Received || r.Lost != want.LostUnique ||
				r.CumulativeLost != want.CumulativeLost || r.Duplicates != want.Dup || r.Restarts != want.Resets {
				t.Errorf("got expected %d packets %d lost %d cumulative %d dup %d restarts %d, want %+v",
					r.Expected, r.Packets, r.Lost, r.CumulativeLost, r.Duplicates, r.Restarts, want)
			}
			if !near(r.Jitter.Last, want.Jitter, 1e-9) || !near(r.Jitter.Max, want.MaxJitter, 1e-9) {
				t.Errorf("jitter %v max %v, want %v and %v", r.Jitter.Last, r.Jitter.Max, want.Jitter, want.MaxJitter)
			}
			if r.PTimeMS != 20 || r.ClockRate != 8000 {
				t.Errorf("ptime %v clock %d, want 20 ms and 8000 Hz", r.PTimeMS, r.ClockRate)
			}
		})
	}
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// checkIntervals holds that the intervals of a stream add up to its totals.
func checkIntervals(tb testing.TB, r *Report, intervals []Interval) {
	tb.Helper()
	checkCounts(tb, r, intervals)
	var late, lateFixed uint64
	for _, v := range intervals {
		late += uint64(v.Late)
		lateFixed += uint64(v.LateFixed)
	}
	if late != r.LateAdaptive || lateFixed != r.LateFixed {
		tb.Errorf("intervals add up to late %d and %d, the stream has %d and %d", lateFixed, late, r.LateFixed, r.LateAdaptive)
	}
}

// checkCounts is the part of checkIntervals that holds even where a hint
// corrected the clock and so reset the stream's timing.
func checkCounts(tb testing.TB, r *Report, intervals []Interval) {
	tb.Helper()
	var packets, expected uint64
	var lost int64
	for _, v := range intervals {
		packets += uint64(v.Packets)
		expected += uint64(v.Expected)
		lost += int64(v.Lost)
		if v.End < v.Start {
			tb.Errorf("interval ends %d ns before it starts", v.Start-v.End)
		}
	}
	if packets != r.Packets || expected != r.Expected || lost != int64(r.Lost) {
		tb.Errorf("intervals add up to packets %d expected %d lost %d, the stream has %d %d %d",
			packets, expected, lost, r.Packets, r.Expected, r.Lost)
	}
	if unique := r.Expected - r.Lost; r.Lost > r.Expected || unique > r.Packets {
		tb.Errorf("lost %d of %d expected, %d packets", r.Lost, r.Expected, r.Packets)
	}
}
