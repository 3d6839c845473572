package alerting

import (
	"testing"
	"time"
)

// happened is an event of a test.
type happened struct {
	at       string
	what     Happening
	severity Severity
}

func eventsOf(t *testing.T, list []happened) []CaseEvent {
	t.Helper()
	var events []CaseEvent
	for _, h := range list {
		events = append(events, CaseEvent{instantOf(t, h.at), h.what, h.severity})
	}
	return events
}

// All of these are of plan care and an office in Berlin (Monday to Friday 09:00
// to 17:00). 10 March 2026 is a Tuesday; its times are +01:00.
func TestClock(t *testing.T) {
	const (
		opened = "2026-03-10T10:00+01:00"
		none   = ""
	)
	for _, test := range []struct {
		name   string
		goal   Goal
		events []happened
		now    string
		state  ClockState
		due    string
		breach string
	}{
		// High: response in 6 bh, by 16:00. 80 % are 4.8 h: 14:48.
		{"running", Response, []happened{{opened, CaseOpened, High}}, "2026-03-10T14:47+01:00", ClockRunning, "2026-03-10T16:00+01:00", none},
		{"warning", Response, []happened{{opened, CaseOpened, High}}, "2026-03-10T14:48+01:00", ClockWarning, "2026-03-10T16:00+01:00", none},
		{"just before", Response, []happened{{opened, CaseOpened, High}}, "2026-03-10T15:59:59.999999999+01:00", ClockWarning, "2026-03-10T16:00+01:00", none},
		{"breached", Response, []happened{{opened, CaseOpened, High}}, "2026-03-10T16:00+01:00", ClockBreached, "2026-03-10T16:00+01:00", "2026-03-10T16:00+01:00"},
		{"met at the last moment", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T16:00+01:00", CaseAnswered, 0}}, "2026-03-20T10:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"met", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T12:00+01:00", CaseAnswered, 0}}, "2026-03-20T10:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"missed", Response, []happened{{opened, CaseOpened, High}, {"2026-03-11T09:00+01:00", CaseAnswered, 0}}, "2026-03-20T10:00+01:00", ClockMissed, "2026-03-10T16:00+01:00", "2026-03-10T16:00+01:00"},
		{"what is to come is not known", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T12:00+01:00", CaseAnswered, 0}}, "2026-03-10T11:00+01:00", ClockRunning, "2026-03-10T16:00+01:00", none},

		// Restoration of High in 4 bd: 16 March 10:00. 1 bd is used when the customer is asked on Wednesday
		// 10:00; 3 are left on Friday 12:00: Monday, Tuesday, Wednesday 18 March 12:00.
		{"a stop", Restoration, []happened{{opened, CaseOpened, High}, {"2026-03-11T10:00+01:00", CustomerAwaited, 0}, {"2026-03-13T12:00+01:00", CustomerAnswered, 0}},
			"2026-03-13T13:00+01:00", ClockRunning, "2026-03-18T12:00+01:00", none},
		// Still stopped on Thursday 09:00: as though it went on now, 3 bd to Tuesday 17 March 09:00.
		{"stopped", Restoration, []happened{{opened, CaseOpened, High}, {"2026-03-11T10:00+01:00", CustomerAwaited, 0}},
			"2026-03-12T09:00+01:00", ClockPaused, "2026-03-17T09:00+01:00", none},
		{"stopped for a year", Restoration, []happened{{opened, CaseOpened, High}, {"2026-03-11T10:00+01:00", CustomerAwaited, 0}},
			"2027-03-11T09:00+01:00", ClockPaused, "2027-03-16T09:00+01:00", none},
		// A stop outside working hours changes nothing.
		{"a stop at night", Restoration, []happened{{opened, CaseOpened, High}, {"2026-03-10T18:00+01:00", MaintenanceBegan, 0}, {"2026-03-11T08:00+01:00", MaintenanceEnded, 0}},
			"2026-03-11T09:00+01:00", ClockRunning, "2026-03-16T10:00+01:00", none},
		// Overlapping stops count once: 11:00 to 15:00. Of 6 bh 1 is used; 2 until 17:00, 3 from Wednesday 09:00.
		{"two stops", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T11:00+01:00", MaintenanceBegan, 0}, {"2026-03-10T12:00+01:00", MaintenanceEnded, 0},
			{"2026-03-10T12:00+01:00", MaintenanceBegan, 0}, {"2026-03-10T15:00+01:00", MaintenanceEnded, 0}},
			"2026-03-10T15:30+01:00", ClockRunning, "2026-03-11T12:00+01:00", none},
		// Critical: 6 h of clock time, by 16:00; two hours of maintenance at 15:00 move it to 18:00.
		{"a stop of clock time", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T15:00+01:00", MaintenanceBegan, 0}, {"2026-03-10T17:00+01:00", MaintenanceEnded, 0}},
			"2026-03-10T18:00+01:00", ClockBreached, "2026-03-10T18:00+01:00", "2026-03-10T18:00+01:00"},
		{"a stop after the breach", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T16:30+01:00", CustomerAwaited, 0}},
			"2026-03-10T17:00+01:00", ClockBreached, "2026-03-10T16:00+01:00", "2026-03-10T16:00+01:00"},
		// A business day that is used up by closing time is not over before work goes on; stopped before that, it never is.
		{"stopped after hours", Response, []happened{{"2026-03-10T09:00+01:00", CaseOpened, Medium}, {"2026-03-10T18:00+01:00", MaintenanceBegan, 0}},
			"2026-03-12T11:00+01:00", ClockPaused, "2026-03-12T11:00+01:00", none},

		// Asking the customer is an answer; so is closing.
		{"asked", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T12:00+01:00", CustomerAwaited, 0}}, "2026-03-20T10:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"closed", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", CaseClosed, 0}}, "2026-03-20T10:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"cancelled", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", CaseCancelled, 0}}, "2026-03-20T10:00+01:00", ClockVoid, "2026-03-10T16:00+01:00", none},
		{"cancelled late", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T17:00+01:00", CaseCancelled, 0}}, "2026-03-20T10:00+01:00", ClockMissed, "2026-03-10T16:00+01:00", "2026-03-10T16:00+01:00"},

		// Flapping: restored from 12:00 to 20:00, 2 of 6 h are used, so 4 are left at 20:00.
		{"restored", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", ServiceRestored, 0}}, "2026-03-10T19:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"impaired again", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", ServiceRestored, 0}, {"2026-03-10T20:00+01:00", ServiceImpaired, 0}},
			"2026-03-10T21:00+01:00", ClockRunning, "2026-03-11T00:00+01:00", none},
		// It does not stop the resolution: 15 bd to 31 March.
		{"restored is not resolved", Resolution, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", ServiceRestored, 0}}, "2026-03-11T12:00+01:00", ClockRunning, "2026-03-31T10:00+02:00", none},
		// Resolved after 1 bd, reopened on 20 April 12:00 (a Monday): 14 bd are left. 21, 22, 23, 24 (4), 27, 28, 29, 30
		// (8), [1 May], 4, 5, 6, 7, 8 (13), 11 May 12:00.
		{"reopened", Resolution, []happened{{opened, CaseOpened, Critical}, {"2026-03-11T10:00+01:00", CaseClosed, 0}, {"2026-04-20T12:00+02:00", CaseReopened, 0}},
			"2026-04-20T12:00+02:00", ClockRunning, "2026-05-11T12:00+02:00", none},
		// Cancelled and reopened: every clock goes on. 2 of 6 h were used.
		{"cancelled and reopened", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", CaseCancelled, 0}, {"2026-03-12T12:00+01:00", CaseReopened, 0}},
			"2026-03-12T13:00+01:00", ClockRunning, "2026-03-12T16:00+01:00", none},

		// Medium answers in 1 bd: Wednesday 10:00. Raised to High on Tuesday 12:00: 6 bh from the opening, 16:00.
		{"raised", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-10T12:00+01:00", SeverityChanged, High}}, "2026-03-10T13:00+01:00", ClockRunning, "2026-03-10T16:00+01:00", none},
		{"before it is raised", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-10T12:00+01:00", SeverityChanged, High}}, "2026-03-10T11:00+01:00", ClockRunning, "2026-03-11T10:00+01:00", none},
		// Raised when 6 bh are over: late from then, not from 16:00.
		{"raised too late", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-11T09:30+01:00", SeverityChanged, High}}, "2026-03-11T09:45+01:00", ClockBreached, "2026-03-10T16:00+01:00", "2026-03-11T09:30+01:00"},
		{"answered before it is raised", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-10T11:00+01:00", CaseAnswered, 0}, {"2026-03-20T09:30+01:00", SeverityChanged, Critical}},
			"2026-03-20T10:00+01:00", ClockMet, "2026-03-11T10:00+01:00", none},
		// Raised while stopped: late when the clock goes on.
		{"raised while stopped", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-10T15:00+01:00", MaintenanceBegan, 0}, {"2026-03-10T16:00+01:00", SeverityChanged, Critical}},
			"2026-03-10T17:00+01:00", ClockPaused, "2026-03-10T14:00+01:00", none},
		{"raised while stopped, and on", Response, []happened{{opened, CaseOpened, Medium}, {"2026-03-10T15:00+01:00", MaintenanceBegan, 0}, {"2026-03-10T16:00+01:00", SeverityChanged, Critical}, {"2026-03-10T18:00+01:00", MaintenanceEnded, 0}},
			"2026-03-10T19:00+01:00", ClockBreached, "2026-03-10T14:00+01:00", "2026-03-10T18:00+01:00"},
		// What was restored is not late before it is impaired again.
		{"raised while restored", Restoration, []happened{{opened, CaseOpened, Medium}, {"2026-03-11T10:00+01:00", ServiceRestored, 0}, {"2026-03-11T12:00+01:00", SeverityChanged, Critical}, {"2026-03-11T20:00+01:00", ServiceImpaired, 0}},
			"2026-03-11T21:00+01:00", ClockBreached, "2026-03-10T16:00+01:00", "2026-03-11T20:00+01:00"},
		// Lowered in time: 2 bd, Thursday 10:00. Lowered late: the breach stays.
		{"lowered", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T15:59+01:00", SeverityChanged, Low}}, "2026-03-11T12:00+01:00", ClockRunning, "2026-03-12T10:00+01:00", none},
		{"lowered too late", Response, []happened{{opened, CaseOpened, High}, {"2026-03-10T16:01+01:00", SeverityChanged, Low}}, "2026-03-11T12:00+01:00", ClockBreached, "2026-03-12T10:00+01:00", "2026-03-10T16:00+01:00"},
		// Low has no restoration target.
		{"no target", Restoration, []happened{{opened, CaseOpened, Low}}, "2027-03-10T12:00+01:00", ClockNone, none, none},
		{"a target no more", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", SeverityChanged, Low}}, "2026-03-11T12:00+01:00", ClockNone, none, none},
		{"a target again", Restoration, []happened{{opened, CaseOpened, Critical}, {"2026-03-10T12:00+01:00", SeverityChanged, Low}, {"2026-03-10T13:00+01:00", SeverityChanged, Critical}},
			"2026-03-10T14:00+01:00", ClockRunning, "2026-03-10T16:00+01:00", none},

		{"events out of order", Response, []happened{{"2026-03-10T12:00+01:00", CaseAnswered, 0}, {opened, CaseOpened, High}}, "2026-03-20T10:00+01:00", ClockMet, "2026-03-10T16:00+01:00", none},
		{"never opened", Response, []happened{{opened, CaseAnswered, 0}}, "2026-03-20T10:00+01:00", ClockNone, none, none},
	} {
		office := calendarsOf(t, testCalendars)["office"]
		clocks := BuiltinPlans()[Care].Clocks(office, eventsOf(t, test.events))
		got := clocks.At(instantOf(t, test.now))[test.goal]
		if got.State != test.state {
			t.Errorf("%s: %s, want %s", test.name, got.State, test.state)
		}
		for _, moment := range []struct {
			what string
			got  time.Time
			want string
		}{{"due", got.Due, test.due}, {"breached", got.Breached, test.breach}} {
			want := time.Time{}
			if moment.want != none {
				want = instantOf(t, moment.want)
			}
			if !moment.got.Equal(want) {
				t.Errorf("%s: %s %s, want %s", test.name, moment.what, moment.got, want)
			}
		}
	}
}

func TestReading(t *testing.T) {
	office := calendarsOf(t, testCalendars)["office"]
	// Of 6 bh, 1 is used at 11:00, when a stop of three hours begins. 80 % are 4.8 h: 3 more until 17:00 and
	// 48 min from Wednesday 09:00; the end is at 11:00.
	clocks := BuiltinPlans()[Care].Clocks(office, eventsOf(t, []happened{
		{"2026-03-10T10:00+01:00", CaseOpened, High},
		{"2026-03-10T11:00+01:00", MaintenanceBegan, 0},
		{"2026-03-10T14:00+01:00", MaintenanceEnded, 0},
	}))
	now := instantOf(t, "2026-03-10T15:30+01:00")
	got := clocks.At(now)[Response]
	if want := instantOf(t, "2026-03-11T09:48+01:00"); !got.WarnAt.Equal(want) || !clocks[Response].Next(now).Equal(want) || !clocks.Next(now).Equal(want) {
		t.Errorf("warns %s, next %s and %s, want %s", got.WarnAt, clocks[Response].Next(now), clocks.Next(now), want)
	}
	if got.Elapsed.String() != "2.5 bh" || got.Target.String() != "6 bh" || !got.Ended.IsZero() {
		t.Errorf("elapsed %s of %s, ended %s", got.Elapsed, got.Target, got.Ended)
	}
	if next, want := clocks[Response].Next(got.WarnAt), instantOf(t, "2026-03-11T11:00+01:00"); !next.Equal(want) {
		t.Errorf("after the warning comes %s, want %s", next, want)
	}
	if next := clocks[Response].Next(got.Due); !next.IsZero() {
		t.Errorf("after the breach comes %s, want nothing", next)
	}
	if next := clocks[Response].Next(instantOf(t, "2026-03-10T12:00+01:00")); !next.IsZero() {
		t.Errorf("a stopped clock changes by itself at %s", next)
	}
}
