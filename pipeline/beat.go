package pipeline

// Beat tells that packet time has come to a second's end, and what the lanes
// had seen by then since the start. It comes before what ended in that second.
type Beat struct {
	At           int64  // ns
	Packets      uint64 // that the capture gave
	Lost         uint64 // that the kernel, a ring or a file lost before
	Shed         uint64 // RTP packets that found a shard busy
	ShedMessages uint64 // SIP and RTCP, records and observations that found the stage behind busy
}

// Timekeeper is a Sink that is told the time, on the same goroutine: each
// second of packet time once, those without a packet in between not at all, and
// the last one again when the sources have ended. A live pipeline may leave out beats under overload; what they would have
// told is in the next one.
type Timekeeper interface {
	Sink
	Tick(Beat)
}

// seen is what a lane has counted since its start.
type seen struct {
	packets, lost, shed, shedMessages uint64
	holes                             uint64 // ticks around which packets are missing that are not in lost, or not at that time
}

// beat begins a batch with the time.
func (c *correlator) beat(at int64) {
	if !c.beats {
		return
	}
	c.out.send()
	b := c.records()
	if b == nil {
		return
	}
	b.beat = Beat{At: at, ShedMessages: c.shedRecords + c.shedObserved}
	for _, s := range c.seen {
		b.beat.Packets += s.packets
		b.beat.Lost += s.lost
		b.beat.Shed += s.shed
		b.beat.ShedMessages += s.shedMessages
	}
}
