package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

func shipped(t testing.TB) *alerting.RuleSet {
	t.Helper()
	set, err := alerting.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// sceneStart is when the first packet of the scene came.
var sceneStart = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// scene is an outcome by hand: loss on trunk-b in both directions from 10:11
// on, over at 10:40 in one of them, one case.
func scene() *outcome {
	at := func(minutes, seconds int) time.Time {
		return sceneStart.Add(time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second)
	}
	alert := func(rule, direction string, s alerting.Severity, fired, resolved time.Time) alerting.Alert {
		return alerting.Alert{Rule: rule, Severity: s, Fired: fired, Resolved: resolved, Labels: []alerting.Label{
			{Name: "alertname", Value: rule}, {Name: "direction", Value: direction}, {Name: "segment", Value: "trunk-b"}, {Name: "signal", Value: "loss"},
		}}
	}
	return &outcome{first: sceneStart,
		alerts: []alerting.Alert{
			alert("loss", "from_peer", alerting.High, at(11, 2), at(40, 0)),
			alert("loss", "to_peer", alerting.Medium, at(12, 0), time.Time{}),
			alert("low-mos", "from_peer", alerting.High, at(11, 30), at(41, 0)),
		},
		cases: []*alerting.Case{{
			Number: 1, Subject: "Packet loss on trunk-b", Segment: "trunk-b", Owner: "Carrier B", Tenant: "acme", Severity: alerting.High,
			Signals: []alerting.Signal{"loss", "mos"}, Factors: []alerting.Factor{{Name: "codec", Value: "G729"}, {Name: "segment", Value: "trunk-b"}},
			Opened: at(11, 2),
		}},
	}
}

func resultsOf(t *testing.T, text string, o *outcome) []result {
	t.Helper()
	x, wrong := parseExpectation([]byte(text), shipped(t))
	if len(wrong) > 0 {
		t.Fatalf("%q: %v", text, wrong)
	}
	return x.compare(o)
}

func TestExpectations(t *testing.T) {
	tests := []struct {
		name, text string
		want       []bool
	}{
		{"none", "none: true", []bool{false, false}},
		{"totals", "total: {alerts: 3, cases: 1}", []bool{true, true}},
		{"other totals", "total: {alerts: 2, cases: 0}", []bool{false, false}},
		{"rule", "alerts: [{rule: loss}]", []bool{true}},
		{"two of one rule", "alerts: [{rule: loss}, {rule: loss}]", []bool{true, true}},
		{"a third is missing", "alerts: [{rule: loss}, {rule: loss}, {rule: loss}]", []bool{true, true, false}},
		// The second entry can only be the first alert, which the first must leave to it.
		{"assignment", "alerts: [{rule: loss}, {rule: loss, severity: high}]", []bool{true, true}},
		{"count", "alerts: [{rule: loss, count: 2}, {severity: high, count: 2}, {rule: jitter, count: 0}]", []bool{true, true, true}},
		{"other counts", "alerts: [{rule: loss, count: 1}, {rule: low-mos, count: 0}]", []bool{false, false}},
		{"labels", "alerts: [{labels: {direction: to_peer, segment: trunk-b}}, {labels: {segment: trunk-a}}]", []bool{true, false}},
		{"severity", "alerts: [{rule: loss, severity: 3}, {rule: low-mos, severity: critical}]", []bool{true, false}},
		{"at", "alerts: [{rule: loss, fires: 11m6s}, {rule: low-mos, fires: 11m36s}]", []bool{true, false}},
		{"absolute", `alerts: [{rule: loss, fires: "2026-11-22T10:11:00Z"}, {rule: low-mos, fires: "2026-11-22T11:11:00+01:00..2026-11-22T10:12:00Z"}]`, []bool{true, true}},
		{"between", "alerts: [{rule: loss, severity: medium, fires: 11m50s..12m}, {rule: low-mos, fires: 11m31s..12m}]", []bool{true, false}},
		{"open spans", "alerts: [{rule: low-mos, fires: ..12m, resolved: 41m..}, {rule: loss, severity: medium, fires: ..11m59s}]", []bool{true, false}},
		{"resolved", "alerts: [{rule: low-mos, resolved: true}, {rule: loss, resolved: false}, {rule: loss, severity: high, resolved: 39m58s}]", []bool{true, true, true}},
		{"not resolved", "alerts: [{rule: low-mos, resolved: false}, {rule: loss, severity: medium, resolved: true}]", []bool{false, false}},
		{"case", "cases: [{segment: trunk-b, owner: Carrier B, tenant: acme, severity: high, signals: [loss], factors: {segment: trunk-b, codec: G729}, opened: 11m, restored: false, subject: loss}]", []bool{true}},
		{"case elsewhere", "cases: [{segment: trunk-a}]", []bool{false}},
		{"fewer factors", "cases: [{factors: {codec: G729}}]", []bool{false}},
		{"no factors", "cases: [{factors: {}}]", []bool{false}},
		{"one case", "cases: [{owner: Carrier B}, {owner: Carrier B}]", []bool{true, false}},
		{"no such case", "cases: [{segment: access, count: 0}, {signals: [jitter], count: 0}]", []bool{true, true}},
		{"restored", "cases: [{restored: true}]", []bool{false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []bool
			list := resultsOf(t, tt.text, scene())
			for _, r := range list {
				got = append(got, r.OK)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %+v, want %v", list, tt.want)
			}
		})
	}
}

// A failure names the nearest candidate and in what it differs.
func TestExpectationReport(t *testing.T) {
	var out bytes.Buffer
	list := resultsOf(t, "total: {alerts: 2}\nalerts:\n  - {rule: low-mos}\n  - {rule: loss, labels: {segment: trunk-b}, severity: critical, fires: 11m}\ncases:\n  - {segment: trunk-a, opened: 20m..}\n", scene())
	err := reportResults(list, false, &out)
	if status, is := err.(exitError); !is || status.code != exitFailOn {
		t.Errorf("got %v, want status %d", err, exitFailOn)
	}
	want := `FAIL  2 alerts in all (line 1)
      got      3: loss {direction=from_peer, segment=trunk-b}, severity high, fired at 11m2s, resolved at 40m; loss {direction=to_peer, segment=trunk-b}, severity medium, fired at 12m, not resolved; low-mos {direction=from_peer, segment=trunk-b}, severity high, fired at 11m30s, resolved at 41m
ok    alert low-mos
FAIL  alert loss, segment=trunk-b, severity critical, fires 11m (line 4)
      nearest  loss {direction=from_peer, segment=trunk-b}, severity high, fired at 11m2s, resolved at 40m
      differs  severity high, not severity critical
FAIL  case segment trunk-a, opened 20m.. (line 6)
      nearest  "Packet loss on trunk-b": segment trunk-b, owner Carrier B, severity high, factors codec=G729, segment=trunk-b, opened at 11m2s, not restored
      differs  segment trunk-b, not segment trunk-a; opened at 11m2s, not opened 20m..
1 of 4 as expected
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if err := reportResults(list[1:2], true, &out); err != nil || !strings.HasPrefix(out.String(), `{"ok":true,"expected":"alert low-mos","line":3,`) {
		t.Errorf("got %v, %s", err, out.String())
	}
	list = resultsOf(t, "cases: [{segment: trunk-a}]", &outcome{first: sceneStart})
	if list[0].OK || list[0].Nearest != "there is none at all" {
		t.Errorf("got %+v", list[0])
	}
}

func TestExpectationRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "it expects nothing",
		"# nothing":                              "it expects nothing",
		"none: false":                            "it expects nothing",
		"none: true\nalerts: [{rule: loss}]":     "line 1: none: true says that nothing fires",
		"alerts:\n  - {rule: los}":               `line 2: alerts: there is no rule "los" (did you mean "loss"?)`,
		"alerts:\n  - {rul: loss}":               `line 2: unknown key "rul" (did you mean "rule"?)`,
		"alerts:\n  - {segment: a}":              `line 2: unknown key "segment" here (there is one under "cases")`,
		"alerts:\n  - {count: 2}":                "line 2: alerts: entry 1 says nothing",
		"alerts: [{rule: loss, fires: soon}]":    `line 1: got "soon", want true, false, a time`,
		"alerts: [{rule: loss, fires: 5m..x}]":   `got "5m..x"`,
		"alerts: [{rule: loss, fires: ..}]":      `got ".."`,
		"alerts: [{rule: loss, fires: -5m}]":     `got "-5m"`,
		"alerts: [{rule: loss, fires: [1m]}]":    `want true, false, a time`,
		"alerts: [{rule: loss, fires: false}]":   `line 1: alerts.fires is false: say "count: 0"`,
		"alerts: [{rule: loss, count: 1.5}]":     "line 1: alerts.count is 1.5",
		"alerts: [{rule: loss, count: -1}]":      "alerts.count is -1",
		"alerts: [{rule: loss, severity: hihg}]": "line 1: alerts.severity:",
		"cases:\n  - {}":                         "cases: entry 1 says nothing",
		"cases:\n  - {factors: {codek: x}}":      `line 2: cases.factors: there is no factor "codek", want one of segment`,
		"cases: [{opened: false}]":               "cases.opened is false",
		"total: {alert: 1}":                      `unknown key "alert" (did you mean "alerts"?)`,
		"total: {alerts: x}":                     `got "x", want a number`,
		"none: true\n---\nnone: true":            "more than one document",
		"alerts: [":                              "did not find expected",
	} {
		_, wrong := parseExpectation([]byte(text), shipped(t))
		if got := joinProblems(wrong); !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// The names of factors are those of alerting.
func TestFactorNames(t *testing.T) {
	text, err := os.ReadFile("../../alerting/fault.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(text)) {
		if _, rest, is := strings.Cut(line, "FactorName = \""); is {
			name, _, _ := strings.Cut(rest, `"`)
			found++
			if !slices.Contains(factorNames, name) {
				t.Errorf("the factor %q cannot be expected", name)
			}
		}
	}
	if found != len(factorNames) {
		t.Errorf("alerting has %d factors, expectations know %d", found, len(factorNames))
	}
}

// What --write writes is met by what it was made of, whatever the names.
func TestWrittenExpectation(t *testing.T) {
	odd := scene()
	odd.cases[0].Owner, odd.cases[0].Factors[0].Value = "true", "a: {b}, #\"c\"\\"
	odd.cases[0].Subject, odd.cases[0].Restored = "two\nlines", sceneStart.Add(50*time.Minute+400*time.Millisecond)
	odd.alerts[0].Labels = append(odd.alerts[0].Labels, alerting.Label{Name: "team", Value: "1.5"})
	for name, o := range map[string]*outcome{"scene": scene(), "odd": odd, "nothing": {first: sceneStart}} {
		for _, r := range resultsOf(t, string(o.expectation()), o) {
			if !r.OK {
				t.Errorf("%s: %+v in\n%s", name, r, o.expectation())
			}
		}
	}
}

// Whatever a file says, it is taken or refused, and what is taken can be compared.
func FuzzExpectation(f *testing.F) {
	f.Add([]byte(string(scene().expectation())))
	f.Add([]byte("none: true"))
	f.Add([]byte("alerts: [{rule: loss, fires: 11m..2026-11-22T10:12:00Z, count: 0}]"))
	f.Add([]byte("cases: &c [{factors: {codec: x}, opened: ..1h}]\nalerts: *c"))
	f.Add([]byte("total: {alerts: 1e300, cases: .nan}"))
	set := shipped(f)
	o := scene()
	f.Fuzz(func(t *testing.T, text []byte) {
		x, wrong := parseExpectation(text, set)
		if (x == nil) == (len(wrong) == 0) {
			t.Fatalf("got %v and %v", x, wrong)
		}
		if x != nil {
			for _, r := range x.compare(o) {
				if r.Expected == "" {
					t.Errorf("a result without words: %+v", r)
				}
			}
		}
	})
}

// The command, from captures to its status: a clean call makes no alert, and
// a rule that wants the impossible of it fires.
func TestAlertTest(t *testing.T) {
	dir := t.TempDir()
	rules, expect := filepath.Join(dir, "rules.yaml"), filepath.Join(dir, "expect.yaml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	call := func(f *expectFlags, args ...string) (string, error) {
		var out bytes.Buffer
		err := alertTest(t.Context(), f, args, stdio{out: &out, err: &out})
		return out.String(), err
	}
	write(expect, "none: true\n")
	if out, err := call(&expectFlags{expect: expect}, shippedRules, clean); err != nil || !strings.HasSuffix(out, "2 of 2 as expected\n") {
		t.Errorf("clean: got %v, %s", err, out)
	}
	write(rules, "defaults: false\nrules:\n  - {name: never-good, signal: mos, limit: 5, above: 0.1, window: 10s, for: 0s, min: {units: 1}, severity: low}\n")
	out, err := call(&expectFlags{expect: expect}, rules, clean)
	if status, is := err.(exitError); !is || status.code != exitFailOn || !strings.Contains(out, "FAIL  no alert fires (line 1)") {
		t.Errorf("never good: got %v, %s", err, out)
	}
	if out, err := call(&expectFlags{expect: expect, write: true}, rules, clean); err != nil || !strings.Contains(out, "Review it") {
		t.Errorf("write: got %v, %s", err, out)
	}
	if out, err := call(&expectFlags{expect: expect}, rules, clean); err != nil || !strings.Contains(out, "ok    alert never-good, severity low, fires ") {
		t.Errorf("as written: got %v, %s", err, out)
	}
	for _, args := range [][]string{{}, {shippedRules}} {
		if _, err := call(&expectFlags{expect: expect}, args...); err == nil || !strings.Contains(err.Error(), "at least one capture") {
			t.Errorf("%q: got %v", args, err)
		}
	}
	if _, err := call(&expectFlags{}, rules, clean); err == nil || !strings.Contains(err.Error(), "--expect FILE") {
		t.Errorf("no expectation: got %v", err)
	}
	if _, err := call(&expectFlags{expect: filepath.Join(dir, "none")}, rules, clean); err == nil || !strings.Contains(err.Error(), "--write makes a file") {
		t.Errorf("no file: got %v", err)
	}
}
