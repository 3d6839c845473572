package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests replay every fault scenario with the monitor, built from this
// tree, and hold its figures against the labels.

// heardCall and heardStream are what the tests read of the monitor's records.
type heardCall struct {
	CallIDs     []string `json:"call_ids"`
	Disposition string   `json:"disposition"`
	FinalStatus *int     `json:"final_status"`
	PDDMS       *float64 `json:"pdd_ms"`
	DurationMS  *float64 `json:"duration_ms"`
	Findings    []struct{ Code, Stream string }
	Start       string
	Truncated   bool
	Trust       string
}

type heardStream struct {
	ID, Src, Dst, SSRC string
	Call               *string
	Packets, Expected  int64
	Lost, Reordered    int64
	Trust              string
}

// replayed is what the monitor said of a capture.
type replayed struct {
	calls        map[string]*heardCall // by every Call-ID
	streams      map[string]*heardStream
	byID         map[string]*heardStream
	count        int
	transactions int64
	drops        int64
	refused      int64 // registrations
}

func streamKey(src, dst, ssrc string) string { return src + " " + dst + " " + ssrc }

// buildMonitor builds the monitor once for a test.
func buildMonitor(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "earshot")
	if out, err := exec.Command("go", "build", "-o", bin, "earshot/cmd/earshot").CombinedOutput(); err != nil {
		t.Fatalf("cannot build the monitor: %v\n%s", err, out)
	}
	return bin
}

// replay runs it over a capture with the scenario's configuration.
func replay(t *testing.T, bin, config, capture string) *replayed {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.Command(bin, "replay", "--json", "--config", config, capture)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("replay: %v\n%s", err, errs.String())
	}
	r := &replayed{calls: map[string]*heardCall{}, streams: map[string]*heardStream{}, byID: map[string]*heardStream{}}
	for line := range bytes.Lines(out) {
		r.line(t, line)
	}
	return r
}

func (r *replayed) line(t *testing.T, line []byte) {
	t.Helper()
	decode := func(v any) {
		if err := json.Unmarshal(line, v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
	var kind struct {
		Type   string
		Drops  int64 `json:"capture_drops"`
		Status *int  `json:"final_status"`
	}
	decode(&kind)
	switch kind.Type {
	case "call":
		c := new(heardCall)
		decode(c)
		r.count++
		for _, id := range c.CallIDs {
			r.calls[id] = c
		}
	case "stream":
		s := new(heardStream)
		decode(s)
		r.streams[streamKey(s.Src, s.Dst, s.SSRC)], r.byID[s.ID] = s, s
	case "transaction":
		r.transactions++
		if kind.Status != nil && *kind.Status != 200 {
			r.refused++
		}
	case "summary":
		r.drops = kind.Drops
	}
}

// TestFaultScenarios: every scenario's truth is consistent; replayed, every
// stream's counts are the truth's, and every fault shows where it is labelled: in
// the calls that it touched, on its own segment and direction, and in no other call.
func TestFaultScenarios(t *testing.T) {
	var bin string
	if !testing.Short() {
		bin = buildMonitor(t)
	}
	for _, s := range faultScenarios(t) {
		t.Run(s.name, func(t *testing.T) {
			config := filepath.Join(t.TempDir(), "earshot.yaml")
			capture, path := generate(t, "a.pcap", s.flags+" -site-config "+config)
			truth := readSiteTruth(t, path)
			truth.consistent(t, s.name)
			if testing.Short() {
				return
			}
			heard := replay(t, bin, config, capture)
			if s.name == "probe-overload" {
				overloaded(t, truth, heard)
				return
			}
			if heard.count != len(truth.calls) || heard.transactions != truth.transactions || heard.drops != 0 {
				t.Errorf("%d calls, %d transactions, %d drops: want %d, %d, 0", heard.count, heard.transactions, heard.drops, len(truth.calls), truth.transactions)
			}
			sameStreams(t, truth, heard)
			for _, f := range truth.faults {
				f.shows(t, truth, heard)
			}
		})
	}
}

// sameStreams compares what was counted of each stream.
func sameStreams(t *testing.T, truth *siteTruth, heard *replayed) {
	if len(truth.streams) != len(heard.streams) {
		t.Errorf("%d streams, want %d", len(heard.streams), len(truth.streams))
	}
	for _, s := range truth.streams {
		h := heard.streams[streamKey(s.Src, s.Dst, s.SSRC)]
		if h == nil || h.Packets != s.Packets || h.Expected != s.Expected || h.Lost != s.Lost || h.Reordered != s.Reordered {
			t.Errorf("stream %s %s of call %d: %+v, want %d packets of %d, %d reordered", s.Src, s.SSRC, s.Call, h, s.Packets, s.Expected, s.Reordered)
		}
	}
}

// symptom is how a fault shows: a finding, or a figure of the call. A finding of
// a stream must be on the fault's segment; only one-way audio names the voice that
// was heard, for the other has no stream.
type symptom struct {
	finding string
	figure  func(*heardCall) bool
	least   float64 // share of the touched calls that show it: some are touched too little
}

// symptom of a fault, by what it does; the finding's thresholds are the monitor's
// documented ones.
func (f *faultTruth) symptom() symptom {
	w := f.What
	switch {
	case w.Loss != "" && f.Direction == toPeer:
		return symptom{"remote_loss", nil, 0.8}
	case w.Loss != "":
		return symptom{"loss", nil, 0.8}
	case w.Jitter != "":
		return symptom{"jitter", nil, 0.9}
	case w.Late != "":
		return symptom{"late_packets", nil, 0.75}
	case w.Delay != "":
		return symptom{"high_latency", nil, 0.9}
	case w.OneWay:
		return symptom{"one_way_audio", nil, 1}
	case w.NoMedia:
		return symptom{"no_media", nil, 1}
	case w.DSCP != nil:
		return symptom{"dscp_not_ef", nil, 1}
	case w.CodecMismatch:
		return symptom{"codec_mismatch", nil, 1}
	case w.Reject != 0:
		return symptom{"", func(c *heardCall) bool { return c.FinalStatus != nil && *c.FinalStatus == w.Reject }, 1}
	case w.PDD != "": // 9 s and what is usual
		return symptom{"", func(c *heardCall) bool { return c.PDDMS != nil && *c.PDDMS >= 9000 && *c.PDDMS < 9500 }, 1}
	case w.ShortCalls != "": // at most 1.5 s, and the BYE's way; all others talk for 4 s
		return symptom{"", func(c *heardCall) bool { return c.DurationMS != nil && *c.DurationMS < 1600 }, 1}
	}
	return symptom{}
}

// shows holds the monitor's calls against one fault.
func (f *faultTruth) shows(t *testing.T, truth *siteTruth, heard *replayed) {
	s := f.symptom()
	if s.finding == "" && s.figure == nil {
		if want := f.Affected.Transactions; f.What.RegisterReject != 0 && heard.refused != want {
			t.Errorf("%d registrations were refused, want %d", heard.refused, want)
		}
		return // a storm: the transactions are counted
	}
	segmentOf := map[string]*segmentStreamTruth{}
	for _, x := range truth.streams {
		segmentOf[streamKey(x.Src, x.Dst, x.SSRC)] = x.Route
	}
	touched, shown := 0, 0
	for _, c := range truth.calls {
		h := heard.calls[c.CallIDs[0]]
		if h == nil || h != heard.calls[c.CallIDs[1]] {
			t.Fatalf("call %d is not one call of the replay", c.Call)
		}
		sick := s.figure != nil && s.figure(h)
		for _, x := range h.Findings {
			if x.Code != s.finding {
				continue
			}
			sick = true
			if f.excused(truth, c) {
				continue
			}
			if r := heard.where(x.Stream, segmentOf); r != nil && !f.What.OneWay && (!slices.Contains(f.Segments, r.Segment) || f.Direction != bothWays && f.Direction != r.Direction) {
				t.Errorf("call %d: %s is said of %s %s, the fault is on %v %s", c.Call, x.Code, r.Segment, r.Direction, f.Segments, f.Direction)
			}
		}
		mine := slices.Contains(c.Route.Faults, f.Name)
		if mine {
			touched++
		}
		if sick && mine {
			shown++
		}
		if sick && !mine && !f.excused(truth, c) {
			t.Errorf("call %d shows %s and was not touched by %s", c.Call, strings.TrimSpace(s.finding+" as if"), f.Name)
		}
	}
	if float64(shown) < s.least*float64(touched) {
		t.Errorf("%s: %d of the %d calls that it touched show it, want a share of %g", f.Name, shown, touched, s.least)
	}
}

// excused reports whether another fault touched the call that shows alike.
func (f *faultTruth) excused(truth *siteTruth, c *callTruth) bool {
	return slices.ContainsFunc(truth.faults, func(o *faultTruth) bool {
		return o.Name != f.Name && o.symptom().finding == f.symptom().finding && slices.Contains(c.Route.Faults, o.Name)
	})
}

// where is the place of the stream that a finding is about, nil where it is about
// none.
func (r *replayed) where(id string, segmentOf map[string]*segmentStreamTruth) *segmentStreamTruth {
	h := r.byID[id]
	if h == nil {
		return nil
	}
	return segmentOf[streamKey(h.Src, h.Dst, h.SSRC)]
}

// overloaded checks the scenario whose probe loses frames: the monitor counts
// exactly those, and blames no network.
func overloaded(t *testing.T, truth *siteTruth, heard *replayed) {
	var dropped int64
	for _, d := range truth.drops {
		dropped += d.Dropped
	}
	if dropped == 0 || heard.drops != dropped {
		t.Errorf("%d drops, want %d", heard.drops, dropped)
	}
	suspect := 0
	for _, c := range heard.calls {
		for _, f := range c.Findings {
			if f.Code != "capture_loss" {
				t.Errorf("call %v: %s, though the network did nothing wrong", c.CallIDs, f.Code)
			}
		}
	}
	outcomes(t, truth, heard)
	for _, s := range heard.streams {
		if s.Trust == "suspect" {
			suspect++
		} else if s.Lost != 0 {
			t.Errorf("stream %s lost %d packets and is trusted", s.ID, s.Lost)
		}
	}
	if suspect == 0 {
		t.Error("no stream is suspect")
	}
}

// outcomes: a call that seems to have come out otherwise than it did is marked;
// one whose set-up no drop can have touched is not.
func outcomes(t *testing.T, truth *siteTruth, heard *replayed) {
	wrong, marked := 0, 0
	for _, c := range truth.calls {
		h := heard.calls[c.CallIDs[0]]
		if h == nil {
			continue // both its INVITEs were among the drops
		}
		same := h.Disposition == c.Disposition && status(h.FinalStatus) == status(c.FinalStatus)
		if !same {
			wrong++
		}
		if h.Trust == "suspect" {
			marked++
		} else if !same && !h.Truncated {
			t.Errorf("call %v: %s, was %s %d, and is trusted", c.CallIDs, h.Disposition, c.Disposition, status(c.FinalStatus))
		}
		apart := c.End != nil && *c.End < truth.drops[0].From || c.Start > truth.drops[0].To
		if h.Trust == "suspect" && apart {
			t.Errorf("call %v from %s is suspect, though nothing was dropped then", c.CallIDs, c.Start)
		}
	}
	if wrong == 0 || marked < wrong {
		t.Errorf("%d calls seem to have come out otherwise, %d are suspect", wrong, marked)
	}
}

// status is a final status, 0 where there is none.
func status(s *int) int {
	if s == nil {
		return 0
	}
	return *s
}
