package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/evidence"
)

// evidenceScene is a generated site with one fault, and what earshot makes of it.
type evidenceScene struct {
	capture, config, dir string
	records              []map[string]any // of the whole capture
}

// makeScene generates testdata/faults/one-bad-codec: every G.729 call loses
// packets from 08:50 to 09:50, and no other does.
func makeScene(t *testing.T) *evidenceScene {
	t.Helper()
	dir := t.TempDir()
	s := &evidenceScene{capture: filepath.Join(dir, "in.pcapng"), config: filepath.Join(dir, "earshot.yaml"), dir: filepath.Join(dir, "evidence")}
	generate := exec.Command(buildCallgen(t), "-site", "../../testdata/faults/one-bad-codec.yaml", "-format", "pcapng",
		"-site-config", s.config, "-truth", filepath.Join(dir, "truth.json"), "-o", s.capture)
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("1f", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(s.config, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("\nevidence: {key_file: " + key + "}\nfindings: {jitter_ms: 25}\n")
	}
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	status, out, errs := earshot(t, "replay", "--json", "--config", s.config, s.capture)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, errs)
	}
	s.records = recordLines(t, out)
	return s
}

func recordLines(t *testing.T, text string) (list []map[string]any) {
	t.Helper()
	for line := range strings.Lines(text) {
		r := map[string]any{}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// bundleFiles reads all files of a folder.
func bundleFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range list {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestEvidenceOfReplay follows the evidence of a case from the capture to the
// proof: made, checked, replayed, with the figures of the whole capture, and
// with nobody in it.
func TestEvidenceOfReplay(t *testing.T) {
	s := makeScene(t)
	run := func(dir string) {
		t.Helper()
		if status, _, errs := earshot(t, "replay", "--rules", "default", "--config", s.config, "--evidence", dir, s.capture); status != exitOK {
			t.Fatalf("status %d: %s", status, errs)
		}
	}
	run(s.dir)
	one := filepath.Join(s.dir, "case-1")
	status, out, errs := earshot(t, "evidence", "check", one)
	if status != exitOK || !strings.Contains(out, "the figures are reproduced") {
		t.Fatalf("status %d: %s%s", status, out, errs)
	}
	files := bundleFiles(t, one)
	want := []string{"case.json", "chart.png", "chart.svg", "manifest.json", "packets.pcapng", "records.jsonl", "settings.yaml"}
	for _, name := range want {
		if len(files[name]) == 0 {
			t.Errorf("there is no %s", name)
		}
	}
	m, err := evidence.ParseManifest(files["manifest.json"])
	if err != nil {
		t.Fatal(err)
	}
	s.reproduce(t, one, m, files["records.jsonl"])
	s.figures(t, m, files["records.jsonl"])
	s.nobody(t, files)
	s.course(t, files["case.json"])
	run(s.dir + "-again")
	for name, text := range bundleFiles(t, filepath.Join(s.dir+"-again", "case-1")) {
		if !bytes.Equal(text, files[name]) {
			t.Errorf("%s is another one the second time", name)
		}
	}
	if status, _, errs := earshot(t, "replay", "--rules", "default", "--config", s.config, "--evidence", s.dir, s.capture); status == exitOK || !strings.Contains(errs, "there is evidence in") {
		t.Errorf("over what is there: status %d: %s", status, errs)
	}
}

// reproduce runs what the manifest says, in the folder of the bundle.
func (s *evidenceScene) reproduce(t *testing.T, dir string, m *evidence.Manifest, records []byte) {
	t.Helper()
	if len(m.Reproduce) != 2 || m.Reproduce[0].Run != "earshot evidence check ." {
		t.Fatalf("to reproduce: %+v", m.Reproduce)
	}
	t.Chdir(dir)
	status, out, errs := earshot(t, strings.Fields(m.Reproduce[1].Run)[1:]...)
	if status != exitOK || out != string(records) {
		t.Errorf("%q: status %d, other lines than records.jsonl: %s", m.Reproduce[1].Run, status, errs)
	}
	if status, out, _ := earshot(t, "evidence", "check", "."); status != exitOK {
		t.Errorf("status %d: %s", status, out)
	}
}

// sameFigures are what no pseudonym touches.
var sameFigures = []string{"start", "end", "packets", "expected", "lost", "loss_ratio", "cumulative_lost", "jitter_ms", "late", "bursts", "gaps", "burst_ratio", "mos", "mos_min", "codec", "ptime_ms"}

// figures holds the streams of the bundle to those of the whole capture.
func (s *evidenceScene) figures(t *testing.T, m *evidence.Manifest, records []byte) {
	t.Helper()
	streams := map[string]map[string]any{}
	for _, r := range s.records {
		if r["type"] == "stream" {
			streams[r["ssrc"].(string)+r["start"].(string)] = r
		}
	}
	ids := map[string]bool{}
	held := 0
	for _, r := range recordLines(t, string(records)) {
		if r["type"] == "summary" {
			continue
		}
		ids[r["id"].(string)] = true
		if r["type"] != "stream" {
			continue
		}
		whole := streams[r["ssrc"].(string)+r["start"].(string)]
		if whole == nil {
			t.Errorf("stream %s is none of the capture's", r["id"])
			continue
		}
		held++
		for _, key := range sameFigures {
			x, _ := json.Marshal(r[key])
			y, _ := json.Marshal(whole[key])
			if r[key] != nil && string(x) != string(y) {
				t.Errorf("stream %s: %s is %s, in the whole capture %s", r["id"], key, x, y)
			}
		}
	}
	if held < 16 { // 5 bad and 3 good calls
		t.Errorf("%d streams", held)
	}
	if len(m.Examples) != 8 {
		t.Errorf("%d examples", len(m.Examples))
	}
	for _, e := range m.Examples {
		if e.Missing != "" || e.Partial != "" || e.Measured != nil || !ids[e.Call] || e.Stream != "" && !ids[e.Stream] {
			t.Errorf("%+v", e)
		}
		if bad := strings.HasPrefix(e.Example, "worst"); bad != (e.Figures.Lost > 0) {
			t.Errorf("%s lost %d packets", e.Example, e.Figures.Lost)
		}
	}
}

// networks are those of the site, see its scenario.
var networks = regexp.MustCompile(`\b(?:10\.[123]\.0|203\.0\.113|192\.0\.2)\.\d+\b`)

// nobody looks for addresses, numbers and ids of the capture in all files.
func (s *evidenceScene) nobody(t *testing.T, files map[string][]byte) {
	t.Helper()
	var canaries []string
	for _, r := range s.records {
		if r["type"] != "call" {
			continue
		}
		canaries = append(canaries, r["id"].(string))
		for _, id := range r["call_ids"].([]any) {
			canaries = append(canaries, id.(string))
		}
		for _, key := range []string{"from", "to"} {
			if number := strings.TrimPrefix(r[key].(string), "+"); len(number) >= 7 {
				canaries = append(canaries, number)
			}
		}
	}
	slices.Sort(canaries)
	canaries = slices.Compact(canaries)
	if len(canaries) < 1000 {
		t.Fatalf("only %d canaries", len(canaries))
	}
	for name, text := range files {
		if found := networks.Find(text); found != nil {
			t.Errorf("%s holds the address %s", name, found)
		}
		for _, canary := range canaries {
			if bytes.Contains(text, []byte(canary)) {
				t.Errorf("%s holds %q", name, canary)
			}
		}
	}
}

// course holds what the chart shows to the scenario: nothing before 08:50, most
// of the traffic with the factors until 09:50, hardly any of the other.
func (s *evidenceScene) course(t *testing.T, text []byte) {
	t.Helper()
	var c alerting.Case
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	began, ended := time.Date(2026, 1, 6, 8, 50, 0, 0, time.UTC), time.Date(2026, 1, 6, 9, 50, 0, 0, time.UTC)
	var before, while, after, others alerting.Tally
	add := func(to *alerting.Tally, x alerting.Tally) { to[0], to[1] = to[0]+x[0], to[1]+x[1] }
	for i, x := range c.Course.Inside {
		add(&others, c.Course.Outside[i])
		at := c.Course.From.Add(time.Duration(i) * c.Course.Step())
		switch {
		case at.Before(began):
			add(&before, x)
		case at.Before(ended):
			add(&while, x)
		case at.Sub(ended) >= c.Course.Step(): // a call that lasts counts in the first
			add(&after, x)
		}
	}
	if before.Units() < 20 || before.Affected() != 0 || while.Units() < 50 || 2*while.Affected() < while.Units() ||
		after.Units() == 0 || after.Affected() != 0 || others.Units() < 500 || others.Affected() > others.Units()/100 {
		t.Errorf("affected: before %v, while %v, after %v, others %v", before, while, after, others)
	}
}
