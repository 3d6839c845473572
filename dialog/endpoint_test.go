package dialog

import (
	"slices"
	"testing"
)

func TestIndex(t *testing.T) {
	x := newIndex[string, int]()
	for i := range maxSharers + 3 {
		x.add("port", i)
		x.add("port", i) // twice is once
	}
	if got := x.get("port"); len(got) != maxSharers || got[0] != 3 || x.forgotten != 3 {
		t.Errorf("%d holders from %d, %d forgotten; want the last %d", len(got), got[0], x.forgotten, maxSharers)
	}
	x.remove("port", 4)
	x.remove("port", 4000)
	if got := x.get("port"); slices.Contains(got, 4) || len(got) != maxSharers-1 {
		t.Errorf("%v after removing 4", got)
	}
	for i := range maxSharers + 3 {
		x.remove("port", i)
	}
	if len(x.at) != 0 {
		t.Errorf("%d keys left, want none", len(x.at))
	}
}

func TestEndpointFits(t *testing.T) {
	c := &call{}
	e := &endpoint{line: &mline{leg: &leg{call: c}}, from: clock(10), until: clock(20)}
	tests := []struct {
		name       string
		start, end float64
		callEnd    float64
		want       fit
	}{
		{"within", 11, 30, 0, fitCovers},
		{"running when announced", 5, 12, 0, fitLater},
		{"over for a second when announced", 5, 9, 0, fitLater},
		{"over for long when announced", 5, 7, 0, fitNone},
		{"after its replacement", 21, 30, 0, fitClosed},
		{"just after the hang-up", 16, 17, 15, fitCovers},
		{"long after the hang-up", 19, 20, 15, fitClosed},
	}
	for _, tt := range tests {
		c.end = 0
		if tt.callEnd != 0 {
			c.end = clock(tt.callEnd)
		}
		if got := e.fits(clock(tt.start), clock(tt.end)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
