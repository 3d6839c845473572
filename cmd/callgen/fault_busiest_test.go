package main

import (
	"testing"
	"time"
)

// Touches at minutes 0, 1, 9, 10, 12, 18 and 45, those at 10 and 18 of another
// segment. Ten minutes from 9 on hold four, and from 0 on three of one segment;
// half an hour from 0 on six, four of them of one segment.
func TestBusiest(t *testing.T) {
	var a faultAccount
	for _, m := range []int{45, 18, 12, 10, 9, 1, 0} {
		segment := "trunk-a"
		if m == 10 || m == 18 {
			segment = "trunk-b"
		}
		a.note(int64(m)*int64(time.Minute), segment)
	}
	all, segment := a.busiest()
	if want := (busiestTruth{4, 6}); all != want {
		t.Errorf("all: got %+v, want %+v", all, want)
	}
	if want := (busiestTruth{3, 4}); segment != want {
		t.Errorf("of one segment: got %+v, want %+v", segment, want)
	}
}

// A gateway that was upgraded calls itself something else, and marks the voice
// of calls that begin then otherwise; the other trunk and the SBC do not.
func TestSiteChange(t *testing.T) {
	w, _, err := parseSite([]byte(smallSite + "changes: [{of: trunk-b, user-agent: New/2, dscp: 0, when: {from: 5m, to: 10m}}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(m int) int64 { return w.start + int64(m)*int64(time.Minute) }
	for _, tc := range []struct {
		of    string
		at    int64
		agent string
		dscp  uint8
	}{
		{"trunk-b", at(4), gatewayAgent, 46}, {"trunk-b", at(5), "New/2", 0}, {"trunk-b", at(10), gatewayAgent, 46},
		{"trunk-a", at(5), gatewayAgent, 46}, {"sbc", at(5), gatewayAgent, 46},
	} {
		if agent, dscp := w.agentOf(tc.of, gatewayAgent, tc.at), w.dscpOf(tc.of, 46, tc.at); agent != tc.agent || dscp != tc.dscp {
			t.Errorf("%s at %d: got %s, DSCP %d; want %s, %d", tc.of, tc.at, agent, dscp, tc.agent, tc.dscp)
		}
	}
}
