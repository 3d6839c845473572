package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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
)

// demo is a capture with calls of all kinds.
const demo = "../testdata/demo/input.pcap.gz"

// measured is a Sink that keeps calls.
type measured struct{ calls []*dialog.CallRecord }

func (m *measured) Record(r dialog.Record) {
	if c, ok := r.(*dialog.CallRecord); ok && len(c.Media) > 0 {
		m.calls = append(m.calls, c)
	}
}

func openDemo() (capture.Source, error) { return capture.Open([]string{demo}, capture.Options{}) }

// demoCalls measures the demo.
func demoCalls(t *testing.T) []*dialog.CallRecord {
	t.Helper()
	src, err := openDemo()
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	m := new(measured)
	if err := pipeline.New(pipeline.Config{}, []capture.Source{src}, m).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(m.calls) < 4 {
		t.Fatalf("the demo has %d calls with media", len(m.calls))
	}
	return m.calls
}

// demoCase is a case about a few of the demo's calls.
func demoCase(calls []*dialog.CallRecord) *alerting.Case {
	name := func(c *dialog.CallRecord) alerting.Example {
		s := c.Media[0]
		return alerting.Example{Call: c.ID, CallID: c.CallIDs[0], Stream: s.ID, Src: s.Src, Dst: s.Dst, At: time.Unix(0, int64(c.Start)).UTC(), Value: 7}
	}
	at := time.Unix(0, int64(calls[0].Start)).UTC()
	return &alerting.Case{
		Number: 17, Subject: "Packet loss at " + calls[0].Media[0].Src.Addr().String(), Opened: at, Signals: []alerting.Signal{alerting.SignalLoss},
		Examples: []alerting.Example{name(calls[0]), name(calls[1])}, Good: []alerting.Example{name(calls[2])},
		Course: alerting.Course{From: at, StepS: 300, Inside: []alerting.Tally{{10, 4}}, Outside: []alerting.Tally{{20, 0}}},
	}
}

var testKey = sanitise.Key{1, 2, 3}

// demoBundle makes evidence of a case about the demo.
func demoBundle(t *testing.T, c *alerting.Case) *Bundle {
	t.Helper()
	spool := filepath.Join(t.TempDir(), "spool")
	f, err := os.Create(spool)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Gather(t.Context(), &Gathering{Case: c, Open: openDemo}, f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return bundleOf(t, c, g, spool)
}

func bundleOf(t *testing.T, c *alerting.Case, g *Gathered, spool string) *Bundle {
	t.Helper()
	b, err := Make(t.Context(), &Input{
		Shown: c, Gathered: g, Open: opening(spool), Key: testKey, Version: "test", At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Dir: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func noSettings(string) (pipeline.Config, error) { return pipeline.Config{}, nil }

func check(t *testing.T, dir string) *Checked {
	t.Helper()
	c, err := Check(t.Context(), dir, noSettings)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestMake: the examples have the figures that their calls have in the whole
// capture, by other ids; the bundle proves itself, and the same input gives the
// same octets.
func TestMake(t *testing.T) {
	calls := demoCalls(t)
	c := demoCase(calls)
	b := demoBundle(t, c)
	if got := check(t, b.Dir); !got.Whole() || !got.Reproduced || got.Files != 5 {
		t.Errorf("checked: %+v", got)
	}
	if len(b.Manifest.Examples) != 3 {
		t.Fatalf("%d examples", len(b.Manifest.Examples))
	}
	for i, e := range b.Manifest.Examples {
		call := calls[i]
		if want := []string{"worst 1", "worst 2", "good 1"}[i]; e.Example != want || e.Missing != "" || e.Partial != "" || e.Measured != nil || e.Figures == nil {
			t.Errorf("%s: %+v", want, e)
			continue
		}
		if e.Call == "" || e.Call == call.ID || e.Stream == "" || e.Stream == call.Media[0].ID {
			t.Errorf("%s: call %q of %q, stream %q of %q", e.Example, e.Call, call.ID, e.Stream, call.Media[0].ID)
		}
		var packets, lost uint64
		for _, s := range call.Media {
			packets, lost = packets+s.Packets, lost+s.Lost
		}
		if e.Figures.Packets != packets || e.Figures.Lost != lost {
			t.Errorf("%s: %+v, want %d packets and %d lost", e.Example, e.Figures, packets, lost)
		}
	}
	again := demoBundle(t, c)
	for _, f := range append(b.Manifest.Files, File{Name: ManifestFile}) {
		x, err := os.ReadFile(filepath.Join(b.Dir, f.Name))
		y, err2 := os.ReadFile(filepath.Join(again.Dir, f.Name))
		if err != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("%s is another one the second time: %v, %v", f.Name, err, err2)
		}
	}
	recordsFit(t, b, calls)
}

// recordsFit holds the bundle's records to those of the whole capture: figures
// that no pseudonym touches are equal.
func recordsFit(t *testing.T, b *Bundle, calls []*dialog.CallRecord) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.Dir, RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var got struct {
			Type  string          `json:"type"`
			ID    string          `json:"id"`
			Start json.RawMessage `json:"start"`
			MOS   json.RawMessage `json:"mos"`
			Lost  json.RawMessage `json:"loss_ratio"`
			Bad   json.RawMessage `json:"jitter_ms"`
			Late  json.RawMessage `json:"late"`
			Burst json.RawMessage `json:"bursts"`
			SSRC  string          `json:"ssrc"`
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if got.Type != "stream" {
			continue
		}
		for _, c := range calls[:3] {
			for _, s := range c.Media {
				want := string(dialog.AppendJSON(nil, s, dialog.JSONOptions{}))
				if !strings.Contains(want, `"start":`+string(got.Start)) || s.SSRC != got.SSRC {
					continue
				}
				found[s.ID]++
				for key, value := range map[string]json.RawMessage{"mos": got.MOS, "loss_ratio": got.Lost, "jitter_ms": got.Bad, "late": got.Late, "bursts": got.Burst} {
					if !strings.Contains(want, `"`+key+`":`+string(value)) {
						t.Errorf("stream %s: %s is %s, in the whole capture\n%s", got.ID, key, value, want)
					}
				}
			}
		}
	}
	for _, c := range calls[:3] {
		for _, s := range c.Media {
			if found[s.ID] != 1 {
				t.Errorf("stream %s has %d records in the bundle", s.ID, found[s.ID])
			}
		}
	}
}

// TestMakeNothing: where nobody has the packets the manifest says so, and the
// rest is there.
func TestMakeNothing(t *testing.T) {
	c := demoCase(demoCalls(t))
	b := bundleOf(t, c, NothingGathered(c, "this probe keeps no recent packets"), "/nowhere")
	got := check(t, b.Dir)
	if !got.Whole() || got.Reproduced || got.Files != 3 { // two charts and the case
		t.Errorf("checked %+v", got)
	}
	for _, e := range b.Manifest.Examples {
		if e.Missing != "this probe keeps no recent packets" || e.Figures != nil {
			t.Errorf("%+v", e)
		}
	}
	if len(b.Manifest.Notes) != 1 || len(b.Manifest.Reproduce) != 0 {
		t.Errorf("notes %q, to reproduce %v", b.Manifest.Notes, b.Manifest.Reproduce)
	}
}

// TestGatherMissing: a call that is not there any more is said to be missing,
// one for which there is no room too, and the others are taken.
func TestGatherMissing(t *testing.T) {
	calls := demoCalls(t)
	c := demoCase(calls)
	c.Examples[0] = alerting.Example{Call: "0123456789abcdef", CallID: "gone@nowhere"}
	g, err := Gather(t.Context(), &Gathering{Case: c, Open: openDemo}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if x := g.Examples[0]; x.Missing != "none of its packets are kept any more" {
		t.Errorf("%+v", x)
	}
	if g.Examples[1].Missing != "" || g.Examples[2].Missing != "" || g.Packets == 0 {
		t.Errorf("%+v, %+v, %d packets", g.Examples[1], g.Examples[2], g.Packets)
	}
	room := packetsOf(calls[1])
	g, err = Gather(t.Context(), &Gathering{Case: c, Open: openDemo, MaxPackets: room}, io.Discard)
	if err != nil || g.Examples[1].Missing != "" || !strings.HasSuffix(g.Examples[2].Missing, "there is room for 0 more") {
		t.Errorf("%+v, %+v, %v", g.Examples[1], g.Examples[2], err)
	}
}

// TestGatherPartial: of a call whose signalling is forgotten a running probe
// still knows the streams; the manifest says what is missing, and what was
// measured with it.
func TestGatherPartial(t *testing.T) {
	calls := demoCalls(t)
	c := demoCase(calls)
	c.Examples, c.Good = c.Examples[:1], nil
	call := calls[0]
	view := &dialog.View{At: int64(call.End), Calls: []dialog.CallView{{ID: call.ID, CallID: call.CallIDs[0], Start: call.Start}}}
	for _, s := range call.Media {
		view.Streams = append(view.Streams, dialog.StreamView{Call: call.ID, Src: s.Src, Dst: s.Dst, SSRC: s.SSRC, Start: s.Start})
	}
	late := func() (capture.Source, error) { // the ring, when the INVITE has left it
		src, err := openDemo()
		return &since{src, int64(call.Answer) + 2e9}, err
	}
	spool := filepath.Join(t.TempDir(), "spool")
	f, err := os.Create(spool)
	if err != nil {
		t.Fatal(err)
	}
	g, err := Gather(t.Context(), &Gathering{Case: c, Open: late, View: view}, f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if g.Packets == 0 || g.Examples[0].Missing != "" || !strings.Contains(g.Examples[0].Partial, "beginning") {
		t.Fatalf("%d packets, %+v", g.Packets, g.Examples[0])
	}
	b := bundleOf(t, c, g, spool)
	e := b.Manifest.Examples[0]
	if e.Partial == "" || e.Missing != "" || e.Stream == "" || e.Figures == nil || e.Figures.Packets >= call.Media[0].Packets {
		t.Errorf("%+v", e)
	}
	if got := check(t, b.Dir); !got.Whole() || !got.Reproduced {
		t.Errorf("checked %+v", got)
	}
}

// since is a Source without what came before a time.
type since struct {
	capture.Source
	at int64
}

func (s *since) Next(f *capture.Frame) error {
	for {
		if err := s.Source.Next(f); err != nil || f.At >= s.at {
			return err
		}
	}
}

// TestMakeCancelled: what is given up is an error, and no bundle.
func TestMakeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := demoCase(demoCalls(t))
	if _, err := Make(ctx, &Input{Shown: c, Gathered: NothingGathered(c, ""), Dir: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := Gather(ctx, &Gathering{Case: c, Open: openDemo}, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestNothingPersonal: no address, number or Call-ID of the demo is in a bundle
// about it, wherever the case names it.
func TestNothingPersonal(t *testing.T) {
	calls := demoCalls(t)
	c := demoCase(calls)
	b := demoBundle(t, c)
	canaries := map[string]bool{}
	for _, call := range calls[:3] {
		for _, id := range call.CallIDs {
			canaries[id] = true
		}
		for _, s := range call.Media {
			canaries[s.Src.Addr().String()], canaries[s.Dst.Addr().String()] = true, true
		}
		for _, number := range []string{call.From, call.To} {
			if len(number) >= 5 {
				canaries[number] = true
			}
		}
		canaries[call.ID] = true
	}
	if len(canaries) < 8 {
		t.Fatalf("only %d canaries", len(canaries))
	}
	for _, f := range append(b.Manifest.Files, File{Name: ManifestFile}) {
		text, err := os.ReadFile(filepath.Join(b.Dir, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		for canary := range canaries {
			if bytes.Contains(bytes.ToLower(text), bytes.ToLower([]byte(canary))) {
				t.Errorf("%s holds %q", f.Name, canary)
			}
		}
	}
}
