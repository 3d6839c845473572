package alerting

import (
	"slices"
	"time"
)

// Escalation is when more may be asked for. A Low case is never escalated: its
// severity is raised first. A change of urgency is a change of severity.
type Escalation struct {
	Silence   [Severities]Amount // by Severity: without an update, and for Critical and High while the impact goes on; zero is never
	RootCause Amount             // after the opening: not before may the root cause be asked for; zero is never
}

// FollowUp is what happens to a case that awaits the customer, and to a closed one.
type FollowUp struct {
	Every      Amount // to the first reminder, between reminders, and after the last one; zero is no reminders
	Reminders  int    // how many there are
	CloseAfter Amount // without an answer the case is closed by itself; zero is never
	Reopen     Amount // after closing: so long an old case is reopened rather than a new one opened
}

// Situation is what the timers need to know of a case.
type Situation struct {
	Severity      Severity
	Opened        time.Time
	Updated       time.Time   // the last update by a person or the monitor; zero: none since the opening
	ImpactedSince time.Time   // since when the impact goes on; zero: it does not
	Escalated     time.Time   // the last escalation; zero: none
	RootCause     bool        // the root cause is known, or was asked for
	Awaiting      time.Time   // since when the customer is awaited; zero: not, or answered
	Reminded      []time.Time // the reminders since then, in order
	Down          bool        // production is down
	Closed        bool
}

// Step is what a timer calls for.
type Step uint8

// The steps. The first two may be taken, by people; the others are to be taken.
const (
	MayEscalate Step = iota
	MayAskRootCause
	Remind
	CloseUnanswered
	steps
)

var stepNames = [steps]string{"may_escalate", "may_ask_root_cause", "remind", "close_unanswered"}

// String returns the name of the step, as "may_escalate".
func (s Step) String() string {
	if s < steps {
		return stepNames[s]
	}
	return "unknown step"
}

// Timer is a step and when it is due, or was.
type Timer struct {
	Step   Step
	At     time.Time
	Number int // of a reminder: 1 is the first
}

// Due returns the steps that are due now, in order of time. A step is due until
// the situation says that it was taken.
func (p *Plan) Due(c *Calendar, s *Situation, now time.Time) []Timer {
	timers := p.timers(c, s)
	return slices.DeleteFunc(timers, func(t Timer) bool { return t.At.After(now) })
}

// NextStep returns when a further step falls due, as long as nothing happens;
// zero where none does.
func (p *Plan) NextStep(c *Calendar, s *Situation, now time.Time) time.Time {
	for _, t := range p.timers(c, s) {
		if t.At.After(now) {
			return t.At
		}
	}
	return time.Time{}
}

// timers returns everything that runs in a situation, in order of time.
func (p *Plan) timers(c *Calendar, s *Situation) []Timer {
	if s.Closed {
		return nil
	}
	var list []Timer
	if silence := p.silence(s); !silence.IsZero() {
		since := latest(s.Opened, s.Updated, s.Escalated)
		if s.Severity <= High {
			since = latest(since, s.ImpactedSince)
		}
		list = append(list, Timer{Step: MayEscalate, At: c.Add(since, silence)})
	}
	if after := p.Escalation.RootCause; !after.IsZero() && !s.RootCause {
		list = append(list, Timer{Step: MayAskRootCause, At: c.Add(s.Opened, after)})
	}
	if !s.Awaiting.IsZero() {
		list = append(list, p.FollowUp.timers(c, s)...)
	}
	slices.SortStableFunc(list, func(a, b Timer) int { return a.At.Compare(b.At) })
	return list
}

// silence is after how long without an update the case may be escalated, zero
// where it may not.
func (p *Plan) silence(s *Situation) Amount {
	if !s.Severity.Valid() || s.Severity == Low || s.Severity <= High && s.ImpactedSince.IsZero() {
		return Amount{}
	}
	return p.Escalation.Silence[s.Severity]
}

// timers returns the next reminder, or the end of waiting: CloseAfter from its
// beginning, or Every after the last reminder, whichever is first. A critical
// case is never closed by itself while production is down.
func (f *FollowUp) timers(c *Calendar, s *Situation) []Timer {
	var list []Timer
	last, sent := s.Awaiting, len(s.Reminded)
	if sent > 0 {
		last = s.Reminded[sent-1]
	}
	closing := time.Time{}
	if !f.CloseAfter.IsZero() {
		closing = c.Add(s.Awaiting, f.CloseAfter)
	}
	if !f.Every.IsZero() && f.Reminders > 0 {
		next := c.Add(last, f.Every)
		if sent < f.Reminders {
			list = append(list, Timer{Step: Remind, At: next, Number: sent + 1})
		} else if closing.IsZero() || next.Before(closing) {
			closing = next
		}
	}
	if !closing.IsZero() && !(s.Severity == Critical && s.Down) {
		list = append(list, Timer{Step: CloseUnanswered, At: closing})
	}
	return list
}

// MayReopen reports whether a case that was closed then is reopened now; later,
// a new case refers to it.
func (p *Plan) MayReopen(c *Calendar, closed, now time.Time) bool {
	return !now.After(c.Add(closed, p.FollowUp.Reopen))
}

// latest returns the last of some times.
func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare)
}
