package alerting

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// What a rule leaves out, and what it says in full.
func TestParseRules(t *testing.T) {
	set, err := ParseRules([]byte(`
defaults: false
profiles:
  - {name: strict, loss_percent: 0.5, dscp: 34}
rules:
  - {name: short, signal: loss, above: 0.1}
  - name: full
    signal: sip_cause
    statuses: [503, 500-502, 6xx]
    by: [direction, peer]
    where: {peer: [a, b], not_segment: c, direction: to_peer}
    measure: factor
    above: 4
    resolve: 1.5
    window: 2m
    for: 0s
    resolve_for: 1h30m
    baseline: 2h
    min: {units: 7, affected: 3}
    severity: [{severity: 1, share: 0.5, affected: 10}, {severity: High, share: 0.2}, {severity: medium}]
    labels: {team: voice}
    annotations: {summary: "{affected} of {total}"}
  - {name: strict-loss, signal: loss, profile: strict, above: 0.1}
  - {name: own, signal: loss, profile: strict, limit: 3, above: 0.1}
  - {name: low, signal: mos, measure: p5, below: 3.2}
  - {name: high, signal: jitter, measure: p99.9, above: 100}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Rule{
		Name: "short", Signal: SignalLoss, Profile: "voip-ready", Limit: 1, Bound: 0.1, Resolve: 0.05,
		Window: 5 * time.Minute, For: time.Minute, ResolveFor: 5 * time.Minute, MinUnits: 10, MinAffected: 1, Severity: Low,
	}
	if !reflect.DeepEqual(set.Rules[0], want) {
		t.Errorf("got  %+v\nwant %+v", set.Rules[0], want)
	}
	want = Rule{
		Name: "full", Signal: SignalSIPCause, Statuses: []StatusRange{{503, 503}, {500, 502}, {600, 699}},
		By: []Dimension{ByDirection, ByPeer}, Where: Filter{Peers: []string{"a", "b"}, NotSegments: []string{"c"}, Directions: []string{"to_peer"}},
		Profile: "voip-ready", Measure: Measure{Kind: MeasureFactor}, Bound: 4, Resolve: 1.5,
		Window: 2 * time.Minute, ResolveFor: 90 * time.Minute, Baseline: 2 * time.Hour, MinUnits: 7, MinAffected: 3,
		Severity: Low, Steps: []SeverityStep{{Severity: Critical, Share: 0.5, Affected: 10}, {Severity: High, Share: 0.2}, {Severity: Medium}},
		Labels: map[string]string{"team": "voice"}, Annotations: map[string]string{"summary": "{affected} of {total}"},
	}
	if !reflect.DeepEqual(set.Rules[1], want) {
		t.Errorf("got  %+v\nwant %+v", set.Rules[1], want)
	}
	if set.Rules[2].Limit != 0.5 || set.Rules[3].Limit != 3 || set.Profiles[1].Limits["dscp"] != 34 || set.Profiles[1].Limits["jitter_ms"] != 30 {
		t.Errorf("limits %g, %g, profile %v; want 0.5, 3 and DSCP 34, jitter as in voip-ready", set.Rules[2].Limit, set.Rules[3].Limit, set.Profiles[1])
	}
	if r := set.Rules[4]; r.Bound != 3.2 || r.Resolve < 3.29 || !r.beyond(3.1, r.Bound) || r.beyond(3.3, r.Bound) {
		t.Errorf("rule %+v: want values below 3.2 to be bad, and 3.3 good", r)
	}
	if r := set.Rules[5]; r.Measure.Percentile != 99.9 || r.Resolve != 90 {
		t.Errorf("rule %+v: want the percentile 99.9, over at 90", r)
	}
	steps := &set.Rules[1]
	for _, tt := range []struct {
		share    float64
		affected int
		want     Severity
	}{{0.5, 10, Critical}, {0.5, 9, High}, {0.2, 1, High}, {0.19, 1000, Medium}} {
		if got := steps.severity(tt.share, tt.affected); got != tt.want {
			t.Errorf("share %g of %d: %s, want %s", tt.share, tt.affected, got, tt.want)
		}
	}
}

// TestSeverityBySites: users and sites are of a fault; an alert, which knows
// neither, passes over steps that ask for them.
func TestSeverityBySites(t *testing.T) {
	set, err := ParseRules([]byte(`defaults: false
rules:
  - name: a
    signal: loss
    above: 0.1
    severity: [{severity: critical, users: 500}, {severity: high, share: 0.2, sites: 10}, {severity: medium, affected: 20}, {severity: low}]
`))
	if err != nil {
		t.Fatal(err)
	}
	r := &set.Rules[0]
	for _, tt := range []struct {
		share                  float64
		affected, users, sites int
		want                   Severity
	}{
		{0.9, 1000, 0, 0, Medium}, {0.2, 5, 12, 10, High}, {0.1, 5, 12, 10, Low}, {0.2, 5, 12, 9, Low}, {0.01, 5, 500, 1, Critical},
	} {
		if got := r.severityOf(tt.share, tt.affected, tt.users, tt.sites); got != tt.want {
			t.Errorf("share %g of %d, %d users, %d sites: %s, want %s", tt.share, tt.affected, tt.users, tt.sites, got, tt.want)
		}
	}
	if got := r.severity(0.9, 1000); got != Medium {
		t.Errorf("an alert alone: %s, want medium", got)
	}
}

// Every mistake is told with its line and what would be right.
func TestRuleErrors(t *testing.T) {
	rule := func(text string) string { return "rules:\n  - {name: r, " + text + "}" }
	tests := []struct {
		name, text string
		want       []string
	}{
		{"no YAML", "rules: [", []string{"cannot read the rules"}},
		{"a list", "- a", []string{"line 1", "want a mapping"}},
		{"unknown key", "rulez: []", []string{"line 1", `no key "rulez"`, `did you mean "rules"?`}},
		{"no rule to disable", "disable: [los]", []string{`no shipped rule "los"`, `did you mean "loss"?`}},
		{"defaults", "defaults: maybe", []string{`"maybe"`, "want true or false"}},
		{"unknown rule key", rule("signal: loss, abov: 1"), []string{"line 2", `no key "abov"`, `did you mean "above"?`}},
		{"twice", rule("signal: loss, above: 0.1, above: 0.2"), []string{`"above"`, "twice"}},
		{"name twice", rule("signal: loss, above: 0.1") + "\n  - {name: r, signal: loss, above: 0.2}", []string{"line 3", `rule "r" is there twice`}},
		{"no name", "rules:\n  - {signal: loss, above: 0.1}", []string{"line 2", "has no name"}},
		{"bad name", "rules: [{name: 'a b', signal: loss, above: 0.1}]", []string{`"a b"`}},
		{"no signal", rule("above: 0.1"), []string{"has no signal"}},
		{"unknown signal", rule("signal: jiter, above: 0.1"), []string{`"jiter"`, `did you mean "jitter"?`}},
		{"no bound", rule("signal: loss"), []string{`has no "above"`}},
		{"wrong side", rule("signal: mos, below: 0.1"), []string{`want "above"`}},
		{"wrong side of a percentile", rule("signal: mos, measure: p5, above: 3"), []string{`want "below"`}},
		{"share of 1", rule("signal: loss, above: 5"), []string{"above is 5", "0.05 is 5 %"}},
		{"no number", rule("signal: loss, above: much"), []string{`"much"`, "want a number"}},
		{"not a number", rule("signal: loss, above: .nan"), []string{"want a number"}},
		{"out of range", rule("signal: loss, above: -1"), []string{"above is -1", "want 0 to 1e+09"}},
		{"resolve beyond", rule("signal: loss, above: 0.1, resolve: 0.2"), []string{"resolve is 0.2", "still above 0.1"}},
		{"measure", rule("signal: loss, measure: avg, above: 1"), []string{`"avg"`, "p95"}},
		{"percentile of 100", rule("signal: loss, measure: p100, above: 1"), []string{`"p100"`}},
		{"percentile of a share", rule("signal: dscp, measure: p95, above: 1"), []string{"dscp cannot be measured so"}},
		{"factor of intervals", rule("signal: loss, measure: factor, above: 5"), []string{"loss cannot be measured so"}},
		{"share of all", rule("signal: registration_rate, above: 0.5"), []string{"want count or factor"}},
		{"share of lag", rule("signal: probe, figure: lag, above: 0.5"), []string{"want a percentile"}},
		{"no figure", rule("signal: probe, above: 0.5"), []string{`needs "figure"`}},
		{"figure", rule("signal: probe, figure: drops, above: 0.5"), []string{`"drops"`, "lost, shed"}},
		{"figure of loss", rule("signal: loss, figure: lost, above: 0.5"), []string{`no use for "figure"`}},
		{"no statuses", rule("signal: sip_cause, above: 0.5"), []string{`needs "statuses"`}},
		{"status", rule("signal: sip_cause, statuses: 200, above: 0.5"), []string{`status "200"`, "300 to 699"}},
		{"range", rule("signal: sip_cause, statuses: 504-500, above: 0.5"), []string{`"504-500"`}},
		{"no codes", rule("signal: finding, above: 0.5"), []string{`needs "codes"`}},
		{"code", rule("signal: finding, codes: [jiter], above: 0.5"), []string{`no finding "jiter"`, `"jitter"`}},
		{"by", rule("signal: loss, by: [segmnt], above: 0.5"), []string{`"segmnt"`, `"segment"`}},
		{"by twice", rule("signal: loss, by: [codec, codec], above: 0.5"), []string{`names "codec" twice`}},
		{"probe by", rule("signal: probe, figure: lost, by: segment, above: 0.5"), []string{`no use for "by"`}},
		{"direction of calls", rule("signal: pdd, by: [segment, direction], above: 0.5"), []string{"only towards a peer"}},
		{"codec of registrations", rule("signal: registration_rate, measure: count, by: codec, above: 5"), []string{"have no codec"}},
		{"where", rule("signal: loss, where: {segmet: a}, above: 0.5"), []string{`no key "segmet"`}},
		{"direction", rule("signal: loss, where: {direction: up}, above: 0.5"), []string{`"up"`, "to_peer"}},
		{"profile", rule("signal: loss, profile: voip-redy, above: 0.5"), []string{`no profile "voip-redy"`, `"voip-ready"`}},
		{"limit", rule("signal: one_way, limit: 1, above: 0.5"), []string{"one_way has no limit"}},
		{"limit range", rule("signal: loss, limit: 200, above: 0.5"), []string{"limit is 200", "0 to 100"}},
		{"window", rule("signal: loss, window: 5, above: 0.5"), []string{`window is "5"`, "90s, 5m or 1h30m"}},
		{"short window", rule("signal: loss, window: 5s, above: 0.5"), []string{"want 10s to 24h"}},
		{"half a second", rule("signal: loss, for: 1500ms, above: 0.5"), []string{"whole seconds"}},
		{"baseline", rule("signal: loss, baseline: 1h, above: 0.5"), []string{"baseline is for measure factor"}},
		{"short baseline", rule("signal: pdd, measure: factor, baseline: 9m, above: 5"), []string{"9m is shorter than twice the window of 5m"}},
		{"min", rule("signal: loss, min: {unit: 3}, above: 0.5"), []string{`no key "unit"`, `"units"`}},
		{"min fraction", rule("signal: loss, min: {units: 1.5}, above: 0.5"), []string{"whole number"}},
		{"min time", rule("signal: pdd, min: {time: 5m}, above: 0.5"), []string{"min time"}},
		{"severity", rule("signal: loss, severity: hihg, above: 0.5"), []string{`"hihg"`, `"high"`}},
		{"step", rule("signal: loss, severity: [{share: 0.5}], above: 0.5"), []string{"step of severity has no severity"}},
		{"label", rule("signal: loss, labels: {a-b: c}, above: 0.5"), []string{`label "a-b"`}},
		{"own label", rule("signal: loss, labels: {segment: c}, above: 0.5"), []string{`label "segment"`, "another name"}},
		{"labels", rule("signal: loss, labels: [a], above: 0.5"), []string{"labels is a list"}},
		{"placeholder", rule("signal: loss, annotations: {a: '{sgment}'}, above: 0.5"), []string{"{sgment}", `"segment"`}},
		{"profile limit", "profiles: [{name: p, jiter_ms: 3}]", []string{`no key "jiter_ms"`, `"jitter_ms"`}},
		{"profile range", "profiles: [{name: p, dscp: 64}]", []string{"dscp is 64", "0 to 63"}},
		{"profile fraction", "profiles: [{name: p, dscp: 46.5}]", []string{"whole number"}},
		{"profile name", "profiles: [{dscp: 46}]", []string{"profile has no name"}},
		{"built-in profile", "profiles: [{name: voip-ready}]", []string{`"voip-ready" is there already`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := ParseRules([]byte(tt.text))
			if err == nil || set != nil {
				t.Fatalf("got %+v, error %v; want an error alone", set, err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %q, want %q in it", err, part)
				}
			}
		})
	}
}

// All mistakes of a file come at once, in the order of lines.
func TestAllRuleErrors(t *testing.T) {
	_, err := ParseRules([]byte("defaults: 7\nrules:\n  - {name: a, signal: lss}\n  - {name: b, windw: 3m}\n"))
	var p Problem
	if !errors.As(err, &p) || p.Line != 1 {
		t.Errorf("got %v; want a Problem of line 1 first", err)
	}
	for _, part := range []string{"line 1:", "line 3:", "line 4:"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("got %q, want %q in it", err, part)
		}
	}
}

// A user's rule replaces the shipped one of its name; a disabled one is gone.
func TestShippedRules(t *testing.T) {
	shipped, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "# nothing\n", "rules: []"} {
		set, err := ParseRules([]byte(text))
		if err != nil || !reflect.DeepEqual(set.Rules, shipped.Rules) {
			t.Errorf("%q: error %v, %d rules; want the %d shipped ones", text, err, len(set.Rules), len(shipped.Rules))
		}
	}
	set, err := ParseRules([]byte("disable: [jitter]\nrules:\n  - {name: loss, signal: loss, above: 0.5}\n  - {name: mine, signal: loss, above: 0.5}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules) != len(shipped.Rules) || named(set.Rules, "jitter") || !named(set.Rules, "mine") {
		t.Errorf("%d rules, want %d: without jitter, with mine", len(set.Rules), len(shipped.Rules))
	}
	for _, r := range set.Rules {
		if r.Name == "loss" && r.Bound != 0.5 {
			t.Errorf("loss above %g, want the user's 0.5", r.Bound)
		}
	}
}

// Every shipped rule says what happened, and every signal that a network can
// have trouble with has a rule.
func TestShippedRulesSpeak(t *testing.T) {
	set, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	watched := map[Signal]bool{SignalFinding: true, SignalSIPDSCP: true} // for users' own
	for _, r := range set.Rules {
		watched[r.Signal] = true
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("rule %s has no summary or no description", r.Name)
		}
		if r.Severity == Low && len(r.Steps) == 0 && r.Name != "marking-lost" {
			t.Errorf("rule %s has no severity of its own", r.Name)
		}
	}
	for _, s := range signals {
		if !watched[s.name] {
			t.Errorf("no shipped rule watches %s", s.name)
		}
	}
}

// Whatever a file says, it is taken or refused; what is taken can be used.
func FuzzParseRules(f *testing.F) {
	shipped, err := os.ReadFile("defaults.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shipped)
	f.Add([]byte(lossRule))
	f.Add([]byte("profiles: &p [{name: a, mos: 3}]\nrules: *p"))
	f.Add([]byte("rules: [{name: a, signal: probe, figure: lag, measure: p0.1, above: 0, window: 24h}]"))
	f.Add([]byte("rules: &a [*a]\ndisable: {<<: *a}\n"))
	f.Add([]byte("rules: [{name: a, signal: finding, codes: loss, by: [], severity: [{severity: 1}], measure: factor, above: 1e9}]"))
	set, err := DefaultRules()
	if err != nil {
		f.Fatal(err)
	}
	defaults := set.Rules[:3]
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := parseRules(text, defaults)
		if err != nil {
			if set != nil {
				t.Error("a set beside an error")
			}
			return
		}
		e := New(Config{Rules: set})
		for at := range 3 {
			e.Tick(ns(at), Health{Packets: 1, Lost: 1, Shed: 1, Refused: 1, Unkept: 1, Lag: time.Hour})
			e.Alerts()
		}
	})
}
