package pipeline

import (
	"sync/atomic"

	"earshot/capture"
)

// laneCounts is what a lane saw. The lane writes it; others read it after the
// lane has ended.
type laneCounts struct {
	Packets, Bytes    uint64 // frames, and their octets on the wire
	First, Last       int64  // capture times, ns; 0 before the first packet
	SIP, RTCP, RTP    uint64
	Passed            [passCount]uint64 // what was recognised and passed over
	Decode            capture.Counters
	TCP               capture.StreamsCounters
	Resyncs           uint64 // SIP streams that found their way back after a gap or junk
	SIPStreamsRefused uint64
	ShedRTP           uint64 // found a shard's ring full
}

func (c *laneCounts) span(at int64) {
	if c.First == 0 || at < c.First {
		c.First = at
	}
	if at > c.Last {
		c.Last = at
	}
}

// passed says why a datagram that is not SIP, RTP or RTCP was passed over.
type passed uint8

const (
	passedEmpty passed = iota
	passedSTUN
	passedDTLS
	passedZRTP
	passedTURN
	passedOther
	passedTCP
	passedRTPRange
	passedCopy
	passCount
)

var passedNames = [passCount]string{
	passedEmpty:    "empty_datagram",
	passedSTUN:     "stun",
	passedDTLS:     "dtls",
	passedZRTP:     "zrtp",
	passedTURN:     "turn_channel",
	passedOther:    "other_udp",
	passedTCP:      "other_tcp",
	passedRTPRange: "not_rtp",
	passedCopy:     "capture_copy",
}

// progress is what the outside may watch while a lane runs: updated every few
// thousand packets, so that it costs nothing.
type progress struct {
	packets, bytes atomic.Uint64
	_              [cacheLine]byte
}

func (p *progress) update(c *laneCounts) {
	p.packets.Store(c.Packets)
	p.bytes.Store(c.Bytes)
}
