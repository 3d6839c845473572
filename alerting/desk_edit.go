package alerting

import (
	"encoding/json"
	"slices"
	"time"
)

// edit is the next version of a case while it is made.
type edit struct {
	c     *Case
	at    time.Time // of the change: never before the version that it is made from
	audit []AuditEntry
}

// create begins a case with the next number. It is open, new and not known to
// anybody before it is put.
func (d *Desk) create(now time.Time, p party) *edit {
	now = now.UTC().Round(0)
	return &edit{at: now, c: &Case{
		Number: d.nextCase, Tenant: p.tenant.Name,
		Service: orElse(p.tenant.Service, "voice"), Environment: orElse(p.tenant.Environment, "production"),
		Type: TypeSupport, SubType: SubTypeProblem, Severity: Low,
		Owner: p.owner, Contact: p.contact,
		Status: StatusOpen, SubStatus: SubNew, Opened: now, Modified: now,
	}}
}

func orElse(text, preset string) string {
	if text == "" {
		return preset
	}
	return text
}

// edit begins another version of a case.
func (d *Desk) edit(now time.Time, c *Case) *edit {
	next := *c
	return &edit{c: &next, at: latest(now.UTC().Round(0), c.Modified)}
}

// event adds what the clocks go by.
func (e *edit) event(what Happening, s Severity) {
	e.c.Events = append(slices.Clip(e.c.Events), CaseEvent{e.at, what, s})
}

// update adds an entry of the timeline, and of the audit log.
func (e *edit) update(author string, kind UpdateKind, text string, fields ...FieldChange) {
	c := e.c
	seq := 1
	if n := len(c.Updates); n > 0 {
		seq = c.Updates[n-1].Seq + 1
	}
	c.Modified = e.at
	u := Update{Seq: seq, At: e.at, Author: author, Kind: kind, Text: text, Fields: fields}
	c.Updates = append(slices.Clip(c.Updates), u)
	if author == MonitorAuthor {
		detail, _ := json.Marshal(&u)
		e.audit = append(e.audit, AuditEntry{At: e.at, Who: author, What: "case." + string(kind), Case: c.Number, Detail: string(detail)})
	}
}

// put makes an edit the case that everybody sees.
func (d *Desk) put(e *edit) {
	c := e.c
	d.nextCase = max(d.nextCase, c.Number+1)
	d.cases[c.Number] = c
	d.index(c)
	d.touched[c.Number] = true
	for _, a := range e.audit {
		a.Seq = d.nextAudit
		d.nextAudit++
		d.journal.Audit = append(d.journal.Audit, a)
	}
}
