package web

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// site is a configuration of some size: n segments, each between a near and a
// far peer of its own.
func site(t testing.TB, segments int, points ...string) *topology.Plan {
	cfg := topology.Config{Peers: []topology.PeerConfig{lan()}}
	for i := range segments {
		far := fmt.Sprintf("far-%d", i)
		cfg.Peers = append(cfg.Peers, topology.PeerConfig{
			Name: far, Networks: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 16, byte(i), 0}), 24)},
		})
		cfg.Segments = append(cfg.Segments, topology.SegmentConfig{Name: fmt.Sprintf("segment-%d", i), Near: []string{"lan"}, Far: []string{far}})
	}
	return plan(t, cfg, points...)
}

// TestBudget shows everything that a small site can show, and more than the
// caps allow: the series stay within the budget, and the budget is not much
// more than they are.
func TestBudget(t *testing.T) {
	p := site(t, 2, "a", "b")
	cfg := MetricsConfig{Plan: p, Interfaces: 1, Senders: 1, Shards: 1, Rules: 2}
	for _, table := range trackedTables {
		if cfg.Limits == nil {
			cfg.Limits = map[string]uint64{}
		}
		cfg.Limits[table] = 1
	}
	m := newMetrics(t, cfg)
	flood(m, p)
	page := m.page(Text, testNow)
	b := WorstCase(p, cfg)
	lines := len(samples(t, string(page.b)))
	if page.series != lines {
		t.Errorf("the page counts %d series, and has %d", page.series, lines)
	}
	if lines > b.Total {
		t.Errorf("%d series, budget %d: %+v", lines, b.Total, b.Items)
	}
	if lines < b.Total*9/10 {
		t.Errorf("%d series is far below the budget of %d: %+v", lines, b.Total, b.Items)
	}
	for _, label := range []string{"release_cause", "code", "method"} {
		if samples(t, string(page.b))[fmt.Sprintf("earshot_metrics_label_overflow_total{label=%q}", label)] == 0 {
			t.Errorf("no overflow of %s was counted", label)
		}
	}
}

// flood makes every series appear that traffic can make appear.
func flood(m *Metrics, p *topology.Plan) {
	l := m.layout.Load()
	outcomes := []dialog.Disposition{dialog.Answered, dialog.Busy, dialog.NoAnswer, dialog.Cancelled, dialog.Rejected, dialog.Failed, dialog.Redirected, dialog.InProgress}
	for _, o := range outcomes {
		for status := 300; status < 700; status++ {
			l.eachPeer(func(peer *peer) {
				if peer.call(&dialog.CallRecord{Disposition: o, FinalStatus: new(status)}) {
					m.folded[foldedCause].Add(1)
				}
			})
		}
	}
	snap := &pipeline.Snapshot{Plan: p, View: &dialog.View{Plan: p}}
	for peer := range p.Peers() {
		for _, d := range []topology.Direction{topology.ToPeer, topology.FromPeer} {
			for _, transport := range []string{"udp", "tcp", "tls", "ws", "wss", "sctp", "pigeon"} {
				for _, method := range append(values(methodNames), "X") {
					c := dialog.SIPCount{Peer: topology.PeerID(peer), Direction: d, Method: method, Transport: transport, Count: 1}
					snap.SIP = append(snap.SIP, c)
					for code := range statusCodes {
						c.Code = code
						snap.SIP = append(snap.SIP, c)
					}
				}
			}
		}
	}
	for point := range 3 {
		for s := range p.Segments() {
			for _, d := range p.Directions(topology.SegmentID(s)) {
				for _, codec := range append(values(codecNames), "", "X") {
					snap.View.Streams = append(snap.View.Streams, dialog.StreamView{Point: uint16(point), SegmentID: topology.SegmentID(s), Direction: d, Codec: codec})
				}
			}
		}
	}
	probe := sceneProbe()
	probe.Snapshot, probe.Points = func() *pipeline.Snapshot { return snap }, p.Points()
	desk := &crowdedDesk{testDesk: newTestDesk()}
	for i := range maxOwners + 3 {
		desk.owners = append(desk.owners, fmt.Sprintf("party-%d", i))
	}
	probe.Desk = desk
	m.Attach(probe)
}

// TestRefusesAboveBudget: a configuration that could lead to too many series
// does not start, and does not replace one that fits.
func TestRefusesAboveBudget(t *testing.T) {
	small, big := site(t, 1, "a"), site(t, 60, "a")
	cfg := MetricsConfig{Plan: big, MaxSeries: 10_000}
	_, err := NewMetrics(cfg)
	if !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "metrics.max_series") {
		t.Errorf("got %v, want ErrBudget that says what to do", err)
	}
	cfg.Plan = small
	m := newMetrics(t, cfg)
	if err := m.SetPlan(big); !errors.Is(err, ErrBudget) {
		t.Errorf("a reload got %v, want ErrBudget", err)
	}
	if text := written(t, m, Text); strings.Contains(text, "segment-59") {
		t.Error("the refused plan holds")
	}
}

// TestUsualSites: what people have fits the default limit.
func TestUsualSites(t *testing.T) {
	for segments, limit := range map[int]int{0: 2_000, 20: 20_000, 100: 90_000} {
		if b := WorstCase(site(t, segments, "a"), MetricsConfig{Interfaces: 2, Shards: 8, Destinations: 2}); b.Total > limit {
			t.Errorf("%d segments: %d series, want at most %d: %+v", segments, b.Total, limit, b.Items)
		}
	}
}

// TestReasonsAreCounted: what the decoder can say is on the page.
func TestReasonsAreCounted(t *testing.T) {
	text := written(t, newMetrics(t, MetricsConfig{}), Text)
	for r := capture.Reason(1); int(r) < capture.Reasons; r++ {
		name := strings.TrimPrefix(r.String(), "hep_")
		if !strings.Contains(text, fmt.Sprintf("reason=%q", name)) && !strings.Contains(text, fmt.Sprintf("reason=%q", r)) {
			t.Errorf("reason %s is nowhere", r)
		}
	}
}
