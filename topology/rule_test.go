package topology

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// site is a small site: phones and SBC inside, two carriers outside.
func site(t testing.TB) *Plan {
	return plan(t, Config{
		Peers: []PeerConfig{
			peer("phones", "10.1.0.0/16"),
			peer("sbc", "10.2.0.0/24"),
			peer("carrier-a", "192.0.2.0/25"),
			peer("carrier-b", "192.0.2.128/25"),
		},
		Segments: []SegmentConfig{
			{Name: "voice-vlan", Near: []string{"phones"}, VLANs: []uint16{100, 101}},
			{Name: "lan", Near: []string{"phones"}, Far: []string{"sbc"}},
			{Name: "gold-trunk", Far: []string{"carrier-a"}, Trunks: []string{"Gold.example.com"}},
			{Name: "carriers", Near: []string{"sbc"}, Far: []string{"carrier-a", "carrier-b"}},
			{Name: "internet", Far: []string{"other"}},
			{Name: "tap", Points: []string{"eth1"}},
			{Name: "v6-trunk", Trunks: []string{"[2001:DB8::5]"}},
		},
	}, "eth0", "eth1")
}

func TestSegment(t *testing.T) {
	const phone, sbc, a, b, world = "10.1.0.9", "10.2.0.1", "192.0.2.1", "192.0.2.129", "203.0.113.7"
	tests := []struct {
		name     string
		src, dst string
		flow     Flow
		segment  string
		toward   Direction
	}{
		{"lan out", phone, sbc, Flow{}, "lan", ToPeer},
		{"lan in", sbc, phone, Flow{}, "lan", FromPeer},
		{"lan in its VLAN", sbc, phone, Flow{VLAN: 101}, "voice-vlan", FromPeer},
		{"between near peers", phone, phone, Flow{VLAN: 100}, "voice-vlan", Unknown},
		{"another VLAN", phone, sbc, Flow{VLAN: 102}, "lan", ToPeer},
		{"carrier out", sbc, b, Flow{}, "carriers", ToPeer},
		{"carrier in", b, sbc, Flow{}, "carriers", FromPeer},
		{"trunk", sbc, a, Flow{Domains: []string{"example.com", "gold.example.com"}}, "gold-trunk", ToPeer},
		{"another trunk", sbc, a, Flow{Domains: []string{"silver.example.com"}}, "carriers", ToPeer},
		{"trunk of a carrier without it", b, sbc, Flow{Domains: []string{"gold.example.com"}}, "carriers", FromPeer},
		{"not between near and far", phone, a, Flow{}, "other", Unknown},
		{"world", sbc, world, Flow{}, "internet", ToPeer},
		{"world in", world, phone, Flow{}, "internet", FromPeer},
		{"point", phone, phone, Flow{Point: 1}, "tap", Unknown},
		{"another point", phone, phone, Flow{Point: 0}, "other", Unknown},
		{"a point that nobody has", phone, phone, Flow{Point: 7}, "other", Unknown},
		{"address as trunk", phone, a, Flow{Domains: []string{"2001:db8::5"}}, "v6-trunk", Unknown},
	}
	p := site(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.flow.Src, tt.flow.Dst = netip.MustParseAddr(tt.src), netip.MustParseAddr(tt.dst)
			id, d := p.Segment(&tt.flow)
			if got := p.Segments()[id]; got != tt.segment || d != tt.toward {
				t.Errorf("got %q %s, want %q %s", got, d, tt.segment, tt.toward)
			}
		})
	}
}

// TestTrunk: the trunk of a flow is one that its segment was chosen by.
func TestTrunk(t *testing.T) {
	p, domains := site(t), []string{"example.com", "2001:db8::5", "gold.example.com"}
	for segment, want := range map[string]string{"gold-trunk": "gold.example.com", "v6-trunk": "2001:db8::5", "carriers": "", "other": ""} {
		id := SegmentID(slices.Index(p.Segments(), segment))
		if got := p.Trunk(id, domains); got != want {
			t.Errorf("%s: got %q, want %q", segment, got, want)
		}
		if got := p.Trunk(id, domains[:1]); got != "" {
			t.Errorf("%s, another domain: got %q, want none", segment, got)
		}
	}
	var none *Plan
	if got := none.Trunk(1, domains) + p.Trunk(99, domains); got != "" {
		t.Errorf("no such segment: got %q, want none", got)
	}
}

// TestNoPlan: without a plan, or with an empty one, all is other.
func TestNoPlan(t *testing.T) {
	flow := &Flow{Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")}
	for name, p := range map[string]*Plan{"nil": nil, "empty": plan(t, Config{}), "zero": {}} {
		if id, d := p.Segment(flow); id != Other || d != Unknown {
			t.Errorf("%s: got segment %d %s", name, id, d)
		}
		if id := p.Peer(flow.Src); id != Other {
			t.Errorf("%s: got peer %d", name, id)
		}
	}
	var none *Plan
	if len(none.Peers()) != 1 || len(none.Segments()) != 1 || none.Points() != nil {
		t.Errorf("nil plan: got %v, %v, %v", none.Peers(), none.Segments(), none.Points())
	}
}

func TestDirectionString(t *testing.T) {
	for d, want := range map[Direction]string{Unknown: "unknown", ToPeer: "to_peer", FromPeer: "from_peer", Directions: "unknown"} {
		if got := d.String(); got != want {
			t.Errorf("%d: got %q, want %q", d, got, want)
		}
	}
}

// TestSegmentReversed: the way back is the same segment, the other direction.
func TestSegmentReversed(t *testing.T) {
	p := site(t)
	host := rapid.SampledFrom([]string{"10.1.0.1", "10.1.0.2", "10.2.0.1", "192.0.2.1", "192.0.2.200", "203.0.113.1", "2001:db8::1"})
	back := map[Direction]Direction{ToPeer: FromPeer, FromPeer: ToPeer, Unknown: Unknown}
	rapid.Check(t, func(t *rapid.T) {
		f := Flow{
			Src: netip.MustParseAddr(host.Draw(t, "src")), Dst: netip.MustParseAddr(host.Draw(t, "dst")),
			VLAN:  rapid.SampledFrom([]uint16{0, 100, 200}).Draw(t, "vlan"),
			Point: rapid.Uint16Range(0, 2).Draw(t, "point"),
		}
		id, d := p.Segment(&f)
		f.Src, f.Dst = f.Dst, f.Src
		if other, reverse := p.Segment(&f); other != id || reverse != back[d] {
			t.Fatalf("%v: got %d %s, and back %d %s", f, id, d, other, reverse)
		}
	})
}
