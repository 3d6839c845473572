//go:build linux

package capture

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/capture/wire"
)

// numberedFrame carries a number that the test finds again.
func numberedFrame(n, size int) []byte {
	b := testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, 2, make([]byte, size-42))))
	binary.BigEndian.PutUint32(b[42:], uint32(n))
	return b
}

// TestLiveCountsDrops: a ring of 1 MiB holds less than a third of what comes
// while nobody reads. What is missing is counted exactly, and the packet behind
// the hole comes with the mark, whenever the count is asked for.
func TestLiveCountsDrops(t *testing.T) {
	const flood, after, batch, size = 3000, 100, 20, 1000
	const (
		beforeReading = "before reading"
		beforeHole    = "when all before the hole is read"
		behindHole    = "behind the hole" // so that the kernel marks the block
	)
	for _, asked := range []string{beforeReading, beforeHole, behindHole} {
		for _, lanes := range []int{1, 2} {
			t.Run(fmt.Sprintf("asked %s, %d lanes", asked, lanes), func(t *testing.T) {
				privateNetwork(t, "a")
				l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "a1"}}, RingBytes: 1 << 20, Lanes: lanes})
				sender := sendOn(t, "a0")
				for i := range flood {
					sender.send(numberedFrame(i, size))
				}
				var live *Live // the flow's lane
				var lost uint64
				var got []Frame
				for _, lane := range l {
					lane.looked = time.Now().Add(time.Hour) // nobody else asks
					if asked == beforeReading {
						lost += calmDrops(t, lane)
					}
					if frames := takeFrames(t, lane, flood); len(frames) > 0 {
						live, got = lane, frames
					}
					if asked == beforeHole {
						lost += calmDrops(t, lane)
					}
				}
				for i := range after {
					sender.send(numberedFrame(flood+i, size))
					if i%batch != batch-1 {
						continue
					}
					got = append(got, takeFrames(t, live, 1)...)
					n, suspect := live.Drops()
					if (n > 0) != (asked == behindHole && i < batch) || suspect != (i < batch) {
						t.Errorf("batch %d behind the hole: got %d drops, suspect %v", i/batch, n, suspect)
					}
					got = append(got, takeFrames(t, live, batch-1)...)
					more, _ := live.Drops()
					lost += n + more
				}
				calmDrops(t, live)
				if lost == 0 || len(got)+int(lost) != flood+after {
					t.Errorf("sent %d, got %d and %d drops", flood+after, len(got), lost)
				}
				checkOneHole(t, got, int(lost))
				live.look(time.Now())
				if s := live.Stats()[0]; s.Packets != flood+after || s.Drops != lost || s.Freezes == 0 {
					t.Errorf("got %+v, want %d packets, %d drops", s, flood+after, lost)
				}
			})
		}
	}
}

// calmDrops returns the drops where no packet beside a hole has been given.
func calmDrops(t *testing.T, l *Live) uint64 {
	t.Helper()
	n, suspect := l.Drops()
	if suspect {
		t.Error("suspect, though no packet behind a hole was given")
	}
	return n
}

// checkOneHole: the numbers go up by one, but for a single hole.
func checkOneHole(t *testing.T, frames []Frame, want int) {
	t.Helper()
	holes, missing, next := 0, 0, 0
	for _, f := range frames {
		n := int(binary.BigEndian.Uint32(f.Data[42:]))
		if n != next {
			holes++
			missing += n - next
		}
		next = n + 1
	}
	if holes != 1 || missing != want {
		t.Errorf("got %d holes with %d packets, want 1 with %d", holes, missing, want)
	}
}

// TestLiveInterfacesComeAndGo: an interface that is missing, goes down, goes
// away or comes back is told, and the others go on.
func TestLiveInterfacesComeAndGo(t *testing.T) {
	for _, lanes := range []int{1, 2} {
		t.Run(fmt.Sprint(lanes, " lanes"), func(t *testing.T) {
			privateNetwork(t, "a")
			var events []string
			lives := openLive(t, LiveConfig{
				Interfaces: []Interface{{Name: "a1", Point: 1}, {Name: "b1", Point: 2}},
				Lanes:      lanes,
				RingBytes:  1 << 20,
				Notice: func(e InterfaceEvent) {
					text := e.Name + " up"
					if !e.Up {
						text = e.Name + " down: " + strings.SplitN(e.Err.Error(), ",", 2)[0]
					}
					events = append(events, text)
				},
			})
			told := func(want ...string) {
				t.Helper()
				seen := func() bool { return len(events) >= len(want) }
				lives[0].looked = time.Time{} // at once instead of in a second
				nextUntil(t, lives[0], fmt.Sprint("told ", want), seen)
				for _, l := range lives[1:] {
					nextUntil(t, l, "looked", func() bool { l.look(time.Now()); return true })
				}
				if !slices.Equal(events, want) {
					t.Errorf("told %q, want %q", events, want)
				}
				events = nil
			}
			// gives checks what a frame on each interface gives.
			gives := func(points ...uint16) {
				t.Helper()
				for _, name := range []string{"a0", "b0"} {
					if strings.Contains(ip(t, "link"), name+"@") {
						for flow := range 8 { // so that each lane gets some
							sendOn(t, name).send(rtpFrame(byte(flow), 1))
						}
					}
				}
				var got []uint16
				for _, l := range lives {
					for _, f := range takeFrames(t, l, 100) {
						got = append(got, f.Point)
					}
				}
				slices.Sort(got)
				var want []uint16
				for _, p := range points {
					want = append(want, slices.Repeat([]uint16{p}, 8)...)
				}
				if !slices.Equal(got, want) {
					t.Errorf("got points %v, want %v", got, want)
				}
			}
			up := func() (ups []bool) {
				for _, s := range lives[0].Stats() {
					ups = append(ups, s.Up)
				}
				return ups
			}
			if got := up(); !slices.Equal(got, []bool{true, false}) {
				t.Errorf("at the start up: %v", got)
			}
			told(`b1 down: there is no interface "b1"`)
			gives(1)
			addPair(t, "b")
			told("b1 up")
			gives(1, 2)
			ip(t, "link del a0")
			told(`a1 down: there is no interface "a1"`)
			gives(2)
			addPair(t, "a")
			told("a1 up")
			gives(1, 2)
			ip(t, "link set b1 down")
			told("b1 down: the interface is down")
			ip(t, "link set b1 up")
			awaitLink(t, "b0")
			told("b1 up")
			gives(1, 2)
			ip(t, "link set b1 down")
			ip(t, "link set b1 name c1")
			ip(t, "link set c1 up")
			awaitLink(t, "b0")
			told(`b1 down: there is no interface "b1"`)
			gives(1)
			ip(t, "link set c1 down")
			ip(t, "link set c1 name b1")
			ip(t, "link set b1 up")
			awaitLink(t, "b0")
			told("b1 up")
			gives(1, 2)
			s := lives[0].Stats()
			if got := []uint64{s[0].Reopened, s[1].Reopened}; !slices.Equal(got, []uint64{1, 2}) {
				t.Errorf("reopened %v, want [1 2]", got)
			}
		})
	}
}
