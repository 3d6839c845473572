package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// truth is a line of what the generator of a capture says that it made.
type truth struct {
	Type, Src, Dst, Disposition, Method string
	Packets, Expected, Lost, Duplicates float64
	Reordered                           float64
	FinalStatus                         *int `json:"final_status"`
	RTCP                                struct{ Lost float64 }
	RTPPackets                          float64 `json:"rtp_packets"`
	RTCPPackets                         float64 `json:"rtcp_packets"`
	SIPMessages                         float64 `json:"sip_messages"`
}

func readTruth(t *testing.T, dir string) []truth {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []truth
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var one truth
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// testerPlan is the network of generated captures: callers are near, callees far.
func testerPlan(t *testing.T) *topology.Plan {
	near, far := netip.MustParsePrefix("198.18.0.0/16"), netip.MustParsePrefix("198.19.0.0/16")
	return plan(t, topology.Config{
		Peers:    []topology.PeerConfig{{Name: "near", Networks: []netip.Prefix{near}}, {Name: "far", Networks: []netip.Prefix{far}}},
		Segments: []topology.SegmentConfig{{Name: "trunk", Near: []string{"near"}, Far: []string{"far"}}},
	}, "file")
}

// measured runs a capture through the pipeline into metrics.
func measured(t *testing.T, dir string) (values map[string]float64, debt float64) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "input.pcap*"))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: captures %v, %v", dir, paths, err)
	}
	src, err := capture.Open(paths, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := testerPlan(t)
	m := newMetrics(t, MetricsConfig{Plan: p})
	// Live, so that stages show their counts; the rings hold all of the file.
	pipe := pipeline.New(pipeline.Config{Shards: 2, RingSize: 1024, Live: true, Observe: true, View: true, Plan: p}, []capture.Source{src}, m)
	m.Attach(Probe{Snapshot: pipe.Snapshot, Stages: pipe.Stages, Points: p.Points()})
	if err := pipe.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.layout.Load().eachWay(func(w *way) {
		for i := range w.spots {
			debt += float64(w.spots[i].debt)
		}
	})
	return samples(t, written(t, m, Text)), debt
}

// sum adds up the series of a metric that have all the labels, each "name=value".
func sum(values map[string]float64, metric string, labels ...string) float64 {
	total := 0.0
next:
	for name, v := range values {
		if rest, ok := strings.CutPrefix(name, metric); !ok || rest != "" && rest[0] != '{' {
			continue
		}
		for _, l := range labels {
			label, value, _ := strings.Cut(l, "=")
			if !strings.Contains(name, fmt.Sprintf("%s=%q", label, value)) {
				continue next
			}
		}
		total += v
	}
	return total
}

// TestTruth: the counters are the sums of what the generator says that it made.
func TestTruth(t *testing.T) {
	for _, name := range []string{"clean", "loss-random", "loss-burst", "loss-behind-tap", "reorder-duplicates", "failures", "registrations", "one-way", "demo"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join("..", "testdata", name)
			want := readTruth(t, dir)
			got, debt := measured(t, dir)
			checkMedia(t, want, got, debt)
			checkCalls(t, want, got)
		})
	}
}

// same fails the test where two sums differ.
func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// heading returns the direction of a stream between the tester's networks.
func (s *truth) heading() string {
	near, far := "198.18.", "198.19."
	switch {
	case strings.HasPrefix(s.Src, near) && strings.HasPrefix(s.Dst, far):
		return "to_peer"
	case strings.HasPrefix(s.Src, far) && strings.HasPrefix(s.Dst, near):
		return "from_peer"
	}
	return "unknown" // in no segment
}

// checkMedia compares the sums over streams. Debt is how many packets came
// after their interval had counted them as lost, and wait for the next loss.
func checkMedia(t *testing.T, list []truth, got map[string]float64, debt float64) {
	type sums struct{ packets, expected, duplicates, reordered float64 }
	want := map[string]*sums{"to_peer": {}, "from_peer": {}, "unknown": {}}
	lost, remoteLost := 0.0, 0.0
	for _, s := range list {
		if s.Type != "stream" {
			continue
		}
		lost += s.Lost
		remoteLost += s.RTCP.Lost
		w := want[s.heading()]
		w.packets += s.Packets
		w.expected += s.Expected
		w.duplicates += s.Duplicates
		w.reordered += s.Reordered
	}
	for direction, w := range want {
		label := "direction=" + direction
		same(t, direction+" packets", sum(got, "earshot_rtp_packets_total", label), w.packets)
		same(t, direction+" expected", sum(got, "earshot_rtp_expected_packets_total", label), w.expected)
		same(t, direction+" duplicates", sum(got, "earshot_rtp_duplicate_packets_total", label), w.duplicates)
		same(t, direction+" reordered", sum(got, "earshot_rtp_reordered_packets_total", label), w.reordered)
	}
	same(t, "lost", sum(got, "earshot_rtp_lost_packets_total"), lost+debt)
	same(t, "lost before", sum(got, "earshot_loss_located_packets_total", "where=before_point"), lost+debt)
	if reported := sum(got, "earshot_rtcp_reported_lost_packets_total"); reported < remoteLost || reported > remoteLost+debt {
		t.Errorf("receivers reported %v lost, want %v, or up to %v more that came after all", reported, remoteLost, debt)
	}
}

func checkCalls(t *testing.T, list []truth, got map[string]float64) {
	outcomes := map[string]float64{}
	registrations := 0.0
	for _, c := range list {
		switch {
		case c.Type == "call" && c.FinalStatus == nil:
			outcomes["in_progress"]++ // the capture ends before Timer B
		case c.Type == "call":
			outcomes[c.Disposition]++
		case c.Type == "transaction" && c.Method == "REGISTER":
			registrations++
		case c.Type == "total":
			same(t, "RTP", sum(got, "earshot_capture_voice_packets_total", "kind=rtp"), c.RTPPackets)
			same(t, "RTCP", sum(got, "earshot_capture_voice_packets_total", "kind=rtcp"), c.RTCPPackets)
			same(t, "SIP", sum(got, "earshot_capture_voice_packets_total", "kind=sip"), c.SIPMessages)
			same(t, "frames", got["earshot_capture_packets_total"], c.Packets)
		}
	}
	for _, d := range []dialog.Disposition{dialog.Answered, dialog.Busy, dialog.NoAnswer, dialog.Cancelled, dialog.Rejected, dialog.Failed, dialog.Redirected, dialog.InProgress} {
		for _, direction := range []string{"direction=to_peer", "direction=from_peer"} {
			same(t, direction+" "+string(d), sum(got, "earshot_sip_calls_total", "outcome="+string(d), direction), outcomes[string(d)])
		}
	}
	same(t, "registrations", sum(got, "earshot_sip_registrations_total", "direction=from_peer", "outcome=succeeded"), registrations)
}
