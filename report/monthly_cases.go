package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// closedAt is when a case was closed, as far as it was at a time; zero where it
// was open then.
func closedAt(c *alerting.Case, at time.Time) time.Time {
	var closed time.Time
	known := false
	for _, e := range c.Events {
		if !e.At.Before(at) {
			continue
		}
		switch e.What {
		case alerting.CaseClosed, alerting.CaseCancelled:
			closed, known = e.At, true
		case alerting.CaseReopened:
			closed, known = time.Time{}, true
		}
	}
	if !known && c.Status == alerting.StatusClosed && c.Closed.Before(at) && !slices.ContainsFunc(c.Events, closes) {
		return c.Closed
	}
	return closed
}

func closes(e alerting.CaseEvent) bool {
	return e.What == alerting.CaseClosed || e.What == alerting.CaseCancelled
}

// count counts the cases of the month, in all, by severity and by owner: those
// that they have now, which is what people know best.
func (m *Monthly) count(cases []*alerting.Case) {
	m.Severity, m.Owners = []CaseRow{}, []CaseRow{}
	for s := alerting.Critical; s < alerting.Severities; s++ {
		m.Severity = append(m.Severity, CaseRow{Name: s.String()})
	}
	owners := map[string]*CaseCounts{}
	for _, c := range cases {
		one := m.countOf(c)
		owner := cmp.Or(clean(c.Owner, maxText), "nobody")
		if owners[owner] == nil {
			owners[owner] = &CaseCounts{}
		}
		owners[owner].add(one)
		m.Cases.add(one)
		if s := c.Severity; s.Valid() {
			m.Severity[s-alerting.Critical].add(one)
		}
	}
	for name, counts := range owners {
		m.Owners = append(m.Owners, CaseRow{name, *counts})
	}
	slices.SortFunc(m.Owners, func(a, b CaseRow) int {
		return cmp.Or(cmp.Compare(b.Opened, a.Opened), strings.Compare(a.Name, b.Name))
	})
}

// countOf is what one case adds to each count.
func (m *Monthly) countOf(c *alerting.Case) CaseCounts {
	var n CaseCounts
	opened := !c.Opened.Before(m.From) && c.Opened.Before(m.AsOf)
	before := c.Opened.Before(m.From) && closedAt(c, m.From).IsZero()
	closed := closedAt(c, m.AsOf)
	switch {
	case !c.Opened.Before(m.AsOf):
		return n
	case opened:
		n.Opened = 1
	case before:
		n.OpenBefore = 1
	case closed.IsZero() || !closed.Before(m.From):
		n.Reopened = 1
	default:
		return n // closed before the month, and left so
	}
	if closed.IsZero() {
		n.Open = 1
		return n
	}
	n.Closed = 1
	return n
}

func (n *CaseCounts) add(m CaseCounts) {
	n.OpenBefore += m.OpenBefore
	n.Opened += m.Opened
	n.Reopened += m.Reopened
	n.Closed += m.Closed
	n.Open += m.Open
}

// targets counts the clocks that were decided in the month.
func (m *Monthly) targets(t *MonthlyTerms, cases []*alerting.Case) {
	for g := range alerting.Goals {
		n := GoalCount{Goal: g.String(), MissedCases: []int{}}
		for _, c := range cases {
			for _, k := range c.Clocks {
				if k.Goal != n.Goal {
					continue
				}
				switch {
				case m.holds(k.Breached):
					n.Missed++
					n.MissedCases = append(n.MissedCases, c.Number)
				case k.State == clockMet && m.holds(k.Ended):
					n.Met++
				}
			}
		}
		if all := n.Met + n.Missed; all > 0 {
			percent := math.Floor(1000*float64(n.Met)/float64(all)) / 10
			n.Percent = &percent
		}
		if plan := t.Tenant.Plan; g == alerting.Restoration && plan != nil && plan.MetPercent > 0 {
			wanted := float64(plan.MetPercent)
			n.TargetPercent = &wanted
		}
		m.Targets = append(m.Targets, n)
	}
}

// holds reports whether a moment is in the month.
func (m *Monthly) holds(t time.Time) bool {
	return !t.IsZero() && !t.Before(m.From) && t.Before(m.AsOf)
}

// reached reports whether enough targets were met; true where nothing was
// agreed, or there was none.
func (n *GoalCount) reached() bool {
	all := n.Met + n.Missed
	return n.TargetPercent == nil || all == 0 || float64(100*n.Met) >= *n.TargetPercent*float64(all)
}
