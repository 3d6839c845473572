package alerting

import (
	"fmt"
	"time"
)

// held reports whether a fault is not to be spoken of yet, since it began in
// maintenance and was not seen after its end. Else it says since when it counts:
// its beginning, or the end of the window of that name.
func (d *Desk) held(now time.Time, f *Fault, where Where) (since time.Time, window string, held bool) {
	m := d.cfg.Maintenance
	since = f.spell().From
	if _, on := m.Current(now, where); on {
		return since, "", true
	}
	o, on := m.Current(since, where)
	if !on {
		return since, "", false
	}
	end := m.End(since, where)
	return end, o.Window, f.Seen.Before(end)
}

// windows stops the clocks of a case while its place is maintained, and lets
// them go on.
func (d *Desk) windows(e *edit) {
	c := e.c
	where := Where{c.Tenant, c.Segment}
	o, on := d.cfg.Maintenance.Current(e.at, where)
	began, stopped := c.maintained()
	switch {
	case on && !stopped:
		e.eventAt(latest(o.Start, c.told()), MaintenanceBegan, 0)
		e.monitor(UpdateChanged, fmt.Sprintf("Maintenance %q until %s: the clocks stand still.", o.Window, sayAt(d.cfg.Maintenance.End(e.at, where))))
	case !on && stopped:
		e.resume(d.cfg.Maintenance.End(began, where))
	}
}

// resume lets the clocks go on after maintenance that ended then, or was taken
// out of the plan meanwhile.
func (e *edit) resume(end time.Time) {
	began, _ := e.c.maintained()
	if !end.After(began) || end.After(e.at) {
		end = e.at
	}
	e.eventAt(end, MaintenanceEnded, 0)
	e.monitor(UpdateChanged, "The maintenance is over: the clocks go on.")
}

// maintained reports whether a case's clocks stand still because of
// maintenance, and since when.
func (c *Case) maintained() (since time.Time, on bool) {
	for i := len(c.Events) - 1; i >= 0; i-- {
		switch e := &c.Events[i]; e.What {
		case MaintenanceBegan:
			return e.At, true
		case MaintenanceEnded:
			return time.Time{}, false
		}
	}
	return time.Time{}, false
}

// told is when a target was last warned of, or its breach told: a window that
// is planned afterwards does not change that.
func (c *Case) told() time.Time {
	for i := len(c.Updates) - 1; i >= 0; i-- {
		if k := c.Updates[i].Kind; k == UpdateBreached || k == UpdateWarned {
			return c.Updates[i].At
		}
	}
	return time.Time{}
}
