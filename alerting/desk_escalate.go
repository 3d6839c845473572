package alerting

import (
	"strings"
	"time"
)

// doEscalate escalates a case that had no update for too long.
func (d *Desk) doEscalate(e *edit, c *Command) error {
	n := e.c
	if err := d.mayEscalate(e); err != nil {
		return err
	}
	n.FollowUp.Escalated, n.FollowUp.MayEscalate = e.at, time.Time{}
	var fields []FieldChange
	if strings.TrimSpace(c.Text) != "" && n.answers(c) {
		e.answer(&fields)
	}
	e.update(c.Signed(), UpdateEscalated, c.Text, fields...)
	return nil
}

// mayEscalate says why a case may not be escalated now, and from when on.
func (d *Desk) mayEscalate(e *edit) error {
	n := e.c
	p := d.cfg.Directory.of(n)
	wait := p.plan.Escalation.Silence[n.Severity]
	switch {
	case n.Status == StatusClosed:
		return refused("case %d is closed since %s", n.Number, sayAt(n.Closed))
	case n.Severity == Low:
		return refused("case %d is of low severity, which is never escalated: raise its severity first", n.Number)
	case n.Severity == Critical && wait.IsZero():
		return nil // the plan has no wait for what is worst
	case wait.IsZero():
		return refused("the plan %q has no escalation for severity %s: a change of urgency is a change of severity", p.plan.Name, n.Severity)
	case n.Severity <= High && !n.Restored.IsZero():
		return refused("case %d is restored since %s: it is escalated only while the impact goes on", n.Number, sayAt(n.Restored))
	}
	s := n.situation()
	since := latest(s.Opened, s.Updated, s.Escalated)
	if n.Severity <= High {
		since = latest(since, s.ImpactedSince)
	}
	if from := plain(p.calendar.Add(since, wait)); e.at.Before(from) {
		return refusedUntil(from, "case %d may be escalated from %s, if it has no update until then: severity %s waits for %s without one", n.Number, sayAt(from), n.Severity, wait)
	}
	return nil
}
