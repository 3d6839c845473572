package web

import (
	"sync"
	"testing"

	"earshot/dialog"
	"earshot/topology"
)

// BenchmarkWrite writes a page of 200 segments, each of which has heard
// something both ways.
func BenchmarkWrite(b *testing.B) {
	for name, format := range map[string]Format{"text": Text, "openmetrics": OpenMetrics} {
		b.Run(name, func(b *testing.B) {
			m := manySegments(b, 200)
			n := len(m.page(format, testNow).b)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			for b.Loop() {
				if got := len(m.page(format, testNow).b); got < n/2 {
					b.Fatalf("%d octets, want about %d", got, n)
				}
			}
			b.ReportMetric(float64(m.shown.Load()), "series")
		})
	}
}

// BenchmarkScrape answers the same page to a client that takes gzip, as
// Prometheus does.
func BenchmarkScrape(b *testing.B) {
	s, err := NewServer(ServerConfig{Log: quiet()}, sceneProbe(), manySegments(b, 200))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := get(s, "/metrics", "Accept-Encoding", "gzip")
		if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" {
			b.Fatalf("status %d, %v", w.Code, w.Header())
		}
	}
}

func manySegments(t testing.TB, segments int) *Metrics {
	p := site(t, segments, "a")
	m := newMetrics(t, MetricsConfig{Plan: p, MaxSeries: 1_000_000})
	m.Attach(sceneProbe())
	for s := range segments {
		for _, d := range []topology.Direction{topology.ToPeer, topology.FromPeer} {
			o := heard()
			o.Plan, o.Segment, o.Direction = p, topology.SegmentID(s+1), d
			m.Observe(o)
		}
	}
	return m
}

func BenchmarkObserve(b *testing.B) {
	m := newMetrics(b, MetricsConfig{Plan: scenePlan(b)})
	o := heard()
	b.ReportAllocs()
	for b.Loop() {
		m.Observe(o)
	}
	if m.observations.Load() == 0 {
		b.Fatal("nothing was observed")
	}
}

func BenchmarkRecord(b *testing.B) {
	m := newMetrics(b, MetricsConfig{Plan: scenePlan(b)})
	r := answered()
	b.ReportAllocs()
	for b.Loop() {
		m.Record(r)
	}
	if m.calls[callRecord].Load() == 0 {
		b.Fatal("nothing was recorded")
	}
}

// TestObserveAllocs: an interval costs no memory, unless it is the worst of its
// bucket.
func TestObserveAllocs(t *testing.T) {
	m := populated(t)
	o := heard()
	if n := testing.AllocsPerRun(100, func() { m.Observe(o) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	var r dialog.Record = answered()
	if n := testing.AllocsPerRun(100, func() { m.Record(r) }); n != 0 {
		t.Errorf("a call: %v allocations, want 0", n)
	}
}

// TestAllAtOnce: the recorder writes while everybody reads and a plan comes;
// nothing that was counted is missing. The race detector watches.
func TestAllAtOnce(t *testing.T) {
	before, after := scenePlan(t), scenePlan(t)
	m := newMetrics(t, MetricsConfig{Plan: before})
	s, err := NewServer(ServerConfig{Log: quiet()}, sceneProbe(), m)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var readers sync.WaitGroup
	for _, path := range []string{"/metrics", "/api/v1/summary", "/api/v1/calls?sort=mos", "/api/v1/segments"} {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					get(s, path)
				}
			}
		})
	}
	readers.Go(func() {
		for i := range 20 {
			if err := m.SetPlan([]*topology.Plan{after, before}[i%2]); err != nil {
				t.Error(err)
			}
		}
	})
	const rounds = 20_000
	for i := range rounds {
		o := heard()
		o.Plan, o.MOS = []*topology.Plan{before, after}[i%2], 1+float64(i%300)/100
		m.Observe(o)
		if i%10 == 0 {
			m.Record(answered())
		}
	}
	close(done)
	readers.Wait()
	expect(t, m, map[string]float64{
		`earshot_rtp_packets_total{direction="to_peer", point="core", segment="trunk"}`:                            rounds * 245,
		`earshot_rtp_interval_mos_count{direction="to_peer", segment="trunk"}`:                                     rounds,
		`earshot_sip_calls_total{direction="to_peer", outcome="answered", peer="carrier", release_cause="callee"}`: rounds / 10,
	})
}
