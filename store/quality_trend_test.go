package store

import (
	"math"
	"testing"
	"time"

	"earshot/dialog"
)

// trendCall is a call that started then and sounded like that; 0: it has no score.
func trendCall(t testing.TB, i int, start time.Time, mos float64, findings ...string) *dialog.CallRecord {
	c := makeCall(i*1000, start, testPlan(t))
	c.Start, c.End = at(start), at(start.Add(time.Minute))
	c.MOSWorst = nil
	if mos > 0 {
		c.MOSWorst = &mos
	}
	for _, code := range findings {
		c.Findings = append(c.Findings, dialog.Finding{Code: code})
	}
	return c
}

// Two days of Berlin when its clocks are put back: the first has 25 hours,
// from 24 October 22:00 UTC to 25 October 23:00 UTC.
func TestTrendOfLocalDays(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var bounds []time.Time
	for day := 25; day <= 27; day++ {
		bounds = append(bounds, time.Date(2026, 10, day, 0, 0, 0, 0, berlin))
	}
	utc := func(text string) time.Time {
		moment, err := time.Parse("2006-01-02 15:04:05", "2026-10-"+text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	busy := trendCall(t, 6, utc("25 12:00:00"), 2)
	busy.Disposition = dialog.Busy
	records := []dialog.Record{
		trendCall(t, 1, utc("24 21:59:59"), 1),             // the day before
		trendCall(t, 2, utc("24 22:00:00"), 4.36),          // the first day
		trendCall(t, 3, utc("25 22:59:59"), 2.50, "loss"),  // its last second
		trendCall(t, 4, utc("25 23:00:00"), 4.1, "jitter"), // the second day; jitter alone is no hurt here
		trendCall(t, 5, utc("26 22:59:00"), 0, "one_way_audio"),
		busy,                                   // never answered: nothing was to be heard
		trendCall(t, 7, utc("26 23:00:00"), 1), // the day after
	}
	dir := t.TempDir()
	s := openTest(t, dir)
	s.cfg.Tenant = tenantOf
	if err := s.Write(utc("27 00:00:00"), records); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	q := &TrendQuery{Bounds: bounds, Hurt: []string{"loss", "one_way_audio"}, MOSBelow: 3.6, LossAbove: 0.01}
	for _, tt := range []struct {
		tenant string
		want   [2]int // units of each day
	}{{"", [2]int{2, 2}}, {"acme", [2]int{2, 2}}, {"initech", [2]int{0, 0}}} {
		q.Tenant = tt.tenant
		got, err := r.Trend(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range got.Days {
			if d.Units != tt.want[i] || d.Impaired != tt.want[i]/2 {
				t.Errorf("tenant %q, day %d: %d units, %d impaired, want %d and half of them", tt.tenant, i, d.Units, d.Impaired, tt.want[i])
			}
		}
		if tt.tenant != "" {
			continue
		}
		// Of 2.50, 4.10 and 4.36 the median is 4.10, and the least 5 % are 2.50.
		if all := &got.Total.Scores; all.Len() != 3 || all.Quantile(50) != 4.1 || all.Quantile(5) != 2.5 || got.Days[1].Scores.Len() != 1 {
			t.Errorf("scores: %d, median %v, p5 %v", all.Len(), all.Quantile(50), all.Quantile(5))
		}
		if len(got.Segments) != 1 || got.Segments["trunk-a"].Units != 4 || got.Segments["trunk-a"].Impaired != 2 {
			t.Errorf("segments: %+v", got.Segments)
		}
		if len(got.Kept) != 3 { // the files of 24, 25 and 26 October
			t.Errorf("looked into %v", got.Kept)
		}
	}
}

// A stream of no call is judged by its figures.
func TestTrendOfStreams(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var records []dialog.Record
	for i, tt := range []struct{ mos, loss float64 }{{4.4, 0}, {3.59, 0}, {4.4, 0.011}, {0, 0}} {
		one := makeStream(makeCall(i, noon, nil), uint64(i), true)
		one.Call, one.Start, one.End, one.LossRatio, one.MOS.LQ = nil, at(noon), at(noon), tt.loss, nil
		if tt.mos > 0 {
			one.MOS.LQ = &tt.mos
		}
		records = append(records, one)
	}
	if err := s.Write(noon, records); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Trend(t.Context(), &TrendQuery{Bounds: []time.Time{noon, noon.Add(time.Second)}, MOSBelow: 3.6, LossAbove: 0.01})
	if err != nil || got.Total.Units != 4 || got.Total.Impaired != 2 || got.Total.Scores.Len() != 3 {
		t.Errorf("got %+v, %v; want 4 streams, 2 impaired, 3 with a score", got, err)
	}
}

func TestTrendRefusesDisorder(t *testing.T) {
	r := &Reader{dir: t.TempDir()}
	for _, bounds := range [][]time.Time{nil, {noon}, {noon, noon.Add(-1)}} {
		if _, err := r.Trend(t.Context(), &TrendQuery{Bounds: bounds}); err == nil {
			t.Errorf("%v: got no error", bounds)
		}
	}
}

// Nearest ranks of 1 to 100 hundredths above 1: the p-th percent is 1 + p/100.
func TestScoresQuantile(t *testing.T) {
	var s Scores
	if s.Quantile(50) != 0 {
		t.Error("no scores have a median")
	}
	for i := 101; i <= 200; i++ {
		s.add(i, 1)
	}
	s.add(0, 7)
	s.add(501, 7)
	for _, p := range []int{1, 5, 50, 95, 100} {
		if got, want := s.Quantile(p), 1+float64(p)/100; math.Abs(got-want) > 1e-9 {
			t.Errorf("%d %%: got %v, want %v", p, got, want)
		}
	}
}

// TestTrendFigures is the figure of docs/reports.md: run it with -v -args -store.calls 1000000.
func TestTrendFigures(t *testing.T) {
	dir, n := t.TempDir(), *stored
	fill(t, dir, n)
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	bounds := []time.Time{noon.AddDate(0, 0, -1), noon.Add(-6 * time.Hour), noon}
	for _, tenant := range []string{"", "acme"} {
		began, used := time.Now(), cpu(t)
		got, err := r.Trend(t.Context(), &TrendQuery{Bounds: bounds, Tenant: tenant, Hurt: []string{"one_way_audio", "no_media", "low_mos", "loss", "burst_loss", "late_packets", "remote_loss", "codec_mismatch"}})
		took, used := time.Since(began), cpu(t)-used
		if err != nil || got.Total.Units != n-n/100 || got.Total.Impaired != n/1000 {
			t.Fatalf("tenant %q: got %+v, %v, want %d units, %d impaired", tenant, got, err, n-n/100, n/1000)
		}
		t.Logf("tenant %q: %d calls in %.0f ms, %.0f ms of processor", tenant, n, float64(took.Microseconds())/1000, float64(used.Microseconds())/1000)
	}
}
