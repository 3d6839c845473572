package alerting

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// decodeSettings decodes one of the lists by its key.
func decodeSettings(n *yaml.Node, key string) error {
	var err error
	switch key {
	case "calendars":
		_, err = DecodeCalendars(n)
	case "plans":
		_, err = DecodePlans(n)
	case "maintenance":
		_, err = DecodeMaintenance(n, []string{"acme"}, []string{"sbc-a", "lan"})
	}
	return err
}

// Every mistake is told with its line and what is wanted instead.
func TestSettingsAreRefused(t *testing.T) {
	for _, test := range []struct{ key, text, want string }{
		{"calendars", "a: b", `line 1: calendars is a mapping, want a list`},
		{"calendars", "- {zone: UTC}", `line 1: a calendar has no name`},
		{"calendars", "- {name: a}\n- {name: a}", `line 2: calendar "a" is declared twice`},
		{"calendars", "- {name: a b}", `line 1: name of a calendar is "a b", want 1 to 64 of the characters a-z A-Z 0-9 _ . : -`},
		{"calendars", "- name: a\n  zome: UTC", `line 2: a calendar has no key "zome": want one of name, zone, hours, holidays, without, closed (did you mean "zone"?)`},
		{"calendars", "- name: a\n  zone: Europe/Berlon", `line 2: zone is "Europe/Berlon", want a name of the time zone database, as "Europe/Berlin" or "UTC"`},
		{"calendars", "- name: a\n  zone: Local", `line 2: zone is "Local"`},
		{"calendars", "- name: a\n  hours: {moon: '09:00-17:00'}", `line 2: hours: "moon" are no weekdays`},
		{"calendars", "- name: a\n  hours: {mon-fri: '09:00-17:00', fri: '09:00-12:00'}", `line 2: hours of Friday are there twice`},
		{"calendars", "- name: a\n  hours: {mon: '9-17'}", `line 2: hours: "9-17" are no times of a day`},
		{"calendars", "- name: a\n  hours: {mon: '09:00-09:00'}", `line 2: hours: "09:00-09:00" are no times of a day`},
		{"calendars", "- name: a\n  hours: {mon: '09:00-24:01'}", `line 2: hours: "09:00-24:01" are no times of a day`},
		{"calendars", "- name: a\n  hours: {mon: ['09:00-12:00', '11:00-17:00']}", `line 2: hours of Monday that end 12:00 overlap the next ones`},
		{"calendars", "- name: a\n  hours: {sun: '22:00-06:00', mon: '05:00-09:00'}", `line 2: hours of Sunday that end 06:00 overlap the next ones`},
		{"calendars", "- name: a\n  hours: {mon: []}", `line 2: hours have no working time in any week`},
		{"calendars", "- name: a\n  hours: 8", `line 2: hours is "8", want a mapping of weekdays to times`},
		{"calendars", "- name: a\n  holidays: [de-bx]", `line 2: holidays: "de-bx" is no set that is known: want a country, as "fr", or country and region, as "de-by" (did you mean "de-bb"?)`},
		{"calendars", "- name: a\n  holidays: us\n  without: [Colombus Day]", `line 3: without: no holiday of the sets is called "Colombus Day" (did you mean "Columbus Day"?)`},
		{"calendars", "- name: a\n  closed: [2026-02-29]", `line 2: closed: "2026-02-29" is no date: want "2026-12-24", or "12-24" for every year`},
		{"calendars", "- name: a\n  closed: [13-01]", `line 2: closed: "13-01" is no date`},
		{"calendars", "- name: a\n  name: b", `line 2: "name" is there twice in a calendar`},
		{"calendars", "- name: a\n  zone:", `line 2: zone is empty, want a text`},
		{"calendars", "- name: a\n  holidays: {de: true}", `line 2: holidays is a mapping, want a list`},

		{"plans", "- {name: care}", `line 1: plan "care" is there already: take another name`},
		{"plans", "- {critical: {response: 1 h}}", `line 1: a plan has no name`},
		{"plans", "- name: a\n  critical: {respons: 1 h}", `line 2: critical has no key "respons": want one of response, restoration, resolution (did you mean "response"?)`},
		{"plans", "- name: a\n  high:\n    response: 4 hours", `line 3: high: response: "4 hours" has no unit that is known: want min, h, d (clock time), bh or bd (business hours, business days)`},
		{"plans", "- name: a\n  high: {response: 4}", `line 2: high: response: "4" has no unit that is known`},
		{"plans", "- name: a\n  high: {response: -1 h}", `line 2: high: response: "-1 h" is no length of time`},
		{"plans", "- name: a\n  high: 4 h", `line 2: high is "4 h", want a mapping of keys to values (response, restoration, resolution)`},
		{"plans", "- name: a\n  based_on: bussiness-care", `line 2: based_on: no plan before this one is called "bussiness-care": want one of business-care, care, level-one (did you mean "business-care"?)`},
		{"plans", "- name: a\n  warn: 0", `line 2: warn is "0", want a whole number from 1 to 100`},
		{"plans", "- name: a\n  met: 101 %", `line 2: met is "101", want a whole number from 1 to 100`},
		{"plans", "- name: a\n  escalation: {low: 1 bd}", `line 2: escalation: a low case is never escalated: raise its severity first`},
		{"plans", "- name: a\n  follow_up: {reminders: 21}", `line 2: follow_up: reminders is "21", want a whole number from 0 to 20`},
		{"plans", "- name: a\n  urgent: {}", `line 2: a plan has no key "urgent"`},
		{"plans", "- name: a\n  warn: x\n  met: y", "line 2: warn is \"x\", want a whole number from 1 to 100\nline 3: met is"},

		{"maintenance", "- {days: daily, hours: '01:00-02:00'}", `line 1: a maintenance window has no name`},
		{"maintenance", "- {name: a}", `line 1: maintenance window "a" has no time: want days and hours, or from and to`},
		{"maintenance", "- {name: a, days: daily}", `has no time`},
		{"maintenance", "- name: a\n  segments: [sbc-b]\n  days: daily\n  hours: '01:00-02:00'", `line 2: no segment is called "sbc-b" (did you mean "sbc-a"?)`},
		{"maintenance", "- name: a\n  tenants: acne\n  days: daily\n  hours: '01:00-02:00'", `line 2: no tenant is called "acne" (did you mean "acme"?)`},
		{"maintenance", "- name: a\n  segments: []\n  days: daily\n  hours: '01:00-02:00'", `line 2: segments is empty: leave the key out to cover all`},
		{"maintenance", "- name: a\n  days: never\n  hours: '01:00-02:00'", `line 2: days: "never" are no weekdays`},
		{"maintenance", "- name: a\n  days: mon,mon\n  hours: '01:00-02:00'", `line 2: days: "mon,mon" names mon twice`},
		{"maintenance", "- name: a\n  days: mon\n  hours: all", `line 3: hours: "all" are no times of a day`},
		{"maintenance", "- name: a\n  days: mon\n  from: 2026-11-22 20:00", `line 2: days is for a recurring window, from and to for a single one: take one of both`},
		{"maintenance", "- name: a\n  from: 2026-11-22 20:00", `line 1: maintenance window "a" has only one of from and to`},
		{"maintenance", "- name: a\n  from: 2026-11-22 20:00\n  to: 2026-11-22 19:00", `line 3: maintenance window "a" ends before it begins`},
		{"maintenance", "- name: a\n  from: 2026-11-22 20:00\n  to: 2027-11-22 19:00", `line 3: maintenance window "a" lasts 364 days, at most 31 are possible`},
		{"maintenance", "- name: a\n  from: tomorrow\n  to: 2027-11-22 19:00", `line 2: from is "tomorrow", want "2026-11-22 20:00"`},
		{"maintenance", "- name: a\n  days: mon\n  hours: '01:00-02:00'\n  since: 2026-11-22\n  until: 2026-11-21", `line 5: until is 2026-11-21, before since, 2026-11-22`},
		{"maintenance", "- {name: a, days: mon, hours: '01:00-02:00'}\n- {name: a, days: mon, hours: '01:00-02:00'}", `line 2: maintenance window "a" is declared twice`},
	} {
		err := decodeSettings(nodeOf(t, test.text), test.key)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s:\n%s\ngave %v, want %s", test.key, test.text, err, test.want)
			continue
		}
		var problem Problem
		if !errors.As(err, &problem) || problem.Line == 0 {
			t.Errorf("%s: %v tells no line", test.key, err)
		}
	}
}

// What says nothing declares nothing.
func TestNoSettings(t *testing.T) {
	for _, key := range []string{"calendars", "plans", "maintenance"} {
		for _, node := range []*yaml.Node{nil, {}, nodeOf(t, "~"), nodeOf(t, "[]")} {
			if err := decodeSettings(node, key); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
}

func TestManyProblems(t *testing.T) {
	err := decodeSettings(nodeOf(t, strings.Repeat("- {name: care}\n", 60)), "plans")
	lines := strings.Split(fmt.Sprint(err), "\n")
	if len(lines) != maxSettingProblems+1 || lines[maxSettingProblems] != "and 10 more" {
		t.Errorf("60 mistakes make %d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
	if err := decodeSettings(nodeOf(t, strings.Repeat("- {name: a}\n", MaxPlans+1)), "plans"); err == nil || !strings.Contains(err.Error(), "plans has 101 entries, at most 100 are possible") {
		t.Errorf("too many plans: %v", err)
	}
}

// Aliases are what they name.
func TestAliases(t *testing.T) {
	err := decodeSettings(nodeOf(t, "- {name: a, high: &h {response: &r 4 h, restoration: *r}, medium: *h}\n"), "plans")
	if err != nil {
		t.Error(err)
	}
	plans, _ := DecodePlans(nodeOf(t, "- {name: a, high: &h {response: &r 4 h, restoration: *r}, medium: *h}\n"))
	if want := (Targets{Of(4, Hours), Of(4, Hours)}); plans["a"].BySeverity[Medium] != want {
		t.Errorf("medium is %v, want %v", plans["a"].BySeverity[Medium], want)
	}
}

// Whatever settings say, they are taken or refused; what is taken can be used.
func FuzzSettings(f *testing.F) {
	f.Add("calendars", "- {name: a, zone: Europe/Berlin, hours: {mon-thu: ['08:00-12:00', '13:00-17:00'], daily: '22:00-06:00'}, holidays: [de-by, us], without: [Karfreitag], closed: ['12-24', 2027-05-07]}")
	f.Add("plans", "- {name: gold, based_on: care, critical: {response: 10 min}, low: {response: none}, warn: 75 %, escalation: {high: 8 h}, follow_up: {every: 2 bd, reminders: 3}}")
	f.Add("maintenance", "- {name: a, segments: [lan], zone: UTC, days: 'sat,sun', hours: '22:00-04:00', since: 2026-01-01}\n- {name: b, from: 2026-11-22 20:00, to: 2026-11-23T06:00:00+01:00}")
	f.Add("plans", "- &a [*a]\n- {<<: *a}")
	f.Fuzz(func(t *testing.T, key, text string) {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) != nil || len(doc.Content) == 0 {
			return
		}
		n := doc.Content[0]
		now := instantOf(t, "2026-03-28T12:00Z")
		switch key {
		case "calendars":
			calendars, err := DecodeCalendars(n)
			for name, c := range calendars {
				if end := c.Add(now, Of(3, BusinessDays)); err != nil || c.Name() != name || !end.After(now) {
					t.Errorf("calendar %q (%v): 3 bd end %s", name, err, end)
				}
			}
		case "plans":
			plans, err := DecodePlans(n)
			for name, p := range plans {
				clocks := p.Clocks(nil, []CaseEvent{{At: now, What: CaseOpened, Severity: High}})
				for _, r := range clocks.At(now) {
					if p.Name != name || err != nil || r.State == ClockRunning && !r.Due.After(now) {
						t.Errorf("plan %q (%v): %+v", name, err, r)
					}
				}
			}
		case "maintenance":
			m, _ := DecodeMaintenance(n, []string{"acme"}, []string{"lan"})
			where := Where{"acme", "lan"}
			if o, ok := m.Next(now, where); ok && (!o.Start.After(now) || !o.End.After(o.Start) || !m.Covers(o.Start, where)) {
				t.Errorf("the next window is %v, and covers its start: %v", o, m.Covers(o.Start, where))
			}
		}
	})
}
