//go:build linux

package capture

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"golang.org/x/sys/unix"
)

// tapState is what an interface was at the last look.
type tapState uint8

const (
	tapUnknown tapState = iota
	tapAbsent           // there is none of that name
	tapDown
	tapUp
)

// unbound is the index of no interface. 0 is "any".
const unbound = -1

// tap is one lane's ring on one interface. The socket and its ring stay open
// while the interface is away: opening another takes a capability, binding this
// one again does not.
type tap struct {
	Interface
	ring   liveRing
	socket int
	index  int  // of the interface that the socket is bound to
	stale  bool // the socket had an error: it may be bound to what is gone
	fanned bool // one of several lanes

	state    tapState
	wasUp    bool
	notice   func(InterfaceEvent) // nil but for the first lane
	pending  *InterfaceEvent      // to be told at the next look
	hardware bool                 // the card's time stamps are on
	skewed   bool                 // they were, and were wrong

	packets, drops, freezes, reopened uint64
	missed, backlog                   growth // before the packet socket
	backlogFrom                       string // file that tells the backlog
}

func newTap(iface Interface, fanned bool) *tap {
	if iface.Filter == nil {
		iface.Filter = DefaultFilter()
	}
	return &tap{Interface: iface, socket: -1, index: unbound, fanned: fanned, backlogFrom: backlogPath}
}

// openRing opens the socket and its ring. Nothing is captured before connect.
func (t *tap) openRing(size int, group *fanout) (err error) {
	if t.socket, err = openPacketSocket(); err != nil {
		return err
	}
	t.ring.size = ringBlockBytes
	if t.ring.memory, err = mapRing(t.socket, size, t.ring.size); err != nil {
		return err
	}
	if err = attachFilter(t.socket, rejectAll()); err != nil {
		return err
	}
	if !t.fanned {
		return nil
	}
	// A socket of a fanout group cannot be bound again. So it is bound to all
	// interfaces, and the filter says which of them is meant.
	if err = bindSocket(t.socket, 0); err != nil {
		return err
	}
	return group.join(t.socket)
}

// look sees whether the interface came or went, and tells.
func (t *tap) look() {
	t.inspect()
	if err := t.find(); err != nil {
		t.change(tapDown, err)
		t.index = unbound // tried again at the next look
	}
	if t.pending != nil && t.notice != nil {
		t.notice(*t.pending)
	}
	t.pending = nil
}

// inspect takes the socket's error, if it has one: the interface went down, or
// away.
func (t *tap) inspect() {
	code, err := unix.GetsockoptInt(t.socket, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		t.stale = true
	}
}

// find looks the interface up, and connects to it if it is new.
func (t *tap) find() error {
	if t.Name == AnyInterface {
		if t.index == 0 {
			return nil
		}
		warning, err := t.connect(0, 0)
		if err == nil {
			t.change(tapUp, warning)
		}
		return err
	}
	index, flags, err := lookUp(t.socket, t.Name)
	if err != nil {
		return t.leave(err)
	}
	var warning error
	if index != t.index || t.stale && flags&unix.IFF_UP != 0 {
		if warning, err = t.connect(index, flags); err != nil {
			return err
		}
		if t.state == tapUp {
			t.state = tapDown // it went and came back between two looks
		}
	}
	if flags&unix.IFF_UP == 0 {
		t.change(tapDown, errors.New("the interface is down"))
		return nil
	}
	t.change(tapUp, warning)
	return nil
}

// leave notes that the interface is away. Its name may be, while the interface
// lives on under another: the filter sees to it that nothing comes from that.
func (t *tap) leave(err error) error {
	if t.state == tapAbsent {
		return nil
	}
	t.index = unbound
	if errors.Is(err, unix.ENODEV) {
		err = absent(t.Name)
	}
	t.change(tapAbsent, err)
	return attachFilter(t.socket, rejectAll())
}

// connect points the socket at an interface. The warning says what was asked
// for and cannot be had. Filters come after binding, so that no packet passes
// that should not.
func (t *tap) connect(index int, flags uint16) (warning, err error) {
	if !t.fanned {
		if err = bindSocket(t.socket, index); err != nil {
			return nil, err
		}
	}
	if t.Promiscuous && index != 0 {
		warning = promiscuous(t.socket, index)
	}
	if t.HardwareTime && !t.skewed {
		warning = errors.Join(warning, t.useCard(index))
	}
	taken := t.ways(index, flags)
	if taken == allButOutgoing && !t.fanned {
		if err = unix.SetsockoptInt(t.socket, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
			warning = errors.Join(warning, fmt.Errorf("the kernel gives outgoing packets too, the filter drops them: %w", err))
		}
	}
	guarded := 0
	if t.fanned {
		guarded = index
	}
	program, err := guard(guarded, taken, t.Filter.SnapTo(t.SnapLen).Instructions())
	if err != nil {
		return nil, err
	}
	if err = attachFilter(t.socket, program); err != nil {
		return nil, err
	}
	t.index, t.stale = index, false
	t.inspect() // binding to an interface that is down leaves an error behind
	t.stale = false
	return warning, nil
}

// ways says which copies of a packet are taken. A loopback interface shows
// each packet as it leaves and as it arrives: the second is kept. A packet
// between this host and another is seen once, and one that this host forwards
// on two interfaces, which the decoder marks as copies.
func (t *tap) ways(index int, flags uint16) ways {
	switch {
	case t.IgnoreOutgoing || flags&unix.IFF_LOOPBACK != 0:
		return allButOutgoing
	case index == 0:
		return allButLooped
	}
	return bothWays
}

// change notes the state, and what to tell of it.
func (t *tap) change(state tapState, why error) {
	if state == t.state {
		return
	}
	first := t.state == tapUnknown
	t.state = state
	if state == tapUp && t.wasUp {
		t.reopened++
	}
	t.wasUp = t.wasUp || state == tapUp
	if !first || state != tapUp || why != nil {
		t.pending = &InterfaceEvent{Name: t.Name, Up: state == tapUp, Err: why}
	}
}

// absent says that an interface is not there, and which are.
func absent(name string) error {
	const enough = 12
	all, err := net.Interfaces()
	if err != nil || len(all) == 0 {
		return fmt.Errorf("there is no interface %q", name)
	}
	var names []string
	for _, i := range all[:min(len(all), enough)] {
		names = append(names, i.Name)
	}
	if len(all) > enough {
		names = append(names, "...")
	}
	return fmt.Errorf("there is no interface %q, only %s", name, strings.Join(names, ", "))
}

// give fills f with the head.
func (t *tap) give(f *Frame) {
	r := &t.ring
	*f = Frame{Point: t.Point, HEP: t.HEP, Seen: r.seen}
	r.block.frame(&r.head, f)
	r.full = false
}

// collect adds what the kernel counted since the last call, and returns the drops.
func (t *tap) collect() (drops uint64) {
	from := t.ring.unread()
	s, err := unix.GetsockoptTpacketStatsV3(t.socket, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return 0 // only where the socket is closed
	}
	t.packets += uint64(s.Packets) // the kernel adds the drops
	t.drops += uint64(s.Drops)
	t.freezes += uint64(s.Freeze_q_cnt)
	if s.Drops > 0 {
		t.ring.expectHole(from, t.ring.unread())
	}
	return uint64(s.Drops)
}

func (t *tap) stats() InterfaceStats {
	return InterfaceStats{
		Name:     t.Name,
		Point:    t.Point,
		Up:       t.state == tapUp,
		Packets:  t.packets,
		Drops:    t.drops,
		Freezes:  t.freezes,
		Missed:   t.missed.total,
		Backlog:  t.backlog.total,
		RingUsed: t.ring.used(),
		Hardware: t.hardware,
		Reopened: t.reopened,
		Broken:   t.ring.broken,
	}
}

// close gives the ring and the socket back.
func (t *tap) close() error {
	if t.socket < 0 {
		return nil
	}
	var errs []error
	if t.ring.memory != nil {
		errs = append(errs, unix.Munmap(t.ring.memory))
	}
	errs = append(errs, unix.Close(t.socket))
	t.socket, t.ring = -1, liveRing{}
	return errors.Join(errs...)
}
