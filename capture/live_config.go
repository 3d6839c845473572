package capture

import (
	"errors"
	"fmt"
)

// defaultRing is the size of a ring where none is asked for: two seconds of
// 1,500 calls, 0.3 s of 10,000.
const defaultRing = 64 << 20

// maxLanes bounds the lanes; a fanout group takes 256 sockets.
const maxLanes = 64

// longestName is the longest name of an interface, IFNAMSIZ without its end.
const longestName = 15

// LiveConfig says what to capture from this host's interfaces.
type LiveConfig struct {
	Interfaces []Interface
	Lanes      int                  // sources that share the load by flow (PACKET_FANOUT_HASH); 0: 1
	RingBytes  int                  // of each ring, one for each interface and lane; 0: 64 MiB
	Notice     func(InterfaceEvent) // told when an interface comes or goes; may be nil; called from the goroutine that calls the first lane's Next
}

// AnyInterface is the name that stands for all interfaces, those to come too.
const AnyInterface = "any"

// Interface is one interface to capture from.
type Interface struct {
	Name           string  // "eth0"; "any" is all of them
	Point          uint16  // capture point of its frames
	Promiscuous    bool    // also frames that are for other hosts; means nothing for "any"
	IgnoreOutgoing bool    // PACKET_IGNORE_OUTGOING: only what comes in
	HardwareTime   bool    // the card's time stamps where it makes them
	Filter         *Filter // nil: the default filter
	SnapLen        int     // octets kept of a frame; 0: all of them
	HEP            bool    // unwrap HEP that passes by
}

// InterfaceEvent says that an interface came or went.
type InterfaceEvent struct {
	Name string
	Up   bool
	Err  error // why it went, where known; with Up what it can't do that was asked for
}

// InterfaceStats is what the kernel counted of one interface, over all lanes.
type InterfaceStats struct {
	Name     string
	Point    uint16
	Up       bool
	Packets  uint64  // that passed the filter, drops included
	Drops    uint64  // that found the ring full
	Freezes  uint64  // times that the ring was full
	Missed   uint64  // that the card had no room for, none of the others; filters have not seen them
	Backlog  uint64  // of all of this host's interfaces that found the kernel's input queue full, none of the others
	RingUsed float64 // share of the ring's blocks that wait to be read, 0 to 1; of the fullest lane's
	Hardware bool    // time stamps are the card's
	Reopened uint64  // times that it came back
	Broken   uint64  // blocks of the ring that contradicted themselves; never seen, and always 0
}

// add adds another lane's counts.
func (s *InterfaceStats) add(o *InterfaceStats) {
	s.Up = s.Up && o.Up
	s.Packets += o.Packets
	s.Drops += o.Drops
	s.Freezes += o.Freezes
	s.Missed = max(s.Missed, o.Missed) // each lane reads the same counters
	s.Backlog = max(s.Backlog, o.Backlog)
	s.RingUsed = max(s.RingUsed, o.RingUsed)
	s.Hardware = s.Hardware && o.Hardware
	s.Reopened = max(s.Reopened, o.Reopened)
	s.Broken += o.Broken
}

// check refuses what can never work.
func (c *LiveConfig) check() error {
	if len(c.Interfaces) == 0 {
		return errors.New("cannot capture: no interface is named")
	}
	if c.Lanes > maxLanes {
		return fmt.Errorf("cannot capture with %d lanes: at most %d", c.Lanes, maxLanes)
	}
	seen := map[string]bool{}
	for _, i := range c.Interfaces {
		if len(i.Name) == 0 || len(i.Name) > longestName {
			return fmt.Errorf("cannot capture from %q: an interface's name has 1 to %d octets", i.Name, longestName)
		}
		if seen[i.Name] {
			return fmt.Errorf("cannot capture from %q twice: its packets would count double", i.Name)
		}
		seen[i.Name] = true
	}
	return nil
}

// A ring's blocks hold the longest frames, 64 KiB and more of a TCP segment that
// the card has yet to cut. The kernel closes a block that is not full after
// liveRetire, so while nobody reads, the number of blocks says how long a ring
// lasts at low rates: 64 MiB are 256 blocks, at least 2.5 s. A block of RTP is
// about 700 packets, 1,400 blocks a second at a million packets.
const (
	ringBlockBytes = 256 << 10
	minBlocks      = 4
)

// ringBytes returns the size of a ring: whole blocks, and some of them.
func (c *LiveConfig) ringBytes() int {
	size := c.RingBytes
	if size <= 0 {
		size = defaultRing
	}
	return max(size/ringBlockBytes, minBlocks) * ringBlockBytes
}
