package alerting

import (
	"slices"
	"time"
)

// Happening is what the clocks of a case go by.
type Happening uint8

// The happenings. Those that stop a clock stop all of them.
const (
	CaseOpened       Happening = iota // with the severity
	SeverityChanged                   // with the severity
	CaseAnswered                      // the first answer to the one who asked
	CustomerAwaited                   // it is the customer's turn: an answer too, and a stop
	CustomerAnswered                  // the end of that stop
	MaintenanceBegan                  // a stop
	MaintenanceEnded
	ServiceRestored // the service is back, or has a workaround
	ServiceImpaired // it is not, after all
	CauseResolved   // the root cause has a fix or a workaround
	CaseClosed      // as resolved
	CaseCancelled   // there is nothing to resolve
	CaseReopened
)

// CaseEvent is one happening of a case.
type CaseEvent struct {
	At       time.Time `json:"at"`
	What     Happening `json:"what"`
	Severity Severity  `json:"severity"` // of CaseOpened and SeverityChanged
}

// CaseClocks are the clocks of a case by Goal.
type CaseClocks [Goals]Clock

// At reads all clocks.
func (c *CaseClocks) At(now time.Time) [Goals]Reading {
	var list [Goals]Reading
	for g := range c {
		list[g] = c[g].At(now)
	}
	return list
}

// Next returns when a reading changes next by the passing of time alone; zero
// where none does.
func (c *CaseClocks) Next(now time.Time) time.Time {
	next := time.Time{}
	for g := range c {
		if t := c[g].Next(now); !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

// Clocks reckons the clocks of a case by what happened to it. Events of one
// time count in their order; before the opening nothing counts, and an event
// changes readings only from its time on.
//
// Asking the customer, resolving and closing are answers. What is resolved or
// closed is restored too. A restoration clock stands still while the service is
// restored, and goes on where it left off when it is impaired again; so does
// the resolution clock of a case that is reopened.
func (p *Plan) Clocks(c *Calendar, events []CaseEvent) CaseClocks {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b CaseEvent) int { return a.At.Compare(b.At) })
	opened := slices.IndexFunc(events, func(e CaseEvent) bool { return e.What == CaseOpened })
	if opened < 0 {
		return CaseClocks{}
	}
	h := caseHistory{plan: p}
	for g := range h.clocks {
		h.clocks[g] = Clock{Calendar: c, Started: events[opened].At, WarnPercent: p.WarnPercent}
	}
	for _, e := range events[opened:] {
		h.take(e)
	}
	return h.finish()
}

// caseHistory collects the clocks event by event.
type caseHistory struct {
	plan   *Plan
	clocks CaseClocks

	awaiting, maintenance time.Time // since when, zero: not
	stops                 []Stop    // of all clocks
	own                   [Goals][]Stop
}

func (h *caseHistory) take(e CaseEvent) {
	switch e.What {
	case CaseOpened, SeverityChanged:
		for g := range h.clocks {
			h.clocks[g].Spells = append(h.clocks[g].Spells, Spell{e.At, h.plan.Target(e.Severity, Goal(g))})
		}
	case CaseAnswered:
		h.meet(e.At, Response)
	case CustomerAwaited:
		h.meet(e.At, Response)
		begin(&h.awaiting, e.At)
	case CustomerAnswered:
		h.stop(&h.awaiting, e.At)
	case MaintenanceBegan:
		begin(&h.maintenance, e.At)
	case MaintenanceEnded:
		h.stop(&h.maintenance, e.At)
	case ServiceRestored:
		h.meet(e.At, Restoration)
	case ServiceImpaired:
		h.resume(e.At, Restoration)
	case CauseResolved:
		h.meet(e.At, Response, Restoration, Resolution)
	case CaseClosed:
		h.meet(e.At, Response, Restoration, Resolution)
		h.stop(&h.awaiting, e.At)
	case CaseCancelled:
		h.cancel(e.At)
		h.stop(&h.awaiting, e.At)
	case CaseReopened:
		h.resume(e.At, Resolution)
		for g := range h.clocks {
			if ending := h.ending(Goal(g)); ending != nil && ending.Void {
				h.resume(e.At, Goal(g))
			}
		}
	}
}

func begin(since *time.Time, at time.Time) {
	if since.IsZero() {
		*since = at
	}
}

// stop ends a stop that began then, if one did.
func (h *caseHistory) stop(since *time.Time, at time.Time) {
	if !since.IsZero() {
		h.stops = append(h.stops, Stop{*since, at})
		*since = time.Time{}
	}
}

// ending is that which a clock is in, nil where it runs.
func (h *caseHistory) ending(g Goal) *Ending {
	list := h.clocks[g].Endings
	if last := len(list) - 1; last >= 0 && list[last].To.IsZero() {
		return &list[last]
	}
	return nil
}

func (h *caseHistory) meet(at time.Time, goals ...Goal) {
	for _, g := range goals {
		if h.ending(g) == nil {
			h.clocks[g].Endings = append(h.clocks[g].Endings, Ending{From: at})
		}
	}
}

func (h *caseHistory) cancel(at time.Time) {
	for g := range Goals {
		if h.ending(g) == nil {
			h.clocks[g].Endings = append(h.clocks[g].Endings, Ending{From: at, Void: true})
		}
	}
}

// resume makes a clock that had ended go on.
func (h *caseHistory) resume(at time.Time, g Goal) {
	if ending := h.ending(g); ending != nil {
		ending.To = at
		h.own[g] = append(h.own[g], Stop{ending.From, at})
	}
}

func (h *caseHistory) finish() CaseClocks {
	for _, since := range []time.Time{h.awaiting, h.maintenance} {
		if !since.IsZero() {
			h.stops = append(h.stops, Stop{From: since})
		}
	}
	for g := range h.clocks {
		h.clocks[g].Stops = joinStops(slices.Concat(h.stops, h.own[g]))
	}
	return h.clocks
}

// joinStops puts stops in order and makes one of those that overlap or touch.
func joinStops(list []Stop) []Stop {
	slices.SortFunc(list, func(a, b Stop) int { return a.From.Compare(b.From) })
	var joined []Stop
	for _, s := range list {
		last := len(joined) - 1
		switch {
		case last < 0 || !joined[last].To.IsZero() && s.From.After(joined[last].To):
			joined = append(joined, s)
		case s.To.IsZero() || joined[last].To.IsZero():
			joined[last].To = time.Time{}
		default:
			joined[last].To = latest(joined[last].To, s.To)
		}
	}
	return joined
}
