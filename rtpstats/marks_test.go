package rtpstats

import (
	"slices"
	"testing"
)

// TestMarks: what is not known of a packet is in no list, and is no change.
func TestMarks(t *testing.T) {
	tests := []struct {
		name            string
		tos, ttl, link  uint8
		dscp, ttls, pcp []uint8
	}{
		{"all known", 46<<2 | 1, 61, LinkVLAN | 5, []uint8{46}, []uint8{61}, []uint8{5}},
		{"no tag", 0, 64, 0, []uint8{0}, []uint8{64}, nil},
		{"relayed, TOS told", 46 << 2, 0, LinkNoTTL, []uint8{46}, nil, nil},
		{"relayed, nothing told", 0, 0, LinkNoTTL | LinkNoTOS, nil, nil, nil},
	}
	for _, tt := range tests {
		var l markList
		l.add(markOf(&Packet{TOS: tt.tos, TTL: tt.ttl, Link: tt.link}))
		if !slices.Equal(l.dscp.slice(), tt.dscp) || !slices.Equal(l.ttl.slice(), tt.ttls) || !slices.Equal(l.vlan.slice(), tt.pcp) {
			t.Errorf("%s: got DSCP %v, TTL %v, VLAN priority %v; want %v, %v, %v",
				tt.name, l.dscp.slice(), l.ttl.slice(), l.vlan.slice(), tt.dscp, tt.ttls, tt.pcp)
		}
	}
}
