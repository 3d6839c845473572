package main

import (
	"math/rand/v2"
	"testing"
)

// TestAgendaOrder: entries come out by time, equal times in the order of entering.
func TestAgendaOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var g agenda
	for range 1000 {
		g.add(int64(r.IntN(100)), nil)
	}
	last := entry{at: -1}
	for n := 0; len(g.entries) > 0; n++ {
		top := g.entries[0]
		if top.before(&last) {
			t.Fatalf("entry %d: %d/%d after %d/%d", n, top.at, top.id, last.at, last.id)
		}
		last = top
		if n%3 == 0 && top.at < 90 {
			g.moveTop(top.at + int64(r.IntN(10)))
			last.id = 0 // it may come again at the same time
			continue
		}
		g.removeTop()
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
