package main

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// examples checks that what the case shows as affected was touched by the fault,
// and what it shows as good by none.
func (x *faultResult) examples(r *siteRun) {
	if x.truth.Affected.Calls == 0 {
		x.registrations(r)
		return
	}
	if len(x.c.Examples) == 0 {
		x.wrongAnswer(7, "has no examples")
	}
	for _, e := range x.c.Examples {
		if call := r.calls[e.Call]; call == nil || !slices.Contains(call.Route.Faults, x.truth.Name) {
			x.wrongAnswer(7, "shows %s, which was not touched by it", e.CallID)
		}
	}
	for _, e := range x.c.Good {
		if call := r.calls[e.Call]; call == nil || len(call.Route.Faults) > 0 {
			x.wrongAnswer(7, "shows %s as good, which a fault touched", e.CallID)
		}
	}
}

// registrations checks the examples of a fault of registrations: they are of
// its site's phones.
func (x *faultResult) registrations(r *siteRun) {
	for _, e := range x.c.Examples {
		id := e.CallID
		if id == "" {
			id = e.Call
		}
		if site := r.truth.registrations[id]; !slices.Contains(x.truth.Peers, site) {
			x.wrongAnswer(7, "shows %q, a registration of %q, not of %v", id, site, x.truth.Peers)
		}
	}
}

// answers checks the eight answers: that they are there, and name what the truth
// names.
func (x *faultResult) answers() {
	if len(x.c.Questions) != 8 {
		x.wrongf("%d answers, want eight", len(x.c.Questions))
		x.lacking = 1<<9 - 2 // all of them
		return
	}
	for i, q := range x.c.Questions {
		if q.Number != i+1 || q.Question == "" || q.Text == "" {
			x.wrongAnswer(i+1, "is number %d, %q: %q", q.Number, q.Question, q.Text)
		}
		// Nothing may be known to have changed; a storm is not made by one call.
		if !q.Known && i != 5 && !(i == 7 && x.truth.does("register_storm")) {
			x.wrongAnswer(i+1, "is not known: %s", q.Text)
		}
	}
	f, c := x.truth, x.c
	text := func(n int) string { return c.Questions[n-1].Text }
	if len(f.Segments) == 1 {
		x.says(1, text(1), f.Segments[0])
	}
	for _, n := range []int{2, 3} {
		// An interval that reaches into the time of the case may have begun five seconds before.
		if !strings.Contains(text(n), hms(c.FirstSeen)[:5]) && !strings.Contains(text(n), hms(c.FirstSeen.Add(-5 * time.Second))[:5]) {
			x.wrongAnswer(n, "does not say since when, %s: %q", hms(c.FirstSeen), text(n))
		}
	}
	if f.Codec != "" {
		x.says(5, text(5), f.Codec)
	}
	if f.UserAgent != "" {
		x.says(4, text(4), agentMake(f.UserAgent))
	}
	for _, e := range c.Examples {
		if e.CallID != "" {
			x.says(7, text(7), e.CallID)
		}
	}
	for _, e := range c.Good {
		if e.CallID != "" {
			x.says(7, text(7), e.CallID)
		}
	}
	least, most := 1, 1
	if f.OnMS > 0 { // a bout without calls cannot be told
		bouts := int((f.To.Sub(f.From).Milliseconds() + f.OffMS) / (f.OnMS + f.OffMS))
		least, most = max(2, bouts-2), bouts+1
	}
	if n := len(c.Occurrences); n < least || n > most {
		x.wrongAnswer(2, "stands on %d occurrences, want %d to %d: %v", n, least, most, c.Occurrences)
	}
	for _, word := range x.want.changes {
		x.says(6, text(6), word)
	}
	for _, s := range c.Occurrences {
		if s.To.IsZero() && !c.Restored.IsZero() {
			x.wrongf("an occurrence goes on since %s, and the case is restored", s.From.Format(time.TimeOnly))
		}
	}
	if c.Status != alerting.StatusOpen {
		x.wrongf("the case is %s: restored does not close", c.Status)
	}
}

// wrongAnswer notes what is wrong with one of the eight.
func (x *faultResult) wrongAnswer(n int, format string, args ...any) {
	x.wrongf("answer %d %s", n, fmt.Sprintf(format, args...))
	x.lacking |= 1 << n
}

// right is how many of the eight answers are.
func (x *faultResult) right() int { return 8 - bits.OnesCount(uint(x.lacking)) }

func (x *faultResult) says(n int, text, word string) {
	if !strings.Contains(text, word) {
		x.wrongAnswer(n, "does not name %s: %q", word, text)
	}
}

// traffic checks the figures that the answers compare: of the traffic with the
// factors at least half as much was hurt as the truth says, beside it far less
// and before it next to nothing.
func (x *faultResult) traffic(r *siteRun) {
	f := r.faults[x.c.Faults[0]]
	a := &x.truth.Affected
	if a.Calls == 0 {
		return
	}
	part := func(t alerting.Traffic) float64 { return float64(t.Affected) / max(1, float64(t.Units)) }
	if least := x.truth.Share / 2; part(f.Inside) < least && x.truth.OnMS == 0 {
		x.wrongAnswer(5, "compares wrongly: of its own traffic %d of %d were hurt, want a share of at least %.2f", f.Inside.Affected, f.Inside.Units, least)
	}
	if f.Outside.Units == 0 || part(f.Outside) > part(f.Inside)/3 {
		x.wrongAnswer(5, "compares wrongly: of the traffic beside it %d of %d were hurt, of its own %d of %d", f.Outside.Affected, f.Outside.Units, f.Inside.Affected, f.Inside.Units)
	}
	if x.want.notBefore != "" {
		return // before the case begins the work had hurt it already
	}
	if f.Before.Units == 0 || part(f.Before) > 0.05 {
		x.wrongAnswer(3, "compares wrongly: before it %d of %d were hurt, though nothing was wrong then", f.Before.Affected, f.Before.Units)
	}
}
