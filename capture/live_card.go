//go:build linux

package capture

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// How far a card's clock may be from the host's. A packet is seen after it was
// captured, by as much as the ring holds; never before.
const (
	cardAhead  = time.Second
	cardBehind = time.Minute
)

// useCard turns the card's time stamps on. The error says why the kernel's are
// used instead.
func (t *tap) useCard(index int) error {
	t.hardware = false
	if index == 0 {
		return fmt.Errorf("no hardware time stamps on %q: name the interfaces; the kernel's are used", AnyInterface)
	}
	if err := stampAll(t.socket, t.Name); err != nil {
		return fmt.Errorf("no hardware time stamps, the kernel's are used: %w", err)
	}
	err := unix.SetsockoptInt(t.socket, unix.SOL_PACKET, unix.PACKET_TIMESTAMP, unix.SOF_TIMESTAMPING_RAW_HARDWARE)
	if err != nil {
		return fmt.Errorf("no hardware time stamps, the kernel's are used: %w", err)
	}
	t.hardware = true
	return nil
}

// stampAll makes the card stamp every packet that it receives. What it does
// for those that it sends is somebody else's (ptp4l's) and stays.
func stampAll(fd int, name string) error {
	config, err := unix.IoctlGetHwTstamp(fd, name)
	if err != nil {
		config = &unix.HwTstampConfig{}
	}
	if config.Rx_filter == unix.HWTSTAMP_FILTER_ALL {
		return nil
	}
	config.Rx_filter = unix.HWTSTAMP_FILTER_ALL
	if err := unix.IoctlSetHwTstamp(fd, name, config); err != nil {
		return fmt.Errorf("cannot turn them on: %w (the card and its driver must have them, and it takes CAP_NET_ADMIN)", err)
	}
	return nil
}

// cardOff returns how far the head's time stamp is ahead of when it was seen,
// and whether that is too far for a card's.
func (r *liveRing) cardOff() (ahead time.Duration, wrong bool) {
	if !r.full || r.head.status&statusCardStamp == 0 {
		return 0, false
	}
	ahead = time.Duration(r.head.at - r.seen)
	return ahead, ahead > cardAhead || ahead < -cardBehind
}

// checkClock goes back to the kernel's time stamps if those of the card are not
// the time of day: TAI, which is 37 s ahead, or the time since it was reset.
func (t *tap) checkClock() {
	if !t.hardware {
		return
	}
	ahead, wrong := t.ring.cardOff()
	if !wrong {
		return
	}
	t.hardware, t.skewed = false, true
	why := fmt.Errorf("the card's clock is %v from the time of day, the kernel's time stamps are used; phc2sys sets it", ahead.Round(time.Millisecond))
	if err := unix.SetsockoptInt(t.socket, unix.SOL_PACKET, unix.PACKET_TIMESTAMP, 0); err != nil {
		why = fmt.Errorf("the card's clock is %v from the time of day, and its time stamps cannot be turned off: %w", ahead, err)
	}
	t.pending = &InterfaceEvent{Name: t.Name, Up: true, Err: why}
}
