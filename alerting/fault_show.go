package alerting

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	maxContrast = 12 // values of a factor that are shown
	maxGood     = 3
	maxSites    = 100
)

func unixTime(second uint32) time.Time { return time.Unix(int64(second), 0).UTC() }

// unixTimeOf is the time of a second, none for 0.
func unixTimeOf(second uint32) time.Time {
	if second == 0 {
		return time.Time{}
	}
	return unixTime(second)
}

// show makes the Fault that others see.
func (w *Watch) show(f *fault, t *toll) {
	s := &f.shown
	if !f.restored && (t.inside.Units > 0 || !f.located) {
		s.Verdict = w.verdict(f, t)
	}
	old := *s
	*s = Fault{
		ID: f.id, Probe: f.probe, Began: unixTime(f.began), Fired: time.Unix(0, f.fired).UTC(), Seen: unixTime(f.seen),
		Verdict: old.Verdict, Factors: w.factors(f), Impact: w.impact(f, t, &old),
	}
	if f.over != 0 {
		s.Over = time.Unix(0, f.over).UTC()
	}
	s.Severity = Low
	if old.Severity.Valid() {
		s.Severity = old.Severity // it never falls by itself
	}
	for i := range f.alerts {
		a := &f.alerts[i].Alert
		s.Severity = min(s.Severity, a.Severity)
		if r := f.alerts[i].rule; r != nil {
			s.Severity = min(s.Severity, r.severityOf(a.Worst.Share, a.Worst.Affected, s.Impact.Users, len(s.Impact.Sites)))
		}
		if !slices.Contains(s.Signals, a.Signal) {
			s.Signals = append(s.Signals, a.Signal)
		}
	}
	slices.SortStableFunc(s.Signals, func(a, b Signal) int { return cmp.Compare(causeRank(a), causeRank(b)) })
	s.Alerts = f.alertsNow()
	for _, x := range f.spells {
		s.Spells = append(s.Spells, FaultSpell{unixTime(x.from), unixTimeOf(x.to)})
	}
	s.Proof = w.proof(f, t)
	if t.inside.Units == 0 && f.located {
		f.keep(&old)
		return
	}
	s.Contrast = append(w.contrastsOf(f, t), w.userContrasts(f, t)...)
	s.Examples, s.Good, s.Levels = old.Examples, old.Good, old.Levels
	s.Examples, s.Good = w.examples(f, t)
	s.Levels = w.levels(f, t)
	w.traffic(f, t)
}

func (f *fault) alertsNow() []Alert {
	var list []Alert
	for i := range f.alerts {
		list = append(list, f.alerts[i].Alert)
	}
	return list
}

// keep shows what an earlier watch found.
func (f *fault) keep(old *Fault) {
	s := &f.shown
	s.Contrast, s.Examples, s.Good, s.Levels = old.Contrast, old.Examples, old.Good, old.Levels
	s.Inside, s.Outside, s.Before, s.Hours, s.Course = old.Inside, old.Outside, old.Before, old.Hours, old.Course
}

// factors are what is told of a fault's items; of an unexplained one nothing.
func (w *Watch) factors(f *fault) []Factor {
	var list []Factor
	if !f.known {
		return nil
	}
	for _, it := range f.items {
		list = append(list, w.locator.words.factor(it))
	}
	return list
}

// impact sums up who is affected.
func (w *Watch) impact(f *fault, t *toll, old *Fault) Impact {
	if f.probe {
		return Impact{} // its rules count seconds, and no call was hurt
	}
	lead := f.lead()
	if t.inside.Units == 0 {
		if old.ID != "" {
			return old.Impact
		}
		return Impact{Calls: lead.Worst.Affected, CallsTotal: lead.Worst.Total, Share: lead.Worst.Share}
	}
	x := Impact{Calls: t.calls, CallsTotal: t.callsTotal, Streams: t.streams, Users: t.users().count()}
	if f.calls {
		x.Streams = 0
	}
	x.Share = float64(x.Calls) / float64(max(1, x.CallsTotal))
	for _, s := range ranked(t.users().segments) {
		name := w.siteOf(w.locator.words.text(item{colSegment, s.value}))
		if len(x.Sites) < maxSites && !slices.Contains(x.Sites, name) {
			x.Sites = append(x.Sites, name)
		}
	}
	return x
}

// contrastsOf lists the values of the fault's factors side by side, its own first.
func (w *Watch) contrastsOf(f *fault, t *toll) []Contrast {
	var list []Contrast
	for _, own := range f.items {
		var others []Contrast
		for _, it := range slices.SortedFunc(maps.Keys(t.values), compareItems) {
			x := *t.values[it]
			x.Factor = w.locator.words.factor(it)
			switch {
			case it == own:
				list = append(list, x)
			case it.col == own.col:
				others = append(others, x)
			}
		}
		slices.SortStableFunc(others, func(a, b Contrast) int { return cmp.Compare(b.Total, a.Total) })
		list = append(list, others[:min(len(others), maxContrast)]...)
	}
	return list
}

// traffic fills in how the traffic was inside and out, before and by the hour.
func (w *Watch) traffic(f *fault, t *toll) {
	s := &f.shown
	s.Inside, s.Outside, s.Before, s.Hours, s.Course = t.inside, t.outside, t.before, t.hoursOf(), t.course.shown()
	s.Inside.From, s.Inside.To = s.Began, time.Unix(0, w.now).UTC()
	s.Outside.From, s.Outside.To = s.Inside.From, s.Inside.To
	if t.before.Units > 0 {
		s.Before.From, s.Before.To = unixTime(t.first), unixTime(t.last)
	}
}

// proof says what the traffic since the fault was seen last proves.
func (w *Watch) proof(f *fault, t *toll) Proof {
	p := Proof{Since: unixTime(f.seen)}
	clock := func(second uint32) string { return unixTime(second).Format("15:04:05 UTC") }
	if !f.located || f.always {
		p.Reason = "its rule has not found it over"
		if f.over != 0 {
			p.Reason = "its rule has found comparable traffic within bounds for long enough"
		}
		return p
	}
	p.Units = t.good(f.seen)
	switch {
	case f.over != 0:
		p.Reason = fmt.Sprintf("%d %s through the same place since %s, none of them affected", p.Units, f.unit(), clock(f.seen))
	case p.Units == 0 && seconds(w.now)-f.seen < quiet:
		p.Reason = "it goes on"
	case p.Units == 0:
		p.Reason = fmt.Sprintf("no traffic through the same place since %s: nothing is proved", clock(f.seen))
	default:
		p.Reason = fmt.Sprintf("%d %s through the same place since %s were not affected: not enough, or not for long enough, to prove it over", p.Units, f.unit(), clock(f.seen))
	}
	return p
}

// Faults lists the faults that go on and those that are over for less than an
// hour, in the order in which they fired. What they hold is never modified.
func (w *Watch) Faults() []Fault {
	var list []Fault
	for _, f := range w.faults {
		list = append(list, f.shown)
	}
	return list
}
