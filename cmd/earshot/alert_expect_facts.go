package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// fact is one thing that an entry says of an alert or a case.
type fact[T any] struct {
	words  string // "severity high"
	weight int    // how much a difference counts when the nearest is looked for
	holds  func(T) bool
	got    func(T) string // "severity medium"
}

// How much a difference counts: what a thing is goes before where it is, and
// that before when and how bad it was.
const (
	weighsWhat  = 8
	weighsWhere = 3
	weighsHow   = 1
)

// facts are what an entry says of its alert.
func (a *expectedAlert) facts(first time.Time) []fact[*alerting.Alert] {
	var list []fact[*alerting.Alert]
	add := func(weight int, words string, holds func(*alerting.Alert) bool, got func(*alerting.Alert) string) {
		list = append(list, fact[*alerting.Alert]{words, weight, holds, got})
	}
	if name := a.Rule.text; name != "" {
		add(weighsWhat, name, func(x *alerting.Alert) bool { return x.Rule == name }, func(x *alerting.Alert) string { return "rule " + x.Rule })
	}
	for _, name := range slices.Sorted(maps.Keys(a.Labels)) {
		value := a.Labels[name].text
		add(weighsWhere, name+"="+value, func(x *alerting.Alert) bool { return x.Label(name) == value },
			func(x *alerting.Alert) string { return name + "=" + orNone(x.Label(name)) })
	}
	if a.Severity.text != "" {
		want, _ := alerting.ParseSeverity(a.Severity.text) // found right when it was read
		add(weighsHow, "severity "+want.String(), func(x *alerting.Alert) bool { return x.Severity == want },
			func(x *alerting.Alert) string { return "severity " + x.Severity.String() })
	}
	if a.Fires.said {
		add(weighsHow, a.Fires.words("fires"), func(x *alerting.Alert) bool { return a.Fires.holds(x.Fired, first) },
			func(x *alerting.Alert) string { return "fired at " + afterFirst(x.Fired, first) })
	}
	if a.Resolved.said {
		add(weighsHow, a.Resolved.words("resolved"), func(x *alerting.Alert) bool { return a.Resolved.holds(x.Resolved, first) },
			func(x *alerting.Alert) string { return momentWords("resolved", x.Resolved, first) })
	}
	return list
}

// factorNames are the factors that a case may have.
var factorNames = []string{
	string(alerting.FactorSegment), string(alerting.FactorDirection), string(alerting.FactorPeer), string(alerting.FactorCodec),
	string(alerting.FactorTrunk), string(alerting.FactorSource), string(alerting.FactorSink), string(alerting.FactorAgent),
	string(alerting.FactorPoint), string(alerting.FactorSite), string(alerting.FactorOwner),
}

// facts are what an entry says of its case.
func (e *expectedCase) facts(first time.Time) []fact[*alerting.Case] {
	var list []fact[*alerting.Case]
	add := func(weight int, words string, holds func(*alerting.Case) bool, got func(*alerting.Case) string) {
		list = append(list, fact[*alerting.Case]{words, weight, holds, got})
	}
	text := func(weight int, what string, want word, of func(*alerting.Case) string) {
		if want.text != "" {
			add(weight, what+" "+want.text, func(c *alerting.Case) bool { return of(c) == want.text },
				func(c *alerting.Case) string { return what + " " + orNone(of(c)) })
		}
	}
	text(weighsWhere, "segment", e.Segment, func(c *alerting.Case) string { return c.Segment })
	text(weighsWhere, "owner", e.Owner, func(c *alerting.Case) string { return c.Owner })
	text(weighsWhere, "tenant", e.Tenant, func(c *alerting.Case) string { return c.Tenant })
	text(weighsHow, "severity", e.severity(), func(c *alerting.Case) string { return c.Severity.String() })
	for _, w := range e.Signals {
		add(weighsWhat, "signal "+w.text, func(c *alerting.Case) bool { return slices.Contains(c.Signals, alerting.Signal(w.text)) },
			func(c *alerting.Case) string { return fmt.Sprintf("signals %v", c.Signals) })
	}
	if want := factorWords(e.factors()); e.Factors != nil {
		add(weighsWhere, "factors "+want, func(c *alerting.Case) bool { return factorWords(c.Factors) == want },
			func(c *alerting.Case) string { return "factors " + factorWords(c.Factors) })
	}
	if part := e.Subject.text; part != "" {
		add(weighsHow, fmt.Sprintf("subject with %q", part), func(c *alerting.Case) bool { return strings.Contains(c.Subject, part) },
			func(c *alerting.Case) string { return fmt.Sprintf("subject %q", c.Subject) })
	}
	if e.Opened.said {
		add(weighsHow, e.Opened.words("opened"), func(c *alerting.Case) bool { return e.Opened.holds(c.Opened, first) },
			func(c *alerting.Case) string { return "opened at " + afterFirst(c.Opened, first) })
	}
	if e.Restored.said {
		add(weighsHow, e.Restored.words("restored"), func(c *alerting.Case) bool { return e.Restored.holds(c.Restored, first) },
			func(c *alerting.Case) string { return momentWords("restored", c.Restored, first) })
	}
	return list
}

// severity is the severity by its name, however it was written.
func (e *expectedCase) severity() word {
	if s, err := alerting.ParseSeverity(e.Severity.text); err == nil && e.Severity.text != "" {
		return word{s.String(), e.Severity.line}
	}
	return e.Severity
}

func (e *expectedCase) factors() []alerting.Factor {
	var list []alerting.Factor
	for name, w := range e.Factors {
		list = append(list, alerting.Factor{Name: alerting.FactorName(name), Value: w.text})
	}
	return list
}

// factorWords writes factors in the order of their names.
func factorWords(list []alerting.Factor) string {
	var words []string
	for _, f := range list {
		words = append(words, fmt.Sprintf("%s=%s", f.Name, f.Value))
	}
	slices.Sort(words)
	return orNone(strings.Join(words, ", "))
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}

// momentWords says when something came, or that it did not.
func momentWords(what string, at, first time.Time) string {
	if at.IsZero() {
		return "not " + what
	}
	return what + " at " + afterFirst(at, first)
}
