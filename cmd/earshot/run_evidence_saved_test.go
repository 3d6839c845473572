package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/evidence"
	"earshot/pipeline"
	"earshot/store"
)

// storedCalls is a Sink that keeps records as a probe's store does.
type storedCalls struct {
	keptCallsOf
	calls []*dialog.CallRecord
}

func (s *storedCalls) Record(r dialog.Record) {
	s.keptCallsOf.Record(r)
	if c, ok := r.(*dialog.CallRecord); ok && len(c.Media) > 0 {
		s.calls = append(s.calls, c)
	}
}

// TestEvidenceFromFiles: of calls that left the ring of recent packets long ago
// the capture files have all packets, and the evidence has the calls' figures.
func TestEvidenceFromFiles(t *testing.T) {
	src, err := capture.Open([]string{demo}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	heard, dir := new(storedCalls), t.TempDir()
	saved := savedPackets{dir: filepath.Join(dir, "packets"), store: filepath.Join(dir, "store")}
	p := pipeline.New(pipeline.Config{
		Keep: pipeline.KeepConfig{Bytes: 512 << 10}, // some 6,000 packets
		Save: pipeline.SaveConfig{Dir: saved.dir, FileBytes: 32 << 10},
	}, []capture.Source{src}, heard)
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := p.Stages().Keep; k.ShedPackets != 0 || k.Files < 3 {
		t.Fatalf("%d packets were not saved, %d files: want none, and several", k.ShedPackets, k.Files)
	}
	last := time.Unix(0, int64(heard.calls[len(heard.calls)-1].End))
	kept, err := store.Open(store.Config{Dir: saved.store, Days: 30}, last)
	if err != nil {
		t.Fatal(err)
	}
	var records []dialog.Record
	for _, c := range heard.calls {
		records = append(records, c)
	}
	if err := kept.Write(last, records); err != nil {
		t.Fatal(err)
	}
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}

	for i, c := range heard.calls {
		heard.examples[i].At = time.Unix(0, int64(c.End))
	}
	calls := heard.calls[:3]
	c := &alerting.Case{
		Number: 17, Subject: "loss", Faults: []alerting.FaultID{"f"}, Opened: time.Now().Add(-time.Hour), Status: alerting.StatusOpen,
		Examples: heard.examples[:2], Good: heard.examples[2:3],
	}
	for _, tt := range []struct {
		name  string
		saved savedPackets
		have  bool
	}{
		{"files and store", saved, true},
		{"no files", savedPackets{}, false},
		{"files without a record, as of calls that went on when the probe was killed", savedPackets{dir: saved.dir}, true},
		{"a folder that is gone", savedPackets{dir: filepath.Join(dir, "gone"), store: saved.store}, false},
	} {
		m, attached := demoMaker(t, nil)
		m.saved = tt.saved
		m.listen(p)
		m.offer(time.Now(), []*alerting.Case{c})
		folder := unpacked(t, m, <-attached)
		manifest := manifestOf(t, folder)
		for i, x := range manifest.Examples {
			if got := x.Missing == "" && x.Partial == ""; got != tt.have {
				t.Errorf("%s: example %d is whole: %t, want %t: missing %q, partial %q", tt.name, i+1, got, tt.have, x.Missing, x.Partial)
			}
			if x.Measured != nil {
				t.Errorf("%s: example %d has %+v, was measured %+v", tt.name, i+1, x.Figures, x.Measured)
			}
		}
		if !tt.have {
			continue
		}
		if status, out, errs := earshot(t, "evidence", "check", folder); status != exitOK || !strings.Contains(out, "the figures are reproduced") {
			t.Errorf("%s: status %d: %s%s", tt.name, status, out, errs)
		}
		want, got := map[string]int{}, map[string]int{} // streams by what no pseudonym is in
		for _, c := range calls {
			for _, s := range c.Media {
				want[figuresOf(t, dialog.AppendJSON(nil, s, dialog.JSONOptions{}))]++
			}
		}
		lines, err := os.ReadFile(filepath.Join(folder, "records.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			if strings.Contains(line, `"type":"stream"`) {
				got[figuresOf(t, []byte(line))]++
			}
		}
		for figures, n := range want {
			if got[figures] != n {
				t.Errorf("%s: %d streams of %d have %s", tt.name, got[figures], n, figures)
			}
		}
	}

	// A file in the middle of the first call is gone: the evidence has what is
	// left of it, and says how it was measured.
	gone := ""
	files, err := filepath.Glob(filepath.Join(saved.dir, "earshot-*.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		if i > 0 && timeIn(t, file) > calls[0].Start+1e9 && timeIn(t, files[min(i+1, len(files)-1)]) < calls[0].End {
			gone = file
		}
	}
	if err := os.Remove(gone); err != nil {
		t.Fatalf("no file lies in the middle of the call: %v", err)
	}
	m, attached := demoMaker(t, nil)
	m.saved = saved
	m.listen(p)
	m.offer(time.Now(), []*alerting.Case{c})
	packets := uint64(0)
	for _, s := range calls[0].Media {
		packets += s.Packets
	}
	first := manifestOf(t, unpacked(t, m, <-attached)).Examples[0]
	if first.Figures == nil || first.Measured == nil || first.Measured.Packets != packets || first.Figures.Packets >= packets {
		t.Errorf("the first call has %+v, measured %+v; want less, and %d packets", first.Figures, first.Measured, packets)
	}
}

// timeIn is the time in a saved file's name.
func timeIn(t *testing.T, file string) dialog.Time {
	t.Helper()
	at, err := time.Parse("20060102T150405.000000000Z", strings.Split(filepath.Base(file), "-")[1])
	if err != nil {
		t.Fatal(err)
	}
	return dialog.Time(at.UnixNano())
}

// figuresOf is what a stream's record measures.
func figuresOf(t *testing.T, line []byte) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(line, &all); err != nil {
		t.Fatal(err)
	}
	some := map[string]any{}
	for _, name := range []string{"start", "end", "packets", "expected", "lost", "jitter_ms", "codec", "binding", "direction", "duplicates", "mos"} {
		some[name] = all[name]
	}
	b, err := json.Marshal(some)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// unpacked is the folder of what a maker attached.
func unpacked(t *testing.T, m *evidenceMaker, list []alerting.Attachment) string {
	t.Helper()
	f, err := m.files.Open(17, &list[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	archive, folder := filepath.Join(dir, "e.zip"), filepath.Join(dir, "e")
	if err := os.WriteFile(archive, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := evidence.Unpack(archive, folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// manifestOf reads the manifest of a folder.
func manifestOf(t *testing.T, folder string) *evidence.Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := evidence.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
