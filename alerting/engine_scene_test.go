package alerting

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/topology"
)

// start is the zero of the scenes' clock: a whole minute, so that the buckets
// of every window begin with it. Instants below are seconds after it.
const start = int64(1_700_000_040)

func ns(second int) int64 { return (start + int64(second)) * int64(time.Second) }

// scene drives an engine through a story in packet time: at every second the
// tick comes first, then what ended in that second, as the correlator does it.
type scene struct {
	t       *testing.T
	engine  *Engine
	plan    *topology.Plan
	changes []Change
}

func newScene(t *testing.T, rules string, change ...func(*Config)) *scene {
	t.Helper()
	set, err := ParseRules([]byte("defaults: false\n" + rules))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{t: t, plan: site(t)}
	cfg := Config{Rules: set, Plan: s.plan, Emit: func(c Change) { s.changes = append(s.changes, c) }}
	for _, f := range change {
		f(&cfg)
	}
	s.engine = New(cfg)
	return s
}

// site has two carriers; the phones' network is named too, but not a segment's far side.
func site(t testing.TB) *topology.Plan {
	t.Helper()
	nets := func(list ...string) (p []netip.Prefix) {
		for _, n := range list {
			p = append(p, netip.MustParsePrefix(n))
		}
		return p
	}
	plan, err := topology.New(topology.Config{
		Peers: []topology.PeerConfig{
			{Name: "carrier-a", Networks: nets("192.0.2.0/24")}, {Name: "carrier-b", Networks: nets("198.51.100.0/24")},
		},
		Segments: []topology.SegmentConfig{{Name: "trunk-a", Far: []string{"carrier-a"}}, {Name: "trunk-b", Far: []string{"carrier-b"}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// The numbers of the site.
const (
	trunkA, trunkB     topology.SegmentID = 1, 2
	carrierA, carrierB topology.PeerID    = 1, 2
)

// run plays the seconds from up to before to.
func (s *scene) run(from, to int, second func(at int)) {
	for at := from; at < to; at++ {
		s.engine.Tick(ns(at), Health{Packets: 1000})
		if second != nil {
			second(at)
		}
	}
}

// interval is the observation of a stream's last five seconds: 250 packets to a carrier.
func (s *scene) interval(at, stream int, seg topology.SegmentID, change func(*dialog.Observation)) *dialog.Observation {
	o := &dialog.Observation{
		Src: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(stream >> 8), byte(stream)}), 4000),
		Dst: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), 5000), SSRC: uint32(stream), StreamStart: ns(0),
		Call: fmt.Sprintf("call-%d", stream), Segment: seg, Direction: topology.ToPeer, Plan: s.plan,
		Start: ns(at - 5), End: ns(at), Media: rtpstats.MediaAudio, Codec: "PCMU",
		Packets: 250, Expected: 250, JitterMS: 3, MOS: 4.4,
	}
	if seg == trunkB {
		o.Dst = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, 1}), 5000)
	}
	if change != nil {
		change(o)
	}
	return o
}

// lossy loses 4 %.
func lossy(o *dialog.Observation) { o.Packets, o.Lost = 240, 10 }

// streams observes n streams over trunk A when five seconds are full; the
// first bad of them are changed.
func (s *scene) streams(at, n, bad int, change func(*dialog.Observation)) {
	if at%5 != 0 {
		return
	}
	for i := range n {
		if i < bad {
			s.engine.Observe(s.interval(at, i, trunkA, change))
		} else {
			s.engine.Observe(s.interval(at, i, trunkA, nil))
		}
	}
}

// want compares the changes so far with lines like "146 pending".
func (s *scene) want(want ...string) {
	s.t.Helper()
	var got []string
	for _, c := range s.changes {
		line := fmt.Sprintf("%d %s", c.At.Unix()-start, c.To)
		if c.Cause != CauseMeasured {
			line += " " + string(c.Cause)
		}
		got = append(got, line)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Fatalf("changes:\n got %q\nwant %q", got, want)
	}
}

// replaced changes a rule's text, and fails loudly where there is nothing to change.
func replaced(text, old, by string) string {
	if !strings.Contains(text, old) {
		panic("no " + old)
	}
	return strings.ReplaceAll(text, old, by)
}
