package alerting

import (
	"slices"
	"time"
)

// Maintenance is the list of planned windows. Measuring goes on in them; alerts
// in a window open no case, and what is still bad when it ends counts from
// then. It is immutable and safe for any goroutine; nil has no windows.
type Maintenance struct {
	windows []maintenanceWindow
}

// maintenanceWindow is one window: recurring where it has days, else single.
type maintenanceWindow struct {
	name     string
	zone     *time.Location
	tenants  []string // none: every one
	segments []string // none: every one
	days     [7]bool  // by time.Weekday: on which it begins
	recurs   bool
	hours    daySpan // of a recurring one
	first    day     // the first and last days on which a recurring one may begin
	last     day
	single   period
}

// Where is what a window may cover.
type Where struct {
	Tenant  string
	Segment string
}

// Occurrence is one time that a window lasts, End not included.
type Occurrence struct {
	Window     string
	Start, End time.Time
}

// Covers reports whether a window of tenant and segment is on at t. A window
// that names only tenants covers all their segments, one that names only
// segments covers them for every tenant, and one that names both the segments
// of these tenants.
func (m *Maintenance) Covers(t time.Time, where Where) bool {
	_, on := m.Current(t, where)
	return on
}

// Current returns the occurrence that is on at t; of several, the one that
// ends last.
func (m *Maintenance) Current(t time.Time, where Where) (Occurrence, bool) {
	return m.best(where,
		func(w *maintenanceWindow) (Occurrence, bool) { return w.current(t) },
		func(a, b Occurrence) bool { return a.End.After(b.End) })
}

// Next returns the next occurrence that begins after t.
func (m *Maintenance) Next(t time.Time, where Where) (Occurrence, bool) {
	return m.best(where,
		func(w *maintenanceWindow) (Occurrence, bool) { return w.next(t) },
		func(a, b Occurrence) bool { return a.Start.Before(b.Start) })
}

// best returns the best occurrence of the windows that hold there, the earliest
// window's of equals.
func (m *Maintenance) best(where Where, of func(*maintenanceWindow) (Occurrence, bool), better func(a, b Occurrence) bool) (best Occurrence, found bool) {
	if m == nil {
		return best, false
	}
	for i := range m.windows {
		w := &m.windows[i]
		if !w.holds(where) {
			continue
		}
		if o, ok := of(w); ok && (!found || better(o, best)) {
			best, found = o, true
		}
	}
	return best, found
}

// Coming returns an occurrence of every window, in the order of the settings:
// the one that is on at t, else the next. Windows that are over have none.
func (m *Maintenance) Coming(t time.Time) []Occurrence {
	var list []Occurrence
	if m == nil {
		return nil
	}
	for i := range m.windows {
		o, on := m.windows[i].current(t)
		if !on {
			o, on = m.windows[i].next(t)
		}
		if on {
			list = append(list, o)
		}
	}
	return list
}

// maxJoined is how many windows that follow each other without a pause End
// looks through: daily ones without a pause have no end.
const maxJoined = 1000

// End returns when maintenance that is on at t is over: windows that overlap or
// touch are one. It is t where none is on.
func (m *Maintenance) End(t time.Time, where Where) time.Time {
	for range maxJoined {
		o, on := m.Current(t, where)
		if !on {
			break
		}
		t = o.End
	}
	return t
}

func (w *maintenanceWindow) holds(where Where) bool {
	return (len(w.tenants) == 0 || slices.Contains(w.tenants, where.Tenant)) &&
		(len(w.segments) == 0 || slices.Contains(w.segments, where.Segment))
}

// current returns the occurrence that is on at t: it began on this day, or on
// the one before and goes over midnight.
func (w *maintenanceWindow) current(t time.Time) (Occurrence, bool) {
	if !w.recurs {
		return Occurrence{w.name, w.single.start, w.single.end}, holds(w.single, t)
	}
	today := civilDay(t, w.zone)
	for _, d := range []day{today, today - 1} {
		if p, ok := w.on(d); ok && holds(p, t) {
			return Occurrence{w.name, p.start, p.end}, true
		}
	}
	return Occurrence{}, false
}

// next returns the first occurrence that begins after t.
func (w *maintenanceWindow) next(t time.Time) (Occurrence, bool) {
	if !w.recurs {
		return Occurrence{w.name, w.single.start, w.single.end}, w.single.start.After(t)
	}
	first := max(civilDay(t, w.zone), w.first)
	for d := first; d <= first+14; d++ { // a week, and another one where a change of clocks skips it
		if p, ok := w.on(d); ok && p.start.After(t) {
			return Occurrence{w.name, p.start, p.end}, true
		}
	}
	return Occurrence{}, false
}

// on returns the occurrence that begins on a day, if one does.
func (w *maintenanceWindow) on(d day) (period, bool) {
	if !w.days[d.weekday()] || d < w.first || d > w.last {
		return period{}, false
	}
	p := period{wallTime(d, w.hours.from, w.zone), wallTime(d, w.hours.to, w.zone)}
	return p, p.start.Before(p.end) // clocks may skip all of it
}

func holds(p period, t time.Time) bool { return !t.Before(p.start) && t.Before(p.end) }
