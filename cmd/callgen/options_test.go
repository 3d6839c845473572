package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlagErrors: every refusal names the flag, the value and what is allowed.
func TestFlagErrors(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", "-o is missing"},
		{"-o - extra", `argument "extra"`},
		{"-o - -format zip", "want pcap, pcap-ns or pcapng"},
		{"-o - -snaplen 3", "want 64 to 262144"},
		{"-o - -interfaces 3", "want 1 or 2"},
		{"-o - -interfaces 2", "only pcapng"},
		{"-o - -start yesterday", "want a time such as"},
		{"-o - -profile x", "want one of"},
		{"-o - -scenario x -profile clean", "want one of them"},
		{"-o - -scenario /nonexistent", "cannot read the scenario"},
		{"-o - -calls -1", "want 0 to"},
		{"-o - -rate -1", "want 0 to"},
		{"-o - -ramp -1s", "want 0 or more"},
		{"-o - -begin -1s", "want 0 or more"},
		{"-o - -arrivals soon", "want uniform or poisson"},
		{"-o - -duration 1", "want a time such as 30s"},
		{"-o - -ring exp(2s", "want a time such as 30s"},
		{"-o - -codecs mp3", "amr, amrwb"},
		{"-o - -codecs pcmu,pcma", "has no weight"},
		{"-o - -codecs pcmu=0", "add up to 0"},
		{"-o - -codecs pcmu=x", `weight "x"`},
		{"-o - -ptime 7", "want 10 to 120 ms"},
		{"-o - -codecs g723 -ptime 20", "multiple of 30 ms"},
		{"-o - -loss 101%", "want none, a percentage"},
		{"-o - -loss gilbert(1,0)", "q above 0"},
		{"-o - -loss-after 1,2", "has no weight"},
		{"-o - -jitter exp", "uniform(ms)"},
		{"-o - -jitter spikes(50,200)", "uniform(ms)"},
		{"-o - -reorder much", "want none or a percentage"},
		{"-o - -duplicate 200%", "want none or a percentage"},
		{"-o - -delay-a 5s", "want 0s to 2s"},
		{"-o - -delay-b fast", "want 0s to 2s"},
		{"-o - -encap tor", "want some of 6in4"},
		{"-o - -encap 6in4", "want -ipv6 100"},
		{"-o - -encap ipip -ipv6 5", "want -ipv6 0"},
		{"-o - -nat 200", "want a percentage"},
		{"-o - -fail sick=1", "want some of busy"},
		{"-o - -fail busy=60,cancel=60", "at most 100"},
		{"-o - -faults oneway=x", `share "x"`},
		{"-o - -caller-net 10.0.0.0", "want an IPv4 network"},
		{"-o - -callee-net 10.0.0.0/31", "want an IPv4 network"},
		{"-o - -gateways 0", "want 1 to"},
		{"-o - -media-ports 0", "want 1 to 20000"},
		{"-o - -b2bua-link luck", "want session-id"},
		{"-o - -rtcp 1ms", "want 0, or 100ms or more"},
		{"-o - -rtcp 1s -delay-a 900ms", "want at least 3 times"},
		{"-o - -register -1", "want 0 to"},
		{"-o - -options -1", "want 0 to"},
	}
	for _, tc := range tests {
		_, err := parseOptions(strings.Fields(tc.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want %q in it", tc.args, err, tc.want)
		}
	}
}

// TestScenario: defaults, then the group's keys, then the command line.
func TestScenario(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("seed: 7\ndefaults: {calls: 5, ptime: 40}\ngroups:\n  - {name: a, calls: 2}\n  - {name: b, xr: true}\n")
	o, err := parseOptions([]string{"-o", "-", "-scenario", file, "-ptime", "30"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	a, b := o.groups[0], o.groups[1]
	if o.seed != 7 || a.calls != 2 || b.calls != 5 || !b.xr || a.ptime.String() != "30" || b.name != "b" {
		t.Errorf("seed %d, a %+v, b %+v", o.seed, a, b)
	}
	for text, want := range map[string]string{
		"groups: []":                                           "has no groups",
		"color: red\ngroups: [{calls: 1}]":                     "color",
		"groups: [{name: a, colour: red}]":                     `unknown key "colour"`,
		"groups: [{name: a, calls: 1}, {name: a, loss: lots}]": "group 2",
		"defaults: {o: x}\ngroups: [{name: a}]":                `unknown key "o"`,
	} {
		write(text)
		_, err := parseOptions([]string{"-o", "-", "-scenario", file}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", text, err, want)
		}
	}
}

// TestProfiles: every ready scenario is valid.
func TestProfiles(t *testing.T) {
	for _, name := range strings.Split(profileNames(), ", ") {
		if _, err := parseOptions([]string{"-o", "-", "-profile", name}, io.Discard); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDocumented: README.md names every flag, failure, fault and profile.
func TestDocumented(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	(&options{}).declare(fs)
	newTraffic().declare(fs)
	var words []string
	fs.VisitAll(func(f *flag.Flag) { words = append(words, "-"+f.Name) })
	words = append(words, failNames...)
	words = append(words, faultNames...)
	words = append(words, strings.Split(profileNames(), ", ")...)
	for _, w := range words {
		if !strings.Contains(string(text), "`"+w+"`") {
			t.Errorf("README.md does not mention `%s`", w)
		}
	}
}
