package alerting

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// more takes further signals, factors and alerts. Alerts that bring nothing else
// wait for each other, so that a timeline can be read.
func (e *edit) more(f *Fault, every time.Duration) {
	c := e.c
	var fields []FieldChange
	main := mainSignal(f) == firstOf(c.Signals)
	if list := joined(f.Signals); list != joined(c.Signals) {
		fields = append(fields, FieldChange{"signals", joined(c.Signals), list})
		c.Signals = f.Signals
	}
	if len(f.Factors) > 0 && !sameFactors(f.Factors, c.Factors) {
		fields = append(fields, FieldChange{"factors", factorsText(c.Factors), factorsText(f.Factors)})
		c.Factors, main = f.Factors, false
	}
	if len(fields) == 0 && e.at.Before(c.measured().Add(alertsWait*every)) {
		return
	}
	fired := e.fire(f)
	if len(fired) == 0 && len(fields) == 0 {
		return
	}
	if !main && !c.byHand("subject") {
		changeTo(&fields, "subject", &c.Subject, subjectOf(f))
	}
	text := "What the affected have in common was measured anew."
	if len(fired) > 0 {
		text = "Fires too: " + saySome(fired, maxFired) + "."
	}
	e.live()
	e.monitor(UpdateMeasured, text, fields...)
}

// alertsWait is for how many turns of figures further alerts wait.
const alertsWait = 5

// measured is when something measured was told last.
func (c *Case) measured() time.Time {
	for i := len(c.Updates) - 1; i >= 0; i-- {
		if u := &c.Updates[i]; u.Author == MonitorAuthor && u.Kind == UpdateMeasured {
			return u.At
		}
	}
	return time.Time{}
}

func firstOf(list []Signal) Signal {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// maxFired is how many alerts one update names.
const maxFired = 6

// fire notes the alerts of a fault, and returns what the new ones are about.
func (e *edit) fire(f *Fault) (fired []string) {
	c := e.c
	for i := range f.Alerts {
		a := &f.Alerts[i]
		finger := a.Fingerprint.String()
		if slices.Contains(c.Alerts, finger) || len(c.Alerts) >= maxFingers {
			continue
		}
		c.Alerts = append(slices.Clip(c.Alerts), finger)
		fired = append(fired, a.about())
	}
	return fired
}

// about says what an alert is about: "low-mos (trunk-b, from_peer, G729)".
func (a *Alert) about() string {
	var where []string
	for _, name := range []string{"segment", "direction", "codec", "trunk", "peer"} {
		if v := a.Label(name); v != "" {
			where = append(where, strings.ReplaceAll(v, "_", " "))
		}
	}
	if len(where) == 0 {
		return a.Rule
	}
	return a.Rule + " (" + strings.Join(where, ", ") + ")"
}

// joined lists words.
func joined[T ~string](list []T) string {
	var text []string
	for _, s := range list {
		text = append(text, string(s))
	}
	return strings.Join(text, ", ")
}

func factorsText(list []Factor) string {
	var text []string
	for _, f := range list {
		text = append(text, fmt.Sprintf("%s %s", f.Name, f.Value))
	}
	return strings.Join(text, ", ")
}
