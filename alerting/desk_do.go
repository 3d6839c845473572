package alerting

import (
	"encoding/json"
	"time"
)

// Do does what somebody wants, at once and as a whole, or nothing: the error is
// a *CommandError. It returns the case as it is afterwards, nil for a recorded
// change.
func (d *Desk) Do(now time.Time, c Command) (*Case, error) {
	if c.Author == "" {
		return nil, invalid("author", "a command needs an author: who wants it")
	}
	if c.Kind == CommandChange {
		d.record(now, NetworkChange{At: c.At, Author: c.Signed(), Text: c.Text, Tenant: c.Tenant, Segment: c.Segment})
		return nil, nil
	}
	e, err := d.obey(now, &c)
	if err != nil {
		return nil, err
	}
	detail, _ := json.Marshal(&c)
	e.audit = append(e.audit, AuditEntry{At: e.at, Who: c.Author, What: "case." + string(c.Kind), Case: e.c.Number, Detail: string(detail)})
	d.put(e)
	return e.c, nil
}

func (d *Desk) obey(now time.Time, c *Command) (*edit, error) {
	if c.Kind == CommandOpen {
		e := d.create(now, d.cfg.Directory.at(c.Tenant, c.Segment))
		e.c.Subject, e.c.Description, e.c.Segment = c.Subject, c.Text, c.Segment
		e.event(CaseOpened, e.c.Severity)
		e.update(c.Signed(), UpdateOpened, c.Subject)
		return e, nil
	}
	old := d.cases[c.Case]
	if old == nil {
		return nil, notFound("there is no case %d", c.Case)
	}
	e := d.edit(now, old)
	switch c.Kind {
	case CommandUpdate:
		e.update(c.Signed(), UpdateAnswered, c.Text)
	case CommandClose:
		e.c.Status, e.c.SubStatus, e.c.Closed, e.c.Closure = StatusClosed, SubResolved, e.at, c.Text
		e.event(CaseClosed, 0)
		e.update(c.Signed(), UpdateClosed, c.Text)
	default:
		return nil, invalid("kind", "%q is no command", c.Kind)
	}
	return e, nil
}
