package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	demo  = "../../testdata/demo/input.pcap.gz"
	clean = "../../testdata/clean/input.pcap"
	burst = "../../testdata/loss-burst/input.pcap"
)

// kinds counts the JSON lines by type.
func kinds(t *testing.T, out string) map[string]int {
	t.Helper()
	n := map[string]int{}
	for line := range strings.Lines(out) {
		var r struct{ Type string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		n[r.Type]++
	}
	return n
}

// TestFilters uses the demo's story (testdata/demo/README.md): twelve calls,
// ten answered, two over a lossy trunk at 203.0.113.0/24, one on bad wifi.
func TestFilters(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		calls int
	}{
		{"none", nil, 12},
		{"from", []string{"--from", "12025550002"}, 1},
		{"to", []string{"--to", "493055514793"}, 1},
		{"codec", []string{"--codec", "pcma"}, 10},
		{"no such codec", []string{"--codec", "G729"}, 0},
		{"network", []string{"--ip", "203.0.113.0/24"}, 2},
		{"address", []string{"--ip", "10.20.0.3"}, 1},
		{"loss", []string{"--loss-above", "5%"}, 2},
		{"MOS", []string{"--mos-below", "3.7"}, 3}, // both trunk calls and the warehouse on bad wifi
		{"finding", []string{"--finding", "burst_loss"}, 2},
		{"before everything", []string{"--before", "2026-01-05 08:00:00"}, 0},
		{"after the start", []string{"--after", "2026-01-05T08:00:00Z"}, 12},
		{"two at once", []string{"--ip", "203.0.113.0/24", "--loss-above", "0.09"}, 1},
	}
	for _, tt := range tests {
		status, out, errs := earshot(t, append([]string{"replay", "--json", demo}, tt.args...)...)
		if status != exitOK {
			t.Errorf("%s: status %d: %s", tt.name, status, errs)
		}
		if got := kinds(t, out)["call"]; got != tt.calls {
			t.Errorf("%s: got %d calls, want %d", tt.name, got, tt.calls)
		}
	}
}

func TestFailOn(t *testing.T) {
	tests := []struct {
		file, condition string
		status          int
	}{
		{clean, "mos<3.6", exitOK},
		{burst, "mos<3.6", exitFailOn},
		{burst, "loss>1%", exitFailOn},
		{burst, "loss>0.9", exitOK},
		{burst, "jitter>1000,findings>0", exitFailOn},
		{clean, "pdd>100000", exitOK},
	}
	for _, tt := range tests {
		status, _, errs := earshot(t, "replay", tt.file, "--quiet", "--fail-on", tt.condition)
		if status != tt.status {
			t.Errorf("%s, %s: got status %d, want %d: %s", tt.file, tt.condition, status, tt.status, errs)
		}
	}
}

// TestWrongUse: every mistake gets the usage status and a text that helps.
func TestWrongUse(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{nil, "Usage: earshot"},
		{[]string{"reply", clean}, `did you mean "replay"?`},
		{[]string{"replay"}, "at least one capture file"},
		{[]string{"replay", "--jsno", clean}, `did you mean "json"?`},
		{[]string{"replay", "--json", "--csv", clean}, "exclude each other"},
		{[]string{"replay", "--extract", "x", clean}, "--call"},
		{[]string{"replay", "--extract", "x", "--call", "y", "-"}, "standard input"},
		{[]string{"replay", "--fail-on", "moss<3", clean}, "unknown figure"},
		{[]string{"replay", "--fail-on", "mos", clean}, "want a condition"},
		{[]string{"replay", "--ip", "1.2.3", clean}, "want an address"},
		{[]string{"replay", "--after", "yesterday", clean}, "want a time"},
		{[]string{"replay", "--loss-above", "7", clean}, "want a ratio"},
		{[]string{"replay", "--color", "blue", clean}, "auto, always or never"},
		{[]string{"replay", "--shards", "-1", clean}, "0 to 1024"},
		{[]string{"completion", "tcsh"}, "bash, zsh, fish"},
		{[]string{"help", "replya"}, `did you mean "replay"?`},
	}
	for _, tt := range tests {
		status, _, errs := earshot(t, tt.args...)
		if status != exitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", tt.args, status, errs, exitUsage, tt.want)
		}
	}
}

// TestBadFiles: what can't be read is said, with the file's name; what could be is kept.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "cut.pcap")
	text := filepath.Join(dir, "notes.txt")
	for name, data := range map[string][]byte{cut: whole[:len(whole)-7], text: []byte("not a capture at all, but long enough")} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, out, errs := earshot(t, "replay", "--json", cut)
	if status != exitOK || kinds(t, out)["call"] != 1 || !strings.Contains(errs, "cut.pcap") || !strings.Contains(errs, "offset") {
		t.Errorf("cut file: got status %d, %d calls, %q; want the call and a warning with name and offset", status, kinds(t, out)["call"], errs)
	}
	if status, _, errs := earshot(t, "replay", text); status == exitOK || !strings.Contains(errs, "notes.txt") {
		t.Errorf("text file: got status %d, %q; want an error with its name", status, errs)
	}
	if status, _, errs := earshot(t, "replay", filepath.Join(dir, "missing.pcap")); status == exitOK || !strings.Contains(errs, "missing.pcap") {
		t.Errorf("missing file: got status %d, %q; want an error with its name", status, errs)
	}
}

// TestExtract: a call cut out of a capture is diagnosed as it was in the whole,
// over UDP and TCP, in fragments and tunnels, behind NAT and on several legs.
func TestExtract(t *testing.T) {
	for _, name := range []string{"demo", "sip-over-tcp", "fragments", "b2bua", "proxy", "nat", "encapsulations", "ipv6", "two-interfaces", "failures", "capture-copies"} {
		t.Run(name, func(t *testing.T) {
			inputs, err := filepath.Glob("../../testdata/" + name + "/input.*")
			if err != nil || len(inputs) != 1 {
				t.Fatalf("want one input, got %v", inputs)
			}
			_, all, _ := earshot(t, "replay", "--json", inputs[0])
			ids := callIDs(t, all)
			if len(ids) == 0 {
				t.Fatal("no calls")
			}
			for _, id := range ids {
				checkExtract(t, inputs[0], all, id)
			}
		})
	}
}

func checkExtract(t *testing.T, input, all, id string) {
	file := filepath.Join(t.TempDir(), "one.pcapng")
	if status, _, errs := earshot(t, "replay", input, "--call", id, "--extract", file); status != exitOK {
		t.Fatalf("call %s: status %d: %s", id, status, errs)
	}
	_, one, _ := earshot(t, "replay", "--json", file)
	want, got := recordsOf(t, all, id), recordsOf(t, one, id)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("call %s: extract gives\n%s\nwant\n%s", id, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if n := kinds(t, one)["call"]; n != 1 {
		t.Errorf("call %s: its extract has %d calls, want 1", id, n)
	}
}

type idLine struct {
	Type, ID string
	Call     *string
}

func callIDs(t *testing.T, out string) []string {
	var ids []string
	for line := range strings.Lines(out) {
		var r idLine
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Type == "call" {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// recordsOf returns the lines of one call and its streams.
func recordsOf(t *testing.T, out, id string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		var r idLine
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Type == "call" && r.ID == id || r.Call != nil && *r.Call == id {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestExtractKeepsItsInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "in.pcap")
	data, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, all, _ := earshot(t, "replay", "--json", file)
	if status, _, errs := earshot(t, "replay", file, "--call", callIDs(t, all)[0], "--extract", file); status != exitUsage {
		t.Errorf("extracting onto the input: got status %d, %q, want %d", status, errs, exitUsage)
	}
	if after, _ := os.ReadFile(file); len(after) != len(data) {
		t.Errorf("the input was overwritten")
	}
}

func TestCSV(t *testing.T) {
	for args, rows := range map[string]int{"--csv": 12, "--csv --streams": 20} {
		_, out, _ := earshot(t, append([]string{"replay", demo}, strings.Fields(args)...)...)
		records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		if len(records) != rows+1 {
			t.Errorf("%s: got %d rows, want a header and %d", args, len(records), rows)
		}
	}
}

func TestHTML(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.html")
	if status, _, errs := earshot(t, "replay", "--quiet", demo, "--html", file); status != exitOK {
		t.Fatalf("status %d: %s", status, errs)
	}
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<!doctype html", "<svg", "203.0.113.1", "burst"} {
		if !strings.Contains(strings.ToLower(string(page)), want) {
			t.Errorf("the page has no %q", want)
		}
	}
}

func TestConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "earshot.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"declared_delay: 40\n":           `line 1: unknown key "declared_delay" (did you mean "declared_delay_ms"?)`,
		"limits:\n  calls: many\n":       "line 2",
		"limits:\n  cals: 7\n":           `line 2: unknown key "cals" (did you mean "calls"?)`,
		"declared_delay_ms: -3\n":        "0 to 10000",
		"codecs:\n  - {encodin: pcma}\n": "encodin",
	} {
		write(text)
		if status, _, errs := earshot(t, "replay", "--config", file, clean); status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", text, status, errs, exitUsage, want)
		}
	}
	write("declared_delay_ms: 150\n")
	_, out, _ := earshot(t, "replay", "--json", "--config", file, burst)
	if !strings.Contains(out, `"delay_source":"`) {
		t.Errorf("no conversational score with a declared delay")
	}
	write("")
	if status, _, errs := earshot(t, "replay", "--quiet", "--config", file, clean); status != exitOK {
		t.Errorf("empty configuration: status %d: %s", status, errs)
	}
}

func TestManualAndCompletionComeFromTheFlags(t *testing.T) {
	_, manual, _ := earshot(t, "man")
	_, help, _ := earshot(t, "help", "replay")
	for _, name := range replayCommand().flags().names() {
		if !strings.Contains(help, "--"+name) {
			t.Errorf("help has no --%s", name)
		}
		if !strings.Contains(manual, strings.ReplaceAll("\\-\\-"+name, "-", "-")) && !strings.Contains(manual, roff("--"+name)) {
			t.Errorf("the manual has no --%s", name)
		}
		for _, shell := range []string{"bash", "zsh"} {
			if _, script, _ := earshot(t, "completion", shell); !strings.Contains(script, "--"+name) {
				t.Errorf("%s completion has no --%s", shell, name)
			}
		}
	}
}
