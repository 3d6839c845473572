package alerting

import (
	"cmp"
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
