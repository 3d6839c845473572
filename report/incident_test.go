package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// incidentTerms are those of the trunk's case, in Berlin (UTC+1 in January),
// with an hour of maintenance in the middle of its second spell.
func incidentTerms(t testing.TB) *IncidentTerms {
	return &IncidentTerms{
		Calendar: berlin(t), Now: utc(t, "2026-01-20 08:00"),
		Maintenance: windows(t, `[{name: upgrade, tenants: [acme], zone: UTC, from: "2026-01-06 10:50", to: "2026-01-06 11:20"}]`),
	}
}

// closedCase is the trunk's case when all is over: restored at 11:40 UTC on
// Tuesday 6 January 2026, closed two days later.
func closedCase(t testing.TB) *alerting.Case {
	c := trunkCase()
	c.Occurrences[1].To = utc(t, "2026-01-06 11:30")
	c.Restored = utc(t, "2026-01-06 11:40")
	c.Status, c.SubStatus, c.Closed, c.Closure = alerting.StatusClosed, alerting.SubResolved, utc(t, "2026-01-08 09:00"), "The carrier replaced the line card."
	c.Modified = c.Closed
	c.RootCause = "A line card of gateway 3 dropped packets above 60 % load."
	c.Clocks[1] = alerting.CaseClock{Goal: "restoration", State: "met", Target: "4 h", Due: caseAt("12:52:30"), Ended: c.Restored, Elapsed: "2.79 h"}
	c.Clocks[2] = alerting.CaseClock{Goal: "resolution", State: "met", Target: "15 bd", Due: time.Date(2026, 1, 27, 8, 52, 30, 0, time.UTC), Ended: c.Closed, Elapsed: "2 bd"}
	say := func(at, author string, kind alerting.UpdateKind, text string) {
		c.Updates = append(c.Updates, alerting.Update{Seq: len(c.Updates) + 1, At: utc(t, at), Author: author, Kind: kind, Text: text})
	}
	say("2026-01-06 11:40", alerting.MonitorAuthor, alerting.UpdateRestored, "Restored: 120 streams through the same place since 11:30 UTC, none of them affected.")
	say("2026-01-07 14:00", "Ann", alerting.UpdateAnswered, "Action plan: the carrier checks the cards of gateways 1 and 2 by 31 January (carrier-b).")
	say("2026-01-08 09:00", "Ann", alerting.UpdateClosed, c.Closure)
	step := []alerting.Tally{{0, 0}, {40, 1}, {38, 30}, {42, 39}, {40, 2}, {44, 0}}
	c.Course = alerting.Course{From: utc(t, "2026-01-06 08:00"), StepS: 3600, Inside: step, Outside: []alerting.Tally{{90, 0}, {95, 1}, {99, 0}, {97, 0}, {91, 1}, {94, 0}}}
	return c
}

// By hand: spells from 08:50:10 to 09:50:00 and from 10:40 to 11:30, without
// 10:50 to 11:20, are 3590 s, 600 s and 600 s; from the first of them to the
// restoration it is 10190 s. Two business days after Tuesday 12:40 in Berlin is
// Thursday 12:40, three more are Tuesday 13 January 12:40.
func TestIncidentFigures(t *testing.T) {
	r := NewIncident(closedCase(t), incidentTerms(t))
	if !r.Final || !r.Affects || r.DurationS != 10_190 || r.DowntimeS != 3590+600+600 || len(r.Impaired) != 3 {
		t.Errorf("final %v, affects %v, duration %d, downtime %d, %d stretches", r.Final, r.Affects, r.DurationS, r.DowntimeS, len(r.Impaired))
	}
	if !r.ReviewDue.Equal(utc(t, "2026-01-08 11:40")) || !r.ReportDue.Equal(utc(t, "2026-01-13 11:40")) {
		t.Errorf("due: review %s, report %s", r.ReviewDue, r.ReportDue)
	}
	if r.RootCause == "" || len(r.ActionPlan) != 1 || !strings.HasPrefix(r.ActionPlan[0].Text, "the carrier checks") {
		t.Errorf("root cause %q, action plan %+v", r.RootCause, r.ActionPlan)
	}
	// Ann's note on the NOC and her closing comment; what she changed without a word is none.
	if len(r.Comments) != 2 || len(r.Timeline) != len(closedCase(t).Updates) {
		t.Errorf("comments %+v, %d entries", r.Comments, len(r.Timeline))
	}
	again := incidentTerms(t)
	again.Now = again.Now.AddDate(0, 3, 0)
	if a, b := told(t, r.JSON), told(t, NewIncident(closedCase(t), again).JSON); a != b {
		t.Error("the report of a closed case depends on the day on which it is made")
	}
}

// An open case gives a draft with places for what nobody has said.
func TestIncidentDraft(t *testing.T) {
	c := trunkCase()
	c.RootCause = "asked"
	terms := incidentTerms(t)
	terms.Now = caseNow // 11:30
	r := NewIncident(c, terms)
	// The second spell goes on: 08:50:10 to 11:30, without 09:50 to 10:40 and the half hour of maintenance.
	if r.Final || r.DurationS != 9590 || r.DowntimeS != 9590-50*60-30*60 || !r.ReviewDue.IsZero() || r.Restoration != "" {
		t.Errorf("got %+v", r)
	}
	for name, face := range map[string]string{"Markdown": told(t, r.Markdown), "HTML": told(t, r.HTML)} {
		if n := strings.Count(face, "To be filled in: "); n != 3 { // restoration, root cause, action plan; Ann's note is a comment
			t.Errorf("%s: %d places to fill in, want 3", name, n)
		}
		if !strings.Contains(face, "Draft: the case is open") {
			t.Errorf("%s: it does not say that it is a draft", name)
		}
	}
	c.Restored = utc(t, "2026-01-06 11:29")
	if text := told(t, NewIncident(c, terms).Markdown); !strings.Contains(text, "The review is due 2026-01-08 12:29 CET, the report 2026-01-13 12:29 CET.") {
		t.Error("the draft of a restored case does not say what is due")
	}
}

// A case opened by hand was impaired until somebody said that it was restored,
// and again from when it was found not to be.
func TestIncidentByHand(t *testing.T) {
	c := octoberCase(t, 7, alerting.High, "", "2026-10-06 08:00", "")
	for _, e := range []struct {
		at   string
		what alerting.Happening
	}{{"2026-10-06 09:00", alerting.ServiceRestored}, {"2026-10-06 10:00", alerting.ServiceImpaired}, {"2026-10-06 10:30", alerting.CauseResolved}} {
		c.Events = append(c.Events, alerting.CaseEvent{At: utc(t, e.at), What: e.what})
	}
	closing(c, utc(t, "2026-10-06 12:00"), alerting.CaseClosed)
	r := NewIncident(c, &IncidentTerms{Now: utc(t, "2026-10-07 00:00")})
	if r.DowntimeS != 5400 || !r.Restored.Equal(utc(t, "2026-10-06 10:30")) || r.DurationS != 9000 || r.Zone != "UTC" {
		t.Errorf("got %+v", r)
	}
}

// What strangers say is shown as they say it, and is no markup in any face.
func TestReportsEscape(t *testing.T) {
	const hostile = "<script>alert(1)</script> [x](javascript:alert(1)) `a` | b | **c** ![i](http://evil/) &lt; \x1b[31m\u202e"
	c := closedCase(t)
	c.Subject, c.RootCause, c.Business, c.Owner, c.Tenant = hostile, hostile, hostile, hostile, hostile
	c.Updates[1].Text, c.Updates[1].Author = hostile+"\n# heading\n- list\n1. one\n    code", hostile
	c.Attachments[0].Name, c.Questions[0].Text = hostile, hostile
	m := NewMonthly(octoberTerms(t), []*alerting.Case{hostileCase(t, hostile)}, octoberQuality())
	for name, write := range map[string]face{"incident": NewIncident(c, incidentTerms(t)), "monthly": m} {
		page, text := told(t, write.HTML), told(t, write.Markdown)
		harmlessPage(t, name, page)
		if bad := liveMarkdown(text); bad != "" {
			t.Errorf("%s: Markdown has %q", name, bad)
		}
		if !strings.Contains(page, "alert(1)") || !strings.Contains(text, "alert(1)") {
			t.Errorf("%s: the text is gone", name)
		}
		if out := told(t, write.JSON); !json.Valid([]byte(out)) || strings.ContainsAny(out, "\x1b\u202e") {
			t.Errorf("%s: JSON is damaged, or holds control characters", name)
		}
	}
}

func hostileCase(t testing.TB, text string) *alerting.Case {
	c := octoberCase(t, 102, alerting.High, text, "2026-10-06 08:52", "2026-10-08 12:00", "2026-10-06 08:50", "2026-10-06 10:00")
	c.Subject = text
	return c
}

// FuzzReports: whatever a case says, no face is markup made by it, and none is damaged.
func FuzzReports(f *testing.F) {
	f.Add("Packet loss in segment trunk-a", "Called the carrier's NOC.\nAction plan: none yet")
	f.Add("<img src=x onerror=alert(1)>", "]]></style><script>")
	f.Add("[x](javascript:1)", "1. one\n# two\n- three\n| four |\n``` five")
	f.Add("\\[a](b)", "a\x00\xff\u2028![](//evil)")
	f.Fuzz(func(t *testing.T, subject, note string) {
		c := closedCase(t)
		c.Course = alerting.Course{} // drawing takes its time, and has tests of its own
		c.Subject, c.Updates[1].Text, c.Updates[1].Author, c.Questions[1].Text, c.Owner = subject, note, note, note, subject
		r := NewIncident(c, incidentTerms(t))
		m := NewMonthly(octoberTerms(t), []*alerting.Case{hostileCase(t, subject)}, octoberQuality())
		for _, one := range []face{r, m} {
			harmlessPage(t, "page", told(t, one.HTML))
			if bad := liveMarkdown(told(t, one.Markdown)); bad != "" {
				t.Errorf("Markdown has %q", bad)
			}
			if !json.Valid([]byte(told(t, one.JSON))) {
				t.Error("JSON is damaged")
			}
		}
	})
}
