package main

import (
	"testing"
	"time"

	"earshot/alerting"
)

// TestOracle: the oracle against a story worked out by hand. Ten calls of a
// minute each begin at second 0 and again every minute; from 10:00 to 20:00 all
// voices are bad. Share above 0.25 in a window of four minutes: 10:00 + 60 s
// makes a quarter, a second later it holds, and 30 s later it fires. From 20:00
// on the bad part falls: below 0.10 when less than 24 s of it are in the window,
// that is from 23:36 on, and a minute later it is resolved.
func TestOracle(t *testing.T) {
	rule := &alerting.Rule{
		Bound: 0.25, Resolve: 0.10, Window: 4 * time.Minute, For: 30 * time.Second, ResolveFor: time.Minute,
		MinUnits: 8, MinAffected: 3, Severity: alerting.Medium,
		Steps: []alerting.SeverityStep{{Severity: alerting.Critical, Share: 0.5, Affected: 100}, {Severity: alerting.High, Share: 0.9, Affected: 40}},
	}
	zero := time.Date(2026, 1, 6, 8, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return zero.Add(time.Duration(s) * time.Second) }
	var units []oracleUnit
	for minute := range 30 {
		for range 10 {
			u := oracleUnit{from: at(60 * minute), to: at(60*minute + 60)}
			if minute >= 10 && minute < 20 {
				u.bad, u.worse = true, [2]time.Time{u.from, u.to}
			}
			units = append(units, u)
		}
	}
	got := playRule(units, rule)
	near := func(name string, got, want time.Time) {
		if d := got.Sub(want); d < -2*time.Second || d > 2*time.Second {
			t.Errorf("%s %s, want %s", name, hms(got), hms(want))
		}
	}
	near("opened", got.opened, at(600+61+30))
	near("resolved", got.resolved, at(23*60+36+60))
	if got.severity != alerting.High { // all of it bad, 40 voices in four minutes, not 100
		t.Errorf("severity %s, want high", got.severity)
	}
}
