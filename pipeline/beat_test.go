package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/dialog"
)

// diary writes down in which order a sink is told the time and what ended.
type diary struct {
	entries []string
	beats   []Beat
}

func (d *diary) Record(r dialog.Record) {
	d.entries = append(d.entries, strings.TrimSpace(fmt.Sprintf("%T", r)))
}

func (d *diary) Tick(b Beat) {
	d.beats = append(d.beats, b)
	d.entries = append(d.entries, fmt.Sprint("beat ", b.At))
}

// TestBeats: the time comes to the recorder in whole seconds that never go
// back, at the same places between the records whatever the shards, and at the
// end it has told of every packet.
func TestBeats(t *testing.T) {
	for _, f := range captures(t) {
		var want diary
		summary := replayInto(t, Config{Shards: 1}, &want, f)
		if len(want.beats) == 0 {
			continue // nothing in it has a time
		}
		last := want.beats[len(want.beats)-1]
		if last.Packets != summary.Packets {
			t.Errorf("%s: the last beat tells of %d packets, the summary of %d", f, last.Packets, summary.Packets)
		}
		if !slices.IsSortedFunc(want.beats, func(a, b Beat) int { return int(a.At - b.At) }) {
			t.Errorf("%s: time goes back", f)
		}
		for _, b := range want.beats {
			if b.At%second != 0 {
				t.Errorf("%s: beat at %d is no whole second", f, b.At)
			}
		}
		for _, cfg := range []Config{{Shards: 3, RingSize: 1, BatchSize: 1}, {Shards: 4, BatchSize: 7}} {
			var got diary
			replayInto(t, cfg, &got, f)
			if !slices.Equal(got.entries, want.entries) {
				t.Errorf("%s: with %+v beats and records come in another order", f, cfg)
			}
		}
	}
}
