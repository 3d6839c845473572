package report

import (
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// utc reads a time of the tests.
func utc(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func node(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Content[0]
}

// berlin is business time of Berlin: Monday to Friday, 09:00 to 17:00.
func berlin(t testing.TB) *alerting.Calendar {
	t.Helper()
	list, err := alerting.DecodeCalendars(node(t, `[{name: berlin, zone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}]`))
	if err != nil {
		t.Fatal(err)
	}
	return list["berlin"]
}

func windows(t testing.TB, text string) *alerting.Maintenance {
	t.Helper()
	m, err := alerting.DecodeMaintenance(node(t, text), []string{"acme"}, []string{"trunk-a"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// octoberTerms are those of the tenant acme and October 2026, in Berlin, told
// of in November. That month has 31 days and an hour more: 745 hours.
func octoberTerms(t testing.TB) *MonthlyTerms {
	return &MonthlyTerms{
		Tenant: &alerting.Tenant{Name: "acme", Plan: alerting.BuiltinPlans()[alerting.BusinessCare], Calendar: berlin(t)},
		Month:  Month{2026, time.October}, Now: utc(t, "2026-11-02 05:00"), Uptime: 99.95,
		// On Sundays in Berlin; on 18 October that is 00:00 to 04:00 UTC, for the last time.
		Maintenance: windows(t, `[{name: updates, tenants: [acme], zone: Europe/Berlin, days: sun, hours: "02:00-06:00", until: 2026-10-20}]`),
	}
}

// octoberCase is a case with what a report goes by. Times are opened, closed
// (where there is one), and from and to of each spell.
func octoberCase(t testing.TB, number int, s alerting.Severity, owner, opened, closed string, spells ...string) *alerting.Case {
	c := &alerting.Case{
		Number: number, Tenant: "acme", Environment: "production", Type: alerting.TypeSupport, SubType: alerting.SubTypeProblem, Severity: s, Owner: owner,
		Subject: "Packet loss in segment trunk-a", Segment: "trunk-a", Status: alerting.StatusOpen, SubStatus: alerting.SubInvestigation,
		Opened: utc(t, opened), Events: []alerting.CaseEvent{{At: utc(t, opened), What: alerting.CaseOpened, Severity: s}},
	}
	for i := 0; i < len(spells); i += 2 {
		c.Occurrences = append(c.Occurrences, alerting.FaultSpell{From: utc(t, spells[i]), To: utc(t, spells[i+1])})
	}
	if closed != "" {
		closing(c, utc(t, closed), alerting.CaseClosed)
	}
	return c
}

func closing(c *alerting.Case, at time.Time, what alerting.Happening) {
	c.Events = append(c.Events, alerting.CaseEvent{At: at, What: what})
	c.Status, c.SubStatus, c.Closed = alerting.StatusClosed, alerting.SubResolved, at
	if what == alerting.CaseCancelled {
		c.SubStatus = alerting.SubCancelled
	}
}

// clocked gives a case its clocks, each as "state breached ended": response,
// restoration and resolution; "-" is no time.
func clocked(t testing.TB, c *alerting.Case, clocks ...[3]string) *alerting.Case {
	for i, k := range clocks {
		one := alerting.CaseClock{Goal: alerting.Goal(i).String(), State: k[0], Target: "4 h"}
		if k[1] != "-" {
			one.Breached = utc(t, k[1])
		}
		if k[2] != "-" {
			one.Ended = utc(t, k[2])
		}
		c.Clocks = append(c.Clocks, one)
	}
	return c
}

// octoberCases are the cases of the month:
//
//	101 critical, before the month until the 2nd: down 21:00 to 24:00 UTC on 30 September, of which the month has 2 h
//	102 high: down 08:50 to 10:00 and 11:00 to 11:30
//	103 high, still open: down 09:30 to 10:30, of which 102 has the first half
//	104 critical: down 00:30 to 04:30 on a Sunday, of which 04:00 to 04:30 is outside the window
//	105 medium, all month: affects no service
//	106 high, cancelled
//	107 low, closed in September, reopened on the 5th
//	108 high, opened by hand in the night in which clocks are put back, restored 2 h later
//	109 critical, from the last hour of the month into the next
func octoberCases(t testing.TB) []*alerting.Case {
	met := func(at string) [3]string { return [3]string{"met", "-", at} }
	running := [3]string{"running", "-", "-"}
	cancelled := octoberCase(t, 106, alerting.High, "carrier-b", "2026-10-10 08:00", "", "2026-10-10 08:00", "2026-10-10 20:00")
	closing(cancelled, utc(t, "2026-10-10 21:00"), alerting.CaseCancelled)
	again := octoberCase(t, 107, alerting.Low, "", "2026-08-20 08:00", "2026-09-20 08:00")
	again.Events = append(again.Events, alerting.CaseEvent{At: utc(t, "2026-10-05 08:00"), What: alerting.CaseReopened})
	again.Status, again.SubStatus, again.Closed = alerting.StatusOpen, alerting.SubInvestigation, time.Time{}
	byHand := octoberCase(t, 108, alerting.High, "acme IT", "2026-10-25 00:30", "")
	byHand.Events = append(byHand.Events, alerting.CaseEvent{At: utc(t, "2026-10-25 02:30"), What: alerting.ServiceRestored})
	closing(byHand, utc(t, "2026-10-26 09:00"), alerting.CaseClosed)
	byHand.Subject = "Nobody at the night desk can be reached"
	return []*alerting.Case{
		clocked(t, octoberCase(t, 101, alerting.Critical, "carrier-b", "2026-09-29 21:05", "2026-10-02 10:00", "2026-09-30 21:00", "2026-10-01 00:00"),
			met("2026-09-29 21:10"), [3]string{"missed", "2026-09-30 21:30", "2026-10-01 00:15"}, met("2026-10-02 10:00")),
		clocked(t, octoberCase(t, 102, alerting.High, "carrier-b", "2026-10-06 08:52", "2026-10-08 12:00", "2026-10-06 08:50", "2026-10-06 10:00", "2026-10-06 11:00", "2026-10-06 11:30"),
			met("2026-10-06 09:00"), met("2026-10-06 11:45"), met("2026-10-08 12:00")),
		clocked(t, octoberCase(t, 103, alerting.High, "acme IT", "2026-10-06 09:30", "", "2026-10-06 09:30", "2026-10-06 10:30"),
			[3]string{"missed", "2026-10-06 12:00", "2026-10-07 08:00"}, [3]string{"breached", "2026-10-08 09:30", "-"}, running),
		clocked(t, octoberCase(t, 104, alerting.Critical, "operator", "2026-10-18 04:02", "2026-10-18 09:00", "2026-10-18 00:30", "2026-10-18 04:30"),
			met("2026-10-18 04:10"), met("2026-10-18 04:45"), met("2026-10-18 09:00")),
		clocked(t, octoberCase(t, 105, alerting.Medium, "carrier-b", "2026-09-15 08:00", "", "2026-09-15 08:00", "2026-11-01 12:00"),
			met("2026-09-15 09:00"), [3]string{"breached", "2026-10-03 08:00", "-"}, running),
		clocked(t, cancelled, met("2026-10-10 08:30"), [3]string{"void", "-", "2026-10-10 21:00"}, [3]string{"void", "-", "2026-10-10 21:00"}),
		clocked(t, again, met("2026-08-20 09:00"), [3]string{"none", "-", "-"}, [3]string{"none", "-", "-"}),
		clocked(t, byHand, met("2026-10-25 00:40"), met("2026-10-25 02:30"), met("2026-10-26 09:00")),
		clocked(t, octoberCase(t, 109, alerting.Critical, "carrier-b", "2026-10-31 22:05", "2026-11-01 09:00", "2026-10-31 22:00", "2026-11-01 01:00"),
			met("2026-10-31 22:10"), running, running),
	}
}

// octoberQuality has 1,000 calls a day with 5 impaired, 80 on the 6th; nothing
// is kept of the first three days, and there were no calls on the 25th.
func octoberQuality() *MonthQuality {
	q := &MonthQuality{Missing: "Nothing is kept of 3 of 31 days: the records begin with 2026-10-04; older ones are deleted (store.days), or were never kept."}
	f := func(v float64) *float64 { return &v }
	for day := 1; day <= 31; day++ {
		d := QualityDay{Day: time.Date(2026, 10, day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), Kept: day > 3}
		if d.Kept && day != 25 {
			d.QualityFigures = QualityFigures{Calls: 1000, Impaired: 5, Scored: 990, MOSMedian: f(4.36), MOSLowest5: f(4.10)}
		}
		if day == 6 {
			d.Impaired, d.MOSMedian, d.MOSLowest5 = 80, f(4.21), f(2.87)
		}
		q.Days = append(q.Days, d)
	}
	// 27 days with calls: 26 with 5 impaired ones and one with 80.
	q.Total = QualityFigures{Calls: 27_000, Impaired: 26*5 + 80, Scored: 27 * 990, MOSMedian: f(4.36), MOSLowest5: f(4.02)}
	q.Segments = []QualitySegment{
		{"trunk-a", QualityFigures{Calls: 18_000, Impaired: 200, Scored: 17_900, MOSMedian: f(4.35), MOSLowest5: f(3.95)}},
		{"site-lan", QualityFigures{Calls: 9_400, Impaired: 10, Scored: 9_300, MOSMedian: f(4.37), MOSLowest5: f(4.2)}},
	}
	return q
}
