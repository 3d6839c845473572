package dialog

import (
	"net/netip"
	"testing"

	"earshot/topology"
)

// A call over a border controller passes two segments. Where a voice was not
// heard, its end's own signalling says which one is its.
func TestPlacesOfEnds(t *testing.T) {
	host := func(a string) []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix(a + "/32")} }
	plan, err := topology.New(topology.Config{
		Peers: []topology.PeerConfig{{Name: "site", Networks: host("192.0.2.65")}, {Name: "sbc", Networks: host("192.0.2.80")}, {Name: "carrier", Networks: host("192.0.2.66")}},
		Segments: []topology.SegmentConfig{
			{Name: "access", Near: []string{"sbc"}, Far: []string{"site"}},
			{Name: "trunk", Near: []string{"sbc"}, Far: []string{"carrier"}},
		},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, flow, from, to string }{
		{"refused behind the controller", `
			0 A>P INVITE
			1 P>B INVITE call=c2 from=alice;p
			2 B>P 503 No call=c2 from=alice;p to=bob;b
			3 P>A 503 No to=bob;q
			60000 close`, "access", "trunk"},
		{"inbound", `
			0 B>P INVITE
			1 P>A INVITE call=c2 from=alice;p
			2 A>P 200 OK call=c2 from=alice;p to=bob;b
			3 P>B 200 OK to=bob;q
			60000 close`, "trunk", "access"},
		{"refused by the controller", `
			0 A>P INVITE
			3 P>A 403 No to=bob;q
			60000 close`, "access", "access"},
	} {
		f := &flow{t: t, table: NewTable(Config{})}
		f.table.SetPlan(plan)
		f.feed(tt.flow)
		f.table.Close(f.last, f.emit)
		r := f.call()
		if from, to := plan.Segments()[r.SegmentFromCaller], plan.Segments()[r.SegmentFromCallee]; from != tt.from || to != tt.to {
			t.Errorf("%s: got %s and %s, want %s and %s", tt.name, from, to, tt.from, tt.to)
		}
	}
}
