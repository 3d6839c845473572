package report

import (
	"math"
	"slices"
	"time"

	"earshot/alerting"
)

// Monthly is the report of one tenant and one month of its time zone: cases,
// targets, uptime, and how the calls sounded.
type Monthly struct {
	Type     string    `json:"type"` // "monthly_report"
	Tenant   string    `json:"tenant"`
	Month    string    `json:"month"` // 2026-10
	Zone     string    `json:"zone"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`       // where the month ends, not included
	AsOf     time.Time `json:"as_of"`    // what came later is not in it
	Complete bool      `json:"complete"` // the month is over

	Cases     CaseCounts     `json:"cases"`
	Severity  []CaseRow      `json:"cases_by_severity"`
	Owners    []CaseRow      `json:"cases_by_owner"`
	Targets   []GoalCount    `json:"targets"`
	Uptime    Uptime         `json:"uptime"`
	Downtimes []CaseDowntime `json:"service_affecting_closed"`
	Quality   MonthQuality   `json:"quality"`

	zone *time.Location
}

// CaseCounts count cases: those open at the start, with those opened and
// reopened and without those closed, are those open at the end.
type CaseCounts struct {
	OpenBefore int `json:"open_at_start"`
	Opened     int `json:"opened"`
	Reopened   int `json:"reopened"` // that had been closed before the month
	Closed     int `json:"closed"`   // and not reopened by its end
	Open       int `json:"open_at_end"`
}

// CaseRow counts the cases that have something in common.
type CaseRow struct {
	Name string `json:"name"`
	CaseCounts
}

// GoalCount says how often a target was met. Each target counts once: in the
// month in which it was met, or in which it was missed.
type GoalCount struct {
	Goal          string   `json:"goal"`
	Met           int      `json:"met"`
	Missed        int      `json:"missed"`
	MissedCases   []int    `json:"missed_cases"`
	Percent       *float64 `json:"percent"`        // met, of both; null where there was none
	TargetPercent *float64 `json:"target_percent"` // that are to be met; null: nothing was agreed
}

// Uptime is how long the service worked, of all the time of the month so far.
type Uptime struct {
	PeriodS       int64    `json:"period_s"`
	DowntimeS     int64    `json:"downtime_s"` // of service-affecting cases, outside maintenance; what overlaps counts once
	Percent       float64  `json:"percent"`    // rounded down to three decimals
	TargetPercent *float64 `json:"target_percent"`
	Met           *bool    `json:"met"`
	Cases         []int    `json:"cases"` // that made the downtime
}

// CaseDowntime is a service-affecting case that was closed in the month.
type CaseDowntime struct {
	Number    int       `json:"number"`
	Subject   string    `json:"subject"`
	Severity  string    `json:"severity"`
	Closed    time.Time `json:"closed"`
	DowntimeS int64     `json:"downtime_s"`          // in all
	InMonthS  int64     `json:"downtime_in_month_s"` // of it
}

// MonthlyTerms are what a monthly report goes by.
type MonthlyTerms struct {
	Tenant      *alerting.Tenant
	Month       Month
	Now         time.Time
	Maintenance *alerting.Maintenance
	Uptime      float64 // target, percent; 0: nothing was agreed
}

// AsOf is until when the month is told of: its end, or now where it goes on.
func (t *MonthlyTerms) AsOf() time.Time {
	end := t.Month.Next().Begin(t.Tenant.Calendar.Zone())
	if t.Now.Before(end) {
		return t.Now
	}
	return end
}

// NewMonthly makes the report. The cases are all of the tenant that were open
// at any time of the month, with their clocks as of AsOf. What came after the
// month is not told; but a case that was cancelled since, or is more severe than
// it seemed, counts as what it is now known to be.
func NewMonthly(t *MonthlyTerms, cases []*alerting.Case, q *MonthQuality) *Monthly {
	zone := t.Tenant.Calendar.Zone()
	m := &Monthly{
		Type: "monthly_report", Tenant: clean(t.Tenant.Name, maxText), Month: t.Month.String(), Zone: zone.String(), zone: zone,
		From: t.Month.Begin(zone).UTC(), To: t.Month.Next().Begin(zone).UTC(), AsOf: t.AsOf().UTC(), Complete: !t.Now.Before(t.Month.Next().Begin(zone)),
		Quality: *q, Downtimes: []CaseDowntime{},
	}
	cases = slices.Clone(cases)
	slices.SortFunc(cases, func(a, b *alerting.Case) int { return a.Number - b.Number })
	m.count(cases)
	m.targets(t, cases)
	m.uptime(t, cases)
	return m
}

// uptime reckons how long the service did not work.
func (m *Monthly) uptime(t *MonthlyTerms, cases []*alerting.Case) {
	var down []Stretch
	u := &m.Uptime
	u.Cases = []int{}
	for _, c := range cases {
		if !ServiceAffecting(c) {
			continue
		}
		mine := outsideMaintenance(impairedTimes(c, m.AsOf), t.Maintenance, whereOf(c))
		within := clipped(mine, m.From, m.AsOf)
		if len(within) > 0 {
			u.Cases = append(u.Cases, c.Number)
		}
		down = append(down, within...)
		if closed := closedAt(c, m.AsOf); !closed.IsZero() && !closed.Before(m.From) {
			m.Downtimes = append(m.Downtimes, CaseDowntime{
				Number: c.Number, Subject: clean(c.Subject, 2*maxText), Severity: c.Severity.String(), Closed: closed, DowntimeS: lengthOf(mine), InMonthS: lengthOf(within),
			})
		}
	}
	u.PeriodS = int64(m.AsOf.Sub(m.From) / time.Second)
	u.DowntimeS = lengthOf(joinStretches(down))
	if u.PeriodS <= 0 {
		return
	}
	up := float64(u.PeriodS-u.DowntimeS) / float64(u.PeriodS) * 100
	u.Percent = math.Floor(up*1000) / 1000
	if t.Uptime > 0 {
		target, met := t.Uptime, up >= t.Uptime
		u.TargetPercent, u.Met = &target, &met
	}
}
