package report

import (
	"slices"
	"time"

	"earshot/alerting"
)

// ServiceAffecting reports whether a case is about a service that did not work
// as it should: a problem of production, critical or high, that was not
// cancelled, and not one of the probe itself.
func ServiceAffecting(c *alerting.Case) bool {
	problem := c.Type == alerting.TypeSupport && c.SubType != alerting.SubTypeInquiry && !c.Probe && c.SubStatus != alerting.SubCancelled
	return problem && c.Environment != "development" && (c.Severity == alerting.Critical || c.Severity == alerting.High)
}

// impairedTimes are the times for which what a case is about was impaired, in
// order and without overlaps, until now. They are measured; those of a case
// that was opened by hand go from its opening until its service was restored.
func impairedTimes(c *alerting.Case, now time.Time) []Stretch {
	var list []Stretch
	for _, o := range c.Occurrences {
		end := o.To
		if end.IsZero() {
			end = now
			for _, over := range []time.Time{c.Restored, c.Closed} {
				if !over.IsZero() && over.Before(end) && over.After(o.From) {
					end = over
				}
			}
		}
		list = append(list, Stretch{o.From, end})
	}
	if len(c.Occurrences) == 0 {
		list = toldTimes(c, now)
	}
	return joinStretches(clipped(list, time.Time{}, now))
}

// toldTimes are from the opening of a case until its service was restored, and
// from when it was found not to be.
func toldTimes(c *alerting.Case, now time.Time) []Stretch {
	var list []Stretch
	var since time.Time
	for _, e := range c.Events {
		switch e.What {
		case alerting.CaseOpened, alerting.ServiceImpaired:
			if since.IsZero() {
				since = e.At
			}
		case alerting.ServiceRestored, alerting.CauseResolved, alerting.CaseClosed, alerting.CaseCancelled:
			if !since.IsZero() {
				list = append(list, Stretch{since, e.At})
				since = time.Time{}
			}
		}
	}
	if !since.IsZero() {
		list = append(list, Stretch{since, now})
	}
	return list
}

// restoredAt is since when the service is back; zero where it is not.
func restoredAt(c *alerting.Case) time.Time {
	if !c.Restored.IsZero() {
		return c.Restored
	}
	var at time.Time
	for _, e := range c.Events {
		switch e.What {
		case alerting.CaseOpened, alerting.ServiceImpaired:
			at = time.Time{}
		case alerting.ServiceRestored, alerting.CauseResolved, alerting.CaseClosed:
			if at.IsZero() {
				at = e.At
			}
		}
	}
	if at.IsZero() && c.Status == alerting.StatusClosed {
		return c.Closed
	}
	return at
}

// clipped cuts stretches to a time; a zero from has no bound.
func clipped(list []Stretch, from, to time.Time) []Stretch {
	var cut []Stretch
	for _, s := range list {
		if s.From.Before(from) {
			s.From = from
		}
		if s.To.After(to) {
			s.To = to
		}
		if s.From.Before(s.To) {
			cut = append(cut, s)
		}
	}
	return cut
}

// joinStretches puts stretches in order and makes one of those that overlap or touch.
func joinStretches(list []Stretch) []Stretch {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Stretch) int { return a.From.Compare(b.From) })
	var joined []Stretch
	for _, s := range list {
		if last := len(joined) - 1; last >= 0 && !s.From.After(joined[last].To) {
			joined[last].To = latestOf(joined[last].To, s.To)
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// lengthOf is how long stretches without overlaps are, in seconds.
func lengthOf(list []Stretch) int64 {
	var sum time.Duration
	for _, s := range list {
		sum += s.To.Sub(s.From)
	}
	return int64(sum / time.Second)
}

func whereOf(c *alerting.Case) alerting.Where {
	return alerting.Where{Tenant: c.Tenant, Segment: c.Segment}
}

// mostWindows bounds how many maintenance windows one stretch is held against:
// five a day of a year.
const mostWindows = 2000

// outsideMaintenance leaves out what lies in maintenance windows.
func outsideMaintenance(list []Stretch, m *alerting.Maintenance, where alerting.Where) []Stretch {
	var left []Stretch
	for _, s := range list {
		at := s.From
		for range mostWindows {
			at = m.End(at, where)
			next, more := m.Next(at, where)
			if !at.Before(s.To) || !more || !next.Start.Before(s.To) {
				break
			}
			left = append(left, Stretch{at, next.Start})
			at = next.Start
		}
		if at.Before(s.To) {
			left = append(left, Stretch{at, s.To})
		}
	}
	return left
}
