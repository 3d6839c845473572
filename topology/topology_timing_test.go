package topology

import (
	"fmt"
	"net/netip"
	"testing"
)

func BenchmarkPeer(b *testing.B) {
	for _, n := range []int{10, 1000, MaxNetworks} {
		b.Run(fmt.Sprintf("networks=%d", n), func(b *testing.B) {
			p := plan(b, Config{Peers: []PeerConfig{{Name: "many", Networks: hosts(n)}}})
			var probes [1024]netip.Addr
			for i := range probes {
				k := i * 7919 % n
				probes[i] = netip.AddrFrom4([4]byte{100, byte(k >> 16), byte(k >> 8), byte(k)})
			}
			b.ReportAllocs()
			found := 0
			for i := range b.N {
				found += int(p.Peer(probes[i%len(probes)]))
			}
			if found != b.N {
				b.Fatalf("found %d of %d", found, b.N)
			}
		})
	}
}

func BenchmarkSegment(b *testing.B) {
	p := site(b)
	f := &Flow{Src: netip.MustParseAddr("10.2.0.1"), Dst: netip.MustParseAddr("192.0.2.129"), Domains: []string{"example.com"}}
	b.ReportAllocs()
	for range b.N {
		if id, _ := p.Segment(f); id != 4 {
			b.Fatalf("got segment %d", id)
		}
	}
}

func TestLookupsDoNotAllocate(t *testing.T) {
	p := site(t)
	f := &Flow{Src: netip.MustParseAddr("10.2.0.1"), Dst: netip.MustParseAddr("2001:db8::1"), Domains: []string{"example.com"}, VLAN: 7}
	if n := testing.AllocsPerRun(100, func() { p.Segment(f); p.Peer(f.Src) }); n != 0 {
		t.Errorf("got %v allocations", n)
	}
}
