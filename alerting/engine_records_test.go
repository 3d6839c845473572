package alerting

import (
	"fmt"
	"testing"

	"earshot/dialog"
	"earshot/topology"
)

// call is one of no named peer to a carrier, answered after 2 s and over after 60.
func (s *scene) call(at, n int, change func(*dialog.CallRecord)) *dialog.CallRecord {
	pdd, duration := 2000.0, 58_000.0
	r := &dialog.CallRecord{
		ID: fmt.Sprintf("%d-%d", at, n), Start: dialog.Time(ns(at - 60)), Answer: dialog.Time(ns(at - 58)), End: dialog.Time(ns(at)),
		Disposition: dialog.Answered, PDDMS: &pdd, DurationMS: &duration, EndedBy: dialog.EndedByCaller, AnsweredCodecs: []string{"PCMA"},
		Plan: s.plan, PeerTo: carrierA, SegmentFromCaller: trunkA, SegmentFromCallee: trunkA,
	}
	if change != nil {
		change(r)
	}
	return r
}

func failed(status int) func(*dialog.CallRecord) {
	return func(r *dialog.CallRecord) {
		r.Disposition, r.FinalStatus, r.Answer, r.PDDMS, r.DurationMS = dialog.Failed, &status, 0, nil, nil
		r.Start = r.End - dialog.Time(2e9)
	}
}

func found(code string) func(*dialog.CallRecord) {
	return func(r *dialog.CallRecord) { r.Findings = []dialog.Finding{{Code: code}} }
}

// Of a call's two ends only the carrier has a name: one alert, of that carrier.
// One call ends every second, and of those from 101 to 199 every other one
// fails. The window has sixty calls; more than a fifth of them is 13, which
// failed when 101 + 2*12 = 125 is over. The last failures are those of 195, 197
// and 199: three of sixty are 5 %, from 254 on, when the window begins with 194.
func TestFailedCalls(t *testing.T) {
	s := newScene(t, `
rules:
  - {name: failed, signal: failed_calls, by: [peer, direction], above: 0.20, resolve: 0.05, window: 1m, for: 10s, resolve_for: 10s}
`)
	s.run(0, 300, func(at int) {
		change := failed(503)
		if at < 100 || at >= 200 || at%2 == 0 {
			change = nil
		}
		s.engine.Record(s.call(at, 0, change))
	})
	s.want("126 pending", "136 firing", "264 resolved")
	a := s.changes[0].Alert
	if a.Label("peer") != "carrier-a" || a.Label("direction") != "to_peer" || a.Figures.Affected != 13 || a.Figures.Total != 60 || a.Figures.Unit != "calls" {
		t.Errorf("alert %+v; want 13 of 60 calls to carrier-a", a)
	}
}

// What each signal says of a call: 0 not judged, 1 good, 2 impaired.
func TestCallSignals(t *testing.T) {
	quick, slow := 3000.0, 8000.0
	signals := []string{
		"signal: failed_calls", "signal: sip_cause, statuses: [5xx, 408]", "signal: pdd", "signal: short_calls",
		"signal: one_way", "signal: no_media", "signal: codec_mismatch", "signal: finding, codes: [nat_mismatch, clock_skew]", "signal: sip_dscp",
	}
	tests := []struct {
		name   string
		change func(*dialog.CallRecord)
		want   string // of each signal
	}{
		{"good", nil, "111111111"},
		{"in progress", func(r *dialog.CallRecord) { r.Disposition = dialog.InProgress }, "000000000"},
		{"server failure", failed(500), "220000001"},
		{"timeout", failed(408), "220000001"},
		{"wrong number", failed(404), "110000001"},
		{"forbidden", func(r *dialog.CallRecord) { failed(403)(r); r.Disposition = dialog.Rejected }, "110000001"},
		{"busy", func(r *dialog.CallRecord) { failed(486)(r); r.Disposition = dialog.Busy }, "110000001"},
		{"redirected", func(r *dialog.CallRecord) { failed(302)(r); r.Disposition = dialog.Redirected }, "010000001"},
		{"begun before", func(r *dialog.CallRecord) { r.Truncated = true }, "001111111"},
		{"slow", func(r *dialog.CallRecord) { r.PDDMS = &slow }, "112111111"},
		{"short", func(r *dialog.CallRecord) { r.DurationMS = &quick }, "111211111"},
		{"cut by the capture", func(r *dialog.CallRecord) { r.DurationMS, r.EndedBy = &quick, dialog.EndedByCapture }, "111011111"},
		{"one way", found("one_way_audio"), "111121111"},
		{"no media", found("no_media"), "111112111"},
		{"mismatch", found("codec_mismatch"), "111111211"},
		{"skew", found("clock_skew"), "111111121"},
		{"unmarked", found("signalling_dscp_not_cs3"), "111111112"},
		{"capture loss", found("capture_loss"), "111100001"},
		{"suspect stream", func(r *dialog.CallRecord) { r.Media = []*dialog.StreamRecord{{Trust: "suspect"}} }, "111100001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, signal := range signals {
				s := newScene(t, "rules: [{name: r, "+signal+", measure: count, above: 0, for: 0s, window: 1m}]")
				s.engine.Record(s.call(100, 0, tt.change))
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

// At both ends of a call, once each; "other" only where nobody has a name.
func TestBothSides(t *testing.T) {
	tests := []struct {
		name     string
		by       string
		from, to topology.PeerID
		want     []string
	}{
		{"to a carrier", "peer", 0, carrierA, []string{"carrier-a"}},
		{"from a carrier", "peer", carrierB, 0, []string{"carrier-b"}},
		{"through", "peer", carrierA, carrierB, []string{"carrier-a", "carrier-b"}},
		{"back", "peer", carrierA, carrierA, []string{"carrier-a"}},
		{"nobody", "peer", 0, 0, []string{"other"}},
		{"nobody, both ways", "peer, direction", 0, 0, []string{"other", "other"}},
		{"whole", "", carrierA, carrierB, []string{""}},
		{"filtered", "peer], where: {peer: carrier-b}, labels: {a: b}, severity: [{severity: 2}", carrierA, carrierB, []string{"carrier-b"}},
		{"filtered, whole", "], where: {peer: carrier-b}, labels: {a: b}, severity: [{severity: 2}", carrierA, carrierB, []string{""}},
		{"not that one", "peer], where: {not_peer: carrier-b}, severity: [{severity: 2}", carrierA, carrierB, []string{"carrier-a"}},
		{"one direction", "peer], where: {direction: from_peer}, severity: [{severity: 2}", carrierA, carrierB, []string{"carrier-a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, "rules: [{name: r, signal: failed_calls, measure: count, above: 0, for: 0s, by: ["+tt.by+"]}]")
			s.engine.Record(s.call(100, 0, func(r *dialog.CallRecord) { failed(503)(r); r.PeerFrom, r.PeerTo = tt.from, tt.to }))
			s.engine.Tick(ns(101), Health{})
			var got []string
			for _, a := range s.engine.Alerts() {
				if a.Figures.Affected != 1 {
					t.Errorf("%d affected, want 1", a.Figures.Affected)
				}
				got = append(got, a.Label("peer"))
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("alerts of %q, want %q", got, tt.want)
			}
		})
	}
}

// A probe that lost signalling between 110 and 120 does not know of the calls
// of that time how they came out; of those decided before and begun after it does.
func TestBlindProbe(t *testing.T) {
	s := newScene(t, "rules: [{name: r, signal: failed_calls, measure: count, above: 100, window: 10m}]")
	s.engine.Tick(ns(110), Health{})
	s.engine.Tick(ns(120), Health{ShedMessages: 3})
	for _, c := range []struct{ start, end int }{{100, 109}, {100, 110}, {112, 114}, {119, 125}, {121, 125}} {
		s.engine.Record(s.call(c.end, c.start, func(r *dialog.CallRecord) {
			failed(503)(r)
			r.Start = dialog.Time(ns(c.start))
		}))
	}
	w := s.engine.rules[0].list[0].window
	if w.sum.affected != 2 || s.engine.Stats().Suspect != 3 {
		t.Errorf("%d judged, %d suspect; want 2 and 3", w.sum.affected, s.engine.Stats().Suspect)
	}
}

// Two registrations a second, for 1200 s, are 120 in a minute. The storm brings
// twenty: with j seconds of it in the window 120 + 18j, beyond 600 with 27. It
// ends at 1500; six seconds of it, 228 < 240, are left at 1554.
func TestRegistrationStorm(t *testing.T) {
	s := newScene(t, `
rules:
  - {name: storm, signal: registration_rate, by: [peer], measure: factor, above: 5, resolve: 2, baseline: 10m, window: 1m, for: 10s, resolve_for: 30s}
`)
	s.run(0, 1700, func(at int) {
		n := 2
		if at >= 1200 && at < 1500 {
			n = 20
		}
		for i := range n {
			s.engine.Record(s.register(at, i, 200))
		}
	})
	s.want("1227 pending", "1237 firing", "1584 resolved")
	a := s.changes[0].Alert
	if a.Label("peer") != "carrier-b" || a.Figures.Usual != 120 || a.Figures.Affected != 606 || a.Figures.Value != 606.0/120 {
		t.Errorf("alert %+v; want 606 registrations at carrier-b, where 120 are usual", a)
	}
}

// What lasts longer than a baseline is how things are now. The storm of 20 a
// second does not end; from ten minutes after 1227 on it becomes usual, a
// six-hundredth of the rest each second: 2 + 18 (1 - (599/600)^n) reaches 10, half
// of it, with n = ln 1.8 / ln (600/599) = 352.4. The first of those seconds is
// 1827, the 353rd 2179; it resolves half a minute later.
func TestNewHabit(t *testing.T) {
	s := newScene(t, `
rules:
  - {name: storm, signal: registration_rate, by: [peer], measure: factor, above: 5, resolve: 2, baseline: 10m, window: 1m, for: 10s, resolve_for: 30s}
`)
	s.run(0, 3000, func(at int) {
		n := 2
		if at >= 1200 {
			n = 20
		}
		for i := range n {
			s.engine.Record(s.register(at, i, 200))
		}
	})
	s.want("1227 pending", "1237 firing", "2209 resolved")
}

func (s *scene) register(at, n, status int) *dialog.TransactionRecord {
	r := &dialog.TransactionRecord{Method: "REGISTER", CallID: fmt.Sprintf("%d-%d", at, n), Start: dialog.Time(ns(at)), FinalStatus: &status}
	o := s.interval(at, n, trunkB, nil)
	r.Src, r.Dst = o.Src, o.Dst
	if status == 0 {
		r.FinalStatus = nil
	}
	return r
}

// Challenges are no failures, silence is one (RFC 6076 4.2).
func TestRegistrationsFailed(t *testing.T) {
	for status, want := range map[int]int{200: 0, 401: 0, 407: 0, 402: 0, 403: 1, 404: 1, 500: 1, 603: 1, 0: 1} {
		s := newScene(t, "rules: [{name: r, signal: registrations_failed, measure: count, above: 0, for: 0s}]")
		s.engine.Record(s.register(100, 0, status))
		s.engine.Tick(ns(101), Health{})
		if got := len(s.engine.Alerts()); got != want {
			t.Errorf("status %d: %d alerts, want %d", status, got, want)
		}
	}
}

// Markings and runs of losses come with a stream's record.
func TestStreamRecords(t *testing.T) {
	ptime := 20.0
	tests := []struct {
		name   string
		signal string
		change func(*dialog.StreamRecord)
		want   int
	}{
		{"marked", "dscp", func(r *dialog.StreamRecord) { r.DSCP = []int{46} }, 0},
		{"marked, then not", "dscp", func(r *dialog.StreamRecord) { r.DSCP = []int{46, 0} }, 1},
		{"unmarked", "dscp", func(r *dialog.StreamRecord) { r.DSCP = []int{0} }, 1},
		{"not known", "dscp", func(*dialog.StreamRecord) {}, 0},
		{"video", "dscp", func(r *dialog.StreamRecord) { r.DSCP, r.Media = []int{0}, "video" }, 0},
		{"no loss", "burst_loss", func(*dialog.StreamRecord) {}, 0},
		{"four packets", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[3] = 9 }, 0},                                  // 80 ms
		{"five packets", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[4] = 1 }, 1},                                  // 100 ms
		{"five packets, suspect", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[4] = 1; r.Trust = "suspect" }, 0},    //
		{"two long packets", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[1] = 1; *r.PTimeMS = 60 }, 1},             // 120 ms
		{"unknown packet time", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[9] = 1; r.PTimeMS = nil }, 0},          //
		{"too short a stream", "burst_loss", func(r *dialog.StreamRecord) { r.LossRuns[9] = 1; r.Packets = minJudged - 1 }, 0}, //
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, "rules: [{name: r, signal: "+tt.signal+", by: [segment, codec], measure: count, above: 0, for: 0s}]")
			o, p, codec := s.interval(100, 1, trunkA, nil), ptime, "PCMU"
			r := &dialog.StreamRecord{
				ID: "abc", Src: o.Src, Dst: o.Dst, Media: "audio", Codec: &codec, Packets: 1000, PTimeMS: &p, LossRuns: make([]uint32, 10),
				Trust: "ok", End: dialog.Time(ns(100)), Plan: s.plan, SegmentID: trunkA, Toward: topology.ToPeer,
			}
			tt.change(r)
			s.engine.Record(r)
			s.engine.Tick(ns(101), Health{})
			alerts := s.engine.Alerts()
			if len(alerts) != tt.want {
				t.Fatalf("%d alerts, want %d", len(alerts), tt.want)
			}
			if tt.want == 1 && (alerts[0].Label("segment") != "trunk-a" || alerts[0].Label("codec") != "PCMU" || alerts[0].Examples[0].Stream != "abc") {
				t.Errorf("alert %+v; want trunk-a, PCMU and the stream abc", alerts[0])
			}
		})
	}
}
