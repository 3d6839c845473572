package report

import (
	"testing"
	"time"
)

func TestPercentage(t *testing.T) {
	for ratio, want := range map[float64]string{
		0: "0.0", 0.048: "4.8", 1: "100.0", 0.0001: "<0.1", 0.001: "0.1", 0.9999: ">99.9", 0.5: "50.0",
	} {
		if got := percentage(ratio); got != want {
			t.Errorf("percentage(%g) = %q, want %q", ratio, got, want)
		}
	}
}

func TestTalkTime(t *testing.T) {
	for ms, want := range map[float64]string{0: "00:00", 62_300: "01:02", 3_599_700: "1:00:00", 59_499: "00:59"} {
		if got := talkTime(&ms); got != want {
			t.Errorf("talkTime(%g) = %q, want %q", ms, got, want)
		}
	}
	if got := talkTime(nil); got != none {
		t.Errorf("talkTime(nil) = %q", got)
	}
}

func TestCountsAndSizes(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[uint64]string{999: "999 B", 1500: "1.5 kB", 61555445: "61.6 MB", 2e9: "2.0 GB", 3e12: "3.0 TB"} {
		if got := octets(n); got != want {
			t.Errorf("octets(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		250 * time.Millisecond: "250 ms", 5 * time.Second: "5 s", 5500 * time.Millisecond: "5.5 s",
		99 * time.Second: "1 min 39 s", 2*time.Hour + 3*time.Minute: "2 h 3 min",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %q, want %q", d, got, want)
		}
	}
	if got := plural(1, "call") + ", " + plural(2, "call"); got != "1 call, 2 calls" {
		t.Errorf("plural gives %q", got)
	}
}
