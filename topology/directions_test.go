package topology

import (
	"net/netip"
	"slices"
	"testing"
)

func TestDirections(t *testing.T) {
	plan, err := New(Config{
		Peers: []PeerConfig{
			{Name: "lan", Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
			{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
		},
		Segments: []SegmentConfig{
			{Name: "between", Near: []string{"lan"}, Far: []string{"carrier"}},
			{Name: "within", Near: []string{"lan"}, Far: []string{"lan", "carrier"}},
			{Name: "near-only", Near: []string{"lan"}},
			{Name: "vlan", VLANs: []uint16{7}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	both, all, none := []Direction{ToPeer, FromPeer}, []Direction{Unknown, ToPeer, FromPeer}, []Direction{Unknown}
	for s, want := range [][]Direction{none, both, all, all, none, none} {
		if got := plan.Directions(SegmentID(s)); !slices.Equal(got, want) {
			t.Errorf("segment %d: %v, want %v", s, got, want)
		}
	}
	if got := (*Plan)(nil).Directions(3); !slices.Equal(got, none) {
		t.Errorf("no plan: %v, want %v", got, none)
	}
}
