package capture

// LiveConfig says what to capture from this host's interfaces.
type LiveConfig struct {
	Interfaces []Interface
	Lanes      int                  // sources that share the load by flow (PACKET_FANOUT_HASH); 0: 1
	RingBytes  int                  // of each ring, one for each interface and lane; 0: 64 MiB
	Notice     func(InterfaceEvent) // told when an interface comes or goes; may be nil; called from the goroutine that calls Next
}

// Interface is one interface to capture from.
type Interface struct {
	Name           string // "eth0"; "any" is all of them
	Point          uint16 // capture point of its frames
	Promiscuous    bool
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
	Err  error // why it went, where known
}

// InterfaceStats is what the kernel counted of one interface, over all lanes.
type InterfaceStats struct {
	Name     string
	Point    uint16
	Up       bool
	Packets  uint64  // that passed the filter, drops included
	Drops    uint64  // that found the ring full
	Freezes  uint64  // times that the ring was full
	RingUsed float64 // share of the ring's blocks that wait to be read, 0 to 1
	Hardware bool    // time stamps are the card's
	Reopened uint64  // times that it came back
}
