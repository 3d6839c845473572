package alerting

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Timers of plan care in an office in Berlin, Monday to Friday 09:00 to 17:00.
// 10 March 2026 is a Tuesday.
func TestTimers(t *testing.T) {
	const day = "2026-03-10T10:00+01:00"
	office := calendarsOf(t, testCalendars)["office"]
	care := BuiltinPlans()[Care]
	moment := func(text string) time.Time { return instantOf(t, text) }
	for _, test := range []struct {
		name      string
		situation Situation
		want      string // every step and when
	}{
		// The root cause may be asked for after 5 bd: 11, 12, 13, 16, 17 March.
		{"high and impaired", Situation{Severity: High, Opened: moment(day), ImpactedSince: moment(day)},
			"may_escalate 2026-03-11T10:00 may_ask_root_cause 2026-03-17T10:00"},
		{"an update", Situation{Severity: High, Opened: moment(day), ImpactedSince: moment(day), Updated: moment("2026-03-12T22:00+01:00"), RootCause: true},
			"may_escalate 2026-03-13T22:00"},
		{"impaired again", Situation{Severity: High, Opened: moment(day), ImpactedSince: moment("2026-03-14T08:00+01:00"), RootCause: true},
			"may_escalate 2026-03-15T08:00"},
		{"escalated", Situation{Severity: High, Opened: moment(day), ImpactedSince: moment(day), Escalated: moment("2026-03-11T11:00+01:00"), RootCause: true},
			"may_escalate 2026-03-12T11:00"},
		{"high and restored", Situation{Severity: High, Opened: moment(day), RootCause: true}, ""},
		{"medium", Situation{Severity: Medium, Opened: moment(day), RootCause: true}, "may_escalate 2026-03-13T10:00"}, // 11, 12, 13
		{"low", Situation{Severity: Low, Opened: moment(day), ImpactedSince: moment(day)}, "may_ask_root_cause 2026-03-17T10:00"},
		{"critical", Situation{Severity: Critical, Opened: moment(day), ImpactedSince: moment(day), RootCause: true}, ""},
		{"closed", Situation{Severity: High, Opened: moment(day), ImpactedSince: moment(day), Awaiting: moment(day), Closed: true}, ""},

		// Awaiting the customer from Tuesday 10:00: 2 bd are Thursday, 10 bd Tuesday 24 March.
		{"awaiting", Situation{Severity: Low, Opened: moment(day), Awaiting: moment(day), RootCause: true},
			"remind#1 2026-03-12T10:00 close_unanswered 2026-03-24T10:00"},
		{"awaiting since Friday night", Situation{Severity: Low, Opened: moment(day), Awaiting: moment("2026-03-13T22:00+01:00"), RootCause: true},
			"remind#1 2026-03-18T09:00 close_unanswered 2026-03-30T09:00"}, // from Monday 16 March 09:00
		{"reminded once", Situation{Severity: Low, Opened: moment(day), Awaiting: moment(day), Reminded: []time.Time{moment("2026-03-12T10:00+01:00")}, RootCause: true},
			"remind#2 2026-03-16T10:00 close_unanswered 2026-03-24T10:00"},
		{"reminded three times in time", Situation{Severity: Low, Opened: moment(day), Awaiting: moment(day), RootCause: true,
			Reminded: []time.Time{moment("2026-03-12T10:00+01:00"), moment("2026-03-16T10:00+01:00"), moment("2026-03-18T10:00+01:00")}},
			"close_unanswered 2026-03-20T10:00"}, // 2 bd after the third
		{"the third reminder came late", Situation{Severity: Low, Opened: moment(day), Awaiting: moment(day), RootCause: true,
			Reminded: []time.Time{moment("2026-03-12T10:00+01:00"), moment("2026-03-16T10:00+01:00"), moment("2026-03-23T12:00+01:00")}},
			"close_unanswered 2026-03-24T10:00"}, // 10 bd
		{"production is down", Situation{Severity: Critical, Opened: moment(day), Awaiting: moment(day), Down: true, RootCause: true},
			"remind#1 2026-03-12T10:00"},
		{"critical, production is not down", Situation{Severity: Critical, Opened: moment(day), Awaiting: moment(day), RootCause: true},
			"remind#1 2026-03-12T10:00 close_unanswered 2026-03-24T10:00"},
		{"production is down, reminded three times", Situation{Severity: Critical, Opened: moment(day), Awaiting: moment(day), Down: true, RootCause: true,
			Reminded: []time.Time{moment("2026-03-12T10:00+01:00"), moment("2026-03-16T10:00+01:00"), moment("2026-03-18T10:00+01:00")}}, ""},
	} {
		var got []string
		timers := care.Due(office, &test.situation, moment("2030-01-01T00:00Z"))
		for _, timer := range timers {
			step := timer.Step.String()
			if timer.Number > 0 {
				step += fmt.Sprintf("#%d", timer.Number)
			}
			got = append(got, step, timer.At.In(office.Zone()).Format("2006-01-02T15:04"))
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: %q, want %q", test.name, text, test.want)
		}
		// Each is due from its time on, and is what comes next until then.
		for i, timer := range timers {
			before := timer.At.Add(-1)
			if due := care.Due(office, &test.situation, before); len(due) != i {
				t.Errorf("%s: before %s %d are due, want %d", test.name, timer.Step, len(due), i)
			}
			if next := care.NextStep(office, &test.situation, before); !next.Equal(timer.At) {
				t.Errorf("%s: before %s the next is %s", test.name, timer.Step, next)
			}
			if due := care.Due(office, &test.situation, timer.At); len(due) != i+1 {
				t.Errorf("%s: at %s %d are due, want %d", test.name, timer.Step, len(due), i+1)
			}
		}
		if next := care.NextStep(office, &test.situation, moment("2030-01-01T00:00Z")); !next.IsZero() {
			t.Errorf("%s: after all there is %s", test.name, next)
		}
	}
}

// 30 days are 30 times 24 h: clocks are put forward between.
func TestMayReopen(t *testing.T) {
	care := BuiltinPlans()[Care]
	closed := instantOf(t, "2026-03-10T10:00+01:00")
	if last := instantOf(t, "2026-04-09T11:00+02:00"); !care.MayReopen(nil, closed, last) || care.MayReopen(nil, closed, last.Add(1)) {
		t.Errorf("a case closed %s is not reopened until %s", closed, last)
	}
}
