package alerting

import "time"

// Clock is the life of one target of one case: a pure function of what
// happened. It runs from the opening of the case whatever the severity was
// then, and stands still during its stops.
type Clock struct {
	Calendar    *Calendar
	Started     time.Time
	Spells      []Spell // targets, as severities changed; in order of time, the first from Started
	Stops       []Stop  // in order of time, without overlaps
	WarnPercent int     // of the target
	Met         time.Time
	Void        time.Time // when it ended without anything to meet: the case was cancelled
}

// Spell is a target and since when it is the target; zero is none.
type Spell struct {
	From   time.Time
	Target Amount
}

// Stop is a time that does not count: from From until To, which is zero while it lasts.
type Stop struct{ From, To time.Time }

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
// breach it at once, but not before. A breach remains one, whatever the
// severity is later.
func (c *Clock) At(now time.Time) Reading {
	end, over := c.end(now)
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
		due = latest(due, spell.From)
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
	r.State = c.state(&r, now)
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

func (c *Clock) state(r *Reading, now time.Time) ClockState {
	switch {
	case !r.Breached.IsZero() && !r.Ended.IsZero():
		return ClockMissed
	case !r.Breached.IsZero():
		return ClockBreached
	case r.Target.IsZero():
		return ClockNone
	case !r.Ended.IsZero() && r.Ended.Equal(c.Met):
		return ClockMet
	case !r.Ended.IsZero():
		return ClockVoid
	case c.stopped(now):
		return ClockPaused
	case !now.Before(r.WarnAt):
		return ClockWarning
	}
	return ClockRunning
}

// end is until when the clock counts, and whether it is over.
func (c *Clock) end(now time.Time) (end time.Time, over bool) {
	end = now
	for _, t := range []time.Time{c.Met, c.Void} {
		if !t.IsZero() && !t.After(end) {
			end, over = t, true
		}
	}
	return end, over
}

// stopped reports whether t is in a stop.
func (c *Clock) stopped(t time.Time) bool {
	for _, s := range c.Stops {
		if !t.Before(s.From) && (s.To.IsZero() || t.Before(s.To)) {
			return true
		}
	}
	return false
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
