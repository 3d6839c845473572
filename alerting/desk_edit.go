package alerting

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// edit is the next version of a case while it is made.
type edit struct {
	c     *Case
	at    time.Time // of the change: never before the version that it is made from
	moved bool      // there is something to keep
	audit []AuditEntry
	stats DeskStats // what the edit adds to the counters
	limit int       // of updates
}

// create begins a case with the next number: open, new, and known to nobody
// before it is put.
func (d *Desk) create(now time.Time, p party) *edit {
	now = plain(now)
	e := &edit{at: now, moved: true, limit: d.cfg.MaxUpdates, c: &Case{
		Number: d.nextCase, Tenant: p.tenant.Name,
		Service: cmp.Or(p.tenant.Service, "voice"), Environment: cmp.Or(p.tenant.Environment, production),
		Type: TypeSupport, SubType: SubTypeProblem, Severity: Low,
		Owner: p.owner, Contact: p.contact,
		Status: StatusOpen, SubStatus: SubNew, Opened: now, Modified: now,
	}}
	e.stats.Opened++
	return e
}

// edit begins another version of a case.
func (d *Desk) edit(now time.Time, c *Case) *edit {
	next := *c
	return &edit{c: &next, at: latest(plain(now), c.Modified), limit: d.cfg.MaxUpdates}
}

// plain is a time as it is read from what was kept.
func plain(t time.Time) time.Time { return t.UTC().Round(0) }

// put makes an edit the case that everybody sees, and has it kept.
func (d *Desk) put(e *edit) {
	c := e.c
	c.fill()
	d.nextCase = max(d.nextCase, c.Number+1)
	d.cases[c.Number], d.touched[c.Number] = c, c
	delete(d.due, c.Number)
	d.index(c)
	for _, a := range e.audit {
		d.note(a)
	}
	d.stats.add(&e.stats)
	d.forget()
}

// note writes an entry of the audit log.
func (d *Desk) note(a AuditEntry) {
	a.Seq = d.nextAudit
	d.nextAudit++
	d.journal.Audit = append(d.journal.Audit, a)
}

// event adds what the clocks go by.
func (e *edit) event(what Happening, s Severity) { e.eventAt(e.at, what, s) }

// eventAt adds what happened at a time that may be past, but after all that is
// known already: history is not rewritten.
func (e *edit) eventAt(at time.Time, what Happening, s Severity) {
	at = plain(at)
	if n := len(e.c.Events); n > 0 {
		at = latest(at, e.c.Events[n-1].At)
	}
	if at.After(e.at) {
		at = e.at
	}
	e.c.Events = boundEvents(append(slices.Clip(e.c.Events), CaseEvent{at, what, s}))
	e.moved = true
}

// happened reports whether something happened to the case yet.
func (c *Case) happened(what Happening) bool {
	return slices.ContainsFunc(c.Events, func(e CaseEvent) bool { return e.What == what })
}

// update adds an entry of the timeline; what the monitor does by itself goes
// into the audit log too.
func (e *edit) update(author string, kind UpdateKind, text string, fields ...FieldChange) {
	c := e.c
	u := Update{Seq: c.newest() + 1, At: e.at, Author: author, Kind: kind, Text: text, Fields: fields}
	c.Modified, e.moved = e.at, true
	c.Updates = append(slices.Clip(c.Updates), u)
	if len(c.Updates) > e.limit {
		e.stats.Summed += uint64(c.sumUp())
	}
	if author == MonitorAuthor {
		detail, _ := json.Marshal(&u) // strings and times always can be written
		e.audit = append(e.audit, AuditEntry{At: e.at, Who: author, What: "case." + string(kind), Case: c.Number, Detail: string(detail)})
	}
}

// monitor adds an entry of the monitor.
func (e *edit) monitor(kind UpdateKind, text string, fields ...FieldChange) {
	e.update(MonitorAuthor, kind, text, fields...)
}

// newest is the number of the newest update, 0 where there is none.
func (c *Case) newest() int {
	if n := len(c.Updates); n > 0 {
		return c.Updates[n-1].Seq
	}
	return 0
}

// changeTo sets a field and notes the change, if it is one.
func changeTo[T ~string](list *[]FieldChange, name string, field *T, value T) {
	if *field != value {
		noteChange(list, name, string(*field), string(value))
		*field = value
	}
}

// changeFlag sets a flag and notes the change, if it is one.
func changeFlag(list *[]FieldChange, name string, field *bool, value bool) {
	if *field != value {
		noteChange(list, name, yesNo(*field), yesNo(value))
		*field = value
	}
}

// noteChange notes a change; two of one field are one.
func noteChange(list *[]FieldChange, name, from, to string) {
	if i := slices.IndexFunc(*list, func(f FieldChange) bool { return f.Field == name }); i >= 0 {
		(*list)[i].To = to
		return
	}
	*list = append(*list, FieldChange{name, from, to})
}

func yesNo(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// byHand reports whether a person set a field: the monitor then leaves it alone.
func (c *Case) byHand(field string) bool {
	return slices.ContainsFunc(c.Updates, func(u Update) bool {
		return u.Author != MonitorAuthor && slices.ContainsFunc(u.Fields, func(f FieldChange) bool { return f.Field == field })
	})
}

// fill makes empty lists of those that are missing, so that a case reads back
// as it was written.
func (c *Case) fill() {
	orEmpty(&c.Impact.Sites)
	orEmpty(&c.Occurrences)
	orEmpty(&c.Segments)
	orEmpty(&c.Factors)
	orEmpty(&c.Faults)
	orEmpty(&c.Signals)
	orEmpty(&c.Alerts)
	orEmpty(&c.Questions)
	orEmpty(&c.Examples)
	orEmpty(&c.Good)
	orEmpty(&c.Contrast)
	orEmpty(&c.Course.Inside)
	orEmpty(&c.Course.Outside)
	orEmpty(&c.Related)
	orEmpty(&c.Updates)
	orEmpty(&c.Attachments)
	orEmpty(&c.Events)
	orEmpty(&c.FollowUp.Reminded)
	orEmpty(&c.FollowUp.Warned)
	orEmpty(&c.FollowUp.Breached)
}

func orEmpty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
