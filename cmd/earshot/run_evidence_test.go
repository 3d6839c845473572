package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/sanitise"
	"earshot/store"
)

// TestEvidenceDue: evidence is made a minute after the opening, when most of
// the worst calls are other ones but not more than hourly, and after the
// restoration; never about the probe itself, nor of a case that people opened.
func TestEvidenceDue(t *testing.T) {
	opened := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return opened.Add(time.Duration(minutes) * time.Minute) }
	attached := func(minutes ...int) (list []alerting.Attachment) {
		for i, m := range minutes {
			list = append(list, alerting.Attachment{Name: fmt.Sprintf("evidence-%d.zip", i+1), Added: at(m)}, alerting.Attachment{Name: fmt.Sprintf("chart-%d.png", i+1), Added: at(m)})
		}
		return list
	}
	calls := func(ids ...string) (list []alerting.Example) {
		for _, id := range ids {
			list = append(list, alerting.Example{Call: id})
		}
		return list
	}
	fault := []alerting.FaultID{"f"}
	known := &makings{calls: []string{"a ", "b ", "c "}}
	for name, x := range map[string]struct {
		c    alerting.Case
		made *makings
		now  int
		want bool
	}{
		"just opened":            {alerting.Case{Faults: fault}, nil, 0, false},
		"settled":                {alerting.Case{Faults: fault}, nil, 1, true},
		"opened by hand":         {alerting.Case{}, nil, 5, false},
		"about the probe":        {alerting.Case{Faults: fault, Probe: true}, nil, 5, false},
		"made":                   {alerting.Case{Faults: fault, Attachments: attached(1)}, known, 5, false},
		"same calls":             {alerting.Case{Faults: fault, Attachments: attached(1), Examples: calls("a", "b", "d")}, known, 90, false},
		"other calls":            {alerting.Case{Faults: fault, Attachments: attached(1), Examples: calls("a", "d", "e")}, known, 90, true},
		"other calls, too soon":  {alerting.Case{Faults: fault, Attachments: attached(1), Examples: calls("a", "d", "e")}, known, 60, false},
		"after a restart":        {alerting.Case{Faults: fault, Attachments: attached(1), Examples: calls("d", "e")}, nil, 90, false},
		"restored":               {alerting.Case{Faults: fault, Attachments: attached(1), Restored: at(10)}, known, 11, true},
		"restored just now":      {alerting.Case{Faults: fault, Attachments: attached(1), Restored: at(10)}, known, 10, false},
		"restored, made":         {alerting.Case{Faults: fault, Attachments: attached(1, 11), Restored: at(10)}, known, 90, false},
		"restored, before any":   {alerting.Case{Faults: fault, Restored: at(10)}, nil, 11, true},
		"room for the last":      {alerting.Case{Faults: fault, Attachments: attached(1, 61, 121, 181, 241), Restored: at(250)}, known, 251, true},
		"the last is kept":       {alerting.Case{Faults: fault, Attachments: attached(1, 61, 121, 181, 241), Examples: calls("d", "e")}, known, 500, false},
		"enough":                 {alerting.Case{Faults: fault, Attachments: attached(1, 61, 121, 181, 241, 251), Restored: at(300)}, known, 500, false},
		"failed just now":        {alerting.Case{Faults: fault}, &makings{tries: 1, failed: at(5)}, 14, false},
		"failed a while ago":     {alerting.Case{Faults: fault}, &makings{tries: 2, failed: at(5)}, 15, true},
		"failed again and again": {alerting.Case{Faults: fault}, &makings{tries: 3, failed: at(5)}, 500, false},
	} {
		x.c.Number, x.c.Opened = 17, opened
		m := &evidenceMaker{settles: time.Minute, made: map[int]*makings{17: x.made}}
		if x.made == nil {
			delete(m.made, 17)
		}
		if got := m.due(at(x.now), &x.c); got != x.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// keptCallsOf is a Sink that makes a case of the calls that it hears.
type keptCallsOf struct{ examples []alerting.Example }

func (k *keptCallsOf) Record(r dialog.Record) {
	if c, ok := r.(*dialog.CallRecord); ok && len(c.Media) > 0 {
		k.examples = append(k.examples, alerting.Example{Call: c.ID, CallID: c.CallIDs[0], Stream: c.Media[0].ID, Src: c.Media[0].Src, Dst: c.Media[0].Dst})
	}
}

// heardDemo is a pipeline that has heard the demo and keeps its packets, and a
// case about a few of its calls.
func heardDemo(t *testing.T, keep int) (*pipeline.Pipeline, *alerting.Case) {
	t.Helper()
	src, err := capture.Open([]string{demo}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	k := new(keptCallsOf)
	p := pipeline.New(pipeline.Config{Keep: pipeline.KeepConfig{Bytes: keep}}, []capture.Source{src}, k)
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p, &alerting.Case{
		Number: 17, Subject: "loss", Faults: []alerting.FaultID{"f"}, Opened: time.Now().Add(-time.Hour), Status: alerting.StatusOpen,
		Examples: k.examples[:2], Good: k.examples[2:3],
		Course: alerting.Course{From: time.Now().UTC().Truncate(time.Hour), StepS: 300, Inside: []alerting.Tally{{3, 2}}, Outside: []alerting.Tally{{9, 0}}},
	}
}

// demoMaker is a maker without a desk: what it attaches is sent to a channel.
func demoMaker(t *testing.T, fails error) (*evidenceMaker, chan []alerting.Attachment) {
	t.Helper()
	files, err := store.OpenAttachments(t.TempDir(), store.AttachmentLimits{})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	m, err := defaultConfig().newEvidenceMaker(files, log, newThrottle(log))
	if err != nil {
		t.Fatal(err)
	}
	attached := make(chan []alerting.Attachment, 10)
	m.start(func(_ context.Context, _ int, list []alerting.Attachment) error {
		attached <- list
		return fails
	})
	t.Cleanup(m.stop)
	return m, attached
}

// TestEvidenceLive: a running probe makes the evidence of a case from the
// packets in memory, once, and what it attaches proves itself.
func TestEvidenceLive(t *testing.T) {
	p, c := heardDemo(t, 64<<20)
	m, attached := demoMaker(t, nil)
	m.listen(p)
	m.offer(time.Now(), []*alerting.Case{c})
	list := <-attached
	if len(list) != 2 || list[0].Name != "evidence-1.zip" || list[1].Name != "chart-1.png" {
		t.Fatalf("attached %+v", list)
	}
	f, err := m.files.Open(17, &list[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	archive := filepath.Join(t.TempDir(), "e.zip")
	text := make([]byte, list[0].Bytes)
	if _, err := f.Read(text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(archive, text, 0o600); err != nil {
		t.Fatal(err)
	}
	status, out, errs := earshot(t, "evidence", "check", archive)
	if status != exitOK || !strings.Contains(out, "case 17") || !strings.Contains(out, "5 files") || !strings.Contains(out, "the figures are reproduced") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	for m.busy.Load() {
		time.Sleep(time.Millisecond)
	}
	c.Attachments = list
	for i := range c.Attachments {
		c.Attachments[i].Added = time.Now()
	}
	m.offer(time.Now(), []*alerting.Case{c})
	if m.busy.Load() || len(m.made[17].calls) != 2 {
		t.Errorf("it makes it again: %+v", m.made[17])
	}
}

// TestEvidenceLiveFails: what cannot be made is tried again later, three times.
func TestEvidenceLiveFails(t *testing.T) {
	p, c := heardDemo(t, 0) // nothing is kept: the rest is made
	m, attached := demoMaker(t, errors.New("the disk is full"))
	m.listen(p)
	now := time.Now()
	for try := 1; try <= evidenceTries+1; try++ {
		m.offer(now, []*alerting.Case{c})
		if try > evidenceTries {
			break
		}
		<-attached
		for m.busy.Load() {
			time.Sleep(time.Millisecond)
		}
		m.offer(now, []*alerting.Case{c})
		if m.busy.Load() || m.made[17].tries != try {
			t.Fatalf("try %d: %+v", try, m.made[17])
		}
		now = now.Add(failedWait)
	}
	if m.busy.Load() {
		t.Error("it tries for ever")
	}
}

// TestEvidenceKey: a store's key is made once and for its owner alone; one that
// everybody may read, or that is none, is refused without being told.
func TestEvidenceKey(t *testing.T) {
	dir := t.TempDir()
	c := &config{file: filepath.Join(dir, "earshot.yaml")}
	c.Store.Dir = word{text: "store"}
	first, err := c.evidenceKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.evidenceKey()
	if err != nil || first != again || first == (sanitise.Key{}) {
		t.Errorf("another key the second time, %v", err)
	}
	path := filepath.Join(dir, "store", storeKeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	there, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(there) != 1 {
		t.Errorf("left %v, %v", there, err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.evidenceKey(); err == nil || !strings.Contains(err.Error(), "chmod") {
		t.Errorf("a key for everybody: %v", err)
	}
	c.Evidence.KeyFile = word{text: "own"}
	secret := strings.Repeat("z", 64)
	if err := os.WriteFile(filepath.Join(dir, "own"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.evidenceKey(); !errors.Is(err, sanitise.ErrKey) || strings.Contains(err.Error(), secret) {
		t.Errorf("no key: %v", err)
	}
	none, err := defaultConfig().evidenceKey()
	other, err2 := defaultConfig().evidenceKey()
	if err != nil || err2 != nil || none == other {
		t.Errorf("without a store two keys are the same, %v, %v", err, err2)
	}
}

// TestMeasuringSettings: what changes the figures goes with the evidence, and
// nothing else of the configuration does.
func TestMeasuringSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "earshot.yaml")
	text := "# our secret\nfindings: {jitter_ms: 25} # of ours\nweb: {listen: \"127.0.0.1:1\"}\nleg_headers: [X-Ours]\nlimits: {}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.measuringSettings()
	if want := "findings:\n  jitter_ms: 25\nleg_headers:\n  - X-Ours\nlimits: {}\n"; string(got) != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := defaultConfig().measuringSettings(); got != nil || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
