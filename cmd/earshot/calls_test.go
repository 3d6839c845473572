package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/store"
)

// collector keeps the records of a run.
type collector []dialog.Record

func (c *collector) Record(r dialog.Record) { *c = append(*c, r) }

// keepDemo stores what the demo capture holds, and returns a configuration
// that names the store. The capture is of January 2026.
func keepDemo(t *testing.T) (config string, records []dialog.Record) {
	t.Helper()
	files, err := capture.Open([]string{demo}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	measuring, err := defaultConfig().measuring()
	if err != nil {
		t.Fatal(err)
	}
	var all collector
	if err := pipeline.New(measuring, []capture.Source{files}, &all).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	config = configured(t, "store: {dir: kept}")
	s, err := store.Open(store.Config{Dir: filepath.Join(filepath.Dir(config), "kept"), Days: 90, TotalBytes: 1 << 40},
		time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC), all); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return config, all
}

// blocks cuts JSON lines into calls with their streams before them, in the
// order of their text; streams of no call and all else are left out.
func blocks(out string) []string {
	var list []string
	var streams string
	for line := range strings.Lines(out) {
		switch {
		case strings.HasPrefix(line, `{"type":"stream"`) && !strings.Contains(line, `"call":null`):
			streams += line
		case strings.HasPrefix(line, `{"type":"call"`):
			list = append(list, streams+line)
			streams = ""
		}
	}
	slices.Sort(list)
	return list
}

// What replay shows of a capture is what is found of it in the store.
func TestCallsFindIsAsReplay(t *testing.T) {
	config, _ := keepDemo(t)
	for _, tt := range []struct{ replay, find []string }{
		{nil, nil},
		{[]string{"--mos-below", "3.6"}, []string{"--mos-below", "3.6"}},
		{[]string{"--loss-above", "1%"}, []string{"--loss-above", "1%"}},
		{[]string{"--finding", "one_way_audio"}, []string{"--finding", "one_way_audio"}},
		{[]string{"--ip", "198.18.0.0/15"}, []string{"--ip", "198.18.0.0/15"}},
		{[]string{"--ip", "198.19.0.1"}, []string{"--ip", "198.19.0.1"}},
		{[]string{"--after", "2026-01-05T08:00:10Z"}, []string{"--after", "2026-01-05T08:00:10Z"}},
		{[]string{"--before", "2026-01-05T08:00:10Z"}, []string{"--before", "2026-01-05T08:00:10Z"}},
	} {
		_, want, _ := earshot(t, append([]string{"replay", "--json", demo}, tt.replay...)...)
		status, got, errs := earshot(t, append([]string{"calls", "find", "--json", "--limit", "0", "--config", config}, tt.find...)...)
		if status != exitOK || errs != "" {
			t.Fatalf("%q: status %d, %s", tt.find, status, errs)
		}
		if !slices.Equal(blocks(got), blocks(want)) {
			t.Errorf("%q: got %d calls that differ from the %d of replay", tt.find, len(blocks(got)), len(blocks(want)))
		}
	}
}

// The table and the CSV hold what replay's do.
func TestCallsFindTable(t *testing.T) {
	config, _ := keepDemo(t)
	for _, face := range []string{"--csv", "--color=never"} {
		args := []string{"--quiet", face, demo}
		_, want, _ := earshot(t, append([]string{"replay"}, args...)...)
		status, got, errs := earshot(t, "calls", "find", "--config", config, "--limit", "0", "--unbound", face)
		if status != exitOK {
			t.Fatal(errs)
		}
		sorted := func(text string) []string {
			lines := slices.Collect(strings.Lines(text))
			slices.Sort(lines)
			return lines
		}
		if face == "--csv" {
			if !slices.Equal(sorted(got), sorted(want)) {
				t.Errorf("%s: got\n%s\nwant\n%s", face, got, want)
			}
			continue
		}
		calls := func(text string) []string { // up to the words about the bad ones; calls of one instant in any order
			table, _, _ := strings.Cut(text, "\n\n")
			return sorted(table + "\n")
		}
		if !slices.Equal(calls(got), calls(want)) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
	status, out, _ := earshot(t, "calls", "find", "--config", config, "--limit", "2")
	if status != exitOK || !strings.Contains(out, "the newest; --limit shows more") {
		t.Errorf("with a limit: got\n%s", out)
	}
	if status, out, _ := earshot(t, "calls", "find", "--config", config, "--number", "90125"); status != exitOK || !strings.HasPrefix(out, "No call") {
		t.Errorf("got %d, %s", status, out)
	}
}

func TestStoreCommand(t *testing.T) {
	config, records := keepDemo(t)
	kept := 0
	for _, r := range records {
		switch r := r.(type) {
		case *dialog.CallRecord:
			kept++
		case *dialog.StreamRecord:
			if r.Call == nil {
				kept++
			}
		}
	}
	status, out, errs := earshot(t, "store", "check", "--config", config)
	if status != exitOK || !strings.Contains(out, "2026-01-05") || !strings.HasSuffix(out, "OK\n") {
		t.Fatalf("check: %d\n%s%s", status, out, errs)
	}
	backup := filepath.Join(t.TempDir(), "copy")
	if status, _, errs := earshot(t, "store", "backup", backup, "--config", config); status != exitOK || errs != "2026-01-05 copied\n2026-01-06 copied\n" {
		t.Fatalf("backup: %d, %s", status, errs)
	}
	_, lines, _ := earshot(t, "store", "export", "--unbound", "--dir", backup)
	calls, csv := 0, ""
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, `{"type":"call"`) || strings.Contains(line, `"call":null`) {
			calls++
		}
	}
	if calls != kept {
		t.Errorf("exported: got %d, want %d", calls, kept)
	}
	_, want, _ := earshot(t, "replay", "--quiet", "--csv", "--streams", demo)
	if _, csv, _ = earshot(t, "store", "export", "--format", "csv", "--streams", "--unbound", "--dir", backup); strings.Count(csv, "\n") != strings.Count(want, "\n") {
		t.Errorf("streams: got %d lines, want %d", strings.Count(csv, "\n"), strings.Count(want, "\n"))
	}
	spoilt := filepath.Join(backup, "calls-2026-01-05.db")
	if err := os.WriteFile(spoilt, []byte("nothing of a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := earshot(t, "store", "check", "--dir", backup); status != exitFailure || !strings.Contains(errs, "damaged: 1") {
		t.Errorf("a damaged one: got %d\n%s%s", status, out, errs)
	}
}

func TestCallsUsage(t *testing.T) {
	config, _ := keepDemo(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"calls"}, "find"},
		{[]string{"calls", "find"}, "which store?"},
		{[]string{"calls", "find", "--dir", "x", "--config", config}, "exclude each other"},
		{[]string{"calls", "find", "--config", configured(t, "lanes: 1")}, "no store.dir"},
		{[]string{"calls", "find", "--config", config, "--json", "--csv"}, "exclude each other"},
		{[]string{"calls", "find", "--config", config, "--finding", "one_way_audi"}, `did you mean "one_way_audio"?`},
		{[]string{"calls", "find", "--config", config, "--disposition", "ringing"}, "there are answered"},
		{[]string{"calls", "find", "--config", config, "--number", "1*1"}, "one * before or behind"},
		{[]string{"calls", "find", "--config", config, "--since", "yesterday"}, "2h or 7d"},
		{[]string{"calls", "find", "--config", config, "--since", "2h", "--after", "2026-01-01"}, "exclude each other"},
		{[]string{"store"}, "check, backup, restore, export"},
		{[]string{"store", "chek"}, `did you mean "check"?`},
		{[]string{"store", "backup"}, "one folder"},
		{[]string{"store", "check", "x"}, "no arguments"},
		{[]string{"store", "export", "--format", "xml"}, "ndjson or csv"},
		{[]string{"store", "export", "--streams", "--dir", "x"}, "belongs to --format csv"},
	} {
		status, _, errs := earshot(t, tt.args...)
		if status != exitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: got %d, %q; want %q", tt.args, status, errs, tt.want)
		}
	}
	if status, _, errs := earshot(t, "calls", "find", "--dir", filepath.Join(t.TempDir(), "none")); status != exitFailure || !strings.Contains(errs, "cannot read the store") {
		t.Errorf("a folder that is not there: got %d, %q", status, errs)
	}
}

func TestSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{"90m": 90 * time.Minute, "7d": 168 * time.Hour, "0.5d": 12 * time.Hour} {
		var s span
		if err := s.Set(text); err != nil || s.Duration != want {
			t.Errorf("%s: got %v, %v", text, s.Duration, err)
		}
	}
	for _, wrong := range []string{"", "0s", "-2h", "d", "7 days", "NaNd", "1e9d"} {
		if err := new(span).Set(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
