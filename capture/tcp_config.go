package capture

// Defaults of StreamsConfig.
const (
	defaultStreams     = 65536
	defaultOpening     = 4096
	defaultHeld        = 64
	defaultHeldOctets  = 256 << 10
	defaultTotalOctets = 32 << 20
	defaultHoldFor     = 2e9
	defaultIdleAfter   = 600e9
)

// StreamsConfig bounds what Streams keeps. Zero values mean the defaults.
type StreamsConfig struct {
	// Want reports whether a direction whose octets start, or go on, with these
	// is worth following. It sees what one segment holds, perhaps a single
	// octet and never none, so it should say yes to what may still become wanted.
	// nil follows everything.
	Want func(first []byte) bool

	Directions     int   // followed at once, a connection has two; 65536
	Opening        int   // directions that have only opened, or have closed; 4096
	Segments       int   // segments held behind a hole, each direction; 64
	DirectionBytes int   // octets held behind a hole, each direction; 256 KiB
	TotalBytes     int   // octets held behind holes together; 32 MiB
	HoldFor        int64 // ns of packet time that a hole may stay open; 2 s
	IdleAfter      int64 // ns of packet time without a segment after which a direction is given up; 10 min
}

// StreamsCounters is what a Streams counted since it was made.
type StreamsCounters struct {
	Segments    uint64 // with payload, copies left out
	Unwanted    uint64 // segments of directions that Want declined
	Retransmits uint64 // segments that brought nothing new
	Reordered   uint64 // segments that had to wait for one before them
	Gaps        uint64 // holes given up
	Overflows   uint64 // of them, those given up because a bound was reached
	Evicted     uint64 // directions given up to make room
	Expired     uint64 // directions given up after IdleAfter
	Followed    uint64 // directions followed now
	HeldBytes   uint64 // octets held behind holes now
}

func (c StreamsConfig) withDefaults() StreamsConfig {
	orDefault := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	orDefault(&c.Directions, defaultStreams)
	orDefault(&c.Opening, defaultOpening)
	orDefault(&c.Segments, defaultHeld)
	orDefault(&c.DirectionBytes, defaultHeldOctets)
	orDefault(&c.TotalBytes, defaultTotalOctets)
	if c.HoldFor <= 0 {
		c.HoldFor = defaultHoldFor
	}
	if c.IdleAfter <= 0 {
		c.IdleAfter = defaultIdleAfter
	}
	if c.Want == nil {
		c.Want = func([]byte) bool { return true }
	}
	return c
}
