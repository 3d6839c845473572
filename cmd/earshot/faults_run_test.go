package main

import (
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// siteRun is one scenario of testdata/faults as the monitor saw it: generated
// into a pipe, replayed, judged by the shipped rules, and what came of it.
type siteRun struct {
	*rehearsal
	name    string
	truth   *faultsTruth
	rules   *alerting.RuleSet
	calls   map[string]*truthCall               // by the id of the record
	streams map[string]*truthStream             // by the id of the record
	faults  map[alerting.FaultID]alerting.Fault // as last told
	heard   []*dialog.CallRecord
	loose   []*dialog.StreamRecord // of no call
}

// buildCallgen builds the generator once for a test.
func buildCallgen(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "callgen")
	if out, err := exec.Command("go", "build", "-o", bin, "earshot/cmd/callgen").CombinedOutput(); err != nil {
		t.Fatalf("cannot build the generator: %v\n%s", err, out)
	}
	return bin
}

// runSite generates a scenario and replays it while it is generated.
func runSite(t *testing.T, callgen, name string) *siteRun {
	t.Helper()
	dir := t.TempDir()
	truth, config := filepath.Join(dir, "truth.json"), filepath.Join(dir, "earshot.yaml")
	generator := exec.Command(callgen, "-site", "../../testdata/faults/"+name+".yaml", "-format", "pcapng", "-site-config", config, "-truth", truth, "-o", "-")
	generator.Stderr = io.Discard
	packets, err := generator.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := generator.Start(); err != nil {
		t.Fatal(err)
	}
	var magic [4]byte // the configuration is written before the first packet
	if _, err := io.ReadFull(packets, magic[:]); err != nil {
		t.Fatal(err)
	}
	r := &siteRun{name: name, calls: map[string]*truthCall{}, streams: map[string]*truthStream{}, faults: map[alerting.FaultID]alerting.Fault{}}
	r.replay(t, config, io.MultiReader(strings.NewReader(string(magic[:])), packets))
	if err := generator.Wait(); err != nil {
		t.Fatal(err)
	}
	r.truth = readFaultsTruth(t, truth)
	r.match()
	return r
}

// replay runs the pipeline over the packets.
func (r *siteRun) replay(t *testing.T, config string, packets io.Reader) {
	t.Helper()
	cfg, err := loadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := topology.New(cfg.topology(), cfg.points())
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cfg.measuring()
	if err != nil {
		t.Fatal(err)
	}
	pipe.Shards, pipe.Plan, pipe.Observe = 1, plan, true
	if r.rules, err = alerting.DefaultRules(); err != nil {
		t.Fatal(err)
	}
	if r.rehearsal, err = newRehearsal(cfg, plan, r.rules); err != nil {
		t.Fatal(err)
	}
	files, err := capture.Open([]string{"-"}, capture.Options{Stdin: packets})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	if err := pipeline.New(pipe, []capture.Source{files}, r).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.end()
	r.note()
}

// note keeps what the watch tells of faults: those long over it forgets.
func (r *siteRun) note() {
	for _, f := range r.watch.Faults() {
		r.faults[f.ID] = f
	}
}

// Record takes a finished record.
func (r *siteRun) Record(rec dialog.Record) {
	r.rehearsal.Record(rec)
	switch rec := rec.(type) {
	case *dialog.CallRecord:
		r.heard = append(r.heard, rec)
	case *dialog.StreamRecord:
		if rec.Call == nil {
			r.loose = append(r.loose, rec)
		}
	}
}

// Tick takes the time.
func (r *siteRun) Tick(b pipeline.Beat) {
	r.rehearsal.Tick(b)
	if b.At/int64(time.Second)%600 == 0 {
		r.note()
	}
}

// match finds out which of the generator's calls and streams the records are.
func (r *siteRun) match() {
	streams := r.loose
	for _, c := range r.heard {
		streams = append(streams, c.Media...)
		for _, id := range c.CallIDs {
			if x := r.truth.calls[id]; x != nil {
				r.calls[c.ID] = x
			}
		}
	}
	for _, s := range streams {
		if x := r.truth.streams[streamName(s.Src.String(), s.Dst.String(), strings.ToLower(s.SSRC))]; x != nil {
			r.streams[s.ID] = x
		}
	}
}
