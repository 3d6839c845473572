package alerting

import "time"

// Clock is the life of one target of one case: a pure function of what
// happened. It runs from the opening of the case whatever the severity was
// then, and stands still during its stops.
type Clock struct {
	Calendar    *Calendar
	Started     time.Time
	Spells      []Spell  // targets, as severities changed; in order of time, the first from Started
	Stops       []Stop   // in order of time, without overlaps; endings that were taken back are among them
	Endings     []Ending // in order of time, without overlaps
	WarnPercent int      // of the target
}

// endOfTime is later than anything that a clock shows.
var endOfTime = time.Unix(1<<40, 0)

// Spell is a target and since when it is the target; zero is none.
type Spell struct {
	From   time.Time
	Target Amount
}

// Stop is a time that does not count: from From until To, which is zero while it lasts.
type Stop struct{ From, To time.Time }

// Ending is a time for which the goal was met, or the case cancelled: until it
// was found not to be, at To; zero where it remains so.
type Ending struct {
	From, To time.Time
	Void     bool // cancelled: there was nothing to meet
}

// ClockState is how a clock stands.
type ClockState uint8

// The states of a clock.
const (
	ClockNone     ClockState = iota // there is no target
	ClockRunning                    // in time
	ClockPaused                     // in time, and stopped
	ClockWarning                    // in time, but not for long
	ClockBreached                   // late, and still running
	ClockMet                        // met in time
	ClockMissed                     // met too late, or cancelled late
	ClockVoid                       // cancelled in time: neither met nor missed
	clockStates
)

var clockStateNames = [clockStates]string{"none", "running", "paused", "warning", "breached", "met", "missed", "void"}

// String returns the name of the state, as "breached".
func (s ClockState) String() string {
	if s < clockStates {
		return clockStateNames[s]
	}
	return "unknown state"
}

// Reading is what a clock shows at some time.
type Reading struct {
	State    ClockState
	Target   Amount
	Due      time.Time // moves with stops; of a stopped clock as though it went on now
	WarnAt   time.Time // moves likewise
	Breached time.Time // when the target was missed first; zero: it was not
	Ended    time.Time // when it was met, or became void; zero: it still runs
	Elapsed  Amount    // in the target's unit, until it ended
}

// At reads the clock. What has not happened by now is not known to it.
//
// A change of severity changes the target from then on, and the new target
// counts from the opening too, so that raising the severity of an old case may
// breach it at once, but not before, nor while the clock is stopped. A breach
// remains one, whatever the severity is later.
func (c *Clock) At(now time.Time) Reading {
	end, over, void := c.end(now)
	ran := c.run(end)
	r := Reading{}
	for i, spell := range c.Spells {
		if spell.From.After(end) {
			break
		}
		r.Target = spell.Target
		if spell.Target.IsZero() || !r.Breached.IsZero() {
			continue
		}
		until := end
		if i+1 < len(c.Spells) && c.Spells[i+1].From.Before(end) {
			until = c.Spells[i+1].From
		}
		due, reached := ran.due(c.Calendar, spell.Target)
		if spell.From.After(due) {
			due = c.goesOn(spell.From)
		}
		if reached && (due.Before(until) || due.Equal(until) && !over && until.Equal(end)) {
			r.Breached = due
		}
	}
	if over {
		r.Ended = end
	}
	if !r.Target.IsZero() {
		r.Due, _ = ran.due(c.Calendar, r.Target)
		r.WarnAt, _ = ran.due(c.Calendar, r.Target.share(c.WarnPercent))
		r.Elapsed = ran.elapsed(c.Calendar, end, r.Target.unit)
	}
	r.State = c.state(&r, now, void)
	return r
}

// Next returns when the reading changes next by the passing of time alone;
// zero where it does not.
func (c *Clock) Next(now time.Time) time.Time {
	switch r := c.At(now); r.State {
	case ClockRunning:
		if r.WarnAt.Before(r.Due) {
			return r.WarnAt
		}
		return r.Due
	case ClockWarning:
		return r.Due
	}
	return time.Time{}
}

func (c *Clock) state(r *Reading, now time.Time, void bool) ClockState {
	switch {
	case !r.Breached.IsZero() && !r.Ended.IsZero():
		return ClockMissed
	case !r.Breached.IsZero():
		return ClockBreached
	case r.Target.IsZero():
		return ClockNone
	case void:
		return ClockVoid
	case !r.Ended.IsZero():
		return ClockMet
	case c.stopped(now):
		return ClockPaused
	case !now.Before(r.WarnAt):
		return ClockWarning
	}
	return ClockRunning
}

// end is until when the clock counts, whether it is over, and with nothing to meet.
func (c *Clock) end(now time.Time) (end time.Time, over, void bool) {
	for _, e := range c.Endings {
		if !now.Before(e.From) && (e.To.IsZero() || now.Before(e.To)) {
			return e.From, true, e.Void
		}
	}
	return now, false, false
}

// stopped reports whether t is in a stop.
func (c *Clock) stopped(t time.Time) bool { return !c.goesOn(t).Equal(t) }

// goesOn returns t, or in a stop the end of that: the end of time where it lasts.
func (c *Clock) goesOn(t time.Time) time.Time {
	for _, s := range c.Stops {
		switch {
		case t.Before(s.From):
			return t
		case s.To.IsZero():
			return endOfTime
		case t.Before(s.To):
			return s.To
		}
	}
	return t
}

// runs are the times of a clock that count, in order. All but the last are
// over; the last goes on for ever, and is a supposition while the clock is stopped.
type runs struct {
	list    []period
	stopped bool
}

// run returns what counts until end, and after it as though nothing more happened.
func (c *Clock) run(end time.Time) runs {
	var r runs
	from := c.Started
	for _, s := range c.Stops {
		if !s.From.Before(end) {
			break
		}
		if s.From.After(from) {
			r.list = append(r.list, period{from, s.From})
		}
		if s.To.IsZero() || s.To.After(end) {
			return runs{append(r.list, period{start: end}), true}
		}
		from = latest(from, s.To)
	}
	r.list = append(r.list, period{start: from})
	return r
}

// due is when a target's time is used up, or will be; reached is false where
// that takes a stopped clock to go on.
func (r *runs) due(c *Calendar, target Amount) (at time.Time, reached bool) {
	left := target
	last := len(r.list) - 1
	for _, run := range r.list[:last] {
		if at = c.Add(run.start, left); !at.After(run.end) {
			return at, true
		}
		left.ticks -= c.Between(run.start, run.end, left.unit).ticks
	}
	return c.Add(r.list[last].start, left), !r.stopped
}

// elapsed is what has run until end.
func (r *runs) elapsed(c *Calendar, end time.Time, u Unit) Amount {
	sum := Amount{unit: u}
	for _, run := range r.list {
		if run.end.IsZero() {
			run.end = latest(run.start, end)
		}
		sum.ticks += c.Between(run.start, run.end, u).ticks
	}
	return sum
}
