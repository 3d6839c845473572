package alerting

import (
	"fmt"
	"slices"
	"time"
)

// Tick tells the time: warnings, breaches, reminders, and what closes by itself.
// It costs little while nothing is due.
func (d *Desk) Tick(now time.Time) {
	now = plain(now)
	d.awake(now)
	for _, n := range slices.Clone(d.open) {
		if due, known := d.due[n]; !known || !now.Before(due) {
			d.pass(now, d.cases[n])
		}
	}
}

// pass does what the passing of time calls for in a case.
func (d *Desk) pass(now time.Time, c *Case) *Case {
	if c.Status != StatusOpen {
		return c
	}
	e := d.edit(now, c)
	d.windows(e)
	d.clocks(e)
	d.timers(e)
	if e.moved {
		d.put(e)
	}
	if e.c.Status == StatusOpen {
		d.due[c.Number] = d.nextDue(e.at, e.c)
	}
	return d.cases[c.Number]
}

// nextDue is when time alone changes something next.
func (d *Desk) nextDue(now time.Time, c *Case) time.Time {
	p := d.cfg.Directory.of(c)
	clocks := p.plan.Clocks(p.calendar, c.Events)
	where := Where{c.Tenant, c.Segment}
	situation := c.situation()
	list := []time.Time{clocks.Next(now), p.plan.NextStep(p.calendar, &situation, now)}
	if o, on := d.cfg.Maintenance.Current(now, where); on {
		list = append(list, o.End)
	} else if o, ok := d.cfg.Maintenance.Next(now, where); ok {
		list = append(list, o.Start)
	}
	next := endOfTime
	for _, t := range list {
		if !t.IsZero() && t.Before(next) {
			next = t
		}
	}
	return next
}

// clocks warns of targets and tells those that are missed, each once.
func (d *Desk) clocks(e *edit) {
	c := e.c
	p := d.cfg.Directory.of(c)
	clocks := p.plan.Clocks(p.calendar, c.Events)
	for g, r := range clocks.At(e.at) {
		goal := Goal(g).String()
		warning := goal + " " + r.Target.String()
		switch {
		case !r.Breached.IsZero():
			if !slices.Contains(c.FollowUp.Breached, goal) {
				c.FollowUp.Breached = append(slices.Clip(c.FollowUp.Breached), goal)
				e.stats.Breached[g]++
				e.monitor(UpdateBreached, fmt.Sprintf("The target for %s was missed at %s: %s.", goalWords[g], sayAt(r.Breached), r.Target))
			}
		case r.State == ClockWarning && !slices.Contains(c.FollowUp.Warned, warning):
			c.FollowUp.Warned = append(slices.Clip(c.FollowUp.Warned), warning)
			e.monitor(UpdateWarned, fmt.Sprintf("The target for %s is missed at %s unless it is met before: %s of %s are over.", goalWords[g], sayAt(r.Due), r.Elapsed, r.Target))
		}
	}
}

// goalWords are the goals as people read them.
var goalWords = [Goals]string{Response: "the first answer", Restoration: "restoring the service", Resolution: "resolving the cause"}

// situation is what the timers go by.
func (c *Case) situation() Situation {
	s := Situation{
		Severity: c.Severity, Opened: c.Opened, Updated: c.FollowUp.Updated, Escalated: c.FollowUp.Escalated,
		RootCause: c.FollowUp.RootCause, Awaiting: c.FollowUp.Awaiting, Reminded: c.FollowUp.Reminded,
		Down: c.Down, Closed: c.Status == StatusClosed,
	}
	if c.Restored.IsZero() {
		s.ImpactedSince = c.Opened
		if n := len(c.Occurrences); n > 0 {
			s.ImpactedSince = c.Occurrences[n-1].From
		}
	}
	return s
}

// timers reminds the customer, closes what he does not answer, and tells when a
// case may be escalated.
func (d *Desk) timers(e *edit) {
	p := d.cfg.Directory.of(e.c)
	for e.timer(&p) {
	}
}

// timer takes the steps that are due; true: a reminder went out, after which
// others may be.
func (e *edit) timer(p *party) bool {
	c := e.c
	situation := c.situation()
	for _, t := range p.plan.Due(p.calendar, &situation, e.at) {
		switch {
		case t.Step == MayEscalate && c.FollowUp.MayEscalate.IsZero():
			c.FollowUp.MayEscalate = plain(t.At)
			e.monitor(UpdateMayEscalate, fmt.Sprintf("It may be escalated since %s: there was no update for %s.", sayAt(t.At), p.plan.Escalation.Silence[c.Severity]))
		case t.Step == Remind:
			c.FollowUp.Reminded = append(slices.Clip(c.FollowUp.Reminded), e.at)
			e.monitor(UpdateReminded, fmt.Sprintf("Reminder %d of %d: the customer is awaited since %s.", t.Number, p.plan.FollowUp.Reminders, sayAt(c.FollowUp.Awaiting)))
			return true
		case t.Step == CloseUnanswered:
			e.closeUnanswered()
			return false
		}
	}
	return false
}

// closeUnanswered closes a case by itself: as resolved where the repair is
// proved, else as cancelled.
func (e *edit) closeUnanswered() {
	c := e.c
	sub := SubCancelled
	if !c.Restored.IsZero() {
		sub = SubResolved
	}
	e.close(MonitorAuthor, sub, fmt.Sprintf("Closed by itself: the customer did not answer since %s; reminders sent: %d.", sayAt(c.FollowUp.Awaiting), len(c.FollowUp.Reminded)))
}
