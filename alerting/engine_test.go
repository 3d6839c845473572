package alerting

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"earshot/dialog"
)

// lossRule looks back on 60 buckets of a second. Twenty streams fill twelve
// instants of it with 20 intervals each; where five of the twenty are bad in k
// of them, the share is 5k / 240 = k / 48.
const lossRule = `
rules:
  - name: loss
    signal: loss
    by: [segment, direction]
    above: 0.10
    resolve: 0.03
    window: 1m
    for: 30s
    resolve_for: 1m
    severity:
      - {severity: high, share: 0.20, affected: 5}
      - {severity: medium}
    labels: {team: voice}
    annotations: {summary: "{value} of {total} {unit} in {segment}, {direction}, {codec}: {affected} hit"}
`

// The fault is in the intervals that end at 125 to 300. The fifth bad instant,
// 145, is in the window at 146: 5/48 = 10.4 %. Thirty seconds later it fires.
// After 300 the instants leave one by one; at 356 the window begins with 296 and
// holds one bad instant, 300: 1/48 = 2.1 %. It resolves a minute later.
//
// The share reaches a fifth with ten bad instants, 10/48 = 20.8 %, the tenth
// being 170, while it is still pending: it fires as high.
func TestAlertLife(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 600, func(at int) {
		bad := 0
		if at >= 125 && at <= 300 {
			bad = 5
		}
		s.streams(at, 20, bad, lossy)
	})
	s.want("146 pending", "176 firing", "416 resolved")

	pending, firing, resolved := s.changes[0].Alert, s.changes[1].Alert, s.changes[2].Alert
	if f := pending.Figures; f.Total != 20 || f.Affected != 5 || f.Value != 5.0/48 || f.Unit != "streams" {
		t.Errorf("figures when pending: %+v; want 5 of 20 streams, 5/48", f)
	}
	if pending.Severity != Medium || firing.Severity != High {
		t.Errorf("severities %s, %s; want medium, high", pending.Severity, firing.Severity)
	}
	want := []Label{{"alertname", "loss"}, {"direction", "to_peer"}, {"segment", "trunk-a"}, {"signal", "loss"}, {"team", "voice"}}
	if !reflect.DeepEqual(firing.Labels, want) {
		t.Errorf("labels %v, want %v", firing.Labels, want)
	}
	if got, want := pending.Annotations[0].Value, "10.4 % of 20 streams in trunk-a, to_peer, all: 5 hit"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	if len(firing.Examples) != 5 || firing.Examples[0].Value != 4 || firing.Examples[0].Stream != s.interval(5, 0, trunkA, nil).StreamID() {
		t.Errorf("examples %+v; want five streams with 4 %%, the first being stream 0", firing.Examples)
	}
	if pending.Fingerprint != resolved.Fingerprint || !resolved.Started.Equal(time.Unix(start+146, 0)) ||
		!resolved.Fired.Equal(time.Unix(start+176, 0)) || !resolved.Resolved.Equal(time.Unix(start+416, 0)) {
		t.Errorf("resolved alert %+v; want the times of its changes and one fingerprint", resolved)
	}
	if w := resolved.Worst; w.Value != 0.25 || w.Affected != 5 {
		t.Errorf("worst figures %+v; want a quarter, 5 streams", w)
	}
	if got := s.engine.Alerts(); len(got) != 0 {
		t.Errorf("alerts after all: %+v; want none", got)
	}
}

// Six bad instants, 125 to 150, are beyond the bound from 146 on. At 186 the
// first leaves, 5/48; at 191 the second, 4/48 = 8.3 %: five seconds too early for
// a rule that waits for 50.
func TestPendingEnds(t *testing.T) {
	s := newScene(t, replaced(lossRule, "for: 30s", "for: 50s"))
	s.run(0, 400, func(at int) {
		bad := 0
		if at >= 125 && at <= 150 {
			bad = 5
		}
		s.streams(at, 20, bad, lossy)
	})
	s.want("146 pending", "191 inactive")
}

// While one instant of four is bad, 3/48 = 6.3 % is between the bounds: the
// alert stays as it is. It resolves after the last one, 900, when the window
// has one bad instant left: from 901 on those at 860, 880 and 900 are in it, at
// 921 two of them, at 941 one. Instants at 20 s distance: 1/48.
func TestHysteresis(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 1100, func(at int) {
		bad := 0
		if at >= 125 && at <= 300 || at > 300 && at <= 900 && at%20 == 0 {
			bad = 5
		}
		s.streams(at, 20, bad, lossy)
	})
	s.want("146 pending", "176 firing", "1001 resolved")
}

// A fault that comes and goes is the same alert each time.
func TestFlapping(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 2000, func(at int) {
		bad := 0
		for _, from := range []int{125, 725, 1325} { // each like TestAlertLife
			if at >= from && at <= from+175 {
				bad = 5
			}
		}
		s.streams(at, 20, bad, lossy)
	})
	s.want("146 pending", "176 firing", "416 resolved", "746 pending", "776 firing", "1016 resolved", "1346 pending", "1376 firing", "1616 resolved")
	for _, c := range s.changes {
		if c.Alert.Fingerprint != s.changes[0].Alert.Fingerprint {
			t.Errorf("fingerprint %s at %v, want %s", c.Alert.Fingerprint, c.At, s.changes[0].Alert.Fingerprint)
		}
	}
}

// Traffic ends at 300 while the fault goes on: nothing is known until it comes
// back, whole, at 1000. At 1001 it is good, a minute later it has proved itself.
func TestNoTrafficProvesNothing(t *testing.T) {
	s := newScene(t, lossRule)
	story := func(at int) {
		switch {
		case at < 125:
			s.streams(at, 20, 0, nil)
		case at <= 300:
			s.streams(at, 20, 5, lossy)
		case at >= 1000:
			s.streams(at, 20, 0, nil)
		}
	}
	s.run(0, 1000, story)
	s.want("146 pending", "176 firing")
	if a := s.engine.Alerts(); len(a) != 1 || !a[0].NoData || a[0].State != Firing {
		t.Fatalf("without traffic: %+v; want one firing alert without data", a)
	}
	s.run(1000, 1200, story)
	s.want("146 pending", "176 firing", "1061 resolved")
}

// Nine streams are no sample of ten, however bad; the tenth comes at 200.
func TestMinimumSample(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 300, func(at int) {
		n := 9
		if at >= 200 {
			n = 10
		}
		s.streams(at, n, n, lossy)
	})
	s.want("201 pending", "231 firing")
}

// Three streams of twenty are 15 %, and too few for a rule that wants four.
func TestMinimumAffected(t *testing.T) {
	rule := replaced(lossRule, "for: 30s", "for: 30s\n    min: {units: 10, affected: 4}")
	s := newScene(t, rule)
	s.run(0, 300, func(at int) { s.streams(at, 20, 3, lossy) })
	s.want()
	s = newScene(t, rule)
	s.run(0, 300, func(at int) { s.streams(at, 20, 4, lossy) })
	s.want("1 pending", "31 firing") // the instant 0 has all twenty
}

// Media time: twenty intervals of five seconds are 100 s, so that 3 min come
// with the second instant, 10.
func TestMinimumTime(t *testing.T) {
	s := newScene(t, replaced(lossRule, "for: 30s", "for: 30s\n    min: {units: 10, time: 3m}"))
	s.run(0, 50, func(at int) {
		if at > 0 {
			s.streams(at, 20, 20, lossy)
		}
	})
	s.want("11 pending", "41 firing")
}

// Intervals in which the capture lost packets say nothing of the network.
func TestSuspectIntervals(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 300, func(at int) {
		s.streams(at, 20, 5, func(o *dialog.Observation) { lossy(o); o.Suspect = true })
	})
	s.want()
	if got := s.engine.Stats().Suspect; got != 60*5 {
		t.Errorf("%d suspect intervals, want 300", got)
	}
}

// Maintenance of the segment is no fault, and its traffic no proof: nothing of
// 125 to 300 counts.
func TestMaintenance(t *testing.T) {
	s := newScene(t, lossRule, func(c *Config) {
		c.InMaintenance = func(at time.Time, segment string) bool {
			second := at.Unix() - start
			return segment == "trunk-a" && second >= 120 && second <= 300
		}
	})
	s.run(0, 600, func(at int) {
		bad := 0
		if at >= 125 && at <= 300 {
			bad = 5
		}
		s.streams(at, 20, bad, lossy)
	})
	s.want()
	if got := s.engine.Stats().Maintained; got != 37*20 { // the instants 120, 125 ... 300
		t.Errorf("%d maintained, want 740", got)
	}
}

// A label set without room is counted, and the others live on.
func TestLabelCap(t *testing.T) {
	s := newScene(t, replaced(lossRule, "by: [segment, direction]", "by: [codec]"), func(c *Config) { c.MaxSets = 3 })
	s.run(0, 60, func(at int) {
		if at%5 != 0 {
			return
		}
		for i := range 100 {
			s.engine.Observe(s.interval(at, i, trunkA, func(o *dialog.Observation) { lossy(o); o.Codec = fmt.Sprintf("C%d", i%5) }))
		}
	})
	if got := s.engine.Stats(); got.Sets != 3 || got.RefusedSets != 40 || got.Firing != 3 { // 40 streams of two codecs, each asked once
		t.Errorf("stats %+v; want 3 sets, 40 refused, 3 firing", got)
	}
	s.run(60, 1000, nil)
	if got := s.engine.Stats(); got.Sets != 3 || got.Streams != 0 {
		t.Errorf("stats %+v; want 3 sets that still fire, and no stream", got)
	}
}

// Streams without room count in the share, and not as streams.
func TestStreamCap(t *testing.T) {
	s := newScene(t, lossRule, func(c *Config) { c.MaxStreams = 12 })
	s.run(0, 60, func(at int) { s.streams(at, 20, 20, lossy) })
	s.want("1 pending", "31 firing")
	f := s.changes[1].Alert.Figures
	if f.Total != 12 || f.Share != 1 || s.engine.Stats().RefusedStreams != 12*8 {
		t.Errorf("%+v, %d refused; want 12 streams, all of the time, 96 refused", f, s.engine.Stats().RefusedStreams)
	}
}

// A label set that nothing is in any more makes room.
func TestIdleSets(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 30, func(at int) { s.streams(at, 20, 0, nil) })
	if got := s.engine.Stats().Sets; got != 1 {
		t.Fatalf("%d sets, want 1", got)
	}
	s.run(30, 100, nil) // the last instant, 25, leaves at 86
	if got := s.engine.Stats().Sets; got != 0 {
		t.Errorf("%d sets, want none", got)
	}
	s.run(100, 200, func(at int) { s.streams(at, 20, 20, lossy) })
	s.want("101 pending", "131 firing")
}

// A jump over hours is one tick: the window is empty, the pending alert ends.
func TestJump(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 10, func(at int) { s.streams(at, 20, 20, lossy) })
	s.engine.Tick(ns(9000), Health{})
	s.want("1 pending", "9000 inactive no_data")
	s.engine.Tick(ns(8000), Health{}) // never back
	s.want("1 pending", "9000 inactive no_data")
}

// The same story gives the same changes.
func TestDeterministic(t *testing.T) {
	play := func() []Change {
		s := newScene(t, replaced(lossRule, "by: [segment, direction]", "by: [segment, codec]"))
		s.run(0, 400, func(at int) {
			if at%5 != 0 {
				return
			}
			for i := range 200 {
				s.engine.Observe(s.interval(at, i, trunkA, func(o *dialog.Observation) {
					o.Codec = fmt.Sprintf("C%d", i%7)
					if at > 100 && at < 250 && i%3 == 0 {
						lossy(o)
					}
				}))
			}
		})
		return s.changes
	}
	first := play()
	if len(first) != 7*3 {
		t.Errorf("%d changes, want pending, firing and resolved of seven codecs", len(first))
	}
	if !reflect.DeepEqual(first, play()) {
		t.Error("the second run differs from the first")
	}
}
