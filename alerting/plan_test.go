package alerting

import (
	"strings"
	"testing"
	"time"
)

// specified is what the plans promise: plan, severity, response, restoration, resolution.
const specified = `
care          | 1 | 4 h    | 6 h  | 15 bd
care          | 2 | 6 bh   | 4 bd | 15 bd
care          | 3 | 1 bd   | 10 bd | 30 bd
care          | 4 | 2 bd   | -    | -
business-care | 1 | 15 min | 4 h  | 15 bd
business-care | 2 | 2 bh   | 2 bd | 15 bd
business-care | 3 | 4 bh   | 5 bd | 15 bd
business-care | 4 | 1 bd   | -    | -
level-one     | 1 | 1 h    | -    | -
level-one     | 2 | 4 h    | -    | -
level-one     | 3 | 24 h   | -    | -
level-one     | 4 | 24 h   | -    | -
`

// openings are times at which cases are opened, and when each amount of the
// plans is over, worked out with a wall calendar for an office in Berlin,
// Monday to Friday 09:00 to 17:00, with Germany's national holidays. The zone
// of each time is that of Berlin on that date: +01:00 in winter, +02:00 in summer.
var openings = []struct {
	opened, why string
	due         map[string]string
}{{
	"2026-03-10T10:00+01:00",
	// A Tuesday. Business days on: 11 W, 12 T, 13 F, 16 M, 17 T (5), 18 W, 19 T, 20 F, 23 M, 24 T (10),
	// 25 W, 26 T, 27 F, 30 M, 31 T (15), 1 W, 2 T, [3 Good Friday, 6 Easter Monday], 7 T, 8 W, 9 T (20),
	// 10 F, 13 M, 14 T, 15 W, 16 T (25), 17 F, 20 M, 21 T, 22 W, 23 T April (30).
	"a working day",
	map[string]string{
		"15 min": "2026-03-10T10:15+01:00", "1 h": "2026-03-10T11:00+01:00", "4 h": "2026-03-10T14:00+01:00",
		"6 h": "2026-03-10T16:00+01:00", "24 h": "2026-03-11T10:00+01:00",
		"2 bh": "2026-03-10T12:00+01:00", "4 bh": "2026-03-10T14:00+01:00", "6 bh": "2026-03-10T16:00+01:00",
		"1 bd": "2026-03-11T10:00+01:00", "2 bd": "2026-03-12T10:00+01:00", "4 bd": "2026-03-16T10:00+01:00", "5 bd": "2026-03-17T10:00+01:00",
		"10 bd": "2026-03-24T10:00+01:00", "15 bd": "2026-03-31T10:00+02:00", "30 bd": "2026-04-23T10:00+02:00",
	},
}, {
	"2026-03-27T16:00+01:00",
	// A Friday: one hour is left, clocks are put forward on Sunday. Business days on: 30 M, 31 T, 1 W, 2 T,
	// [3, 6], 7 T (5), 8 W, 9 T, 10 F, 13 M, 14 T (10), 15 W, 16 T, 17 F, 20 M, 21 T (15), 22 W, 23 T, 24 F,
	// 27 M, 28 T (20), 29 W, 30 T, [1 May], 4 M, 5 T, 6 W (25), 7 T, 8 F, 11 M, 12 T, 13 W May (30).
	"before a weekend in which summer time begins, and before Easter",
	map[string]string{
		"15 min": "2026-03-27T16:15+01:00", "1 h": "2026-03-27T17:00+01:00", "4 h": "2026-03-27T20:00+01:00",
		"6 h": "2026-03-27T22:00+01:00", "24 h": "2026-03-28T16:00+01:00",
		"2 bh": "2026-03-30T10:00+02:00", "4 bh": "2026-03-30T12:00+02:00", "6 bh": "2026-03-30T14:00+02:00",
		"1 bd": "2026-03-30T16:00+02:00", "2 bd": "2026-03-31T16:00+02:00", "4 bd": "2026-04-02T16:00+02:00", "5 bd": "2026-04-07T16:00+02:00",
		"10 bd": "2026-04-14T16:00+02:00", "15 bd": "2026-04-21T16:00+02:00", "30 bd": "2026-05-13T16:00+02:00",
	},
}, {
	"2026-03-28T20:00+01:00",
	// A Saturday evening: 24 h later clocks show 21:00. Business time counts from Monday 30 March 09:00, the
	// first of the days above, so each is the one after: 15 is 22 April, 30 is the one after 13 May, [14 Ascension], 15 F.
	"the evening before summer time begins",
	map[string]string{
		"15 min": "2026-03-28T20:15+01:00", "1 h": "2026-03-28T21:00+01:00", "4 h": "2026-03-29T00:00+01:00",
		"6 h": "2026-03-29T03:00+02:00", "24 h": "2026-03-29T21:00+02:00",
		"2 bh": "2026-03-30T11:00+02:00", "4 bh": "2026-03-30T13:00+02:00", "6 bh": "2026-03-30T15:00+02:00",
		"1 bd": "2026-03-31T09:00+02:00", "2 bd": "2026-04-01T09:00+02:00", "4 bd": "2026-04-07T09:00+02:00", "5 bd": "2026-04-08T09:00+02:00",
		"10 bd": "2026-04-15T09:00+02:00", "15 bd": "2026-04-22T09:00+02:00", "30 bd": "2026-05-15T09:00+02:00",
	},
}, {
	"2026-10-24T23:30+02:00",
	// A Saturday night: it is 02:00 to 03:00 twice, so 4 h on it is the second 02:30. Business time counts
	// from Monday 26 October 09:00: 27 T, 28 W, 29 T, 30 F, 2 M (5), 3 T, 4 W, 5 T, 6 F, 9 M (10), 10 T, 11 W,
	// 12 T, 13 F, 16 M (15), 23 M (20), 30 M November (25), 7 M December (30).
	"the night in which summer time ends",
	map[string]string{
		"15 min": "2026-10-24T23:45+02:00", "1 h": "2026-10-25T00:30+02:00", "4 h": "2026-10-25T02:30+01:00",
		"6 h": "2026-10-25T04:30+01:00", "24 h": "2026-10-25T22:30+01:00",
		"2 bh": "2026-10-26T11:00+01:00", "4 bh": "2026-10-26T13:00+01:00", "6 bh": "2026-10-26T15:00+01:00",
		"1 bd": "2026-10-27T09:00+01:00", "2 bd": "2026-10-28T09:00+01:00", "4 bd": "2026-10-30T09:00+01:00", "5 bd": "2026-11-02T09:00+01:00",
		"10 bd": "2026-11-09T09:00+01:00", "15 bd": "2026-11-16T09:00+01:00", "30 bd": "2026-12-07T09:00+01:00",
	},
}, {
	"2026-12-23T16:30+01:00",
	// A Wednesday: half an hour is left. Business days on: 24 T, [25], 28 M, 29 T, 30 W, 31 T (5), [1 January,
	// a Friday], 4 M, 5 T, 6 W, 7 T, 8 F (10), 11 M to 15 F (15), 22 F (20), 29 F (25), 5 F February (30).
	"before Christmas and New Year",
	map[string]string{
		"15 min": "2026-12-23T16:45+01:00", "1 h": "2026-12-23T17:30+01:00", "4 h": "2026-12-23T20:30+01:00",
		"6 h": "2026-12-23T22:30+01:00", "24 h": "2026-12-24T16:30+01:00",
		"2 bh": "2026-12-24T10:30+01:00", "4 bh": "2026-12-24T12:30+01:00", "6 bh": "2026-12-24T14:30+01:00",
		"1 bd": "2026-12-24T16:30+01:00", "2 bd": "2026-12-28T16:30+01:00", "4 bd": "2026-12-30T16:30+01:00", "5 bd": "2026-12-31T16:30+01:00",
		"10 bd": "2027-01-08T16:30+01:00", "15 bd": "2027-01-15T16:30+01:00", "30 bd": "2027-02-05T16:30+01:00",
	},
}, {
	"2026-06-08T03:00+02:00",
	// A Monday before work: business time counts from 09:00. No holiday until October: 5 days are a week.
	"at night",
	map[string]string{
		"15 min": "2026-06-08T03:15+02:00", "1 h": "2026-06-08T04:00+02:00", "4 h": "2026-06-08T07:00+02:00",
		"6 h": "2026-06-08T09:00+02:00", "24 h": "2026-06-09T03:00+02:00",
		"2 bh": "2026-06-08T11:00+02:00", "4 bh": "2026-06-08T13:00+02:00", "6 bh": "2026-06-08T15:00+02:00",
		"1 bd": "2026-06-09T09:00+02:00", "2 bd": "2026-06-10T09:00+02:00", "4 bd": "2026-06-12T09:00+02:00", "5 bd": "2026-06-15T09:00+02:00",
		"10 bd": "2026-06-22T09:00+02:00", "15 bd": "2026-06-29T09:00+02:00", "30 bd": "2026-07-20T09:00+02:00",
	},
}, {
	"2026-04-03T12:00+02:00",
	// Good Friday: business time counts from Tuesday 7 April 09:00: 8 W, 9 T, 10 F, 13 M, 14 T (5), 21 T (10),
	// 28 T (15), 29 W, 30 T, [1 May], 4 M, 5 T, 6 W (20), 13 W (25), [14 Ascension], 15 F, 18 M, 19 T, 20 W, 21 T (30).
	"on a holiday",
	map[string]string{
		"15 min": "2026-04-03T12:15+02:00", "1 h": "2026-04-03T13:00+02:00", "4 h": "2026-04-03T16:00+02:00",
		"6 h": "2026-04-03T18:00+02:00", "24 h": "2026-04-04T12:00+02:00",
		"2 bh": "2026-04-07T11:00+02:00", "4 bh": "2026-04-07T13:00+02:00", "6 bh": "2026-04-07T15:00+02:00",
		"1 bd": "2026-04-08T09:00+02:00", "2 bd": "2026-04-09T09:00+02:00", "4 bd": "2026-04-13T09:00+02:00", "5 bd": "2026-04-14T09:00+02:00",
		"10 bd": "2026-04-21T09:00+02:00", "15 bd": "2026-04-28T09:00+02:00", "30 bd": "2026-05-21T09:00+02:00",
	},
}}

// Every plan, severity and target, opened at every one of these times.
func TestPlans(t *testing.T) {
	office := calendarsOf(t, testCalendars)["office"]
	plans := BuiltinPlans()
	rows := strings.Split(strings.TrimSpace(specified), "\n")
	if want := len(plans) * int(Severities-1); len(rows) != want {
		t.Fatalf("%d rows are specified, want %d", len(rows), want)
	}
	for _, row := range rows {
		cells := strings.Split(row, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		severity, err := ParseSeverity(cells[1])
		if err != nil {
			t.Fatal(err)
		}
		plan := plans[cells[0]]
		for goal := range Goals {
			want := amountOf(t, cells[2+goal])
			if got := plan.Target(severity, goal); got != want {
				t.Errorf("%s %s %s is %s, want %s", plan.Name, severity, goal, got, want)
			}
			for _, o := range openings {
				clocks := plan.Clocks(office, []CaseEvent{{At: instantOf(t, o.opened), What: CaseOpened, Severity: severity}})
				reading := clocks.At(instantOf(t, o.opened))[goal]
				if want.IsZero() {
					if reading.State != ClockNone || !reading.Due.IsZero() {
						t.Errorf("%s %s %s without a target: %+v", plan.Name, severity, goal, reading)
					}
					continue
				}
				if due := instantOf(t, o.due[cells[2+goal]]); !reading.Due.Equal(due) {
					t.Errorf("%s %s %s, %s, opened %s (%s): due %s, want %s", plan.Name, severity, goal, want, o.opened, o.why,
						reading.Due.In(due.Location()).Format(time.RFC3339), due.Format(time.RFC3339))
				}
			}
		}
	}
}

func TestDecodePlans(t *testing.T) {
	plans, err := DecodePlans(nodeOf(t, `
- name: gold
  critical: {response: 10 min, restoration: 2h}
  low: {response: none}
  based_on: care
  warn: 75 %
  met: 99
  escalation: {critical: 1 h, high: 8 h, medium: none}
  follow_up: {every: 1 bd, reminders: 2, close: 5 bd, reopen: 14 d}
- {name: bare, high: {resolution: 20 bd}}
- {name: silver, based_on: gold, high: {response: 1 bh}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(plans) != 6 {
		t.Fatalf("%d plans, want the 3 built-in ones and 3", len(plans))
	}
	gold, silver, bare, care := plans["gold"], plans["silver"], plans["bare"], plans[Care]
	want := Targets{Of(10, Minutes), Of(2, Hours), Of(15, BusinessDays)}
	if got := gold.BySeverity[Critical]; got != want {
		t.Errorf("gold's critical is %v, want %v", got, want)
	}
	if got := gold.BySeverity[High]; got != care.BySeverity[High] {
		t.Errorf("gold's high is %v, want that of care", got)
	}
	if gold.BySeverity[Low] != (Targets{}) || gold.WarnPercent != 75 || gold.MetPercent != 99 {
		t.Errorf("gold is %+v", gold)
	}
	if want := (FollowUp{Of(1, BusinessDays), 2, Of(5, BusinessDays), Of(14, Days)}); gold.FollowUp != want {
		t.Errorf("gold's follow-up is %+v, want %+v", gold.FollowUp, want)
	}
	if want := [Severities]Amount{Critical: Of(1, Hours), High: Of(8, Hours)}; gold.Escalation.Silence != want || gold.Escalation.RootCause != Of(5, BusinessDays) {
		t.Errorf("gold's escalation is %+v", gold.Escalation)
	}
	if silver.BySeverity[High] != (Targets{Of(1, BusinessHours), Of(4, BusinessDays), Of(15, BusinessDays)}) || silver.WarnPercent != 75 {
		t.Errorf("silver is %+v", silver)
	}
	if bare.BySeverity != [Severities]Targets{High: {Resolution: Of(20, BusinessDays)}} || bare.WarnPercent != 80 || bare.MetPercent != 95 || bare.FollowUp != care.FollowUp {
		t.Errorf("bare is %+v", bare)
	}
}

func TestParseAmount(t *testing.T) {
	for _, test := range []struct {
		text, want string // want "": refused
	}{
		{"15 min", "15 min"}, {"4h", "4 h"}, {"30 D", "30 d"}, {"6 bh", "6 bh"}, {"15BD", "15 bd"}, {"none", "none"}, {"-", "none"},
		{"", ""}, {"4", ""}, {"h", ""}, {"0 h", ""}, {"-4 h", ""}, {"1.5 h", ""}, {"4 hours", ""}, {"1001 bd", ""}, {"99999999999999999999 h", ""}, {"4 h 3", ""},
	} {
		got, err := ParseAmount(test.text)
		if (err != nil) != (test.want == "") {
			t.Errorf("%q: %v, %v", test.text, got, err)
		} else if err == nil && got.String() != test.want {
			t.Errorf("%q is %q, want %q", test.text, got, test.want)
		}
	}
	if got := (Amount{BusinessDays, businessDay / 4}).String(); got != "0.25 bd" {
		t.Errorf("a quarter of a business day is %q", got)
	}
}

func TestAmountText(t *testing.T) {
	for _, a := range []Amount{Of(15, Minutes), Of(4, Hours), Of(30, Days), Of(6, BusinessHours), Of(10, BusinessDays), {}} {
		text, err := a.MarshalText()
		back, parseErr := ParseAmount(string(text))
		if err != nil || parseErr != nil || back != a || back.Unit() != a.Unit() {
			t.Errorf("%s becomes %q (%v) and %s (%v)", a, text, err, back, parseErr)
		}
	}
}
