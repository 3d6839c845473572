package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Faults tells which faults there are, all of them: those that go on, and those
// that are over since lately. What is new opens a case, or takes up again the
// one that it belongs to; what changed of others changes their cases. A fault
// that is told no more leaves its case as it is: nothing is proved.
func (d *Desk) Faults(now time.Time, faults []Fault) {
	now = plain(now)
	d.stats.InMaintenance = 0
	lead := map[int]*Fault{} // that which each case goes by
	busy := map[int]bool{}   // cases whose fault goes on: another one is another problem
	var strange []*Fault
	for _, f := range inOrder(faults) {
		n, known := d.faults[f.ID]
		switch {
		case known:
			busy[n] = busy[n] || f.Over.IsZero()
			if lead[n] == nil || leads(f, lead[n]) {
				lead[n] = f
			}
		case f.Over.IsZero():
			strange = append(strange, f)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(lead)) {
		d.follow(now, d.cases[n], lead[n])
	}
	for _, f := range strange {
		d.meet(now, f, busy)
	}
	d.learn(now, lead)
	maps.DeleteFunc(d.full, func(id FaultID, _ bool) bool {
		return !slices.ContainsFunc(strange, func(f *Fault) bool { return f.ID == id })
	})
}

// Settle is Faults for the last time, at the end of a replay or of a probe: all
// figures and alerts are taken as they are now, however lately that was done.
func (d *Desk) Settle(now time.Time, faults []Fault) {
	every := d.cfg.FiguresEvery
	d.cfg.FiguresEvery = 0
	d.Faults(now, faults)
	d.cfg.FiguresEvery = every
}

// inOrder lists faults so that the worst come first, whatever order they came in.
func inOrder(faults []Fault) []*Fault {
	list := make([]*Fault, len(faults))
	for i := range faults {
		list[i] = &faults[i]
	}
	slices.SortFunc(list, func(a, b *Fault) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), a.Began.Compare(b.Began), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// leads reports whether a case with two faults goes by a rather than b: one
// that goes on, else the later.
func leads(a, b *Fault) bool {
	if a.Over.IsZero() != b.Over.IsZero() {
		return a.Over.IsZero()
	}
	return a.Began.After(b.Began)
}

// follow takes what is new of the fault of a case.
func (d *Desk) follow(now time.Time, c *Case, f *Fault) {
	switch {
	case c.Status == StatusClosed:
		d.followClosed(now, c, f)
		return
	case d.nothingNew(now, c, f):
		return
	}
	e := d.edit(now, c)
	d.measure(e, f)
	if e.moved {
		d.put(e)
	}
}

// nothingNew reports that a fault says nothing that would be told before figures
// are due: most of the time it does not, and to ask costs less than an edit.
func (d *Desk) nothingNew(now time.Time, c *Case, f *Fault) bool {
	return now.Before(c.FiguresAt.Add(d.cfg.FiguresEvery)) && !d.newChanges(c) &&
		f.Over.IsZero() == c.Restored.IsZero() && f.Severity >= c.Measured &&
		c.Segment == f.Verdict.Segment && !c.another(f)
}

// followClosed takes the proof that comes after a case was closed, and opens it
// again when there is something new to say against that.
func (d *Desk) followClosed(now time.Time, c *Case, f *Fault) {
	e := d.edit(now, c)
	if !f.Over.IsZero() {
		e.restored(f)
		if e.moved {
			d.put(e)
		}
		return
	}
	why := d.against(now, c, f)
	if why == "" {
		return
	}
	since, window, held := d.held(now, f, Where{c.Tenant, c.Segment})
	if held {
		d.stats.InMaintenance++
		return
	}
	if p := d.cfg.Directory.of(c); p.plan.MayReopen(p.calendar, c.Closed, now) {
		d.comeBack(now, c, f, why)
		return
	}
	d.openFor(now, f, since, window, c.Number)
}

// against says what speaks against a case being closed, "" where nothing does.
// That a fault goes on which a person chose to close is nothing new; that it is
// still there long after it was called resolved is.
func (d *Desk) against(now time.Time, c *Case, f *Fault) string {
	switch {
	case !c.Restored.IsZero():
		return "The fault is back since " + sayAt(f.spell().From) + "."
	case f.Severity.Valid() && f.Severity < c.Measured:
		return "The fault is worse than before: " + f.Severity.String() + "."
	case c.SubStatus == SubResolved && !now.Before(c.Closed.Add(d.cfg.Persists)) && f.Seen.After(c.Closed.Add(d.cfg.Persists)):
		return "The fault is still measured, long after the case was closed as resolved: " + sayAt(f.Seen) + "."
	}
	return ""
}

// meet takes a fault that no case is known to be about.
func (d *Desk) meet(now time.Time, f *Fault, busy map[int]bool) {
	p := d.cfg.Directory.about(f)
	since, window, held := d.held(now, f, Where{p.tenant.Name, f.Verdict.Segment})
	if held {
		d.stats.InMaintenance++
		return
	}
	c, old := d.sameProblem(now, f, p.tenant.Name, busy)
	switch {
	case c == nil:
		d.openFor(now, f, since, window, old)
		busy[d.faults[f.ID]] = true
	case c.Status == StatusClosed:
		d.comeBack(now, c, f, "The same problem is back since "+sayAt(f.Began)+".")
		busy[c.Number] = true
	default:
		e := d.edit(now, c)
		d.measure(e, f)
		d.put(e)
		busy[c.Number] = true
	}
}

// joins makes a fault the one that the case goes by. The times of those before
// it end where they were seen last, if nobody said otherwise.
func (e *edit) joins(f *Fault) {
	c := e.c
	if n := len(c.Faults); n > 0 && c.Faults[n-1] == f.ID {
		return
	}
	others := slices.DeleteFunc(slices.Clone(c.Faults), func(id FaultID) bool { return id == f.ID })
	c.Faults = lastOf(append(others, f.ID), maxFaults)
	c.Occurrences, c.Earlier, c.Spells = slices.Clone(c.Occurrences), len(c.Occurrences), 0
	for i := range c.Occurrences {
		if o := &c.Occurrences[i]; o.To.IsZero() {
			o.To = latest(o.From, c.LastSeen)
		}
	}
	e.moved = true
}

// comeBack opens a closed case again because of a fault.
func (d *Desk) comeBack(now time.Time, c *Case, f *Fault, why string) {
	if !d.room(f) {
		return
	}
	e := d.edit(now, c)
	e.joins(f)
	e.reopen(MonitorAuthor, why)
	e.c.Restored = time.Time{}
	e.event(ServiceImpaired, 0)
	e.c.occur(f)
	d.measure(e, f)
	d.put(e)
}

// spell returns the latest time of impairment.
func (f *Fault) spell() FaultSpell {
	if n := len(f.Spells); n > 0 {
		return f.Spells[n-1]
	}
	return FaultSpell{f.Began, f.Over}
}
