package dialog

import (
	"net/netip"

	"earshot/rtpstats"
	"earshot/topology"
)

// Observation is one interval of one stream as soon as it is known: what
// metrics and rules aggregate. It holds what happened within the interval,
// never running totals.
type Observation struct {
	Src, Dst    netip.AddrPort
	SSRC        uint32
	StreamStart int64  // ns; with the key it identifies the stream
	Call        string // id of the call it belongs to, "" while unbound

	Point     uint16 // capture point of the stream's first packet
	Segment   topology.SegmentID
	Direction topology.Direction

	Start, End int64 // of the interval, ns of packet time
	First      bool  // the stream's first observation
	Final      bool  // the stream's last one

	Media rtpstats.MediaKind
	Codec string // SDP encoding name, "" where unknown

	Packets, Expected, Duplicates, Reordered, Late uint32
	Lost                                           int32 // negative where late arrivals repaired an earlier interval
	JitterMS, JitterMaxMS                          float64
	DelayVariationMS                               float64 // mean playout delay of the adaptive jitter buffer

	MOS     float64 // listening quality by the codec's own model; 0 where not computable
	MOSCQ   float64 // conversational quality; 0 where no delay is known
	Reason  string  // why MOS is 0
	Suspect bool    // the capture itself lost packets in it

	RTCP    RTCPObservation
	Located Located
}

// Located says on which side of the capture point the packets of an interval
// were lost.
type Located struct {
	Before, After, Undetermined uint32
}

// Reasons are all values of Observation.Reason and StreamRecord.Unmeasured.
var Reasons = []string{}

// RTCPObservation is what the receiver's RTCP said of the stream within the
// interval.
type RTCPObservation struct {
	Reports  uint32  // report blocks
	Lost     int64   // growth of the cumulative loss, at least 0
	JitterMS float64 // last reported, valid with Reports > 0
	RTTMS    float64 // last measured round trip, 0 where none
	XR       bool    // a VoIP metrics block came
}
