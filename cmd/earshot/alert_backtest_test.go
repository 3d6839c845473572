package main

import (
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/rtpstats"
	"earshot/store"
	"earshot/topology"
)

// kept measures a capture as a live probe would, keeps its records, and
// returns what the rules made of the packets themselves.
func kept(t *testing.T, cfg *config, dir, rules string, intervals bool, captures ...string) *outcome {
	t.Helper()
	set, err := rulesNamed(rules)
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cfg.measuring()
	if err != nil {
		t.Fatal(err)
	}
	pipe.Plan, err = topology.New(cfg.topology(), cfg.points())
	if err != nil {
		t.Fatal(err)
	}
	pipe.Observe, pipe.Dialog.KeepTimeline = true, intervals
	r, err := newRehearsal(cfg, pipe.Plan, set)
	if err != nil {
		t.Fatal(err)
	}
	files, err := capture.Open(captures, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	sink := &keepingSink{rehearsal: r}
	if err := pipeline.New(pipe, []capture.Source{files}, sink).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.end()
	sink.write(t, dir, intervals)
	return &outcome{alerts: r.alerts, cases: r.cases()}
}

// keepingSink lets rules judge, and remembers what is to be kept.
type keepingSink struct {
	*rehearsal
	list []dialog.Record
}

// Record takes one finished record.
func (s *keepingSink) Record(rec dialog.Record) {
	s.rehearsal.Record(rec)
	if r, is := rec.(*dialog.StreamRecord); is && r.Call != nil {
		return // it is kept with its call
	}
	s.list = append(s.list, rec)
}

func (s *keepingSink) write(t *testing.T, dir string, intervals bool) {
	t.Helper()
	if len(s.list) == 0 {
		t.Fatal("the capture has no calls")
	}
	now := s.now()
	st, err := store.Open(store.Config{Dir: dir, Days: 30, TotalBytes: 1 << 40, Intervals: intervals}, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Write(now, s.list); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// backtested runs a backtest over a folder.
func backtested(t *testing.T, cfg *config, dir, old, new string) *backtestReport {
	t.Helper()
	f := &backtestFlags{rules: new, old: old, dir: dir}
	b, err := newBacktest(cfg, f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := b.run(t.Context(), r, f.query(time.Now())); err != nil {
		t.Fatal(err)
	}
	return b.report()
}

// faultCapture makes the capture and the configuration of a labelled fault.
func faultCapture(t *testing.T, name string) (capture string, cfg *config) {
	t.Helper()
	dir := t.TempDir()
	capture = filepath.Join(dir, name+".pcapng")
	site := filepath.Join(dir, "site.yaml")
	cmd := exec.Command("go", "run", "../callgen", "-site", "../../testdata/faults/"+name+".yaml",
		"-format", "pcapng", "-o", capture, "-truth", filepath.Join(dir, "truth.json"), "-site-config", site)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cfg, err := loadConfig(site)
	if err != nil {
		t.Fatal(err)
	}
	return capture, cfg
}

// How close a backtest comes to what the same rules made of the packets: the
// same cases, with what docs/rules.md states as tolerance.
func TestBacktestIsClose(t *testing.T) {
	if testing.Short() {
		t.Skip("measures captures of more than an hour")
	}
	for _, name := range []string{"two-faults", "failed-calls"} {
		capture, cfg := faultCapture(t, name)
		for _, tt := range []struct {
			intervals        bool
			opened, restored time.Duration
		}{
			{true, 30 * time.Second, 150 * time.Second},
			{false, 3 * time.Minute, 150 * time.Second},
		} {
			dir := t.TempDir()
			live := kept(t, cfg, dir, shippedRules, tt.intervals, capture)
			got := backtested(t, cfg, dir, shippedRules, shippedRules)
			if len(live.cases) == 0 || len(got.Cases) != len(live.cases) || got.Both != len(live.cases) {
				t.Errorf("%s, intervals %t: got %d cases, want the %d of the packets", name, tt.intervals, len(got.Cases), len(live.cases))
				continue
			}
			if whole := got.Whole == got.Streams; whole != tt.intervals {
				t.Errorf("%s: %d of %d streams with their timeline, want all: %t", name, got.Whole, got.Streams, tt.intervals)
			}
			for i, want := range brief(live.cases) {
				c := got.Cases[i].New
				if c.Segment != want.Segment || c.Owner != want.Owner || c.Severity != want.Severity || c.Signals[0] != want.Signals[0] {
					t.Errorf("%s, intervals %t: got %+v, want %+v", name, tt.intervals, c, want)
				}
				if c.Opened.Sub(want.Opened).Abs() > tt.opened || c.Restored.IsZero() != want.Restored.IsZero() || c.Restored.Sub(want.Restored).Abs() > tt.restored {
					t.Errorf("%s, intervals %t: opened %s and restored %s, want %s and %s", name, tt.intervals, c.Opened, c.Restored, want.Opened, want.Restored)
				}
			}
		}
	}
}

// A rule that nothing meets opens no case; the old ones do.
func TestBacktestCompares(t *testing.T) {
	dir := t.TempDir()
	cfg := defaultConfig()
	rules := filepath.Join(dir, "never-good.yaml")
	text := "defaults: false\nrules:\n  - {name: never-good, signal: mos, limit: 5, above: 0.1, window: 10s, for: 0s, min: {units: 1}, severity: low}\n"
	if err := os.WriteFile(rules, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if live := kept(t, cfg, dir, rules, false, burst); len(live.cases) != 1 {
		t.Fatalf("the packets make %d cases, want 1", len(live.cases))
	}
	for _, tt := range []struct {
		old, new           string
		both, onlyO, onlyN int
	}{{rules, shippedRules, 0, 1, 0}, {shippedRules, rules, 0, 0, 1}, {rules, rules, 1, 0, 0}} {
		r := backtested(t, cfg, dir, tt.old, tt.new)
		if r.Both != tt.both || r.OnlyOld != tt.onlyO || r.OnlyNew != tt.onlyN || r.Calls != 1 || r.Streams != 2 || r.Whole != 0 {
			t.Errorf("%s to %s: got %+v", tt.old, tt.new, r)
		}
	}
	status, out, errs := earshot(t, "alert", "backtest", "--rules", rules, "--store", dir)
	for _, want := range []string{"1 call and 2 streams from ", "only new", "0 in both, 0 only by the old rules, 1 only by the new ones", "Not judged, because records tell nothing of it: registrations-failed,"} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("got status %d, %s, want %q in\n%s", status, errs, want, out)
		}
	}
	status, out, _ = earshot(t, "alert", "backtest", "--rules", rules, "--store", dir, "--json")
	var r backtestReport
	if err := json.Unmarshal([]byte(out), &r); status != exitOK || err != nil || r.OnlyNew != 1 || r.Cases[0].Old != nil || r.Cases[0].New.Severity != alerting.Low {
		t.Errorf("got status %d, %v, %s", status, err, out)
	}
	for _, tt := range []struct{ args, want string }{
		{"--store " + dir, "wants --rules FILE"},
		{"--rules default", "Give --store DIR"},
		{"--rules default --since 7d --after 2026-01-01 --store " + dir, "exclude each other"},
		{"--rules default --since 1h --store " + dir, "no records of that time"},
		{"--rules none.yaml --store " + dir, "cannot read the rules"},
		{"more --rules default --store " + dir, "usage: earshot alert backtest"},
	} {
		if status, _, errs := earshot(t, append([]string{"alert", "backtest"}, strings.Fields(tt.args)...)...); status == exitOK || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got status %d, %s, want %q", tt.args, status, errs, tt.want)
		}
	}
}

// 30 of 1,000 packets in 20 s were lost: 24 in two bursts of 2.5 s each, one
// after the other around the worst interval, which begins after 10 s, and 6
// elsewhere. By hand: the bursts' 5 s are one interval, the third.
func TestSpread(t *testing.T) {
	start := dialog.Time(1_000_000_000_000)
	s := &dialog.StreamRecord{
		Start: start, End: start + dialog.Time(20*time.Second), Packets: 970, Expected: 1000, Lost: 30,
		Bursts: dialog.PeriodRecord{Count: 2, Density: 0.096, DurationMS: 2500}, MOSMinAt: start + dialog.Time(10*time.Second),
		Late: dialog.LateRecord{Adaptive: 4}, JitterMS: dialog.JitterRecord{Mean: 7}, Media: "audio", SSRC: "0x10",
	}
	ie, bpl, model, lq := 0.0, 25.1, "G.107", 4.0
	s.MOS = dialog.MOSRecord{Model: &model, Ie: &ie, Bpl: &bpl, LQ: &lq}
	lost := int64(50)
	s.RTCP = &dialog.RTCPRecord{Reports: 4, Lost: &lost}
	k := keep(nil, s)
	var losses []int32
	var packets, late, behind uint32
	for i := range 4 {
		o := k.next()
		losses = append(losses, o.Lost)
		packets, late, behind = packets+o.Packets, late+o.Late, behind+o.Located.After
		if o.SSRC != 16 || o.Media != rtpstats.MediaAudio || o.JitterMS != 7 || o.First != (i == 0) || o.Final != (i == 3) {
			t.Errorf("interval %d: got %+v", i, o)
		}
		if want := int64(start) + int64(i)*int64(5*time.Second); o.Start != want || o.End != want+int64(5*time.Second) {
			t.Errorf("interval %d: got %d to %d", i, o.Start, o.End)
		}
		if bad := i == 2; (o.MOS < 4) != bad {
			t.Errorf("interval %d: got MOS %g", i, o.MOS)
		}
	}
	if !slices.Equal(losses, []int32{1, 2, 25, 2}) || packets != 970 || late != 4 || behind != 20 {
		t.Errorf("got losses %v, %d packets, %d late, %d behind; want 1 2 25 2, 970, 4, 20", losses, packets, late, behind)
	}
}

// The parts of a number add up to it.
func TestPortion(t *testing.T) {
	for _, n := range []uint64{0, 1, 7, 1000} {
		sum := uint64(0)
		for i := range 9 {
			sum += uint64(portion(n, i, 9))
		}
		if sum != n {
			t.Errorf("%d: the parts add up to %d", n, sum)
		}
	}
}

// Hops by hand: caller to proxy, proxy to border controller, and what that
// sends on; a stream between hosts of one hop is on it.
func TestHopsOfLegs(t *testing.T) {
	at := func(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }
	caller, proxy, sbc, carrier := at("192.0.2.1:5060"), at("192.0.2.2:5060"), at("192.0.2.3:5060"), at("203.0.113.9:5060")
	legs := []dialog.LegRecord{{Src: caller, Dst: proxy}, {Src: proxy, Dst: sbc}, {Src: sbc, Dst: carrier}}
	hops := hopsOf(legs)
	if !slices.Equal(hops, []uint8{1, 2, 3}) {
		t.Errorf("got %v, want 1 2 3", hops)
	}
	for _, tt := range []struct {
		src, dst string
		want     uint8
	}{{"203.0.113.9:4000", "192.0.2.3:6000", 3}, {"192.0.2.1:4000", "192.0.2.2:4000", 1}, {"192.0.2.1:4000", "192.0.2.3:4000", 0}} {
		if got := hopOf(&dialog.StreamRecord{Src: at(tt.src), Dst: at(tt.dst)}, legs, hops); got != tt.want {
			t.Errorf("%s to %s: got hop %d, want %d", tt.src, tt.dst, got, tt.want)
		}
	}
}

// Whatever is paired is of one place and time; each case is in one pair.
func TestPairCases(t *testing.T) {
	at := func(h int) time.Time { return sceneStart.Add(time.Duration(h) * time.Hour) }
	brief := func(segment string, from, to int, signals ...alerting.Signal) *briefCase {
		return &briefCase{Segment: segment, Opened: at(from), Restored: at(to), last: at(to), Signals: signals}
	}
	r := &backtestReport{}
	r.pair(
		[]*briefCase{brief("a", 1, 3, "loss"), brief("a", 5, 6, "loss"), brief("b", 1, 3, "jitter")},
		[]*briefCase{brief("a", 2, 3, "mos", "loss"), brief("a", 9, 10, "loss"), brief("b", 1, 3, "loss"), brief("a", 2, 4, "loss")},
	)
	if r.Both != 1 || r.OnlyOld != 2 || r.OnlyNew != 3 || len(r.Cases) != 6 {
		t.Errorf("got %+v", r)
	}
	for i := 1; i < len(r.Cases); i++ {
		if r.Cases[i].opened().Before(r.Cases[i-1].opened()) {
			t.Errorf("case %d is before the one above it", i)
		}
	}
}
