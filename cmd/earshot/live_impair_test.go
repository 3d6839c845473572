package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// injected is what the tests read of the impairer's truth (cmd/impair/README.md).
type injected struct {
	AToB struct {
		Missed, Unsent uint64
		Flows          []struct {
			Src, Dst   string
			SSRC       uint32
			Received   uint64
			Relayed    uint64
			Dropped    uint64
			Duplicated uint64
			Reordered  uint64
			Expected   uint64
			Lost       int64
		}
	} `json:"a_to_b"`
}

// testImpaired: calls come through a network with known faults; what is
// measured behind it is what was injected, to the packet. Packets are repeated
// late enough not to be taken for copies that the tap made (5 ms).
func (l *lab) testImpaired(t *testing.T) {
	needs(t, "sipp")
	truthFile := filepath.Join(t.TempDir(), "truth.json")
	wire := l.start(t, "wire", t.TempDir(), l.impair, "-a", "wa", "-b", "wb", "-truth", truthFile,
		"-ab", "loss=1%,gilbert=1.5%/35%,duplicate=2%/40ms,reorder=3%/75ms,jitter=exp/2ms,delay=10ms")
	wire.until("relaying")
	p := l.probe(t, "captures: [{name: rc}]\nweb: {listen: none}\nsave: {memory_mb: 0}")
	l.startUAS(t)
	l.sippCalls(t, "carol", "10.9.4.2", 12).wait(40 * time.Second)
	time.Sleep(300 * time.Millisecond)
	wire.signal(syscall.SIGTERM)
	wire.wait(15 * time.Second)
	_, streams := parseRecords(t, p.finish())
	measured := map[string]heard{}
	for _, s := range streams {
		measured[s.key()] = s
	}

	var truth injected
	text, err := os.ReadFile(truthFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	if truth.AToB.Missed+truth.AToB.Unsent > 0 {
		t.Fatalf("the impairer lost packets itself: %s", text)
	}
	var lost, duplicated, reordered int
	for _, f := range truth.AToB.Flows {
		s, found := measured[fmt.Sprintf("%s %s 0x%08x", f.Src, f.Dst, f.SSRC)]
		if !found {
			t.Errorf("%s to %s: not measured", f.Src, f.Dst)
			continue
		}
		// sipp's digits end with the same number thrice (RFC 4733 2.5.1.4): two more duplicates, where they got through.
		digits := f.Received < 20
		// An impairer that had to wait sends both copies at once: those are the tap's to us.
		if s.Packets+s.Copies != f.Relayed+f.Duplicated || s.Expected != f.Expected || s.Lost != f.Lost || s.Reordered != f.Reordered ||
			!digits && s.Duplicates+s.Copies != f.Duplicated || s.Copies > f.Duplicated/2 {
			t.Errorf("measured %+v\ninjected %+v", s, f)
		}
		lost, duplicated, reordered = lost+int(f.Lost), duplicated+int(f.Duplicated), reordered+int(f.Reordered)
	}
	if len(truth.AToB.Flows) != 24 || lost < 50 || duplicated < 20 || reordered < 20 { // 12 calls of two streams; some 150, 60 and 90 of 2952
		t.Errorf("too little was injected: %d flows, %d lost, %d duplicated, %d reordered", len(truth.AToB.Flows), lost, duplicated, reordered)
	}
}
