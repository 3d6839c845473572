package main

import (
	"math/rand/v2"
	"testing"
)

// TestWheelOrder: entries come out by time, equal times in the order of entering,
// whether they are near, far beyond the wheel or late for the present bucket.
func TestWheelOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	spans := []int64{1, 1000, 50_000, 1 << bucketShift, 20_000_000, 3 << 30}
	var w wheel
	entered, popped := 0, 0
	for range 1000 {
		w.add(1_700_000_000e9+r.Int64N(3e9)/1000*1000, nil)
		entered++
	}
	last := entry{}
	for {
		x, ok := w.pop()
		if !ok {
			break
		}
		popped++
		if x.before(&last) {
			t.Fatalf("entry %d: %d/%d after %d/%d", popped, x.at, x.id, last.at, last.id)
		}
		last = x
		switch {
		case entered < 20_000 && popped%2 == 0: // a new one
			w.add(x.at+r.Int64N(spans[popped/2%len(spans)]), nil)
			entered++
		case entered < 20_000: // the same again, later
			x.at += 1 + r.Int64N(spans[popped/2%len(spans)])
			w.enter(x)
			entered++
		}
	}
	if popped != entered {
		t.Errorf("%d entries came out of %d", popped, entered)
	}
}

// TestChecksum is RFC 1071 section 3's example.
func TestChecksum(t *testing.T) {
	b := []byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}
	if got := checksum(0, b); got != 0xddf2 {
		t.Errorf("sum %#x, want 0xddf2", got)
	}
	if got, want := checksum(0, []byte{0x12, 0x34, 0x56}), uint32(0x1234+0x5600); got != want {
		t.Errorf("odd length: sum %#x, want %#x", got, want)
	}
}
