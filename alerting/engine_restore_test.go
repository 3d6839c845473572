package alerting

import (
	"reflect"
	"testing"

	"earshot/dialog"
)

// An engine that ends while an alert fires gives it to the next one, which
// resolves it as the first would have: the fault of TestAlertLife, good from 356
// on when nothing else is known. The second engine begins at 400 and sees its
// first good intervals, of ten streams, at 405: good from 406, over at 466.
func TestRestore(t *testing.T) {
	first := newScene(t, lossRule)
	first.run(0, 200, func(at int) {
		bad := 0
		if at >= 125 {
			bad = 5
		}
		first.streams(at, 20, bad, lossy)
	})
	alerts := first.engine.Alerts()
	if len(alerts) != 1 || alerts[0].State != Firing {
		t.Fatalf("alerts %+v; want one that fires", alerts)
	}

	second := newScene(t, lossRule)
	if n := second.engine.Restore(ns(400), alerts); n != 1 {
		t.Fatalf("%d restored, want 1", n)
	}
	got := second.engine.Alerts()
	if len(got) != 1 || got[0].Fingerprint != alerts[0].Fingerprint || !got[0].Fired.Equal(alerts[0].Fired) || got[0].Severity != alerts[0].Severity || !got[0].NoData {
		t.Errorf("restored %+v; want %+v, without data", got, alerts[0])
	}
	second.run(401, 600, func(at int) { second.streams(at, 10, 0, nil) })
	second.want("466 resolved")
	if a := second.changes[0].Alert; !reflect.DeepEqual(a.Worst, alerts[0].Worst) || !a.Started.Equal(alerts[0].Started) {
		t.Errorf("resolved %+v; want the start and the worst figures of %+v", a, alerts[0])
	}
}

// What the rules don't say any more is left out.
func TestRestoreRefuses(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 60, func(at int) { s.streams(at, 20, 20, lossy) })
	alerts := s.engine.Alerts()
	for name, rules := range map[string]string{
		"other labels":     replaced(lossRule, "team: voice", "team: network"),
		"other dimensions": replaced(lossRule, "by: [segment, direction]", "by: [segment]"),
		"no such rule":     replaced(lossRule, "name: loss", "name: lost"),
	} {
		if n := newScene(t, rules).engine.Restore(ns(100), alerts); n != 0 {
			t.Errorf("%s: %d restored, want none", name, n)
		}
	}
	alerts[0].State = Pending
	if n := newScene(t, lossRule).engine.Restore(ns(100), alerts); n != 0 {
		t.Errorf("pending: %d restored, want none", n)
	}
}

// An alert can be compared with what goes on beside it: twenty lossy streams
// over trunk A, fifteen whole ones over trunk B, and five that are no sample.
func TestMeasured(t *testing.T) {
	s := newScene(t, lossRule)
	s.run(0, 50, func(at int) {
		s.streams(at, 20, 20, lossy)
		for i := range 20 {
			if at%5 == 0 && i < 15 {
				s.engine.Observe(s.interval(at, 100+i, trunkB, nil))
			} else if at%5 == 0 {
				s.engine.Observe(s.interval(at, 100+i, 0, func(o *dialog.Observation) { o.Direction = 0 }))
			}
		}
	})
	got := s.engine.Measured("loss")
	if len(got) != 3 {
		t.Fatalf("%d label sets, want 3", len(got))
	}
	for i, want := range []struct {
		segment         string
		state           State
		noData          bool
		total, affected int
	}{{"trunk-a", Firing, false, 20, 20}, {"trunk-b", Inactive, false, 15, 0}, {"other", Inactive, true, 5, 0}} {
		m := got[i]
		if m.Labels[2].Value != want.segment || m.State != want.state || m.NoData != want.noData || m.Figures.Total != want.total || m.Figures.Affected != want.affected {
			t.Errorf("got %+v, want %+v", m, want)
		}
	}
	if got := s.engine.Measured("none"); got != nil {
		t.Errorf("of no rule: %+v, want nothing", got)
	}
}
