package alerting

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// walked is a case that goes on minute by minute: the rules of the clocks in
// their plainest form.
type walked struct {
	target                [Severities]Amount
	severity              Severity
	awaiting, maintenance bool
	met                   bool
	judged                Severity       // that of when it was met, which counts
	used                  [unitCount]int // minutes
	breached              time.Time
}

func (w *walked) event(e CaseEvent) {
	switch e.What {
	case CaseOpened, SeverityChanged:
		w.severity = e.Severity
	case CustomerAwaited, CustomerAnswered:
		w.awaiting = e.What == CustomerAwaited
	case MaintenanceBegan, MaintenanceEnded:
		w.maintenance = e.What == MaintenanceBegan
	case ServiceRestored, ServiceImpaired:
		w.met = e.What == ServiceRestored
	}
	switch {
	case !w.met:
		w.judged = 0
	case w.judged == 0:
		w.judged = w.severity
	}
}

// minute goes on by one; before it the events of now happen.
func (w *walked) minute(now time.Time, events []CaseEvent) {
	ran := !w.met && !w.awaiting && !w.maintenance
	for _, e := range events {
		if e.At.Equal(now) {
			w.event(e)
		}
	}
	runs := !w.met && !w.awaiting && !w.maintenance
	target := w.target[w.severity]
	if late := !target.IsZero() && float64(w.used[target.unit]) >= target.Float()*60; late && !w.met && (runs || ran) && w.breached.IsZero() {
		w.breached = now
	}
	if runs {
		w.used[Hours]++
		if d := now.Weekday(); d != time.Saturday && d != time.Sunday && now.Hour() >= 9 && now.Hour() < 17 {
			w.used[BusinessHours]++
		}
	}
}

func (w *walked) state() ClockState {
	switch {
	case !w.breached.IsZero() && w.met:
		return ClockMissed
	case !w.breached.IsZero():
		return ClockBreached
	case w.met && !w.target[w.judged].IsZero():
		return ClockMet
	case w.met || w.target[w.severity].IsZero():
		return ClockNone
	case w.awaiting || w.maintenance:
		return ClockPaused
	}
	return ClockRunning // or warning
}

// A clock shows at every time what a case that goes on minute by minute came
// to, whatever happens to it.
func TestClockIsAWalk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plan := builtin("drawn", [Severities]Targets{})
		w := walked{}
		for s := Critical; s < Low; s++ { // Low has no target
			unit := rapid.SampledFrom([]Unit{Hours, BusinessHours}).Draw(t, "unit")
			w.target[s] = Of(rapid.IntRange(1, 12).Draw(t, s.String()), unit)
			plan.BySeverity[s][Restoration] = w.target[s]
		}
		events := drawEvents(t)
		clocks := plan.Clocks(nil, events)
		last := 4 * 24 * 60
		reads := rapid.SliceOfN(rapid.IntRange(0, last), 1, 8).Draw(t, "read at")
		for m := range last + 1 {
			now := events[0].At.Add(time.Duration(m) * time.Minute)
			w.minute(now, events)
			if !slices.Contains(reads, m) {
				continue
			}
			got := clocks.At(now)[Restoration]
			state := got.State
			if state == ClockWarning {
				state = ClockRunning
			}
			if state != w.state() || !got.Breached.Equal(w.breached) {
				t.Fatalf("%s: %s, breached %s; the walk came to %s, breached %s", now, got.State, got.Breached, w.state(), w.breached)
			}
			known := slices.DeleteFunc(slices.Clone(events), func(e CaseEvent) bool { return e.At.After(now) })
			early := plan.Clocks(nil, known)
			if before := early.At(now)[Restoration]; before != got {
				t.Fatalf("%s: before later events %+v, with them %+v", now, before, got)
			}
		}
	})
}

// Nothing changes by the passing of time alone before Next, and something does then.
func TestClockNext(t *testing.T) {
	calendars := calendarsOf(t, testCalendars)
	rapid.Check(t, func(t *rapid.T) {
		plan := BuiltinPlans()[rapid.SampledFrom([]string{Care, BusinessCare, LevelOne}).Draw(t, "plan")]
		calendar := calendars[rapid.SampledFrom([]string{"office", "lunch", "nights", "newyork"}).Draw(t, "calendar")]
		events := drawEvents(t)
		clocks := plan.Clocks(calendar, events)
		now := events[len(events)-1].At
		for range 3 * Goals { // running, warning, breached
			before := clocks.At(now)
			next := clocks.Next(now)
			if next.IsZero() {
				next = now.AddDate(1, 0, 0)
				if after := clocks.At(next); states(after) != states(before) {
					t.Fatalf("from %s nothing was to change, but %v became %v", now, states(before), states(after))
				}
				return
			}
			if last := clocks.At(next.Add(-1)); !next.After(now) || states(last) != states(before) {
				t.Fatalf("from %s nothing was to change until %s, but %v became %v", now, next, states(before), states(last))
			}
			if after := clocks.At(next); states(after) == states(before) {
				t.Fatalf("at %s something was to change, but it is still %v", next, states(after))
			}
			now = next
		}
		t.Fatalf("changes do not end: %v", states(clocks.At(now)))
	})
}

func states(readings [Goals]Reading) (list [Goals]ClockState) {
	for g, r := range readings {
		list[g] = r.State
	}
	return list
}

// drawEvents draws a case that is opened, and things that happen to it within
// three days, at minutes of their own.
func drawEvents(t *rapid.T) []CaseEvent {
	opened := time.Date(2026, 3, 12, 6, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "opened")) * time.Minute)
	events := []CaseEvent{{opened, CaseOpened, drawSeverity(t)}}
	minutes := rapid.SliceOfNDistinct(rapid.IntRange(1, 3*24*60), 0, 12, rapid.ID[int]).Draw(t, "minutes")
	slices.Sort(minutes)
	for _, m := range minutes {
		what := rapid.SampledFrom([]Happening{SeverityChanged, CustomerAwaited, CustomerAnswered, MaintenanceBegan, MaintenanceEnded,
			ServiceRestored, ServiceImpaired}).Draw(t, "what")
		events = append(events, CaseEvent{opened.Add(time.Duration(m) * time.Minute), what, drawSeverity(t)})
	}
	return events
}

func drawSeverity(t *rapid.T) Severity {
	return Severity(rapid.IntRange(int(Critical), int(Low)).Draw(t, "severity"))
}
