package main

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/report"
)

// shortFaults are the scenarios that run in short tests too.
var shortFaults = []string{"loss-one-trunk", "maintenance", "one-bad-codec", "probe-overload", "two-losses"}

// TestFaults plays every scenario of testdata/faults and holds the cases that it
// makes against the generator's truth: one case for each fault, the right place,
// owner and severity, opened and restored when it should be, with answers that
// are true; and none where nothing is wrong.
func TestFaults(t *testing.T) {
	callgen := buildCallgen(t)
	var mutex sync.Mutex
	table := map[string]*siteRow{}
	t.Run("scenarios", func(t *testing.T) {
		for _, name := range faultScenarios(t) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				row := testScenario(t, callgen, name)
				mutex.Lock()
				defer mutex.Unlock()
				table[name] = row
			})
		}
	})
	if len(table) == len(faultScenarios(t)) && !testing.Short() {
		compareTable(t, table)
	}
}

// faultScenarios lists the scenarios, the longest first.
func faultScenarios(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/faults/*.yaml")
	if err != nil || len(files) < 28 {
		t.Fatalf("%d scenarios: %v", len(files), err)
	}
	names := []string{"quiet-days"}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".yaml")
		if name != names[0] {
			names = append(names, name)
		}
	}
	if testing.Short() {
		return shortFaults
	}
	return names
}

// testScenario plays one scenario.
func testScenario(t *testing.T, callgen, name string) *siteRow {
	r := runSite(t, callgen, name)
	if len(r.calls) != len(r.truth.list) && name != probeWant {
		t.Errorf("%d calls were seen, want %d", len(r.calls), len(r.truth.list))
	}
	if testing.Verbose() {
		for _, c := range r.cases() {
			var text strings.Builder
			report.Case(&text, report.Style{}, c, r.now())
			t.Log("\n" + text.String())
		}
	}
	row := &siteRow{scenario: name, truth: r.truth, cases: len(r.cases())}
	if !slices.Contains(changedWants, name) {
		for _, n := range r.desk.Changes() {
			t.Errorf("a change was seen on the wire, and nothing had changed: %s %q", n.At, n.Text)
		}
	}
	switch {
	case name == probeWant:
		row.probe = r.checkProbe(t)
	case slices.Contains(quietWants, name):
		r.checkQuiet(t)
	default:
		if row.results = r.check(t); len(row.results) == 0 {
			t.Errorf("nobody says what scenario %s should come to: add it to faultWants or quietWants", name)
		}
	}
	return row
}

// checkQuiet: no case, and where there is no fault at all no alert that fires.
func (r *siteRun) checkQuiet(t *testing.T) {
	t.Helper()
	for _, c := range r.cases() {
		t.Errorf("case %d, though nothing is wrong: %s %q, opened %s", c.Number, c.Severity, c.Subject, c.Opened)
	}
	if len(r.truth.faults) > 0 {
		return // what a fault under maintenance does to other segments may alert
	}
	for _, a := range r.alerts {
		t.Errorf("alert %s %v fired %s, though nothing is wrong", a.Rule, a.Labels, a.Fired)
	}
}

// checkProbe: one case about the probe, opened and restored in time, and none
// about the network.
func (r *siteRun) checkProbe(t *testing.T) *alerting.Case {
	t.Helper()
	from, _ := time.Parse(time.RFC3339, probeFrom)
	to, _ := time.Parse(time.RFC3339, probeTo)
	cases := r.cases()
	if len(cases) != 1 {
		for _, c := range cases {
			t.Errorf("case %d: %q, segment %q, opened %s; want one, about the probe", c.Number, c.Subject, c.Segment, hms(c.Opened))
		}
		return nil
	}
	c := cases[0]
	if c.Segment != "" || c.Severity != probeSeverity || len(c.Questions) != 8 {
		t.Errorf("segment %q, severity %s, %d answers; want none, %s, 8", c.Segment, c.Severity, len(c.Questions), probeSeverity)
	}
	if f := r.faults[c.Faults[0]]; !f.Probe {
		t.Errorf("the fault is not the probe's: %q", c.Subject)
	}
	rule := ruleNamed(r.rules, "probe-loses-packets")
	if late := c.Opened.Sub(from) - rule.For; late < 0 || late > alertSlack {
		t.Errorf("opened %s, %s after the rule's \"for\"", hms(c.Opened), late)
	}
	if late := c.Restored.Sub(to) - rule.Window - rule.ResolveFor; late < -alertSlack || late > 2*alertSlack {
		t.Errorf("restored %s, %s after the rule's window and \"resolve_for\"", hms(c.Restored), late)
	}
	return c
}
