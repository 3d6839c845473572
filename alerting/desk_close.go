package alerting

import (
	"cmp"
	"time"
)

// close ends a case.
func (e *edit) close(author string, sub CaseSubStatus, comment string) {
	c := e.c
	if _, on := c.maintained(); on {
		e.event(MaintenanceEnded, 0)
	}
	what := CaseClosed
	if sub == SubCancelled {
		what = CaseCancelled
	}
	e.event(what, 0)
	fields := []FieldChange{{"status", string(c.Status), string(StatusClosed)}, {"sub_status", string(c.SubStatus), string(sub)}}
	c.Status, c.SubStatus, c.Closed, c.Closure = StatusClosed, sub, e.at, comment
	c.FollowUp.Awaiting, c.FollowUp.Reminded, c.FollowUp.MayEscalate = time.Time{}, nil, time.Time{}
	e.stats.ClosedTotal++
	e.update(author, UpdateClosed, comment, fields...)
}

// reopen makes a closed case go on.
func (e *edit) reopen(author, why string) {
	c := e.c
	fields := []FieldChange{{"status", string(c.Status), string(StatusOpen)}, {"sub_status", string(c.SubStatus), string(c.working())}}
	c.Status, c.SubStatus, c.Closed, c.Closure = StatusOpen, c.working(), time.Time{}, ""
	e.event(CaseReopened, 0)
	e.live()
	e.stats.Reopened++
	e.update(author, UpdateReopened, why, fields...)
}

// doClose closes a case with a comment.
func (d *Desk) doClose(e *edit, c *Command) error {
	n := e.c
	if n.Status == StatusClosed {
		return refused("case %d is closed already, since %s", n.Number, sayAt(n.Closed))
	}
	sub := cmp.Or(c.SubStatus, SubResolved)
	measured := len(n.Faults) > 0 && n.Restored.IsZero()
	e.close(c.Signed(), sub, c.Text)
	if measured && sub == SubResolved {
		e.monitor(UpdateMeasured, "Nothing proves the repair yet: if the fault is still measured after "+FormatSpan(d.cfg.Persists)+", the case opens again.")
	}
	return nil
}

// doReopen opens a closed case again, with new information.
func (d *Desk) doReopen(e *edit, c *Command) error {
	n := e.c
	if n.Status == StatusOpen {
		return refused("case %d is open: there is no need to reopen it", n.Number)
	}
	p := d.cfg.Directory.of(n)
	if !p.plan.MayReopen(p.calendar, n.Closed, e.at) {
		return refused("case %d was closed at %s, more than %s ago: open a new case that refers to it", n.Number, sayAt(n.Closed), p.plan.FollowUp.Reopen)
	}
	if !d.room(nil) {
		return refused("%d cases are open, more than can be kept: close some", len(d.open))
	}
	e.reopen(c.Signed(), c.Text)
	if n.Restored.IsZero() {
		e.event(ServiceImpaired, 0)
	}
	return nil
}
