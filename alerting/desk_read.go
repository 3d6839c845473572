package alerting

import "time"

// Read returns a copy of a case with its clocks as of now.
func (d *Desk) Read(c *Case, now time.Time) *Case {
	p := d.cfg.Directory.of(c)
	clocks := p.plan.Clocks(p.calendar, c.Events)
	next := *c
	next.Clocks = nil
	for g, r := range clocks.At(now) {
		next.Clocks = append(next.Clocks, CaseClock{
			Goal: Goal(g).String(), State: r.State.String(), Target: r.Target.String(), Due: plain(r.Due),
			WarnAt: plain(r.WarnAt), Breached: plain(r.Breached), Ended: plain(r.Ended), Elapsed: r.Elapsed.String(),
		})
	}
	return &next
}
