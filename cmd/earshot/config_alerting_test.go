package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// agreed is a site with everything that can be agreed on.
const agreed = `
peers:
  - {name: ours, networks: [10.0.0.0/8]}
  - {name: carrier-a, networks: [203.0.113.0/24], owner: Carrier A, contact: +49 30 1}
segments:
  - {name: trunk-a, near: [ours], far: [carrier-a], owner: Carrier A, contact: noc@carrier-a.example, site: Frankfurt, tenant: acme, plan: gold}
  - {name: access, near: [ours], owner: Acme IT, tenant: globex}
  - {name: floor, vlans: [110]}
tenants:
  - {name: acme, service: contact centre, plan: business-care, calendar: berlin, contacts: [ada@acme.example, bob@acme.example], users: 20000}
  - {name: globex, environment: development, contacts: [cy@globex.example]}
calendars:
  - {name: berlin, zone: Europe/Berlin, hours: {mon-fri: "08:00-18:00"}, holidays: [de-be]}
  - {name: paris, zone: Europe/Paris}
plans:
  - {name: gold, based_on: business-care, critical: {response: 5 min}}
maintenance:
  - {name: sbc, segments: [trunk-a], zone: Europe/Berlin, days: sat, hours: "22:00-04:00"}
  - {name: move, tenants: [globex], zone: Europe/Berlin, from: 2026-11-22 20:00, to: 2026-11-23 06:00}
alerting:
  operator: Acme NOC
  contact: noc@acme.example
  tenant: acme
  rules:
    disable: [marking-lost]
    profiles: [{name: strict, loss_percent: 0.5}]
    rules:
      - {name: strict-loss, signal: loss, profile: strict, by: segment, above: 0.05, where: {segment: trunk-b}}
`

func partsOf(t *testing.T, text string) (*config, *alertingParts) {
	t.Helper()
	c, err := loadConfig(configured(t, text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.alertingParts()
	if err != nil {
		t.Fatal(err)
	}
	return c, p
}

func TestDirectoryOfConfig(t *testing.T) {
	_, p := partsOf(t, agreed)
	d := p.directory
	s := d.Segments["trunk-a"]
	if s.Owner != "Carrier A" || s.Contact != "noc@carrier-a.example" || s.Site != "Frankfurt" || s.Tenant != "acme" {
		t.Errorf("trunk-a: got %+v", s)
	}
	// A plan of a segment goes before its tenant's; what gold leaves out is business-care's.
	if got := s.Plan.Target(alerting.Critical, alerting.Response); got != alerting.Of(5, alerting.Minutes) {
		t.Errorf("gold, critical, response: got %s, want 5 min", got)
	}
	if got := s.Plan.Target(alerting.High, alerting.Response); got != alerting.Of(2, alerting.BusinessHours) {
		t.Errorf("gold, high, response: got %s, want 2 bh", got)
	}
	if d.Segments["access"].Plan != nil || d.Segments["floor"].Owner != "" || len(d.Segments) != 3 {
		t.Errorf("got %d segments, %+v", len(d.Segments), d.Segments["access"])
	}
	if p := d.Peers["carrier-a"]; p.Owner != "Carrier A" || p.Contact != "+49 30 1" || d.Peers["ours"].Owner != "" {
		t.Errorf("carrier-a: got %+v", p)
	}
	acme, globex := d.Tenants["acme"], d.Tenants["globex"]
	if acme.Service != "contact centre" || acme.Environment != "production" || acme.Plan.Name != "business-care" ||
		acme.Calendar.Name() != "berlin" || len(acme.Contacts) != 2 || acme.Users != 20000 {
		t.Errorf("acme: got %+v", acme)
	}
	// What a tenant leaves out: voice, care, and of two calendars none.
	if globex.Service != "voice" || globex.Environment != "development" || globex.Plan.Name != "care" || globex.Calendar != nil {
		t.Errorf("globex: got %+v", globex)
	}
	if d.Default != acme || d.Operator != "Acme NOC" || d.OperatorContact != "noc@acme.example" {
		t.Errorf("got default %v, operator %q, %q", d.Default, d.Operator, d.OperatorContact)
	}
}

// Without a word about it the shipped rules hold, and the plan care.
func TestAlertingPresets(t *testing.T) {
	c, p := partsOf(t, "")
	shipped, err := alerting.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.rules.Rules) != len(shipped.Rules) || len(p.rules.Rules) == 0 {
		t.Errorf("got %d rules, want the %d shipped ones", len(p.rules.Rules), len(shipped.Rules))
	}
	if d := p.directory.Default; d.Name != "" || d.Plan.Name != "care" || d.Calendar != nil || d.Service != "voice" {
		t.Errorf("the tenant without a name: got %+v", d)
	}
	if c.keepsCases() {
		t.Error("cases are kept without a store")
	}
	for text, want := range map[string]bool{"store: {dir: kept}": true, "store: {dir: kept}\nalerting: {cases: false}": false} {
		if c, _ := partsOf(t, text); c.keepsCases() != want {
			t.Errorf("%q: cases are kept: %t, want %t", text, !want, want)
		}
	}
	// The only tenant and the only calendar are everybody's.
	_, p = partsOf(t, "tenants: [{name: acme}]\ncalendars: [{name: berlin, zone: Europe/Berlin}]\n")
	if d := p.directory.Default; d.Name != "acme" || d.Calendar.Name() != "berlin" {
		t.Errorf("got default %+v", d)
	}
}

func TestRulesOfConfig(t *testing.T) {
	_, p := partsOf(t, agreed)
	names := map[string]alerting.Rule{}
	for _, r := range p.rules.Rules {
		names[r.Name] = r
	}
	if _, is := names["marking-lost"]; is || names["strict-loss"].Limit != 0.5 || names["loss"].Limit != 1 {
		t.Errorf("got %v", names)
	}
	file := configured(t, "alerting: {rules: ours.yaml}\n")
	rules := filepath.Join(filepath.Dir(file), "ours.yaml")
	if err := os.WriteFile(rules, []byte("defaults: false\nrules:\n  - {name: mine, signal: loss, above: 0.5}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := c.ruleSet()
	if err != nil || len(set.Rules) != 1 || set.Rules[0].Name != "mine" {
		t.Errorf("got %v, %v; want the one rule of the file", set, err)
	}
}

func TestMaintenanceOfConfig(t *testing.T) {
	_, p := partsOf(t, agreed)
	for _, tt := range []struct {
		at, segment string
		want        bool
	}{
		{"2026-11-21T23:00:00+01:00", "trunk-a", true}, // Saturday night
		{"2026-11-21T23:00:00+01:00", "access", false},
		{"2026-11-22T23:00:00+01:00", "access", true}, // globex moves
		{"2026-11-22T23:00:00+01:00", "trunk-a", false},
		{"2026-11-22T23:00:00+01:00", "floor", false}, // of acme, by default
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.inMaintenance(at, tt.segment); got != tt.want {
			t.Errorf("%s %s: got %t", tt.at, tt.segment, got)
		}
	}
}

func TestConfigRefusesParties(t *testing.T) {
	for text, want := range map[string]string{
		"segments:\n  - {name: s, vlans: [1], tenant: acme}\n":                                       `line 2: segments.tenant: no tenant is called "acme"`,
		"tenants: [{name: acme}]\nsegments:\n  - {name: s, vlans: [1], tenant: acmee}\n":             `line 3: segments.tenant: no tenant is called "acmee" (did you mean "acme"?)`,
		"segments:\n  - {name: s, vlans: [1],\n     plan: cares}\n":                                  `line 3: segments.plan: no plan is called "cares" (did you mean "care"?)`,
		"segments:\n  - {name: s, vlans: [1], ownr: x}\n":                                            `line 2: unknown key "ownr" (did you mean "owner"?)`,
		"segments:\n  - {name: s, vlans: [1],\n     owner: \"a\\nb\"}\n":                             `line 3: segments.owner "a\nb": want one line`,
		"tenants:\n  - {service: voice}\n":                                                           `tenants: entry 1 has no name`,
		"tenants:\n  - {name: a}\n  - {name: a}\n":                                                   `line 3: tenants: "a" is there twice`,
		"tenants:\n  - {name: a b}\n":                                                                `line 2: tenants.name "a b": want 1 to 64`,
		"tenants:\n  - {name: a, environment: prodction}\n":                                          `line 2: tenants.environment is "prodction", want one of production, development (did you mean "production"?)`,
		"tenants:\n  - {name: a, calendar: berlin}\n":                                                `line 2: tenants.calendar: no calendar is called "berlin"`,
		"tenants:\n  - {name: a, left: soon}\n":                                                      `line 2: tenants.left is "soon", want a date`,
		"tenants:\n  - {name: a, cases_months: 37}\n":                                                `line 2: tenants.cases_months is 37, want 1 to 36`,
		"tenants:\n  - {name: a, users: -1}\n":                                                       `line 2: tenants.users is -1, want 0 to 10000000`,
		"calendars:\n  - name: berlin\n    zone: Europe/Berln\n":                                     `line 3: zone is "Europe/Berln"`,
		"calendars:\n  - name: berlin\n    hollidays: [de]\n":                                        `line 3: a calendar has no key "hollidays"`,
		"plans:\n  - name: gold\n    based_on: cares\n":                                              `line 3: based_on: no plan before this one is called "cares"`,
		"maintenance:\n  - {name: m, segments: [trnk], days: sat, hours: \"1-2\"}\n":                 `line 2: no segment is called "trnk"`,
		"alerting:\n  rules:\n    rules:\n      - {name: r, signal: los, above: 0.1}\n":              `line 4: alerting.rules: signal is "los"`,
		"alerting:\n  rules: [a]\n":                                                                  `line 2: alerting.rules: want the name of a file, or a mapping`,
		"alerting:\n  max_sets: 5\n":                                                                 `line 2: alerting.max_sets is 5, want 100 to 1000000`,
		"alerting:\n  cases: maybe\n":                                                                `line 2: got "maybe", want true or false`,
		"alerting:\n  tenant: acme\n":                                                                `line 2: alerting.tenant: no tenant is called "acme"`,
		"alerting: {rulez: x}\n":                                                                     `line 1: unknown key "rulez" (did you mean "rules"?)`,
		"calendars: [{name: a, zone: x}]\nplans: [{name: b, warn: 0}]\nmaintenance: [{name: c}]\n":   "\n  line 2: warn is",
		"tenants: [{name: a, plan: gold}]\nplans: [{name: gold, critical: {response: 5 minutes}}]\n": `line 2: critical: response`,
	} {
		status, _, errs := earshot(t, "check", configured(t, text))
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", text, status, errs, exitUsage, want)
		}
	}
}

func TestCheckAlerting(t *testing.T) {
	status, out, errs := earshot(t, "check", configured(t, agreed))
	if status != exitOK {
		t.Fatal(errs)
	}
	for text, want := range map[string]string{
		"store: {dir: kept}":       "cases kept in the store",
		"":                         "cases in memory lost when the probe ends, without a store.dir",
		"alerting: {cases: false}": "cases none alerts open no cases",
	} {
		if _, out, _ := earshot(t, "check", configured(t, text)); !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("%q: want %q in\n%s", text, want, out)
		}
	}
	flat := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"peer carrier-a 203.0.113.0/24; owner Carrier A; contact +49 30 1",
		"segment trunk-a near ours; far carrier-a; owner Carrier A; contact noc@carrier-a.example; site Frankfurt; tenant acme; plan gold",
		"rules as written here",
		"rules, profiles voip-ready, strict",
		"tenant acme contact centre, production; plan business-care; calendar berlin; contacts ada@acme.example, bob@acme.example; 20000 users",
		"tenant globex voice, development; plan care; calendar default; contacts cy@globex.example",
		"calendar berlin Europe/Berlin, ",
		"operator Acme NOC noc@acme.example",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("want %q in\n%s", want, out)
		}
	}
	for _, want := range []string{
		"warning: cases about floor will name nobody",
		"warning: tenant globex names 1 of the 2 designated contacts",
		`warning: rule strict-loss asks for the segment "trunk-b", and there is none`,
	} {
		if !strings.Contains(errs, want) {
			t.Errorf("want %q in\n%s", want, errs)
		}
	}
	if strings.Contains(errs, "tenant acme names") || strings.Contains(errs, "operator") {
		t.Errorf("warnings about what is right:\n%s", errs)
	}
}

// Two ways to write one contact are one person; a telephone is no address.
func TestContactAdvice(t *testing.T) {
	for text, want := range map[string]string{
		"[Ada <ada@acme.example>, bob@acme.example]": "",
		"[ada@acme.example, ADA@acme.example]":       "names 1 of the 2",
		"[ada@acme.example, 4711]":                   `contact "4711" of tenant acme is no mail address`,
	} {
		_, _, errs := earshot(t, "check", configured(t, "tenants: [{name: acme, contacts: "+text+"}]"))
		if want == "" && strings.Contains(errs, "tenant acme") || !strings.Contains(errs, want) {
			t.Errorf("%s: got %q, want %q", text, errs, want)
		}
	}
}

// The rules' own lines are told, behind the name of their file.
func TestCheckRulesFile(t *testing.T) {
	file := configured(t, "log: {level: info}\nalerting:\n  rules: ours.yaml\n")
	rules := filepath.Join(filepath.Dir(file), "ours.yaml")
	if err := os.WriteFile(rules, []byte("rules:\n  - {name: a, signal: loss, above: 2}\n  - {name: b, signl: loss}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, errs := earshot(t, "check", file)
	for _, want := range []string{"line 3: cannot use the rules \"" + rules + "\":", "line 2: rule \"a\": above is 2", "line 3: a rule has no key \"signl\""} {
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("got status %d, want %q in\n%s", status, want, errs)
		}
	}
	if status, _, errs = earshot(t, "check", configured(t, "alerting: {rules: none.yaml}\n")); status != exitUsage || !strings.Contains(errs, "cannot read the rules") {
		t.Errorf("no file: got %d, %s", status, errs)
	}
}

// By hand: Thursday, 24 December 2026 is a working day in Berlin, the 25th is
// not. On Saturday the 26th nobody works before Monday the 28th.
func TestDescribeCalendar(t *testing.T) {
	c, _ := partsOf(t, agreed)
	calendars, err := alerting.DecodeCalendars(&c.Calendars)
	if err != nil {
		t.Fatal(err)
	}
	berlin := calendars["berlin"]
	for at, want := range map[string]string{
		"2026-12-24T10:00:00+01:00": "Europe/Berlin, working now; next holiday Fri 2026-12-25, ",
		"2026-12-24T19:00:00+01:00": "Europe/Berlin, next open Mon 2026-12-28 08:00; next holiday Fri 2026-12-25, ",
		"2026-12-26T12:00:00+01:00": "Europe/Berlin, next open Mon 2026-12-28 08:00; next holiday Sat 2026-12-26, ",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := describeCalendar(berlin, now); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", at, got, want)
		}
	}
	if got := describeCalendar(nil, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)); got != "UTC, working now; no holidays" {
		t.Errorf("the default: got %q", got)
	}
}

// Rules, parties, calendars, plans and maintenance need no restart.
func TestAlertingNeedsNoRestart(t *testing.T) {
	was, _ := partsOf(t, agreed)
	for text, want := range map[string]string{
		"": "",
		"tenants: [{name: a}]\ncalendars: [{name: b}]\nplans: [{name: c}]\nalerting: {rules: {disable: [loss]}, operator: x}": "",
		"alerting: {max_sets: 500, cases: false}":   "alerting.cases alerting.max_sets",
		"store: {cases_months: 2, audit_months: 3}": "",
		"store: {cases_months: 2, days: 3}":         "store",
	} {
		is, _ := partsOf(t, text)
		if got := strings.Join(was.needRestart(is), " "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// How long things are kept: what is said of all, and of a tenant.
func TestRetentionOfConfig(t *testing.T) {
	c, _ := partsOf(t, `
store: {dir: kept, cases_months: 6}
segments: [{name: a, vlans: [1], tenant: acme}, {name: b, vlans: [2]}]
tenants:
  - {name: acme, records_days: 30, cases_months: 24, calendar: berlin}
  - {name: gone, left: 2026-11-22}
calendars: [{name: berlin, zone: Europe/Berlin}, {name: utc}]
alerting: {tenant: gone}
`)
	r := c.retention()
	if r.Cases.Months != 6 || r.Audit.Months != 36 {
		t.Errorf("got %+v, want 6 and 36 months", r)
	}
	acme, gone := r.Tenants["acme"], r.Tenants["gone"]
	if acme.Days != 30 || acme.Cases.Months != 24 || acme.Zone.String() != "Europe/Berlin" || !acme.Left.IsZero() {
		t.Errorf("acme: got %+v", acme)
	}
	if gone.Days != 0 || gone.Cases.Months != 0 || !gone.Left.Equal(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("gone: got %+v", gone)
	}
	of := c.store().Tenant
	if of("a") != "acme" || of("b") != "gone" {
		t.Errorf("got %q and %q, want acme and gone", of("a"), of("b"))
	}
}
