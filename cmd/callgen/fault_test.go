package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// siteTruth is a truth file of a site scenario.
type siteTruth struct {
	calls        []*callTruth
	streams      []*streamTruth
	transactions int64
	faults       []*faultTruth
	segments     map[string]segmentTruth
	drops        []timeTruth
}

func readSiteTruth(t *testing.T, path string) *siteTruth {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	truth := &siteTruth{segments: map[string]segmentTruth{}}
	decode := func(line string, v any) {
		if err := json.Unmarshal([]byte(line), v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
	for line := range strings.Lines(string(text)) {
		var kind struct{ Type string }
		decode(line, &kind)
		switch kind.Type {
		case "call":
			truth.calls = append(truth.calls, new(callTruth))
			decode(line, truth.calls[len(truth.calls)-1])
		case "stream":
			truth.streams = append(truth.streams, new(streamTruth))
			decode(line, truth.streams[len(truth.streams)-1])
		case "transaction":
			truth.transactions++
		case "fault":
			truth.faults = append(truth.faults, new(faultTruth))
			decode(line, truth.faults[len(truth.faults)-1])
		case "segment":
			var s segmentTruth
			decode(line, &s)
			truth.segments[s.Segment] = s
		case "capture_drops":
			var d timeTruth
			decode(line, &d)
			truth.drops = append(truth.drops, d)
		}
	}
	slices.SortFunc(truth.calls, func(a, b *callTruth) int { return a.Call - b.Call })
	return truth
}

// faultScenario is a file of testdata/faults.
type faultScenario struct{ name, flags string }

// faultScenarios lists them with flags that keep them small: an hour and a
// quarter of each but for those whose story is longer.
func faultScenarios(t *testing.T) []faultScenario {
	t.Helper()
	files, err := filepath.Glob("../../testdata/faults/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	var list []faultScenario
	for _, f := range files {
		s := faultScenario{strings.TrimSuffix(filepath.Base(f), ".yaml"), "-site " + f}
		switch s.name {
		case "two-faults", "two-losses", "traffic-stops", "flapping":
			s.flags += " -site-length 105m"
		case "one-percent":
		case "quiet-days", "small-numbers":
			s.flags += " -site-length 8h"
		case "probe-overload":
			s.flags += " -site-length 85m -format pcapng"
		default:
			s.flags += " -site-length 75m"
		}
		list = append(list, s)
	}
	return list
}

// consistent: what a truth says of its faults is the sum of what it says of its
// calls and streams; hits lie within the fault's time; what a fault's place rules
// out is untouched.
func (truth *siteTruth) consistent(t *testing.T, scenario string) {
	if len(truth.faults) == 0 && scenario != "quiet-days" && scenario != "small-numbers" && scenario != "probe-overload" {
		t.Error("no fault")
	}
	for _, f := range truth.faults {
		f.check(t, truth)
		if f.Cases != 1 && f.Expect == "case" || f.Cases == 1 && f.Severity == "" {
			t.Errorf("%s: %d cases expected, severity %q", f.Name, f.Cases, f.Severity)
		}
	}
	for _, c := range truth.calls {
		if c.Route == nil || len(c.CallIDs) != 2 || c.Answer != nil && len(c.Route.Faults) == 0 && len(c.Streams) != 4 {
			t.Errorf("call %d: route %v, %d dialogs, streams %v", c.Call, c.Route, len(c.CallIDs), c.Streams)
		}
	}
}

// check holds one fault against the calls and streams.
func (f *faultTruth) check(t *testing.T, truth *siteTruth) {
	var calls, streams, packets int64
	for _, c := range truth.calls {
		if !slices.Contains(c.Route.Faults, f.Name) {
			continue
		}
		calls++
		if !slices.Contains(f.Segments, c.Route.Segments[0]) && !slices.Contains(f.Segments, c.Route.Segments[1]) ||
			f.Codec != "" && f.Codec != c.Codec || f.UserAgent != "" && f.UserAgent != c.Route.UserAgent {
			t.Errorf("%s touched call %d: %s over %v from %q", f.Name, c.Call, c.Codec, c.Route.Segments, c.Route.UserAgent)
		}
	}
	for _, s := range truth.streams {
		n := s.Route.Faults[f.Name]
		if n == 0 {
			continue
		}
		streams++
		packets += n
		if !slices.Contains(f.Segments, s.Route.Segment) || f.Direction != bothWays && f.Direction != s.Route.Direction {
			t.Errorf("%s touched a stream on %s %s", f.Name, s.Route.Segment, s.Route.Direction)
		}
		if n > s.Sent {
			t.Errorf("%s touched %d of %d packets", f.Name, n, s.Sent)
		}
	}
	a := f.Affected
	if calls != a.Calls || streams != a.Streams || packets != a.Packets {
		t.Errorf("%s: %+v, but by calls and streams %d, %d, %d", f.Name, a, calls, streams, packets)
	}
	if calls == 0 && a.Transactions == 0 {
		t.Fatalf("%s did nothing", f.Name)
	}
	if u := f.Unaffected.Calls; u < f.SameSegment.Calls || calls+u > int64(len(truth.calls)) || a.Transactions > truth.transactions {
		t.Errorf("%s: %d calls affected, %d not, %d of them on its segments; there are %d", f.Name, calls, u, f.SameSegment.Calls, len(truth.calls))
	}
	if f.First == nil || *f.First < f.From || f.Last == nil || *f.Last < *f.First {
		t.Errorf("%s from %s: first %v, last %v", f.Name, f.From, f.First, f.Last)
	}
	if packets > 0 && f.What.DSCP == nil && !f.What.CodecMismatch && *f.Last >= f.To { // a lost mark stays until the call's end
		t.Errorf("%s to %s: last %s", f.Name, f.To, *f.Last)
	}
	for i, s := range f.Segments {
		known, ok := truth.segments[s]
		if !ok || known.Peer != f.Peers[i] {
			t.Errorf("%s: segment %s, peer %s: the truth has %+v", f.Name, s, f.Peers[i], known)
		}
	}
}
