package pipeline

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"earshot/dialog"
)

// observed adds up the observations of each stream, and writes all of them
// down in the order in which they came.
type observed struct {
	lines strings.Builder
	sums  map[string]*observedStream // by stream id
	wrong []string
}

type observedStream struct {
	packets, expected, duplicates, reordered, late uint64
	lost, rtcpLost, after                          int64
	rtcpReports                                    int
	count                                          int
	end                                            int64
	final                                          bool
}

func (o *observed) observe(v *dialog.Observation) {
	line := *v
	if v.RTCP.XR {
		line.RTCP.Voice = nil
		fmt.Fprintf(&o.lines, "%+v ", *v.RTCP.Voice)
	}
	fmt.Fprintf(&o.lines, "%+v\n", line)
	id := v.StreamID()
	s := o.sums[id]
	if s == nil {
		s = &observedStream{}
		o.sums[id] = s
	}
	o.check(id, s, v)
	s.packets += uint64(v.Packets)
	s.expected += uint64(v.Expected)
	s.duplicates += uint64(v.Duplicates)
	s.reordered += uint64(v.Reordered)
	s.late += uint64(v.Late)
	s.lost += int64(v.Lost)
	s.rtcpLost += v.RTCP.Lost
	s.rtcpReports += int(v.RTCP.Reports)
	s.after += int64(v.Located.After)
	s.count++
	s.end, s.final = v.End, v.Final
}

// check holds what must be true of each observation.
func (o *observed) check(id string, s *observedStream, v *dialog.Observation) {
	fail := func(what string) { o.wrong = append(o.wrong, fmt.Sprintf("stream %s: %s: %+v", id, what, *v)) }
	if s.final {
		fail("after the final one")
	}
	if v.First != (s.count == 0) {
		fail("First")
	}
	if s.count > 0 && v.Start < s.end && !v.Empty() || v.End < v.Start {
		fail("time goes back")
	}
	if (v.MOS == 0) != (v.Reason != "") && !v.Empty() {
		fail("either a score or a reason")
	}
	if lost := uint32(max(v.Lost, 0)); v.Located.Before+v.Located.Undetermined != lost {
		fail("local loss is before the point or undetermined")
	}
}

func observeAll(t *testing.T, shards int, file string) (*observed, *measured) {
	t.Helper()
	o, m := &observed{sums: map[string]*observedStream{}}, newMeasured()
	replayInto(t, Config{Shards: shards, Dialog: dialog.Config{Observe: o.observe}}, m, file)
	return o, m
}

// TestObservationsAddUp: the observations of a stream are its record, cut into
// intervals: every count adds up, the last one is final and there is none of
// any other stream. The same with 8 shards, in the same order.
func TestObservationsAddUp(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, file := range captures(t) {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			o, m := observeAll(t, 1, file)
			for _, list := range m.streams {
				for _, r := range list {
					checkSums(t, o.sums[r.ID], r)
					delete(o.sums, r.ID)
				}
			}
			for id, s := range o.sums {
				t.Errorf("stream %s with %d packets: in no record", id, s.packets)
			}
			for _, wrong := range o.wrong {
				t.Error(wrong)
			}
			if many, _ := observeAll(t, 8, file); many.lines.String() != o.lines.String() {
				t.Errorf("8 shards give other observations than 1\n%s", firstDifference(o.lines.String(), many.lines.String()))
			}
		})
	}
}

func checkSums(t *testing.T, got *observedStream, r *dialog.StreamRecord) {
	t.Helper()
	if got == nil {
		t.Errorf("stream %s: no observation", r.ID)
		return
	}
	if !got.final {
		t.Errorf("stream %s: no final observation", r.ID)
	}
	equal(t, r.ID, "packets", got.packets, r.Packets)
	equal(t, r.ID, "expected", got.expected, r.Expected)
	equal(t, r.ID, "lost", got.lost, int64(r.Lost))
	equal(t, r.ID, "duplicates", got.duplicates, r.Duplicates)
	equal(t, r.ID, "reordered", got.reordered, r.Reordered)
	equal(t, r.ID, "late", got.late, r.Late.Adaptive)
	if r.RTCP == nil || r.RTCP.Lost == nil || r.Call == nil { // of an unbound one nobody knows what was reported before
		return
	}
	equal(t, r.ID, "RTCP reports", got.rtcpReports, r.RTCP.Reports)
	// What the receiver lost beyond ours was lost after the point; more than
	// that only where ours went on after its last report, or where its own went
	// back. Where it lost no more than we did, nothing was lost there.
	beyond := *r.RTCP.Lost - int64(r.Lost)
	if got.after < beyond || got.after > got.rtcpLost || beyond <= 0 && got.after != 0 {
		t.Errorf("stream %s: lost after the point: got %d; the receiver lost %d, here were lost %d", r.ID, got.after, *r.RTCP.Lost, r.Lost)
	}
	if got.rtcpLost < *r.RTCP.Lost { // late arrivals may have taken back what had been reported
		t.Errorf("stream %s: RTCP lost: got %d, want at least %d", r.ID, got.rtcpLost, *r.RTCP.Lost)
	}
}
