package main

import (
	"strings"
	"testing"
)

// TestBurstGap holds the streaming machine against RFC 3611 4.7.2's own example
// and strings whose bursts can be counted by hand: '1' heard, 'X' or '0' not.
func TestBurstGap(t *testing.T) {
	ones := func(n int) string { return strings.Repeat("1", n) }
	tests := []struct {
		name    string
		outcome string
		want    burstGap
	}{
		// The RFC's string: gaps of 23 and 28 packets with one bad each, a burst
		// of 12 with 4 bad between them.
		{"RFC 3611", "11110111111111111111111X111X1011110111111111111111111X111111111",
			burstGap{burst: 12, burstLost: 4, bursts: 1, gap: 51, gapLost: 2, gaps: 2}},
		{"one loss", ones(50) + "0" + ones(49), burstGap{gap: 100, gapLost: 1, gaps: 1}},
		{"two losses, sixteen apart", ones(20) + "0" + ones(16) + "0" + ones(20), burstGap{gap: 58, gapLost: 2, gaps: 1}},
		{"two losses, fifteen apart", ones(20) + "0" + ones(15) + "0" + ones(20),
			burstGap{burst: 17, burstLost: 2, bursts: 1, gap: 40, gaps: 2}},
		{"five in a row", ones(100) + "00000" + ones(95), burstGap{burst: 5, burstLost: 5, bursts: 1, gap: 195, gaps: 2}},
		{"nothing heard", strings.Repeat("0", 50), burstGap{burst: 50, burstLost: 50, bursts: 1}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			var b burstGap
			for _, c := range tc.outcome {
				b.add(c == '1')
			}
			got := b.report()
			got.open, got.losses, got.run = 0, 0, 0
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}
