package alerting

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/topology"
)

// What each signal says of an interval: 0 not judged, 1 good, 2 impaired.
func TestIntervalSignals(t *testing.T) {
	signals := []string{"loss", "late", "jitter", "latency", "mos", "loss_behind"}
	tests := []struct {
		name   string
		change func(*dialog.Observation)
		want   string
	}{
		{"good, no RTCP", func(*dialog.Observation) {}, "111010"},
		{"at the limit", func(o *dialog.Observation) { o.Expected, o.Packets, o.Lost = 500, 495, 5 }, "111010"},          // 1 %
		{"beyond it", func(o *dialog.Observation) { o.Lost = 3 }, "211010"},                                              // 1.2 %
		{"two of fifty", func(o *dialog.Observation) { o.Expected, o.Packets, o.Lost, o.Late = 50, 48, 2, 2 }, "111010"}, // concealed
		{"three of fifty", func(o *dialog.Observation) { o.Expected, o.Packets, o.Lost, o.Late = 50, 47, 3, 3 }, "221010"},
		{"repaired", func(o *dialog.Observation) { o.Lost = -3 }, "111010"},
		{"late", func(o *dialog.Observation) { o.Late = 3 }, "121010"},
		{"jitter", func(o *dialog.Observation) { o.JitterMS = 30.1 }, "112010"},
		{"round trip of 300", func(o *dialog.Observation) { o.RTCP.RTTMS = 300 }, "111110"},
		{"round trip of 301", func(o *dialog.Observation) { o.RTCP.RTTMS = 301 }, "111210"},
		{"receiver's report", func(o *dialog.Observation) { o.RTCP.Reports = 1 }, "111011"},
		{"lost behind", func(o *dialog.Observation) { o.RTCP.Reports, o.Located.After = 1, 3 }, "111012"},
		{"MOS", func(o *dialog.Observation) { o.MOS = 3.59 }, "111020"},
		{"no MOS", func(o *dialog.Observation) { o.MOS = 0 }, "111000"},
		{"nothing came", func(o *dialog.Observation) { o.Packets, o.Lost, o.MOS = 0, 250, 0 }, "200000"},
		{"too few", func(o *dialog.Observation) { o.Expected, o.Lost = minJudged-1, 10 }, "000000"},
		{"video", func(o *dialog.Observation) { o.Media, o.Lost = rtpstats.MediaVideo, 10 }, "000000"},
		{"suspect", func(o *dialog.Observation) { o.Suspect, o.Lost = true, 10 }, "000000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, signal := range signals {
				s := newScene(t, "rules: [{name: r, signal: "+signal+", measure: count, above: 0, for: 0s, window: 1m}]")
				s.engine.Observe(s.interval(100, 1, trunkA, tt.change))
				s.engine.Tick(ns(101), Health{})
				switch {
				case len(s.changes) > 0:
					got += "2"
				case s.engine.Stats().Sets > 0:
					got += "1"
				default:
					got += "0"
				}
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A tenth of the intervals have 70 ms of jitter: the 95th percentile of twenty
// streams is among them, the 90th is not. Below a MOS works the other way.
func TestPercentiles(t *testing.T) {
	tests := []struct {
		rule string
		want int
	}{
		{"signal: jitter, measure: p95, above: 60", 1},
		{"signal: jitter, measure: p95, above: 80", 0},
		{"signal: jitter, measure: p90, above: 60", 0},
		{"signal: jitter, measure: p91, above: 60", 1},
		{"signal: mos, measure: p5, below: 3", 1},
		{"signal: mos, measure: p11, below: 3", 0},
		{"signal: mos, measure: p5, below: 1.8", 0},
	}
	for _, tt := range tests {
		s := newScene(t, "rules: [{name: r, "+tt.rule+", for: 0s, window: 1m}]")
		s.run(0, 60, func(at int) {
			s.streams(at, 20, 2, func(o *dialog.Observation) { o.JitterMS, o.MOS = 70, 2 })
		})
		if got := len(s.engine.Alerts()); got != tt.want {
			t.Errorf("%s: %d alerts, want %d", tt.rule, got, tt.want)
		}
	}
}

// A stream whose codec changes counts where it is, once.
func TestStreamMoves(t *testing.T) {
	s := newScene(t, "rules: [{name: r, signal: loss, by: [codec], above: 0.5, window: 1m}]")
	s.run(0, 31, func(at int) {
		if at%5 == 0 {
			s.engine.Observe(s.interval(at, 1, trunkA, func(o *dialog.Observation) {
				if at >= 15 {
					o.Codec = "G729"
				}
			}))
		}
	})
	rs := s.engine.rules[0]
	for _, set := range rs.list {
		want := tally{weight: 3 * 5000} // 0, 5, 10
		if set.labels[1].Value == "G729" {
			want = tally{weight: 4 * 5000, units: 1} // 15, 20, 25, 30
		}
		if set.window.sum != want {
			t.Errorf("%v: %+v, want %+v", set.labels, set.window.sum, want)
		}
	}
	if len(rs.list) != 2 {
		t.Errorf("%d sets, want 2", len(rs.list))
	}
}

// A stream that ends makes room at once, one whose end was never told after
// ten minutes and a sweep of one more.
func TestStreamsEnd(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 6, func(at int) { s.streams(at, 20, 0, nil) })
	s.engine.Observe(s.interval(10, 3, trunkA, func(o *dialog.Observation) { o.Final = true }))
	if got := s.engine.Stats().Streams; got != 19 {
		t.Errorf("%d streams, want 19", got)
	}
	s.run(6, 605, nil)
	if got := s.engine.Stats().Streams; got != 19 {
		t.Errorf("%d streams after ten minutes, want 19", got)
	}
	s.run(605, 667, nil)
	if got := s.engine.Stats().Streams; got != 0 {
		t.Errorf("%d streams after eleven minutes, want 0", got)
	}
}

// A reload numbers segments anew; the alert of a segment is its name's.
func TestPlanChanges(t *testing.T) {
	s := newScene(t, replaced(lossRule, "by: [segment, direction]", "by: [segment]"))
	other, err := topology.New(topology.Config{Segments: []topology.SegmentConfig{
		{Name: "new", VLANs: []uint16{9}}, {Name: "trunk-a", VLANs: []uint16{7}},
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.run(0, 60, func(at int) {
		change := lossy
		if at >= 30 {
			change = func(o *dialog.Observation) { lossy(o); o.Plan, o.Segment = other, 2 }
		}
		s.streams(at, 20, 20, change)
	})
	s.want("1 pending", "31 firing")
	if a := s.engine.Alerts(); len(a) != 1 || a[0].Label("segment") != "trunk-a" || a[0].Figures.Total != 20 {
		t.Errorf("alerts %+v; want one of trunk-a with 20 streams", a)
	}
}

// The probe's own figures, second by second, from 60 on.
func TestProbe(t *testing.T) {
	tests := []struct {
		name, rule string
		health     Health
		want       []string
	}{
		// 60 seconds of 1000 packets; with j seconds that lost 10 of 1010 the
		// share is 10j / (60,000 + 10j), beyond 1 ‰ with 7.
		{"lost", "figure: lost, above: 0.001", Health{Packets: 1000, Lost: 10}, []string{"66 pending", "76 firing"}},
		{"nothing lost", "figure: lost, above: 0.001", Health{Packets: 1000, Shed: 1000}, nil},
		{"shed", "figure: shed, above: 0.001", Health{Packets: 1000, Shed: 5, ShedMessages: 5}, []string{"66 pending", "76 firing"}},
		{"refused", "figure: refused, measure: count, above: 2", Health{Packets: 1000, Refused: 1}, []string{"62 pending", "72 firing"}},
		{"unkept", "figure: unkept, measure: count, above: 0", Health{Packets: 1000, Unkept: 1}, []string{"60 pending", "70 firing"}},
		// More than a tenth of the 61 samples (60 seconds and the current one): 7.
		{"lag", "figure: lag, measure: p90, above: 5", Health{Packets: 1000, Lag: 6 * time.Second}, []string{"66 pending", "76 firing"}},
		{"little lag", "figure: lag, measure: p90, above: 5", Health{Packets: 1000, Lag: 5 * time.Second}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, "rules: [{name: r, signal: probe, "+tt.rule+", window: 1m, for: 10s}]")
			for at := range 100 {
				h := Health{Packets: 1000}
				if at >= 60 {
					h = tt.health
				}
				s.engine.Tick(ns(at), h)
			}
			s.want(tt.want...)
		})
	}
}

// Other rules: what did not change lives on, the rest ends as inactive.
func TestSetRules(t *testing.T) {
	second := "  - {name: all, signal: loss, above: 0.1, window: 1m, for: 30s}\n"
	s := newScene(t, lossRule+second)
	story := func(at int) { s.streams(at, 20, 20, lossy) }
	s.run(0, 40, story)
	s.want("1 pending", "1 pending", "31 firing", "31 firing")
	s.changes = nil

	reload := func(text string) {
		t.Helper()
		set, err := ParseRules([]byte("defaults: false\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		s.engine.SetRules(set)
	}
	reload("rules:\n  - {name: new, signal: jitter, above: 0.1}\n" + second) // "loss" is gone, "all" moved
	s.want("39 inactive rule_changed")
	if c := s.changes[0]; c.From != Firing || c.Alert.Rule != "loss" || c.Alert.State != Inactive {
		t.Errorf("change %+v; want the end of the firing alert of loss", c)
	}
	s.run(40, 60, story)
	if a := s.engine.Alerts(); len(a) != 1 || a[0].Rule != "all" || a[0].Figures.Total != 20 || !a[0].Fired.Equal(time.Unix(start+31, 0)) {
		t.Errorf("alerts %+v; want the one of all, as old as it is, with 20 streams", a)
	}
	if got := s.engine.Stats(); got.Sets != 2 || got.Streams != 20 {
		t.Errorf("stats %+v; want 2 sets and 20 streams", got)
	}
	reload(lossRule) // its windows were forgotten with it: it begins anew at the next tick with data
	s.changes = nil
	s.run(60, 100, story)
	s.want("61 pending", "91 firing")
}

// Names beyond the vocabulary are "other"; a filter for one of them is for nobody.
func TestNamesFold(t *testing.T) {
	n := newNames()
	for i := range maxCodecNames + 10 {
		n.codec(fmt.Sprintf("C%d", i))
	}
	if got := n.codec("C5"); n.codecs.list[got] != "C5" {
		t.Errorf("C5 is %q", n.codecs.list[got])
	}
	if got := n.codec("C105"); got != 0 || n.folded != 12 { // 0 to 98 found room beside "other"; 99 to 109, and C105 again
		t.Errorf("C105 is number %d, %d folded; want 0 and 12", got, n.folded)
	}
	f := n.filter(&Filter{Codecs: []string{"C105"}})
	if f.passes(place{}) {
		t.Error("a filter for a name without room lets the others through")
	}
	if f := n.filter(&Filter{Codecs: []string{"other"}}); !f.passes(place{}) {
		t.Error("a filter for other holds it back")
	}
}

// SDP writes codecs in any case: they are one, and a filter finds it.
func TestCodecSpelling(t *testing.T) {
	s := newScene(t, "rules: [{name: r, signal: loss, by: [codec], where: {not_codec: g729}, measure: count, above: 0, for: 0s}]")
	for i, codec := range []string{"pcmu", "PCMU", "Pcmu", "OPUS", "opus", "ilbc", "G729", "g729", "", "g722"} {
		s.engine.Observe(s.interval(100, i, trunkA, func(o *dialog.Observation) { lossy(o); o.Codec = codec }))
	}
	s.engine.Tick(ns(101), Health{})
	got := map[string]int{}
	for _, a := range s.engine.Alerts() {
		got[a.Label("codec")] = a.Figures.Affected
	}
	want := map[string]int{"PCMU": 3, "opus": 2, "iLBC": 1, "unknown": 1, "G722": 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("streams by codec %v, want %v", got, want)
	}
}

// Rules aggregate by trunk, for streams and for calls at both their ends; what
// comes over none is "other". A stream that changes its trunk counts there.
func TestByTrunk(t *testing.T) {
	s := newScene(t, "rules: [{name: r, signal: loss, by: [trunk], where: {not_trunk: c.example}, measure: count, above: 0, for: 0s}, {name: f, signal: failed_calls, by: [trunk], measure: count, above: 0, for: 0s}]")
	for i, trunk := range []string{"a.example", "a.example", "b.example", "c.example", ""} {
		s.engine.Observe(s.interval(100, i, trunkA, func(o *dialog.Observation) { lossy(o); o.Trunk = trunk }))
	}
	s.engine.Observe(s.interval(105, 0, trunkA, func(o *dialog.Observation) { lossy(o); o.Trunk = "b.example" }))
	s.engine.Record(&dialog.CallRecord{
		ID: "x", Start: dialog.Time(ns(100)), End: dialog.Time(ns(101)), Disposition: dialog.Failed,
		TrunkFromCaller: "a.example", TrunkFromCallee: "b.example",
	})
	s.engine.Tick(ns(106), Health{})
	got := map[string]int{}
	for _, a := range s.engine.Alerts() {
		got[a.Rule+" "+a.Label("trunk")] = a.Figures.Affected
	}
	want := map[string]int{"r a.example": 1, "r b.example": 2, "r other": 1, "f a.example": 1, "f b.example": 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("affected by trunk %v, want %v", got, want)
	}
}
