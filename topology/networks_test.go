package topology

import (
	"fmt"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// plan compiles a configuration that must be right.
func plan(t testing.TB, cfg Config, points ...string) *Plan {
	t.Helper()
	p, err := New(cfg, points)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func peer(name string, networks ...string) PeerConfig {
	p := PeerConfig{Name: name}
	for _, n := range networks {
		p.Networks = append(p.Networks, netip.MustParsePrefix(n))
	}
	return p
}

func TestPeer(t *testing.T) {
	p := plan(t, Config{Peers: []PeerConfig{
		peer("site", "10.0.0.0/8", "2001:db8::/32"),
		peer("phones", "10.1.0.0/16"),
		peer("one-phone", "10.1.2.3/32", "2001:db8::3/128"),
		peer("last", "255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"),
		peer("mapped", "::ffff:192.0.2.0/120"),
		peer("link", "fe80::/10"),
		peer("next-door", "11.0.0.0/9", "11.0.0.0/10"),
	}})
	tests := []struct{ addr, want string }{
		{"9.255.255.255", "other"},
		{"10.0.0.0", "site"},
		{"10.0.255.255", "site"},
		{"10.1.0.0", "phones"},
		{"10.1.2.2", "phones"},
		{"10.1.2.3", "one-phone"},
		{"10.1.2.4", "phones"},
		{"10.1.255.255", "phones"},
		{"10.2.0.0", "site"},
		{"10.255.255.255", "site"},
		{"11.0.0.0", "next-door"},
		{"11.127.255.255", "next-door"},
		{"11.128.0.0", "other"},
		{"::ffff:10.1.2.3", "one-phone"},
		{"192.0.2.255", "mapped"},
		{"192.0.3.0", "other"},
		{"255.255.255.254", "other"},
		{"255.255.255.255", "last"},
		{"::", "other"},
		{"::1:0:0:0", "other"}, // the address behind the mapped ones
		{"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "other"},
		{"2001:db8::2", "site"},
		{"2001:db8::3", "one-phone"},
		{"2001:db8::4", "site"},
		{"2001:db9::", "other"},
		{"fe80::1%eth0", "link"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "other"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "last"},
	}
	for _, tt := range tests {
		if got := p.Peers()[p.Peer(netip.MustParseAddr(tt.addr))]; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.addr, got, tt.want)
		}
	}
	if got := p.Peer(netip.Addr{}); got != Other {
		t.Errorf("no address: got %d, want Other", got)
	}
}

// TestDefaultNetworks: ::/0 is IPv6 alone, 0.0.0.0/0 IPv4 alone.
func TestDefaultNetworks(t *testing.T) {
	six, four := peer("six", "::/0"), peer("four", "0.0.0.0/0")
	v4, v6 := netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("2001:db8::1")
	for _, tt := range []struct {
		peers    []PeerConfig
		for4, v6 string
	}{
		{[]PeerConfig{six}, "other", "six"},
		{[]PeerConfig{four}, "four", "other"},
		{[]PeerConfig{six, four}, "four", "six"},
		{nil, "other", "other"},
	} {
		p := plan(t, Config{Peers: tt.peers})
		if got := p.Peers()[p.Peer(v4)]; got != tt.for4 {
			t.Errorf("%d peers, IPv4: got %q, want %q", len(tt.peers), got, tt.for4)
		}
		if got := p.Peers()[p.Peer(v6)]; got != tt.v6 {
			t.Errorf("%d peers, IPv6: got %q, want %q", len(tt.peers), got, tt.v6)
		}
	}
}

// longest finds a peer the simple way: all networks, the longest that holds it.
func longest(peers []PeerConfig, a netip.Addr) PeerID {
	best, bits := PeerID(Other), -1
	for i, p := range peers {
		for _, n := range p.Networks {
			if n.Contains(a) && n.Bits() > bits {
				best, bits = PeerID(i+1), n.Bits()
			}
		}
	}
	return best
}

// genPeers draws networks from a few bits, so that they nest and touch. No
// network comes twice.
func genPeers(t *rapid.T) []PeerConfig {
	taken := map[netip.Prefix]bool{}
	peers := make([]PeerConfig, rapid.IntRange(0, 6).Draw(t, "peers"))
	for i := range peers {
		peers[i].Name = fmt.Sprintf("p%d", i)
		for range rapid.IntRange(1, 8).Draw(t, "networks") {
			n := genPrefix(t)
			if !taken[n] {
				taken[n] = true
				peers[i].Networks = append(peers[i].Networks, n)
			}
		}
	}
	kept := peers[:0]
	for _, p := range peers {
		if len(p.Networks) > 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

func genPrefix(t *rapid.T) netip.Prefix {
	a := genAddr(t)
	return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits")).Masked()
}

func genAddr(t *rapid.T) netip.Addr {
	octet := rapid.SampledFrom([]byte{0, 1, 127, 128, 254, 255})
	if rapid.Bool().Draw(t, "four") {
		return netip.AddrFrom4([4]byte{octet.Draw(t, "a"), octet.Draw(t, "b"), octet.Draw(t, "c"), octet.Draw(t, "d")})
	}
	var b [16]byte
	for _, i := range []int{0, 1, 7, 8, 10, 11, 12, 15} {
		b[i] = octet.Draw(t, "octet")
	}
	if a := netip.AddrFrom16(b); !a.Is4In6() {
		return a
	}
	return netip.IPv6Unspecified()
}

func TestPeerAgainstLinearSearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		peers := genPeers(t)
		p, err := New(Config{Peers: peers}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var probes []netip.Addr
		for range 20 {
			probes = append(probes, genAddr(t))
		}
		for _, c := range peers { // and the edges of every network
			for _, n := range c.Networks {
				probes = append(probes, n.Addr(), n.Addr().Prev())
			}
		}
		for _, a := range probes {
			if !a.IsValid() {
				continue
			}
			if got, want := p.Peer(a), longest(peers, a); got != want {
				t.Fatalf("%s: got peer %d, want %d of %v", a, got, want, peers)
			}
			if m := netip.AddrFrom16(a.As16()); a.Is4() && p.Peer(m) != p.Peer(a) {
				t.Fatalf("%s: not the peer of %s", m, a)
			}
		}
	})
}
