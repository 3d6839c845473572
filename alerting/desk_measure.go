package alerting

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// measure takes what a fault says of its open case. What hurts more is told at
// once, further alerts and factors when figures are due; figures that merely
// move on make no entry of the timeline. Within maintenance only good news counts.
func (d *Desk) measure(e *edit, f *Fault) {
	e.joins(f)
	e.restored(f)
	since, _, held := d.held(e.at, f, Where{e.c.Tenant, e.c.Segment})
	if held {
		return
	}
	e.impaired(f, since)
	e.place(d, f)
	e.worse(f)
	if due := !e.at.Before(e.c.FiguresAt.Add(d.cfg.FiguresEvery)); due || e.moved || d.newChanges(e.c) {
		e.more(f, d.cfg.FiguresEvery)
		d.figures(e, f)
	}
}

// live notes that the case had an update: what is silent may be escalated.
func (e *edit) live() { e.c.FollowUp.Updated, e.c.FollowUp.MayEscalate = e.at, time.Time{} }

// restored takes the proof that a fault is over.
func (e *edit) restored(f *Fault) {
	c := e.c
	if f.Over.IsZero() || !c.Restored.IsZero() {
		return
	}
	e.joins(f)
	c.Restored = plain(f.Over)
	e.eventAt(f.Over, ServiceRestored, 0)
	var fields []FieldChange
	if c.Status == StatusOpen && c.SubStatus != SubAwaiting {
		changeTo(&fields, "sub_status", &c.SubStatus, SubRestored)
	}
	changeFlag(&fields, "down", &c.Down, false)
	c.occur(f)
	c.Proof, c.LastSeen = f.Proof, latest(c.LastSeen, plain(f.Seen))
	e.live()
	e.monitor(UpdateRestored, strings.TrimSpace("Restored since "+sayAt(f.Over)+". "+sentence(capital(f.Proof.Reason))), fields...)
}

// impaired takes back that a fault was over, since some time. A pause that
// proved nothing is told, and stops no clock.
func (e *edit) impaired(f *Fault, since time.Time) {
	c := e.c
	n := len(f.Spells)
	if !f.Over.IsZero() || c.Restored.IsZero() && !c.another(f) {
		return
	}
	text := "Impaired again since " + sayAt(since) + ", after "
	var fields []FieldChange
	if c.Restored.IsZero() {
		text += "a pause since " + sayAt(f.Spells[n-2].To) + " that proved no repair."
	} else {
		text += "it was restored since " + sayAt(c.Restored) + "."
		c.Restored = time.Time{}
		e.eventAt(since, ServiceImpaired, 0)
		if c.SubStatus == SubRestored {
			changeTo(&fields, "sub_status", &c.SubStatus, c.working())
		}
		changeFlag(&fields, "down", &c.Down, c.Severity == Critical && c.Environment == production)
	}
	c.occur(f)
	e.live()
	e.monitor(UpdateImpaired, text, fields...)
}

// another reports whether a fault has a spell that is not told yet. Of many
// spells it keeps the latest: then the one before the last was the last.
func (c *Case) another(f *Fault) bool {
	n, last := len(f.Spells), len(c.Occurrences)-1
	if n < 2 || c.Spells == 0 || last < 0 {
		return false
	}
	return n > c.Spells || n == c.Spells && f.Spells[n-2].From.Equal(c.Occurrences[last].From)
}

// working is the sub-status of a case on which work goes on: new until somebody
// said something.
func (c *Case) working() CaseSubStatus {
	if c.happened(CaseAnswered) {
		return SubInvestigation
	}
	return SubNew
}

// worse raises the severity to that of a fault that hurts more than ever. A
// milder one changes nothing, nor does the same again after a person set another.
func (e *edit) worse(f *Fault) {
	c := e.c
	if !f.Severity.Valid() || c.Measured.Valid() && f.Severity >= c.Measured {
		return
	}
	c.Measured, e.moved = f.Severity, true
	if f.Severity >= c.Severity {
		return
	}
	fields := []FieldChange{{"severity", c.Severity.String(), f.Severity.String()}}
	c.Severity = f.Severity
	changeFlag(&fields, "down", &c.Down, c.Down || c.Severity == Critical && c.Environment == production)
	e.event(SeverityChanged, c.Severity)
	e.live()
	e.monitor(UpdateMeasured, "The impact has grown: "+impactText(f)+".", fields...)
}

// place takes the place where a fault was found to arise, and with it those who
// answer for it, as far as nobody said otherwise by hand. What was determined
// once is not forgotten because it can't be told from less traffic.
func (e *edit) place(d *Desk, f *Fault) {
	c := e.c
	segment := cmp.Or(f.Verdict.Segment, c.Segment)
	found := segment != c.Segment || c.Owner == "" && f.Verdict.Owner != "" && !c.byHand("owner")
	if !found || c.byHand("segment") {
		return
	}
	p := d.cfg.Directory.about(f)
	var fields []FieldChange
	changeTo(&fields, "segment", &c.Segment, segment)
	for _, x := range []struct {
		name  string
		field *string
		value string
	}{
		{"tenant", &c.Tenant, p.tenant.Name}, {"owner", &c.Owner, p.owner}, {"contact", &c.Contact, p.contact},
		{"service", &c.Service, cmp.Or(p.tenant.Service, "voice")}, {"environment", &c.Environment, cmp.Or(p.tenant.Environment, production)},
		{"subject", &c.Subject, subjectOf(f)},
	} {
		if !c.byHand(x.name) {
			changeTo(&fields, x.name, x.field, x.value)
		}
	}
	if len(fields) == 0 {
		return
	}
	e.live()
	e.monitor(UpdateMeasured, strings.TrimSpace("It is found where the fault arises. "+sentence(capital(f.Verdict.Reason))), fields...)
}

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

// figures takes what is measured as it is now, and answers the questions anew.
func (d *Desk) figures(e *edit, f *Fault) {
	before := *e.c
	c := e.c
	c.Impact, c.Examples, c.Good, c.Contrast, c.Proof = f.Impact, f.Examples, f.Good, f.Contrast, f.Proof
	c.LastSeen, c.Segments = latest(c.LastSeen, plain(f.Seen)), f.Verdict.Segments
	c.occur(f)
	if !c.byHand("description") {
		c.Description = describe(f)
	}
	if !c.byHand("business_impact") {
		c.Business = businessImpact(f)
	}
	c.Questions = answers(c, f, d.changesFor(c), e.at)
	c.ChangesTo = d.nextChange - 1
	c.fill()
	if e.moved || !reflect.DeepEqual(&before, c) {
		c.FiguresAt, e.moved = e.at, true
	}
}

// occur takes the times of impairment of a fault, as far as they are known now,
// behind those of earlier faults. What was before the end of the maintenance
// that the case arose in is left out.
func (c *Case) occur(f *Fault) {
	spells := f.Spells
	if len(spells) == 0 {
		spells = []FaultSpell{f.spell()}
	}
	if c.Earlier == 0 && c.Maintenance == "" {
		c.FirstSeen = plain(f.Began)
	}
	list := slices.Clone(c.Occurrences[:c.Earlier])
	for _, s := range spells {
		s = FaultSpell{plain(s.From), plain(s.To)}
		if c.Maintenance != "" && !s.To.IsZero() && !s.To.After(c.FirstSeen) {
			continue
		}
		if c.Maintenance != "" {
			s.From = latest(s.From, c.FirstSeen)
		}
		if n := len(list); n == 0 || s.From.After(list[n-1].From) {
			list = append(list, s)
		}
	}
	c.Occurrences, c.Spells = list, len(spells)
	if over := len(list) - maxOccurrences; over > 0 { // the first stays: since when it all goes on
		c.Occurrences = slices.Delete(list, 1, 1+over)
		c.Earlier = max(min(c.Earlier, 1), c.Earlier-over)
	}
}

// changesFor lists the changes of the network that concern a case.
func (d *Desk) changesFor(c *Case) []*NetworkChange {
	var list []*NetworkChange
	for _, n := range d.changes {
		if n.Tenant == "" || n.Tenant == c.Tenant {
			list = append(list, n)
		}
	}
	return list
}

// newChanges reports whether a change came that the answers of a case don't know of.
func (d *Desk) newChanges(c *Case) bool {
	for i := len(d.changes) - 1; i >= 0 && d.changes[i].ID > c.ChangesTo; i-- {
		if n := d.changes[i]; n.Tenant == "" || n.Tenant == c.Tenant {
			return true
		}
	}
	return false
}
