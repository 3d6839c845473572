package alerting

import (
	"fmt"
	"testing"
	"time"
)

func TestRelate(t *testing.T) {
	at := sceneAt("09:00:00")
	c := &Case{Number: 9, Tenant: "acme", Segment: "trunk-b", Owner: "carrier-b", Signals: []Signal{SignalLoss, SignalMOS}, FirstSeen: at, Opened: at,
		Factors: []Factor{{FactorSegment, "trunk-b"}, {FactorCodec, "G729"}}}
	with := func(o Case, change func(*Case)) *Case {
		o.Tenant, o.FirstSeen, o.Opened = "acme", at.Add(-time.Minute), at
		if change != nil {
			change(&o)
		}
		return &o
	}
	past := func(o *Case) {
		o.FirstSeen, o.Restored, o.Closed = at.Add(-290*time.Hour), at.Add(-288*time.Hour), at.Add(-270*time.Hour)
	}
	for _, tt := range []struct {
		name  string
		other *Case
		want  string
	}{
		{"itself", with(Case{Number: 9, Segment: "trunk-b"}, nil), ""},
		{"another tenant's", with(Case{Number: 1, Segment: "trunk-b"}, func(o *Case) { o.Tenant = "b" }), ""},
		{"nothing shared", with(Case{Number: 1, Segment: "trunk-a"}, nil), ""},
		{"same trouble elsewhere, now", with(Case{Number: 1, Segment: "trunk-a", Signals: []Signal{SignalLoss}}, nil), "same trouble (packet loss), at the same time"},
		{"same owner, now", with(Case{Number: 1, Segment: "trunk-a", Owner: "carrier-b"}, nil), ""},
		{"same codec, now", with(Case{Number: 1, Segment: "trunk-a", Factors: []Factor{{FactorCodec, "G729"}}}, nil), "same codec G729, at the same time"},
		{"same place, 12 days before", with(Case{Number: 1, Segment: "trunk-b", Signals: []Signal{SignalLoss}}, past), "same segment, same trouble (packet loss), over 12 days before"},
		{"same trouble elsewhere, 12 days before", with(Case{Number: 1, Signals: []Signal{SignalLoss}}, past), ""},
		{"refers to", with(Case{Number: 1, Segment: "trunk-x"}, past), "the same problem, closed too long ago to be reopened, over 12 days before"},
		{"the probe's", with(Case{Number: 2, Probe: true, Segment: "trunk-b"}, nil), ""},
	} {
		if c.RefersTo = 0; tt.name == "refers to" {
			c.RefersTo = 1
		}
		got := relate(c, []*Case{tt.other})
		switch {
		case tt.want == "" && len(got) == 0:
		case len(got) != 1 || got[0].Why != tt.want || got[0].Number != tt.other.Number:
			t.Errorf("%s: got %v, want %q", tt.name, got, tt.want)
		}
	}
}

// The telling ones come first, and of equals the nearest in time.
func TestRelateOrder(t *testing.T) {
	at := sceneAt("09:00:00")
	c := &Case{Number: 100, Segment: "s", Owner: "o", Signals: []Signal{SignalLoss}, FirstSeen: at}
	var others []*Case
	for i := range 8 {
		o := &Case{Number: i + 1, Segment: "s", FirstSeen: at.Add(-time.Duration(i+1) * 24 * time.Hour)}
		o.Restored = o.FirstSeen.Add(time.Hour)
		others = append(others, o)
	}
	others[7].Signals = []Signal{SignalLoss} // the oldest shares most
	var got []int
	for _, r := range relate(c, others) {
		got = append(got, r.Number)
	}
	if want := "[8 1 2 3 4]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
