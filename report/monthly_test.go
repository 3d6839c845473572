package report

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"earshot/alerting"
)

// The figures of October, reckoned by hand from the list at octoberCases.
func TestMonthlyFigures(t *testing.T) {
	m := NewMonthly(octoberTerms(t), octoberCases(t), octoberQuality())
	if !m.From.Equal(utc(t, "2026-09-30 22:00")) || !m.To.Equal(utc(t, "2026-10-31 23:00")) || !m.AsOf.Equal(m.To) || !m.Complete {
		t.Errorf("the month is from %s to %s, told as of %s, complete %v", m.From, m.To, m.AsOf, m.Complete)
	}
	// Open before: 101, 105. Opened: 102, 103, 104, 106, 108, 109. Reopened: 107.
	// Closed: 101, 102, 104, 106, 108. Open after: 103, 105, 107, 109.
	if want := (CaseCounts{2, 6, 1, 5, 4}); m.Cases != want {
		t.Errorf("cases: got %+v, want %+v", m.Cases, want)
	}
	severity := []CaseRow{
		{"critical", CaseCounts{1, 2, 0, 2, 1}}, // 101, 104, 109
		{"high", CaseCounts{0, 4, 0, 3, 1}},     // 102, 103, 106, 108
		{"medium", CaseCounts{1, 0, 0, 0, 1}},   // 105
		{"low", CaseCounts{0, 0, 1, 0, 1}},      // 107
	}
	owners := []CaseRow{ // who had the most new ones first
		{"carrier-b", CaseCounts{2, 3, 0, 3, 2}}, // 101, 102, 105, 106, 109
		{"acme IT", CaseCounts{0, 2, 0, 1, 1}},   // 103, 108
		{"operator", CaseCounts{0, 1, 0, 1, 0}},  // 104
		{"nobody", CaseCounts{0, 0, 1, 0, 1}},    // 107
	}
	if !slices.Equal(m.Severity, severity) || !slices.Equal(m.Owners, owners) {
		t.Errorf("by severity %+v\nby owner %+v", m.Severity, m.Owners)
	}
	// 7200 of 101, 6000 of 102, 1800 more of 103, 1800 of 104, 7200 of 108, 3600 of 109.
	u := &m.Uptime
	if u.PeriodS != 745*3600 || u.DowntimeS != 27_600 || u.Percent != 98.97 || *u.TargetPercent != 99.95 || *u.Met || !slices.Equal(u.Cases, []int{101, 102, 103, 104, 108, 109}) {
		t.Errorf("uptime: %+v", u)
	}
	var downtimes [][3]int64
	for _, d := range m.Downtimes {
		downtimes = append(downtimes, [3]int64{int64(d.Number), d.DowntimeS, d.InMonthS})
	}
	if want := [][3]int64{{101, 10_800, 7200}, {102, 6000, 6000}, {104, 1800, 1800}, {108, 7200, 7200}}; !slices.Equal(downtimes, want) {
		t.Errorf("downtimes: got %v, want %v", downtimes, want)
	}
	for i, want := range []struct {
		met, missed int
		percent     float64
		by          []int
	}{
		{5, 1, 83.3, []int{103}},    // 102, 104, 106, 108, 109; that of 103 in October, those of 101 and 105 before
		{3, 2, 60, []int{103, 105}}, // 102, 104, 108; 101 missed in September
		{4, 0, 100, []int{}},        // 101, 102, 104, 108
	} {
		g := m.Targets[i]
		if g.Met != want.met || g.Missed != want.missed || *g.Percent != want.percent || !slices.Equal(g.MissedCases, want.by) {
			t.Errorf("%s: got %+v (%v %%), want %+v", g.Goal, g, *g.Percent, want)
		}
		if (g.TargetPercent != nil) != (i == int(alerting.Restoration)) {
			t.Errorf("%s: a target of %v", g.Goal, g.TargetPercent)
		}
	}
	if m.Targets[1].reached() || !m.Targets[0].reached() {
		t.Error("60 % of restorations reach 95 %, or a goal without a target is missed")
	}
}

// A month that goes on is told until now: here until noon of 6 October in UTC,
// when 5 days and 14 hours are over, and 103 is not late yet.
func TestMonthlySoFar(t *testing.T) {
	terms := octoberTerms(t)
	terms.Now = utc(t, "2026-10-06 12:00")
	m := NewMonthly(terms, octoberCases(t)[:3], octoberQuality())
	if m.Complete || m.Uptime.PeriodS != (5*24+14)*3600 || m.Uptime.DowntimeS != 7200+6000+1800 {
		t.Errorf("got %+v, complete %v", m.Uptime, m.Complete)
	}
	if want := (CaseCounts{1, 2, 0, 1, 2}); m.Cases != want { // 102 is still open
		t.Errorf("got %+v, want %+v", m.Cases, want)
	}
	if len(m.Downtimes) != 1 || m.Targets[0].Missed != 0 {
		t.Errorf("closed: %+v; response: %+v", m.Downtimes, m.Targets[0])
	}
}

// Nothing in a month is nothing in its report, and no target is missed by it.
func TestMonthlyEmpty(t *testing.T) {
	m := NewMonthly(octoberTerms(t), nil, &MonthQuality{})
	if m.Cases != (CaseCounts{}) || m.Uptime.Percent != 100 || !*m.Uptime.Met || m.Targets[1].Percent != nil || !m.Targets[1].reached() {
		t.Errorf("got %+v", m)
	}
}

// Exactly the agreed downtime is in time, a second more is not, and no rounding
// makes 99.95 of what is less. Of 745 h, 0.05 % are 1341 s.
func TestUptimeTargetExactly(t *testing.T) {
	for seconds, want := range map[int]bool{1341: true, 1342: false} {
		c := octoberCase(t, 1, alerting.Critical, "", "2026-10-06 09:00", "")
		from := utc(t, "2026-10-06 09:00")
		c.Occurrences = []alerting.FaultSpell{{From: from, To: from.Add(time.Duration(seconds) * time.Second)}}
		u := NewMonthly(octoberTerms(t), []*alerting.Case{c}, &MonthQuality{}).Uptime
		if *u.Met != want || (u.Percent >= 99.95) != want {
			t.Errorf("%d s down: met %v at %v %%", seconds, *u.Met, u.Percent)
		}
	}
}

func TestServiceAffecting(t *testing.T) {
	for name, change := range map[string]func(*alerting.Case){
		"medium":          func(c *alerting.Case) { c.Severity = alerting.Medium },
		"a question":      func(c *alerting.Case) { c.SubType = alerting.SubTypeInquiry },
		"a wish":          func(c *alerting.Case) { c.Type = alerting.TypeService },
		"cancelled":       func(c *alerting.Case) { c.SubStatus = alerting.SubCancelled },
		"the probe":       func(c *alerting.Case) { c.Probe = true },
		"no production":   func(c *alerting.Case) { c.Environment = "development" },
		"(nothing of it)": nil,
	} {
		c := octoberCase(t, 1, alerting.High, "", "2026-10-06 09:00", "")
		if change != nil {
			change(c)
		}
		if got := ServiceAffecting(c); got != (change == nil) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// Months and days of zones whose clocks are changed, at midnight too: in Beirut
// 29 March 2026 begins at 01:00, in Havana 1 November 2026 has midnight twice.
func TestMonthDays(t *testing.T) {
	for _, tt := range []struct {
		zone, month string
		day         int
		begins      string // in UTC
		hours       float64
	}{
		{"Europe/Berlin", "2026-10", 25, "2026-10-24 22:00", 25},
		{"Europe/Berlin", "2026-03", 29, "2026-03-28 23:00", 23},
		{"Asia/Beirut", "2026-03", 29, "2026-03-28 22:00", 23},
		{"America/Havana", "2026-11", 1, "2026-11-01 04:00", 25},
		{"America/Havana", "2026-03", 8, "2026-03-08 05:00", 23},
		{"Asia/Amman", "2021-10", 29, "2021-10-28 21:00", 25}, // from 01:00 back to 00:00
		{"UTC", "2024-02", 29, "2024-02-29 00:00", 24},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseMonth(tt.month)
		if err != nil || m.String() != tt.month {
			t.Fatalf("%s: %v, %v", tt.month, m, err)
		}
		days := m.Days(zone)
		if begins := days[tt.day-1]; !begins.Equal(utc(t, tt.begins)) || days[tt.day].Sub(begins).Hours() != tt.hours {
			t.Errorf("%s, day %d: begins %s and has %v hours, want %s and %v", tt.zone, tt.day, begins.UTC(), days[tt.day].Sub(begins).Hours(), tt.begins, tt.hours)
		}
		if !days[0].Equal(m.Begin(zone)) || !days[len(days)-1].Equal(m.Next().Begin(zone)) || m.Next().Before() != m {
			t.Errorf("%s of %s: the days are not the month", m, tt.zone)
		}
	}
	for _, text := range []string{"", "2026", "2026-13", "2026-1", "1969-12", "2026-10-01", "９９９９-10"} {
		if m, err := ParseMonth(text); err == nil {
			t.Errorf("%q is the month %s", text, m)
		}
	}
}

// Whatever happened to cases: those open before, with the opened and reopened,
// without the closed, are those open after; no downtime is longer than the
// month, nor than that of all cases together, nor shorter than that of any.
func TestMonthlyAddsUp(t *testing.T) {
	terms := octoberTerms(t)
	begin := utc(t, "2026-08-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		var cases []*alerting.Case
		for number := range rapid.IntRange(0, 6).Draw(t, "cases") {
			at := begin
			next := func() time.Time {
				at = at.Add(time.Duration(rapid.IntRange(1, 60*24*60).Draw(t, "minutes")) * time.Minute)
				return at
			}
			c := &alerting.Case{Number: number + 1, Type: alerting.TypeSupport, Severity: alerting.Severity(rapid.IntRange(1, 4).Draw(t, "severity")), Status: alerting.StatusOpen, Opened: next()}
			c.Events = []alerting.CaseEvent{{At: at, What: alerting.CaseOpened, Severity: c.Severity}}
			for range rapid.IntRange(0, 4).Draw(t, "events") {
				c.Occurrences = append(c.Occurrences, alerting.FaultSpell{From: at, To: at.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "spell")) * time.Minute)})
				if c.Status == alerting.StatusOpen {
					closing(c, next(), alerting.CaseClosed)
					continue
				}
				c.Events = append(c.Events, alerting.CaseEvent{At: next(), What: alerting.CaseReopened})
				c.Status, c.SubStatus, c.Closed = alerting.StatusOpen, alerting.SubNew, time.Time{}
			}
			cases = append(cases, c)
		}
		m := NewMonthly(terms, cases, &MonthQuality{})
		n := &m.Cases
		if n.OpenBefore+n.Opened+n.Reopened-n.Closed != n.Open {
			t.Fatalf("%+v do not add up", *n)
		}
		var sum, most int64
		for _, c := range cases {
			one := NewMonthly(terms, []*alerting.Case{c}, &MonthQuality{}).Uptime.DowntimeS
			sum, most = sum+one, max(most, one)
		}
		if got := m.Uptime.DowntimeS; got > m.Uptime.PeriodS || got > sum || got < most {
			t.Fatalf("%d s down of %d; of single cases %d at most, %d in all", got, m.Uptime.PeriodS, most, sum)
		}
	})
}
