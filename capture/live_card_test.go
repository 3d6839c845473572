//go:build linux

package capture

import (
	"strings"
	"testing"
	"time"
)

func TestCardClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		ahead time.Duration // of the time stamp, before what the host's clock says
		card  bool
		wrong bool
	}{
		{"in step", -3 * time.Millisecond, true, false},
		{"slightly ahead", 500 * time.Millisecond, true, false},
		{"a ring that was full", -20 * time.Second, true, false},
		{"TAI", 37 * time.Second, true, true},
		{"since the card was reset", -50 * 365 * 24 * time.Hour, true, true},
		{"the kernel's own", 37 * time.Second, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newFakeKernel(1, 4)
			tap := k.live.taps[0]
			tap.hardware = true
			frame := ringFrame{at: k.start.Add(c.ahead).UnixNano(), data: make([]byte, 60)}
			if c.card {
				frame.status = statusCardStamp
			}
			k.close(fakeEvent{frames: []ringFrame{frame}})
			var f Frame
			if err := k.live.Next(&f); err != nil || f.At != frame.at {
				t.Fatalf("got time %d, %v, want %d: no packet's own time is changed", f.At, err, frame.at)
			}
			if tap.hardware == c.wrong || tap.skewed != c.wrong {
				t.Errorf("got hardware time %v, want %v", tap.hardware, !c.wrong)
			}
			if told := tap.pending != nil && strings.Contains(tap.pending.Err.Error(), "the card's clock is"); told != c.wrong {
				t.Errorf("told %v", tap.pending)
			}
		})
	}
}
