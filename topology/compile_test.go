package topology

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

func TestNewErrors(t *testing.T) {
	lan := peer("lan", "10.0.0.0/8")
	tests := []struct {
		name   string
		cfg    Config
		points []string
		want   []string // in the error
	}{
		{"reserved peer", Config{Peers: []PeerConfig{peer("other", "10.0.0.0/8")}}, nil, []string{`peer "other"`, "another name"}},
		{"reserved segment", Config{Segments: []SegmentConfig{{Name: "other", VLANs: []uint16{1}}}}, nil, []string{`segment "other"`}},
		{"no name", Config{Peers: []PeerConfig{peer("", "10.0.0.0/8")}}, nil, []string{"a peer has no name"}},
		{"blank in a name", Config{Peers: []PeerConfig{peer("my lan", "10.0.0.0/8")}}, nil, []string{`"my lan"`, "a-z A-Z 0-9 _ . : -"}},
		{"quote in a name", Config{Segments: []SegmentConfig{{Name: `a"b`, VLANs: []uint16{1}}}}, nil, []string{`"a\"b"`}},
		{"long name", Config{Peers: []PeerConfig{peer(strings.Repeat("x", 65), "10.0.0.0/8")}}, nil, []string{"1 to 64"}},
		{"peer twice", Config{Peers: []PeerConfig{lan, peer("lan", "172.16.0.0/12")}}, nil, []string{`peer "lan" is declared twice`}},
		{"segment twice", Config{Segments: []SegmentConfig{{Name: "a", VLANs: []uint16{1}}, {Name: "a", VLANs: []uint16{2}}}}, nil, []string{`segment "a" is declared twice`}},
		{"no networks", Config{Peers: []PeerConfig{{Name: "lan"}}}, nil, []string{`peer "lan" has no networks`}},
		{"invalid network", Config{Peers: []PeerConfig{{Name: "lan", Networks: []netip.Prefix{{}}}}}, nil, []string{`peer "lan"`, "192.0.2.0/24"}},
		{"network of two", Config{Peers: []PeerConfig{lan, peer("wan", "10.0.0.0/8")}}, nil, []string{"10.0.0.0/8", `"lan"`, `"wan"`}},
		{"network of two, host bits", Config{Peers: []PeerConfig{lan, peer("wan", "10.1.1.1/8")}}, nil, []string{"10.1.1.1/8", `"lan"`, `"wan"`}},
		{"network of two, mapped", Config{Peers: []PeerConfig{lan, peer("wan", "::ffff:10.0.0.0/104")}}, nil, []string{`"lan"`, `"wan"`}},
		{"network twice", Config{Peers: []PeerConfig{peer("lan", "10.0.0.0/8", "10.0.0.0/8")}}, nil, []string{`peer "lan" has the network 10.0.0.0/8 twice`}},
		{"empty segment", Config{Segments: []SegmentConfig{{Name: "all"}}}, nil, []string{`segment "all"`, "near, far, trunks, vlans or points"}},
		{"unknown peer", Config{Peers: []PeerConfig{peer("carrier-a", "10.0.0.0/8")}, Segments: []SegmentConfig{{Name: "s", Far: []string{"carier-a"}}}}, nil,
			[]string{`segment "s" names peer "carier-a"`, `did you mean "carrier-a"?`}},
		{"unknown point", Config{Segments: []SegmentConfig{{Name: "s", Points: []string{"ETH1"}}}}, []string{"eth0", "eth1"}, []string{`point "ETH1"`, `did you mean "eth1"?`}},
		{"nothing like it", Config{Segments: []SegmentConfig{{Name: "s", Points: []string{"mirror"}}}}, []string{"eth0"}, []string{`point "mirror", which is not there`}},
		{"point twice", Config{}, []string{"eth0", "eth0"}, []string{`capture point "eth0" is declared twice`}},
		{"VLAN 0", Config{Segments: []SegmentConfig{{Name: "s", VLANs: []uint16{0}}}}, nil, []string{`segment "s" has VLAN 0`}},
		{"VLAN 4095", Config{Segments: []SegmentConfig{{Name: "s", VLANs: []uint16{4095}}}}, nil, []string{`VLAN 4095`}},
		{"trunk with user", Config{Segments: []SegmentConfig{{Name: "s", Trunks: []string{"me@example.com"}}}}, nil, []string{`trunk "me@example.com"`}},
		{"trunk with port", Config{Segments: []SegmentConfig{{Name: "s", Trunks: []string{"example.com:5060"}}}}, nil, []string{"without user and port"}},
		{"all at once", Config{Peers: []PeerConfig{peer("a b", "10.0.0.0/8")}, Segments: []SegmentConfig{{Name: "s"}}}, nil, []string{`"a b"`, `segment "s"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := New(tt.cfg, tt.points)
			if err == nil || p != nil {
				t.Fatalf("got plan %v, error %v; want an error alone", p, err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("got %q, want %q in it", err, part)
				}
			}
		})
	}
	_, err := New(Config{Segments: []SegmentConfig{{Name: "s", Points: []string{"mirror"}}}}, []string{"eth0"})
	if strings.Contains(err.Error(), "did you mean") {
		t.Errorf("got %q: no name is like that one", err)
	}
}

func TestNewCaps(t *testing.T) {
	var cfg Config
	for i := range MaxPeers {
		cfg.Peers = append(cfg.Peers, peer(fmt.Sprintf("p%d", i), fmt.Sprintf("10.%d.%d.0/24", i/256, i%256)))
		cfg.Segments = append(cfg.Segments, SegmentConfig{Name: fmt.Sprintf("s%d", i), Far: []string{cfg.Peers[i].Name}})
	}
	p := plan(t, cfg)
	f := &Flow{Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("10.3.231.1")} // 3*256+231 = 999
	if id, d := p.Segment(f); p.Segments()[id] != "s999" || d != ToPeer {
		t.Errorf("got %q %s, want s999 to_peer", p.Segments()[id], d)
	}
	more := cfg
	more.Peers = append(more.Peers[:MaxPeers:MaxPeers], peer("one-more", "192.0.2.0/24"))
	if _, err := New(more, nil); err == nil || !strings.Contains(err.Error(), "1001 peers") {
		t.Errorf("1001 peers: got %v", err)
	}
	more = cfg
	more.Segments = append(more.Segments[:MaxSegments:MaxSegments], SegmentConfig{Name: "one-more", VLANs: []uint16{1}})
	if _, err := New(more, nil); err == nil || !strings.Contains(err.Error(), "1001 segments") {
		t.Errorf("1001 segments: got %v", err)
	}
	if _, err := New(Config{Peers: []PeerConfig{{Name: "many", Networks: hosts(MaxNetworks + 1)}}}, nil); err == nil || !strings.Contains(err.Error(), "100001 networks") {
		t.Errorf("100001 networks: got %v", err)
	}
}

// hosts returns n networks of one address each.
func hosts(n int) []netip.Prefix {
	list := make([]netip.Prefix, n)
	for i := range list {
		list[i] = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
	}
	return list
}
