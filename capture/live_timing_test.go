//go:build linux

package capture

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// endlessRings is a Live whose rings are filled again as soon as they are
// empty: 64 blocks each, with RTP of 10,000 streams.
func endlessRings(rings int) *Live {
	const blocks, perBlock = 64, 700
	frames := make([]ringFrame, perBlock)
	start := time.Now()
	k := newFakeKernel(rings, 1)
	l := k.live
	for i, t := range l.taps {
		t.ring.size = ringBlockBytes
		t.ring.memory = nil
		for b := range blocks {
			for j := range frames {
				n := b*perBlock + j
				frame := rtpFrame(byte(n), uint16(n/10_000))
				binary.BigEndian.PutUint16(frame[34:], uint16(10_000+n%10_000))
				frames[j] = ringFrame{at: start.UnixNano() - int64(blocks*perBlock-n)*2000 - int64(i)*1000, data: frame}
				if n%8 == 0 {
					frames[j].status, frames[j].tci = statusTagged, 100
				}
			}
			t.ring.memory = append(t.ring.memory, testRingBlock(ringBlockBytes, statusUser, frames...)...)
		}
	}
	l.now = time.Now
	l.looked = time.Now().Add(time.Hour) // the sockets are none
	l.poll = func([]unix.PollFd, time.Duration) {
		for _, t := range l.taps {
			for b := range blocks {
				if !t.ring.open || t.ring.turn != b {
					atomic.StoreUint32(t.ring.status(b), statusUser)
				}
			}
		}
	}
	return l
}

func TestLiveDoesNotAllocate(t *testing.T) {
	for _, rings := range []int{1, 2} {
		l := endlessRings(rings)
		l.looked = time.Now()
		var f Frame
		allocs := testing.AllocsPerRun(20_000, func() {
			if err := l.Next(&f); err != nil || len(f.Data) < 214 {
				t.Fatalf("got %v, %d octets", err, len(f.Data))
			}
		})
		if allocs != 0 {
			t.Errorf("%d rings: %v allocations for each frame, want 0", rings, allocs)
		}
	}
}

func BenchmarkLive(b *testing.B) {
	for _, rings := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("%d rings", rings), func(b *testing.B) {
			l := endlessRings(rings)
			var f Frame
			b.ReportAllocs()
			b.SetBytes(214)
			for b.Loop() {
				if err := l.Next(&f); err != nil || len(f.Data) < 214 {
					b.Fatalf("got %v, %d octets", err, len(f.Data))
				}
			}
		})
	}
}
