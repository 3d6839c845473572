package rtpstats

import (
	"testing"
	"time"
)

// TestRoundTrip is RFC 3550 6.4.1, Figure 2: an SR sent at NTP
// 0xb44db705:20000000, answered with DLSR 5.250 s; here both are seen at the
// SR's sender, where A is 0xb710:8000, 6.125 + 5.250 s after the SR.
func TestRoundTrip(t *testing.T) {
	if got := MiddleNTP(0xb44db70520000000); got != 0xb7052000 {
		t.Errorf("LSR: got %#x, want 0xb7052000", got)
	}
	const dlsr = 0x00054000
	if got := DLSRMS(dlsr); got != 5250 {
		t.Errorf("DLSR: got %v ms, want 5250", got)
	}
	sr := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixNano()
	rr := sr + 11_375*int64(time.Millisecond)
	if got, ok := HalfRoundTripMS(sr, rr, dlsr); got != 6125 || !ok {
		t.Errorf("round trip: got %v ms, %v; want 6125", got, ok)
	}
}

func TestRoundTripLimits(t *testing.T) {
	tests := []struct {
		afterMS int64
		want    bool
	}{
		{1000, false}, // nothing left beside DLSR
		{999, false},
		{-5, false},
		{1001, true},
		{11000, true},
		{11001, false}, // more than 10 s
	}
	for _, tt := range tests {
		if _, ok := HalfRoundTripMS(0, tt.afterMS*int64(time.Millisecond), 65536); ok != tt.want {
			t.Errorf("report %d ms after the SR, held for 1000 ms: got %v, want %v", tt.afterMS, ok, tt.want)
		}
	}
}
