package alerting

import (
	"fmt"
	"slices"
	"time"
)

// fault is a Fault that the watch keeps.
type fault struct {
	shown Fault
}

// changed takes one change of an alert.
func (w *Watch) changed(c Change) {
	if w.cfg.Emit != nil {
		w.cfg.Emit(c)
	}
	switch {
	case c.To == Firing:
		w.fired(&c)
	case c.From == Firing:
		w.ended(&c)
	}
}

// fired adds an alert to its fault.
func (w *Watch) fired(c *Change) {
	for _, f := range w.faults {
		if i := f.alert(c.Alert.Fingerprint); i >= 0 {
			s := &f.shown
			s.Alerts[i] = c.Alert
			s.Severity = min(s.Severity, c.Alert.Severity)
			if c.From != Firing {
				s.Over = time.Time{}
				s.Spells = append(s.Spells, FaultSpell{From: c.Alert.Started})
			}
			s.Seen = c.At
			return
		}
	}
	a := c.Alert
	s := Fault{
		ID:      FaultID(fmt.Sprintf("%s-%x", a.Fingerprint, a.Started.Unix())),
		Signals: []Signal{a.Signal}, Severity: a.Severity, Probe: a.Signal == SignalProbe,
		Began: a.Started, Fired: a.Fired, Seen: c.At, Alerts: []Alert{a}, Examples: a.Examples,
		Spells:  []FaultSpell{{From: a.Started}},
		Verdict: Verdict{Segment: a.Label("segment"), Direction: a.Label("direction"), Share: 1, Reason: "its alert is about this segment"},
		Impact:  Impact{Calls: a.Worst.Affected, CallsTotal: a.Worst.Total, Share: a.Worst.Share},
	}
	w.faults = append(w.faults, &fault{shown: s})
}

// ended closes the spell of an alert's fault.
func (w *Watch) ended(c *Change) {
	for _, f := range w.faults {
		if i := f.alert(c.Alert.Fingerprint); i >= 0 {
			f.shown.Alerts[i] = c.Alert
			f.shown.Over = c.At
			f.shown.Spells[len(f.shown.Spells)-1].To = c.At
		}
	}
}

// alert finds an alert of the fault, -1 where it has none of that name.
func (f *fault) alert(p Fingerprint) int {
	return slices.IndexFunc(f.shown.Alerts, func(a Alert) bool { return a.Fingerprint == p })
}

// Faults lists the faults that go on and those that are over for less than an
// hour, in the order in which they fired. They are copies.
func (w *Watch) Faults() []Fault {
	w.faults = slices.DeleteFunc(w.faults, func(f *fault) bool {
		return !f.shown.Over.IsZero() && w.now-f.shown.Over.UnixNano() >= faultKept
	})
	var list []Fault
	for _, f := range w.faults {
		s := f.shown
		s.Alerts, s.Spells = slices.Clone(s.Alerts), slices.Clone(s.Spells)
		list = append(list, s)
	}
	return list
}
