package web

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/pipeline"
)

func decode[T any](t *testing.T, s *Server, path string) *T {
	t.Helper()
	w := get(s, path)
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s: status %d, %v, %s", path, w.Code, w.Header(), w.Body)
	}
	body := new(T)
	if err := json.Unmarshal(w.Body.Bytes(), body); err != nil {
		t.Fatalf("%s: %v in %s", path, err, w.Body)
	}
	return body
}

func TestCalls(t *testing.T) {
	s := newServer(t, ServerConfig{})
	tests := []struct {
		query string
		total int
		want  []string
	}{
		{"", 3, []string{"c2", "c1", "c3"}}, // the latest first
		{"?sort=mos", 3, []string{"c1", "c3", "c2"}},
		{"?sort=loss", 3, []string{"c1", "c2", "c3"}},
		{"?segment=trunk", 2, []string{"c1", "c3"}},
		{"?segment=other", 1, []string{"c2"}},
		{"?segment=nowhere", 0, nil},
		{"?state=answered&sort=mos", 2, []string{"c1", "c3"}},
		{"?limit=1", 3, []string{"c2"}},
		{"?limit=1&offset=2", 3, []string{"c3"}},
		{"?offset=9", 3, nil},
	}
	for _, tt := range tests {
		list := decode[CallList](t, s, "/api/v1/calls"+tt.query)
		var got []string
		for _, c := range list.Calls {
			got = append(got, c.ID)
		}
		if list.Total != tt.total || !slices.Equal(got, tt.want) || int64(list.At) != sceneAt {
			t.Errorf("%q: %d calls %v at %d, want %d %v", tt.query, list.Total, got, list.At, tt.total, tt.want)
		}
	}
	if c := decode[CallList](t, s, "/api/v1/calls?sort=mos").Calls[0]; c.Segment != "trunk" || c.MOSWorst != 3.1 {
		t.Errorf("got %+v", c)
	}
}

func TestStreams(t *testing.T) {
	s := newServer(t, ServerConfig{})
	tests := []struct {
		query string
		want  []string
	}{
		{"?sort=mos", []string{"s1", "s4", "s2", "s3"}}, // without a score last
		{"?sort=loss", []string{"s3", "s1", "s2", "s4"}},
		{"?sort=start", []string{"s2", "s1", "s3", "s4"}},
		{"?segment=trunk&sort=mos&limit=2", []string{"s1", "s4"}},
	}
	for _, tt := range tests {
		var got []string
		for _, v := range decode[StreamList](t, s, "/api/v1/streams"+tt.query).Streams {
			got = append(got, v.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q: %v, want %v", tt.query, got, tt.want)
		}
	}
	v := decode[StreamList](t, s, "/api/v1/streams?sort=mos").Streams[0]
	if v.Point != "core" || v.Segment != "trunk" || v.Direction != "to_peer" {
		t.Errorf("place: %+v", v)
	}
}

// TestEmptyLists: nothing is an empty list, never null.
func TestEmptyLists(t *testing.T) {
	s, err := NewServer(ServerConfig{Log: quiet()}, Probe{}, newMetrics(t, MetricsConfig{}))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/api/v1/calls":   `"calls":[]`,
		"/api/v1/streams": `"streams":[]`,
		"/api/v1/summary": `"worst":[]`,
	} {
		if body := get(s, path).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s: %s, want %s", path, body, want)
		}
	}
	if w := get(s, "/api/v1/calls/c1/packets"); w.Code != 404 || !strings.Contains(w.Body.String(), "save.memory_mb") {
		t.Errorf("packets of a probe that keeps none: %d %s", w.Code, w.Body)
	}
}

func TestSummary(t *testing.T) {
	s := newServer(t, ServerConfig{})
	now := time.Unix(0, sceneAt).Add(2 * time.Second)
	// Five seconds ago there were 1,000 packets less, and 10 responses.
	earlier := countNow(&s.probe, now.Add(-5*time.Second))
	earlier.totals.Packets -= 1000
	earlier.totals.SIPMessages -= 20
	earlier.responses[2] -= 5
	earlier.drops.ring -= 5
	s.history.take(earlier)

	sum := s.summary(now)
	if sum.Rates.Packets != 200 || sum.Rates.SIPMessages != 4 || sum.Responses["2xx"] != 1 || sum.Responses["4xx"] != 0 {
		t.Errorf("rates %+v, responses %v; want 200, 4, 1 and 0 a second", sum.Rates, sum.Responses)
	}
	if sum.Drops.Ring != 5 || sum.DropRates.Ring != 1 || sum.Drops.Kernel != 3 {
		t.Errorf("drops %+v, a second %+v", sum.Drops, sum.DropRates)
	}
	if sum.ActiveCalls != 3 || sum.ActiveStreams != 4 || sum.LagSeconds != 2 || !sum.Ready || sum.Version != "v1.2.3" {
		t.Errorf("got %+v", sum)
	}
	var worst []string
	for _, v := range sum.Worst {
		worst = append(worst, v.ID)
	}
	if want := []string{"s1", "s4", "s2"}; !slices.Equal(worst, want) { // s3 has no score
		t.Errorf("worst %v, want %v", worst, want)
	}
}

// TestSegments: the figures of the last 5 s and of the last minute.
func TestSegments(t *testing.T) {
	m := newMetrics(t, MetricsConfig{Plan: scenePlan(t)})
	observe := func(ago int64, mos float64, lost int32, suspect bool) {
		o := heard()
		o.Start, o.End, o.MOS, o.Lost, o.Suspect = sceneAt-(ago+5)*second, sceneAt-ago*second, mos, lost, suspect
		m.Observe(o)
	}
	observe(0, 4, 0, false)
	observe(0, 3, 5, false)
	observe(0, 1, 99, true) // the capture's own losses
	observe(30, 2, 10, false)
	observe(90, 1, 250, false) // more than a minute ago
	s, err := NewServer(ServerConfig{Log: quiet()}, Probe{Snapshot: func() *pipeline.Snapshot { return &pipeline.Snapshot{At: sceneAt + second} }}, m)
	if err != nil {
		t.Fatal(err)
	}
	list := decode[SegmentList](t, s, "/api/v1/segments")
	var names []string
	for _, f := range list.Segments {
		names = append(names, f.Segment+" "+f.Direction)
	}
	if want := []string{"trunk to_peer", "trunk from_peer", "vlan7 unknown", "other unknown"}; !slices.Equal(names, want) {
		t.Fatalf("segments %v, want %v", names, want)
	}
	last, all := list.Segments[0].Last, list.Segments[0].Minute
	// Two intervals of 5 s: (4 + 3) / 2, half of the seconds bad, 5 of 500 packets lost.
	if *last.MOS != 3.5 || *last.MOSMin != 3 || *last.BadRatio != .5 || *last.LossRatio != .01 || *last.JitterMS != 4 || last.Intervals != 2 || last.Suspect != 1 {
		t.Errorf("last: %+v", last)
	}
	// Three: (4 + 3 + 2) / 3, 15 of 750.
	if *all.MOS != 3 || *all.MOSMin != 2 || *all.LossRatio != .02 || all.Intervals != 3 {
		t.Errorf("minute: %+v", all)
	}
	if f := list.Segments[1].Last; f.MOS != nil || f.LossRatio != nil || f.Intervals != 0 {
		t.Errorf("nothing was heard from the peer, and yet %+v", f)
	}
}

func TestPackets(t *testing.T) {
	s := newServer(t, ServerConfig{})
	w := get(s, "/api/v1/calls/c1/packets")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/x-pcapng" || w.Body.String() != "\x0a\x0d\x0d\x0a" {
		t.Errorf("status %d, %v, body %q", w.Code, w.Header(), w.Body)
	}
	if got, want := w.Header().Get("Content-Disposition"), `attachment; filename="call-c1.pcapng"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := fileName("a84b4c76e66710@pc33.example/\r\n\"x"), "a84b4c76e66710_pc33_example____x"; got != want {
		t.Errorf("file name %q, want %q", got, want)
	}
}

func TestIndex(t *testing.T) {
	w := get(newServer(t, ServerConfig{}), "/")
	for _, path := range []string{"/metrics", "/api/v1/summary", "/api/v1/calls", "/api/v1/streams", "/api/v1/segments", "/readyz", "/healthz"} {
		if !strings.Contains(w.Body.String(), path) {
			t.Errorf("the page lacks %s", path)
		}
	}
	if w.Code != 200 {
		t.Errorf("status %d", w.Code)
	}
}
