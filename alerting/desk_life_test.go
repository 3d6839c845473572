package alerting

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// All of these are of business-care and an office in Berlin, Monday to Friday
// 09:00 to 17:00, worked out by hand. 10 March 2026 is a Tuesday.

// pass lets time go by, minute by minute, without news.
func (s *deskScene) pass(until string) {
	s.Helper()
	end, err := time.ParseInLocation("2006-01-02T15:04", until, s.zone())
	if err != nil {
		s.Fatal(err)
	}
	for !s.now.After(end) {
		s.desk.Tick(s.now)
		s.now = s.now.Add(time.Minute)
	}
	s.now = end.UTC()
}

// High: an answer in 2 bh, restoration in 2 bd, resolution in 15 bd; warnings at
// 80 % of them.
func TestCaseNobodyAnswers(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("10:00")
	s.pass("2026-04-02T12:00")
	s.wantTimeline(1,
		"10 10:00 opened",
		"10 11:36 warned",       // 96 min
		"10 12:00 breached",     // 2 bh
		"11 10:00 may_escalate", // 24 h
		"11 14:48 warned",       // 1.6 bd: Wednesday 10:00 and 4.8 h
		"12 10:00 breached",     // 2 bd
		"26 10:00 warned",       // 12 bd
		"31 10:00 breached",     // 15 bd, over the change of clocks on the 29th
	)
	var texts []string
	for _, u := range s.desk.Case(1).Updates[1:4] {
		texts = append(texts, u.Text)
	}
	if want := []string{
		"The target for the first answer is missed at 2026-03-10 11:00:00 UTC unless it is met before: 1.6 bh of 2 bh are over.",
		"The target for the first answer was missed at 2026-03-10 11:00:00 UTC: 2 bh.",
		"It may be escalated since 2026-03-11 09:00:00 UTC: there was no update for 24 h.",
	}; !slices.Equal(texts, want) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
	if got := s.desk.Stats().Breached; got != [Goals]uint64{1, 1, 1} {
		t.Errorf("breached %v", got)
	}
	s.wantClock(1, Response, "breached", "10 12:00")
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "sorry"})
	s.wantClock(1, Response, "missed", "10 12:00")
}

// A weekend: what is opened on Friday at 16:00 has one hour on that day.
func TestCaseOverAWeekend(t *testing.T) {
	s := newDeskScene(t)
	s.at("2026-03-13T16:00")
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.at("16:00")
	s.wantClock(1, Response, "running", "16 12:00")    // 4 bh: 1 and 3
	s.wantClock(1, Restoration, "running", "20 16:00") // 5 bd
	s.pass("2026-03-16T09:59")
	s.wantTimeline(1, "13 16:00 opened")
	// On Monday it becomes critical: 15 min and 4 h from the opening are over since Friday.
	f.Severity = Critical
	s.at("10:00")
	s.pass("2026-03-16T10:10")
	s.wantTimeline(1, "13 16:00 opened", "16 10:00 measured severity:medium>critical down:false>true", "16 10:00 breached", "16 10:00 breached")
	s.wantClock(1, Response, "breached", "13 16:15")
	s.wantClock(1, Restoration, "breached", "13 20:00")
}

// Easter: 2 April is a Thursday, Good Friday and Easter Monday are holidays.
func TestCaseOverEaster(t *testing.T) {
	s := newDeskScene(t)
	s.at("2026-04-02T16:00")
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("16:00")
	s.wantClock(1, Response, "running", "07 10:00")
	s.wantClock(1, Restoration, "running", "08 16:00")
	s.pass("2026-04-07T10:30")
	s.wantTimeline(1,
		"02 16:00 opened",
		"03 16:00 may_escalate", // clock time
		"07 09:36 warned",       // 1.6 bh
		"07 10:00 breached",
	)
}

// Asking the customer is an answer and stops the clocks: 1 h 59 min of a day of
// 8 h were used by Tuesday 11:59, 1 bd and 6 h 1 min are left on Thursday 10:00.
func TestCaseAwaitsTheCustomer(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("10:00")
	s.pass("2026-03-10T11:59")
	s.do(Command{Kind: CommandUpdate, Case: 1, SubStatus: SubAwaiting, Text: "which lines?"})
	s.wantClock(1, Response, "met", "10 12:00")
	s.pass("2026-03-12T10:00")
	if state, _ := s.clock(1, Restoration); state != "paused" {
		t.Errorf("restoration is %s, want paused", state)
	}
	s.do(Command{Kind: CommandUpdate, Case: 1, Customer: true, Text: "all of them", Behalf: "Ms Miller"})
	s.wantClock(1, Restoration, "running", "13 16:01")
	if c := s.desk.Case(1); c.SubStatus != SubInvestigation || !c.FollowUp.Awaiting.IsZero() {
		t.Errorf("%s, awaiting since %s", c.SubStatus, c.FollowUp.Awaiting)
	}
}

// Reminders after 2 bd each, and the end 2 bd after the third.
func TestCaseClosesByItself(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "sbc-a", Medium, SignalLoss)
	s.at("10:00")
	s.over(f)
	s.at("10:00")
	s.forget(f)
	s.do(Command{Kind: CommandOpen, Subject: "a question", Tenant: "other-tenant"})
	s.do(Command{Kind: CommandOpen, Subject: "all is down", Severity: Critical, Tenant: "other-tenant", Set: map[string]string{"down": "true"}})
	for n := 1; n <= 3; n++ {
		s.do(Command{Kind: CommandUpdate, Case: n, SubStatus: SubAwaiting, Text: "is it good now?"})
	}
	s.pass("2026-03-30T09:00")
	s.wantCases("1 closed resolved medium", "2 closed cancelled low", "3 open awaiting_customer critical")
	s.wantTimeline(2,
		"10 10:00 opened by anna",
		"10 10:00 answered by anna sub_status:new>awaiting_customer",
		"12 10:00 reminded", "16 10:00 reminded", "18 10:00 reminded",
		"20 10:00 closed status:open>closed sub_status:awaiting_customer>cancelled",
	)
	if c := s.desk.Case(2); c.Closure != "Closed by itself: the customer did not answer since 2026-03-10 09:00:00 UTC; reminders sent: 3." {
		t.Errorf("closure %q", c.Closure)
	}
	// Case 1 is maintained every night, which changes nothing of that.
	if c := s.desk.Case(1); !c.Closed.Equal(instantOf(t, "2026-03-20T10:00+01:00")) {
		t.Errorf("closed %s", c.Closed)
	}

	// An answer stops the follow-up; asked again, it begins anew.
	s.do(Command{Kind: CommandUpdate, Case: 3, Customer: true, Text: "still down"})
	if c := s.desk.Case(3); c.SubStatus != SubInvestigation || len(c.FollowUp.Reminded) != 0 {
		t.Errorf("%s, %d reminders", c.SubStatus, len(c.FollowUp.Reminded))
	}
	s.do(Command{Kind: CommandUpdate, Case: 3, SubStatus: SubAwaiting, Set: map[string]string{"down": "false"}})
	s.pass("2026-04-13T12:00") // 30 March: 1, 7 and 9 April, over Easter; 13 April
	if c := s.desk.Case(3); c.Status != StatusClosed || !c.Closed.Equal(instantOf(t, "2026-04-13T09:00+02:00")) {
		t.Errorf("%s %s: %q", c.Status, c.Closed, s.timeline(c))
	}
}

func TestCaseEscalation(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.faulty("f2", "sbc-a", Medium, SignalJitter)
	s.faulty("f3", "wan", Critical, SignalNoMedia)
	s.at("10:00")
	s.do(Command{Kind: CommandUpdate, Case: 2, Text: "looking at it"}) // 1: critical, 2: high, 3: medium
	if c := s.desk.Case(1); c.Severity != Critical {
		t.Fatalf("the worst fault opens first, got %s", c.Severity)
	}
	s.do(Command{Kind: CommandEscalate, Case: 1, Text: "at once"}) // what is worst waits for nothing
	s.pass("2026-03-11T09:59")
	if e := s.refuses(Command{Kind: CommandEscalate, Case: 2}, Refused, "24 h"); !e.From.Equal(instantOf(t, "2026-03-11T10:00+01:00")) {
		t.Errorf("from %s", e.From)
	}
	s.pass("2026-03-11T10:00")
	s.do(Command{Kind: CommandEscalate, Case: 2, Text: "nobody calls back"})
	if e := s.refuses(Command{Kind: CommandEscalate, Case: 2}, Refused, "24 h"); !e.From.Equal(instantOf(t, "2026-03-12T10:00+01:00")) {
		t.Errorf("from %s", e.From)
	}
	if e := s.refuses(Command{Kind: CommandEscalate, Case: 3}, Refused, "3 bd"); !e.From.Equal(instantOf(t, "2026-03-13T10:00+01:00")) {
		t.Errorf("from %s", e.From)
	}
	s.pass("2026-03-13T10:00")
	s.do(Command{Kind: CommandEscalate, Case: 3})
	if e := s.refuses(Command{Kind: CommandUpdate, Case: 2, Set: map[string]string{"root_cause": "asked"}}, Refused, "5 bd"); !e.From.Equal(instantOf(t, "2026-03-17T10:00+01:00")) {
		t.Errorf("from %s", e.From)
	}
	s.pass("2026-03-17T10:00")
	s.do(Command{Kind: CommandUpdate, Case: 2, Set: map[string]string{"root_cause": "asked"}})
	s.do(Command{Kind: CommandUpdate, Case: 2, Set: map[string]string{"root_cause": "a card of the carrier"}})
	s.refuses(Command{Kind: CommandUpdate, Case: 2, Set: map[string]string{"root_cause": "asked"}}, Refused, "known already: a card of the carrier")
}

// Critical: 4 h of clock time. Opened at 23:00, it stands still in the nightly
// maintenance from 02:00 to 03:00, and is missed at 04:00 instead of 03:00.
func TestCaseInMaintenance(t *testing.T) {
	s := newDeskScene(t)
	s.at("23:00")
	s.faulty("f1", "sbc-a", Critical, SignalLoss)
	s.at("23:00")
	s.wantClock(1, Restoration, "running", "11 03:00")
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "on it"})
	s.pass("2026-03-11T02:30")
	s.wantClock(1, Restoration, "paused", "11 03:30") // one hour left, if it went on now
	s.pass("2026-03-11T04:10")
	s.wantTimeline(1,
		"10 23:00 opened",
		"10 23:00 answered by anna sub_status:new>investigation",
		"11 02:00 changed",
		"11 03:00 changed",
		"11 03:12 warned", // 3.2 h and one
		"11 04:00 breached",
	)
	s.wantClock(1, Restoration, "breached", "11 04:00")

	// A probe that slept over a window makes up for it.
	late := newDeskScene(t)
	late.at("23:00")
	late.faulty("f1", "sbc-a", Critical, SignalLoss)
	late.at("23:00")
	late.now = instantOf(t, "2026-03-11T02:40+01:00")
	late.desk.Tick(late.now)
	late.now = instantOf(t, "2026-03-11T03:30+01:00")
	late.desk.Tick(late.now)
	late.wantClock(1, Restoration, "warning", "11 04:00")
}

// Restored from 11:00 to 15:00, 3 of 4 hours are left.
func TestCaseFlappingClock(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Critical, SignalLoss)
	s.at("10:00").at("11:00")
	s.over(f)
	s.at("11:00")
	s.wantClock(1, Restoration, "met", "10 14:00")
	s.at("15:00")
	s.again(f)
	s.at("15:00")
	s.wantClock(1, Restoration, "running", "10 18:00")
}

// What is reopened goes on where it left off: one of two and one of fifteen
// days were used when it was closed on Wednesday.
func TestCaseReopenedClock(t *testing.T) {
	s := newDeskScene(t)
	s.do(Command{Kind: CommandOpen, Subject: "noise", Severity: High})
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "and a hum"}) // who asked answers nothing
	if state, _ := s.clock(1, Response); state != "running" {
		t.Errorf("response is %s, want running", state)
	}
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "on it", Author: "ben"})
	s.pass("2026-03-11T10:00")
	s.do(Command{Kind: CommandClose, Case: 1, Text: "gone"})
	s.wantClock(1, Resolution, "met", "31 10:00")
	s.pass("2026-03-13T10:00")
	s.do(Command{Kind: CommandReopen, Case: 1, Text: "it is back"})
	s.wantClock(1, Restoration, "running", "16 10:00")
	s.wantClock(1, Resolution, "running", "02 10:00") // 14 bd from the 13th: 2 April
	s.wantClock(1, Response, "met", "10 12:00")
}

// Other plans and calendars count from the next word on.
func TestCaseOtherPlan(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("10:00")
	s.pass("2026-03-10T11:00")
	dir := testDirectory(t)
	acme := dir.Tenants["acme"]
	acme.Plan = BuiltinPlans()[Care] // 6 bh
	s.desk.SetDirectory(dir)
	s.wantClock(1, Response, "running", "10 16:00")
	s.pass("2026-03-10T15:00")
	s.wantTimeline(1, "10 10:00 opened", "10 14:48 warned") // 4.8 bh
	// The office works at night: what ran by day does not count, 6 bh are over at 04:00.
	acme.Calendar = calendarsOf(t, testCalendars)["nights"]
	s.desk.SetDirectory(dir)
	s.wantClock(1, Response, "running", "11 04:00")
	s.pass("2026-03-11T05:00")
	if got := s.timeline(s.desk.Case(1)); got[len(got)-1] != "11 04:00 breached" {
		t.Errorf("got %q", got)
	}
}

// A desk that was down for weeks tells late, and each thing once.
func TestCaseAfterALongSleep(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("10:00")
	s.now = instantOf(t, "2026-04-02T12:00+02:00")
	for range 3 {
		s.desk.Tick(s.now)
	}
	s.wantTimeline(1, "10 10:00 opened", "02 12:00 breached", "02 12:00 breached", "02 12:00 breached", "02 12:00 may_escalate")
	if text := s.desk.Case(1).Updates[2].Text; !strings.Contains(text, "restoring the service was missed at 2026-03-12 09:00:00 UTC") {
		t.Errorf("got %q", text)
	}
}
