//go:build linux

package capture

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// How long a packet may be on its way to us. The kernel closes a block that is
// not full after liveRetire; its timer looks every liveRetire and closes what
// was open at the look before, so twice that may pass, and on a machine with
// six busy processes for each processor 90 ms were seen. What has not come
// after liveHorizon does not exist.
const (
	liveRetire   = 10 * time.Millisecond
	liveHorizon  = 100 * time.Millisecond
	livePoll     = 50 * time.Millisecond // longest wait in Next
	liveDoze     = 5 * time.Millisecond  // shortest, so that heads that ripen one by one come in batches
	livePatience = 2 * time.Second       // no head waits longer for those of other rings, whatever the clocks say
	liveLook     = time.Second           // between looks at the interfaces
)

// Live captures from this host's interfaces, by TPACKET_V3 rings: one for each
// interface, merged by time. It is a Source. One goroutine uses it; only Stats
// may be called by others.
type Live struct {
	taps    []*tap
	current *tap
	limit   int64 // the order up to which current goes before every other ring
	polls   []unix.PollFd
	looked  time.Time
	lost    uint64 // dropped since Drops was called
	suspect bool   // a hole was crossed since Drops was called
	closed  bool
	group   *liveGroup
	lane    int

	now  func() time.Time
	poll func([]unix.PollFd, time.Duration)
}

// liveGroup is the lanes that were opened together. The table is written once;
// each entry belongs to its lane, which publishes immutable copies.
type liveGroup struct {
	stats []atomic.Pointer[[]InterfaceStats]
}

// OpenLive opens every interface, once for each lane, and returns one source
// for each lane. An interface that is not there is waited for: Stats tells, and
// so does cfg.Notice at the first Next. An error names the interface, the
// missing capability where that is the reason, and the command that grants it.
func OpenLive(cfg LiveConfig) ([]*Live, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	lanes := max(cfg.Lanes, 1)
	group := &liveGroup{stats: make([]atomic.Pointer[[]InterfaceStats], lanes)}
	lives := make([]*Live, lanes)
	for i := range lives {
		lives[i] = newLive(group, i)
	}
	for _, iface := range cfg.Interfaces {
		if err := openTaps(lives, iface, cfg); err != nil {
			for _, l := range lives {
				err = errors.Join(err, l.Close())
			}
			return nil, err
		}
	}
	for _, l := range lives {
		l.publish()
	}
	return lives, nil
}

func newLive(group *liveGroup, lane int) *Live {
	return &Live{group: group, lane: lane, now: time.Now, poll: pollSockets}
}

// openTaps opens one interface for every lane.
func openTaps(lives []*Live, iface Interface, cfg LiveConfig) error {
	var fanout fanout
	for i, l := range lives {
		t := newTap(iface, len(lives) > 1)
		if i == 0 {
			t.notice = cfg.Notice
		}
		if err := t.openRing(cfg.ringBytes(), &fanout); err != nil {
			return fmt.Errorf("cannot capture from %q: %w", iface.Name, errors.Join(err, t.close()))
		}
		l.taps = append(l.taps, t)
		l.polls = append(l.polls, unix.PollFd{})
		if err := t.find(); err != nil {
			return fmt.Errorf("cannot capture from %q: %w", iface.Name, err)
		}
	}
	return nil
}

// Next returns the next frame of any of the interfaces, in order of time.
func (l *Live) Next(f *Frame) error {
	if t := l.current; t != nil && t.ring.advance() && t.ring.order() <= l.limit {
		t.give(f)
		return nil
	}
	return l.turn(f)
}

// turn finds the ring whose packet is next, or waits for one.
func (l *Live) turn(f *Frame) error {
	if l.closed {
		return io.EOF
	}
	for waited := false; ; waited = true {
		best, limit, now := l.pick()
		if best != nil && (best.ring.order() <= limit || now.Sub(best.ring.taken) >= liveHorizon) {
			l.current, l.limit = best, limit
			best.give(f)
			return nil
		}
		if best == nil && waited {
			l.current = nil
			f.At = now.Add(-liveHorizon).UnixNano()
			return ErrIdle
		}
		l.wait(best, now)
	}
}

// pick returns the ring whose head is the earliest, and up to which order it
// may go: not beyond the next ring's head, nor beyond what an empty ring may
// still bring. The time is only taken where a ring has no head; then it is
// taken before the ring is looked at.
func (l *Live) pick() (best *tap, limit int64, now time.Time) {
	limit = math.MaxInt64
	for _, t := range l.taps {
		if !t.ring.full {
			now = l.now()
			limit = l.refill(now)
			break
		}
	}
	for _, t := range l.taps {
		switch {
		case !t.ring.full:
		case !now.IsZero() && now.Sub(t.ring.taken) > livePatience:
			return t, limit, now
		case best == nil || t.ring.order() < best.ring.order():
			if best != nil {
				limit = min(limit, best.ring.order())
			}
			best = t
		default:
			limit = min(limit, t.ring.order())
		}
	}
	return best, limit, now
}

// refill looks for the heads that are missing, and returns the time before
// which the rings that stay empty will bring nothing.
func (l *Live) refill(now time.Time) (limit int64) {
	if now.Sub(l.looked) >= liveLook || now.Before(l.looked) {
		l.look(now)
	}
	limit = math.MaxInt64
	for _, t := range l.taps {
		blocks := t.ring.blocks
		if !t.ring.full && !t.ring.refill(now) && t.state == tapUp {
			limit = min(limit, now.Add(-liveHorizon).UnixNano())
		}
		if t.ring.blocks != blocks {
			l.suspect = l.suspect || t.ring.hole
			t.checkClock()
		}
	}
	return limit
}

// wait waits for a packet of the rings that are empty. The head of best, if
// there is one, waits no longer than the others may be late.
func (l *Live) wait(best *tap, now time.Time) {
	patience := livePoll
	if best != nil {
		late := time.Duration(best.ring.order()-now.UnixNano()) + liveHorizon
		held := liveHorizon - now.Sub(best.ring.taken)
		patience = min(patience, late, held)
	}
	for i, t := range l.taps {
		l.polls[i] = unix.PollFd{Fd: -1, Events: unix.POLLIN}
		if !t.ring.full {
			l.polls[i].Fd = int32(t.socket)
		}
	}
	l.poll(l.polls, max(patience, liveDoze))
	for i, t := range l.taps {
		if l.polls[i].Revents&unix.POLLERR != 0 {
			t.inspect()
			l.looked = time.Time{} // not in a second, now
		}
	}
}

func pollSockets(fds []unix.PollFd, patience time.Duration) {
	// An error is an interrupted wait, and as good as its end.
	_, _ = unix.Poll(fds, int((patience+time.Millisecond-1)/time.Millisecond))
}

// look sees which interfaces came and went, and publishes the counts.
func (l *Live) look(now time.Time) {
	l.looked = now
	for _, t := range l.taps {
		t.look()
		l.suspect = t.miss() || l.suspect
	}
	l.collect()
	l.publish()
}

// collect reads what the kernel counted.
func (l *Live) collect() {
	for _, t := range l.taps {
		l.lost += t.collect()
	}
}

// Drops returns what the kernel dropped because a ring was full, exactly, and
// whether packets on either side of such a hole were given. The count is of the
// time of asking; the packets around the hole may come later, behind what the
// ring still holds, and it is then that suspect is true. It is true, too, where
// packets were lost before the packet socket, in the card or the kernel's input
// queue; see InterfaceStats.
func (l *Live) Drops() (lost uint64, suspect bool) {
	l.collect()
	lost, suspect = l.lost, l.suspect
	l.lost, l.suspect = 0, false
	for _, t := range l.taps {
		// A head behind a hole may wait while other rings go on: the time that
		// they pass is the hole's.
		suspect = suspect || t.ring.open && t.ring.hole
	}
	return lost, suspect
}

func (l *Live) publish() {
	stats := make([]InterfaceStats, len(l.taps))
	for i, t := range l.taps {
		stats[i] = t.stats()
	}
	l.group.stats[l.lane].Store(&stats)
}

// Stats returns the state of the interfaces as of the last second, over all
// lanes that were opened together. Any goroutine may call it.
func (l *Live) Stats() []InterfaceStats {
	var sum []InterfaceStats
	for i := range l.group.stats {
		lane := l.group.stats[i].Load()
		switch {
		case lane == nil:
		case sum == nil:
			sum = slices.Clone(*lane)
		default:
			for j := range *lane {
				sum[j].add(&(*lane)[j])
			}
		}
	}
	return sum
}

// Close closes the rings. Frames that were given are gone, and Next returns io.EOF.
func (l *Live) Close() error {
	var errs []error
	for _, t := range l.taps {
		errs = append(errs, t.close())
	}
	l.taps, l.polls, l.current, l.closed = nil, nil, nil, true
	return errors.Join(errs...)
}
