//go:build linux

package capture

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fakeKernel fills the rings of a Live by hand, and is its clock. Times are
// milliseconds after its start.
type fakeKernel struct {
	live   *Live
	start  time.Time
	clock  time.Duration
	events []fakeEvent // by time
	waits  []time.Duration
	fill   []int // next block to be filled, for each ring
}

// fakeEvent is a block that becomes readable.
type fakeEvent struct {
	at     time.Duration
	ring   int
	status uint32
	frames []ringFrame
}

const fakeBlock = 4096

func newFakeKernel(rings, blocks int) *fakeKernel {
	k := &fakeKernel{start: time.Unix(1_700_000_000, 0), fill: make([]int, rings)}
	k.live = newLive(&liveGroup{stats: make([]atomic.Pointer[[]InterfaceStats], 1)}, 0)
	for i := range rings {
		t := &tap{Interface: Interface{Name: AnyInterface, Point: uint16(i)}, socket: -1, state: tapUp}
		t.ring.size = fakeBlock
		t.ring.memory = make([]byte, blocks*fakeBlock)
		k.live.taps = append(k.live.taps, t)
		k.live.polls = append(k.live.polls, unix.PollFd{})
	}
	k.live.now = func() time.Time { return k.start.Add(k.clock) }
	k.live.poll = func(_ []unix.PollFd, patience time.Duration) {
		k.waits = append(k.waits, patience)
		k.pass(k.clock + patience)
	}
	return k
}

// pass lets time go on to an event, or to the end of a wait.
func (k *fakeKernel) pass(until time.Duration) {
	if len(k.events) > 0 && k.events[0].at <= until {
		until = k.events[0].at
	}
	k.clock = max(k.clock, until)
	for len(k.events) > 0 && k.events[0].at <= k.clock {
		e := k.events[0]
		k.events = k.events[1:]
		k.close(e)
	}
}

// close hands a block over.
func (k *fakeKernel) close(e fakeEvent) {
	r := &k.live.taps[e.ring].ring
	block := k.fill[e.ring] % r.count()
	k.fill[e.ring]++
	copy(r.memory[block*r.size:], testRingBlock(r.size, statusUser|e.status, e.frames...))
}

// block is a block that is readable ms after the start, with packets of these times.
func (k *fakeKernel) block(ms, ring int, times ...int) {
	e := fakeEvent{at: time.Duration(ms) * time.Millisecond, ring: ring}
	for _, at := range times {
		e.frames = append(e.frames, ringFrame{at: k.start.Add(time.Duration(at) * time.Millisecond).UnixNano(), data: make([]byte, 60)})
	}
	k.events = append(k.events, e)
}

// order reads everything, and writes each packet as point:time, the clock in
// front where it moved, and idle as "-".
func (k *fakeKernel) order(t *testing.T, until int) []string {
	t.Helper()
	var got []string
	var f Frame
	k.pass(0)
	for k.clock < time.Duration(until)*time.Millisecond {
		err := k.live.Next(&f)
		at := time.Duration(f.At - k.start.UnixNano())
		switch {
		case errors.Is(err, ErrIdle):
			got = append(got, "-"+fmt.Sprint(at.Milliseconds()))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, fmt.Sprintf("%d:%d@%d", f.Point, at.Milliseconds(), k.clock.Milliseconds()))
			if want := k.live.current.ring.taken.UnixNano(); f.Seen != want {
				t.Errorf("seen at %d, want %d", f.Seen, want)
			}
		}
	}
	return got
}

// The horizon is 100 ms: so long a head waits for a ring that is empty.
func TestLiveMergesByTime(t *testing.T) {
	for name, c := range map[string]struct {
		rings int
		fill  func(k *fakeKernel)
		until int
		want  []string
	}{
		"one ring never waits": {1, func(k *fakeKernel) {
			k.block(10, 0, 1, 2, 9)
			k.block(20, 0, 12)
		}, 20, []string{"0:1@10", "0:2@10", "0:9@10", "0:12@20"}},
		"idle tells the time that has passed for good": {1, func(*fakeKernel) {}, 100, []string{"--50", "-0"}},
		"two rings take turns": {2, func(k *fakeKernel) {
			k.block(0, 0, -30, -20, -5)
			k.block(0, 1, -25, -10, -4)
			k.block(10, 0, 5)
			k.block(10, 1, 6)
		}, 106, []string{"0:-30@0", "1:-25@0", "0:-20@0", "1:-10@0", "0:-5@0", "1:-4@10", "0:5@10", "1:6@106"}},
		"a busy ring waits for an idle one as long as that may be late": {2, func(k *fakeKernel) {
			k.block(10, 0, 2, 4)
			k.block(12, 0, 11)
		}, 112, []string{"0:2@102", "0:4@107", "0:11@112"}},
		"a late block is in time": {2, func(k *fakeKernel) {
			k.block(10, 0, 2, 8)
			k.block(30, 1, 1, 5)
		}, 108, []string{"1:1@30", "0:2@30", "1:5@30", "0:8@108"}},
		"an interface that is away is not waited for": {2, func(k *fakeKernel) {
			k.live.taps[1].state = tapAbsent
			k.block(10, 0, 2, 4)
		}, 60, []string{"0:2@10", "0:4@10", "--40"}},
		"a clock that is ahead does not hold its ring up": {2, func(k *fakeKernel) {
			k.block(10, 0, 37_002, 37_004) // TAI
			k.block(10, 1, 3, 12)
		}, 110, []string{"1:3@10", "1:12@10", "0:37002@110"}},
		"a clock that is far behind is not waited for": {2, func(k *fakeKernel) {
			k.block(10, 0, -1_600_000_000)
			k.block(10, 1, 3)
		}, 103, []string{"0:-1600000000@10", "1:3@103"}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newFakeKernel(c.rings, 4)
			c.fill(k)
			if got := k.order(t, c.until); !slices.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

// A wall clock that is set back makes the packets of before seem to come from
// the future. They must not wait until it has caught up.
func TestLiveOutlivesClockSteps(t *testing.T) {
	k := newFakeKernel(2, 64)
	k.block(0, 0, -1)
	k.block(0, 1, -2)
	k.pass(0)
	var f Frame
	next := func() uint16 {
		t.Helper()
		if err := k.live.Next(&f); err != nil {
			t.Fatal(err)
		}
		return f.Point
	}
	if next() != 1 { // and ring 0 keeps its head, taken before the step
		t.Fatal("the earlier packet is ring 1's")
	}
	monotonic := time.Duration(0)
	const step = time.Hour
	k.start = k.start.Add(-step)
	k.live.now = func() time.Time { return k.start.Add(k.clock) }
	for i := range k.live.taps { // what the monotonic clock would say of the time that has passed
		k.live.taps[i].ring.taken = k.live.taps[i].ring.taken.Add(-step)
	}
	for ; monotonic < 3*time.Second; monotonic += 100 * time.Millisecond {
		k.clock = monotonic
		k.close(fakeEvent{ring: 1, frames: []ringFrame{{at: k.start.Add(k.clock).UnixNano(), data: make([]byte, 60)}}})
		if next() == 0 {
			break
		}
	}
	if monotonic > livePatience+200*time.Millisecond {
		t.Errorf("the head of ring 0 waited %v", monotonic)
	}
}

// TestLiveMarksHoles: suspect tells when the packets around a hole are given,
// not when the kernel tells of the drops.
func TestLiveMarksHoles(t *testing.T) {
	suspect := func(t *testing.T, k *fakeKernel) bool {
		t.Helper()
		var f Frame
		if err := k.live.Next(&f); err != nil {
			t.Fatal(err)
		}
		_, suspect := k.live.Drops()
		return suspect
	}
	check := func(t *testing.T, k *fakeKernel, want ...bool) {
		t.Helper()
		k.pass(0)
		for i, w := range want {
			if got := suspect(t, k); got != w {
				t.Errorf("packet %d: suspect %v, want %v", i, got, w)
			}
		}
	}
	frames := func(n int) []ringFrame { return slices.Repeat([]ringFrame{{at: 1, data: make([]byte, 60)}}, n) }
	t.Run("the kernel marks the block", func(t *testing.T) {
		k := newFakeKernel(1, 4)
		k.events = []fakeEvent{{frames: frames(2)}, {frames: frames(2), status: statusLosing}, {frames: frames(2)}}
		check(t, k, false, false, true, true, false, false)
	})
	t.Run("drops were read before the block was closed", func(t *testing.T) {
		k := newFakeKernel(1, 4)
		k.events = []fakeEvent{{frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}}
		k.pass(0) // the ring is full, and packets are dropped
		r := &k.live.taps[0].ring
		r.expectHole(r.unread(), r.unread())
		check(t, k, false, false, false, false)
		k.events = []fakeEvent{{frames: frames(1)}, {frames: frames(1)}}
		check(t, k, true, false)
	})
	t.Run("a block was closed while drops were read", func(t *testing.T) {
		k := newFakeKernel(1, 8)
		k.events = []fakeEvent{{frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}}
		k.pass(0)
		k.live.taps[0].ring.expectHole(2, 3) // two unread before, three after
		check(t, k, false, false, true, true, false)
	})
	t.Run("a second hole before the first was reached", func(t *testing.T) {
		k := newFakeKernel(1, 8)
		k.events = []fakeEvent{{frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}, {frames: frames(1)}}
		k.pass(0)
		r := &k.live.taps[0].ring
		r.expectHole(1, 1)
		r.expectHole(3, 3)
		check(t, k, false, true, true, true, false)
	})
	t.Run("other rings go on while the head behind the hole waits", func(t *testing.T) {
		k := newFakeKernel(2, 8)
		late := []ringFrame{{at: 9, data: make([]byte, 60)}}
		k.events = []fakeEvent{{frames: frames(1)}, {frames: late, status: statusLosing}, {ring: 1, frames: frames(3)}}
		check(t, k, false, true, true, true)
	})
}

// TestLiveKeepsTheLastFrame: a block goes back to the kernel when the packet
// behind its last one is asked for, not before.
func TestLiveKeepsTheLastFrame(t *testing.T) {
	k := newFakeKernel(1, 2)
	k.block(0, 0, 1, 2)
	k.block(0, 0, 3)
	k.pass(0)
	r := &k.live.taps[0].ring
	var f Frame
	for i, want := range []uint32{1, 1, 0} {
		if err := k.live.Next(&f); err != nil {
			t.Fatal(err)
		}
		if got := atomic.LoadUint32(r.status(0)); got != want {
			t.Errorf("after packet %d: block status %d, want %d", i, got, want)
		}
	}
	if err := k.live.Next(&f); !errors.Is(err, ErrIdle) || atomic.LoadUint32(r.status(1)) != 0 {
		t.Errorf("got %v, block status %d", err, atomic.LoadUint32(r.status(1)))
	}
	if err := k.live.Close(); err != nil {
		t.Error(err)
	}
	if err := k.live.Next(&f); err != io.EOF {
		t.Errorf("after Close: got %v, want io.EOF", err)
	}
}

// TestLiveCountsBrokenBlocks: a block that contradicts itself is given up, and
// what comes after it goes on.
func TestLiveCountsBrokenBlocks(t *testing.T) {
	k := newFakeKernel(1, 4)
	k.block(0, 0, 1, 2)
	k.block(0, 0, 3)
	k.pass(0)
	r := &k.live.taps[0].ring
	r.memory[blockPackets] = 200 // native order; one of four octets is enough
	r.memory[blockPackets+3] = 200
	got := k.order(t, 1)
	if want := []string{"0:1@0", "0:2@0", "0:3@0", "--50"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	k.live.publish()
	if got := k.live.Stats()[0].Broken; got != 1 {
		t.Errorf("got %d broken blocks, want 1", got)
	}
	if _, suspect := k.live.Drops(); !suspect {
		t.Error("what came after it is not suspect")
	}
}
