package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallSite is a scenario that tests add to.
const smallSite = `
start: 2026-01-06T08:00:00Z
length: 30m
calls: {per-hour: 120, inbound: 50, talk: 6s}
sites:
  - {name: berlin, network: 10.1.0.0/24, register-every: 10m}
  - {name: shop, count: 2, network: 10.40.0.0/16, group: shops}
trunks:
  - {name: trunk-a, network: 203.0.113.0/26}
  - {name: trunk-b, network: 203.0.113.64/26}
`

// TestSiteErrors: what a scenario gets wrong is said with the key, the value and
// what is allowed.
func TestSiteErrors(t *testing.T) {
	fault := func(what, where, when string) string {
		return smallSite + "faults: [{name: f, what: " + what + ", where: " + where + ", when: " + when + "}]\n"
	}
	tests := []struct{ text, want string }{
		{"colour: red", `line 1: unknown key "colour": want some of name, seed, start`},
		{"calls: {per-hour: 1}\nsites:\n  - {name: a, netwrok: 10.0.0.0/24}", `line 3: unknown key "netwrok" (did you mean "network"?)`},
		{"calls: {per-hour: many}", "line 1: cannot unmarshal"},
		{"start: now", `start "now"`},
		{"length: 10s", "want 1m to"},
		{"calls: {per-hour: 0}", "calls.per-hour 0"},
		{"calls: {per-hour: 1, hours: lunch}", "want one of contact-centre, flat, office"},
		{"calls: {per-hour: 1, hours: [1, 2]}", "has 2 shares: want 24"},
		{"calls: {per-hour: 1, weekdays: [1]}", "want 7, Monday first"},
		{"calls: {per-hour: 1, weekdays: [1, 1, 1, 1, 1, 1, 2]}", "2 is no share"},
		{"calls: {per-hour: 1, fail: sick=1}", "want some of busy"},
		{"calls: {per-hour: 1}\nmedia: {codecs: g723}", "multiple of 30 ms"},
		{"calls: {per-hour: 1}\nsites: [{name: a b, network: 10.0.0.0/24}]", `site "a b"`},
		{"calls: {per-hour: 1}\nsites: [{name: a, count: 300, network: 10.0.0.0/16}]", "count 300"},
		{"calls: {per-hour: 1}\nsites: [{name: a, count: 491, network: 10.0.0.0/8}]", "want at most 490"},
		{"calls: {per-hour: 1}\nsites: [{name: a, network: 10.0.0.0/24, phones: 500}]", "500 hosts: want 1 to 238"},
		{"calls: {per-hour: 1}\nsites: [{name: a, network: 10.0.0.0/24}]", "trunks: want at least one"},
		{smallSite + "  - {name: trunk-b, network: 203.0.113.128/26}", "the name is taken"},
		{smallSite + "  - {name: c, network: 10.1.0.0/25}", "overlap"},
		{smallSite + "quiet: [{trunk: trunk-z, when: {from: 1m}}]", `"trunk-z" (did you mean "trunk-a"?): want one of trunk-a, trunk-b`},
		{smallSite + "maintenance: [{segment: berlin, when: {from: 1m}}]", "access-berlin"},
		{smallSite + "capture-drops: [{share: 200%, when: {from: 1m}}]", "want a percentage"},
		{fault("{}", "{trunk: trunk-a}", "{from: 1m}"), "what is wrong?"},
		{fault("{loss: lots}", "{trunk: trunk-a}", "{from: 1m}"), `unknown loss "lots"`},
		{fault("{late: exp(3)}", "{trunk: trunk-a}", "{from: 1m}"), "want spikes(ms,p%)"},
		{fault("{delay: 1900ms}", "{trunk: trunk-a}", "{from: 1m}"), "want a media.rtcp of at least 6s"},
		{fault("{reject: 200}", "{trunk: trunk-a}", "{from: 1m}"), "want a status of 400 to 699"},
		{fault("{pdd: 1m}", "{trunk: trunk-a}", "{from: 1m}"), "want at most 25s"},
		{fault("{dscp: 64}", "{trunk: trunk-a}", "{from: 1m}"), "want 0 to 63"},
		{fault("{dscp: 0}", "{trunk: trunk-a, direction: to_peer}", "{from: 1m}"), "cannot be seen"},
		{fault("{one-way: true}", "{trunk: trunk-a, direction: both}", "{from: 1m}"), "one-way wants a direction"},
		{fault("{loss: 5%}", "{codec: pcma}", "{from: 1m}"), "want one of access, trunk"},
		{fault("{loss: 5%}", "{trunk: trunk-a, codec: mp3}", "{from: 1m}"), `unknown codec "mp3"`},
		{fault("{loss: 5%}", "{group: none}", "{from: 1m}"), "no site is in this group"},
		{fault("{loss: 5%}", "{trunk: [trunk-a, trunk-b]}", "{from: 1m}"), "several owners"},
		{fault("{loss: 5%}", "{trunk: trunk-a}", "{from: 40m}"), "no time within the scenario"},
		{fault("{loss: 5%}", "{trunk: trunk-a}", "{from: 1m, on: 1m}"), "want both or none"},
		{fault("{loss: 5%}", "{trunk: trunk-a}", "{from: soon}"), `when.from "soon"`},
		{smallSite + "changes: [{of: trunk-z, dscp: 0, when: {from: 1m}}]", "want one of sbc, trunk-a, trunk-b"},
		{smallSite + "changes: [{of: sbc, when: {from: 1m}}]", "what changes?"},
		{smallSite + "changes: [{of: sbc, dscp: 64, when: {from: 1m}}]", "want 0 to 63"},
		{fault("{loss: 5%}", "{trunk: trunk-a}", "{from: 1m}, severity: bad"), "want one of critical, high, medium, low"},
		{fault("{register-storm: 1}", "{site: berlin}", "{from: 1m}"), "a factor above 1"},
	}
	for _, tc := range tests {
		_, _, err := parseSite([]byte(tc.text))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want %q in it", tc.text, err, tc.want)
		}
	}
	if _, _, err := parseSite([]byte(smallSite)); err != nil {
		t.Error(err)
	}
}

// TestSiteFlags: flags that a site scenario does not go with.
func TestSiteFlags(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(file, []byte(smallSite+"capture-drops: [{when: {from: 1m}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"-o - -site-config x":                                "go with -site",
		"-o - -site /nonexistent":                            "cannot read the site scenario",
		"-o - -site " + file:                                 "wants pcapng",
		"-o - -calls 3 -site " + file:                        "-calls with -site",
		"-o - -format pcapng -loss 1% -site " + file:         "-loss with -site",
		"-o - -profile clean -site " + file:                  "-profile with -site",
		"-o - -site-length -1s -format pcapng -site " + file: "want more than 0",
	} {
		err := run(strings.Fields(args), nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", args, err, want)
		}
	}
}

// TestWindow: open from (included) to (not included), and flapping from the
// beginning of the window on.
func TestWindow(t *testing.T) {
	plain, flaps := window{100, 200, 0, 0}, window{100, 200, 10, 30} // open 100-109, 140-149, 180-189
	for _, tc := range []struct {
		at           int64
		plain, flaps bool
	}{
		{99, false, false}, {100, true, true}, {109, true, true}, {110, true, false}, {139, true, false},
		{140, true, true}, {149, true, true}, {150, true, false}, {189, true, true}, {199, true, false}, {200, false, false},
	} {
		if plain.open(tc.at) != tc.plain || flaps.open(tc.at) != tc.flaps {
			t.Errorf("at %d: plain %t, flapping %t", tc.at, plain.open(tc.at), flaps.open(tc.at))
		}
	}
	for _, tc := range []struct {
		a, b         int64
		plain, flaps bool
	}{
		{0, 99, false, false}, {0, 100, true, true}, {110, 139, true, false}, {110, 140, true, true},
		{150, 300, true, true}, {190, 300, true, false}, {200, 300, false, false}, {145, 145, true, true},
	} {
		if plain.meets(tc.a, tc.b) != tc.plain || flaps.meets(tc.a, tc.b) != tc.flaps {
			t.Errorf("%d to %d: plain %t, flapping %t", tc.a, tc.b, plain.meets(tc.a, tc.b), flaps.meets(tc.a, tc.b))
		}
	}
}

// TestSiteCut: what begins after the end goes, what lasts beyond it ends there.
func TestSiteCut(t *testing.T) {
	w, _, err := parseSite([]byte(smallSite + `
quiet: [{when: {from: 1m, to: 2m}}, {when: {from: 20m}}]
maintenance: [{segment: trunk-a, when: {from: 5m, to: 15m}}]
capture-drops: [{when: {from: 10m}}]
faults:
  - {name: a, what: {loss: 5%}, where: {trunk: trunk-a}, when: {from: 25m}}
  - {name: b, what: {loss: 5%}, where: {trunk: trunk-b}, when: {from: 5m}}
`))
	if err != nil {
		t.Fatal(err)
	}
	end := w.start + int64(10*time.Minute)
	w.cut(end)
	if w.end != end || len(w.quiet) != 1 || len(w.upkeep) != 1 || w.upkeep[0].when.to != end || len(w.drops) != 0 {
		t.Errorf("ends %d, quiet %v, maintenance %v, drops %v; want the end %d", w.end, w.quiet, w.upkeep, w.drops, end)
	}
	if len(w.faults) != 1 || w.faults[0].name != "b" || w.faults[0].index != 0 || w.faults[0].when.to != end {
		t.Errorf("faults %+v, want b alone, to %d", w.faults, end)
	}
}

// TestRhythm: 2026-01-05 is a Monday.
func TestRhythm(t *testing.T) {
	w, _, err := parseSite([]byte(strings.Replace(smallSite, "talk: 6s", "talk: 6s, hours: office, weekdays: [1, 1, 1, 1, 0.5, 0.1, 0]", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]float64{
		"2026-01-05T09:30:00Z": 1,   // Monday, the busiest hour
		"2026-01-05T03:00:00Z": 0,   // at night
		"2026-01-09T12:59:59Z": 0.3, // Friday, 12 to 13: 0.6 of half
		"2026-01-10T10:00:00Z": 0.1, // Saturday
		"2026-01-11T10:00:00Z": 0,   // Sunday
	} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.rhythm.at(moment.UnixNano()); got != want {
			t.Errorf("%s: %g, want %g", at, got, want)
		}
	}
}

// TestSiteConfig: peers, segments and maintenance as the monitor's documentation writes them;
// two trunks of one carrier are told apart by their domains.
func TestSiteConfig(t *testing.T) {
	w, _, err := parseSite([]byte(`
calls: {per-hour: 1}
sites: [{name: berlin, network: 10.1.0.0/24}]
trunks:
  - {name: gold, carrier: acme, network: 203.0.113.0/26, domain: gold.acme.example}
  - {name: silver, carrier: acme, network: 203.0.113.0/26, domain: silver.acme.example}
maintenance: [{segment: gold, when: {from: 10m, to: 20m30s}}]
`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Goes with the site scenario "".
peers:
  - {name: sbc, networks: [192.0.2.0/28], owner: "operator"}
  - {name: acme, networks: [203.0.113.0/26]}
  - {name: berlin, networks: [10.1.0.0/24]}
segments:
  - {name: gold, near: [sbc], far: [acme], trunks: [gold.acme.example], owner: "acme"}
  - {name: silver, near: [sbc], far: [acme], trunks: [silver.acme.example], owner: "acme"}
  - {name: access-berlin, near: [sbc], far: [berlin], owner: "customer", site: "berlin"}
maintenance:
  - {name: work-1, segments: [gold], zone: UTC, from: "2026-01-05T08:10:00Z", to: "2026-01-05T08:20:30Z"}
alerting: {operator: "operator"}
`
	if got := w.config(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestSiteSameSeed: one seed gives one capture, truth and configuration; another
// seed others. A fault changes nothing for calls that it does not touch.
func TestSiteSameSeed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	text := smallSite + "faults: [{name: f, what: {loss: 5%, jitter: exp(9)}, where: {trunk: trunk-b}, when: {from: 5m, to: 20m}}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c1, t1 := generate(t, "a.pcap", "-site "+file+" -seed 5")
	c2, t2 := generate(t, "a.pcap", "-site "+file+" -seed 5")
	c3, _ := generate(t, "a.pcap", "-site "+file+" -seed 6")
	if fileHash(t, c1) != fileHash(t, c2) || fileHash(t, t1) != fileHash(t, t2) {
		t.Error("two runs of one seed differ")
	}
	if fileHash(t, c1) == fileHash(t, c3) {
		t.Error("two seeds give one capture")
	}
	if err := os.WriteFile(file, []byte(smallSite), 0o600); err != nil {
		t.Fatal(err)
	}
	_, whole := generate(t, "a.pcap", "-site "+file+" -seed 5")
	with, without := readSiteTruth(t, t1), readSiteTruth(t, whole)
	if len(with.calls) != len(without.calls) || len(with.calls) == 0 {
		t.Fatalf("%d calls with the fault, %d without", len(with.calls), len(without.calls))
	}
	for i, c := range with.calls {
		if o := without.calls[i]; c.Call != o.Call || c.Start != o.Start || c.CallIDs[0] != o.CallIDs[0] {
			t.Errorf("call %d began at %s, without the fault call %d at %s", c.Call, c.Start, o.Call, o.Start)
		}
	}
}

// TestSiteDocumented: README.md names every key of a site scenario.
func TestSiteDocumented(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Site scenarios")
	section, _, _ = strings.Cut(section, "## What the packets are")
	for name, part := range siteParts {
		for _, key := range keysOf(part) {
			if !strings.Contains(section, "`"+key+"`") && !strings.Contains(section, "."+key+"`") && !strings.Contains(section, "`"+key+".") {
				t.Errorf("README.md does not mention `%s` of %s", key, name)
			}
		}
	}
}
