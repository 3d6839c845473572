package dialog

import (
	"net/netip"

	"earshot/rtpstats"
	"earshot/topology"
)

// Observation is one interval of one stream as soon as it is known: what
// metrics and rules aggregate. It holds what happened within the interval,
// never running totals; the sum of a stream's observations is its record.
//
// Observations come in a reproducible order, each stream's in order of time.
// A stream's last one has Final set. It may be empty (no Packets and no
// Expected): then it only says that the stream is over, as of Start and End.
type Observation struct {
	Src, Dst    netip.AddrPort
	SSRC        uint32
	StreamStart int64  // ns; with the key it identifies the stream
	Call        string // id of the call it belongs to, "" while unbound

	// Of two streams of a call with the same speaker, the caller's flows from the
	// lower hop to the higher one, the callee's the other way: what the upstream
	// one lacks the other one lacks too. Hops of different speakers don't compare.
	Speaker   Speaker // whose voice it carries
	Hop       uint8   // the SIP hop that announced its destination: 1 is the caller's; 0 unknown
	UserAgent string  // User-Agent or Server of the end of that hop which sends it, "" unknown

	Point     uint16 // capture point of the stream's first packet
	Segment   topology.SegmentID
	Direction topology.Direction
	Trunk     string         // the SIP domain by which the segment's trunks chose it, "" where none did
	Plan      *topology.Plan // that numbers Segment; nil: none

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
	Reason  string  // why MOS is 0, one of Reasons; "" where it is not, and in an empty observation
	Suspect bool    // packets are missing that the network did not lose: the capture lost some in it, or the receiver misses next to none of them

	RTCP    RTCPObservation
	Located Located
}

// Empty reports whether nothing was expected and nothing came: the observation
// only closes its stream.
func (o *Observation) Empty() bool { return o.Packets == 0 && o.Expected == 0 }

// RTCPObservation is what the stream's sender and receiver said of it by RTCP
// since its previous observation.
type RTCPObservation struct {
	Reports  uint32    // report blocks
	Lost     int64     // growth of the cumulative loss, at least 0
	JitterMS float64   // last reported, valid with Reports > 0; 0 where the clock rate is unknown
	RTTMS    float64   // last measured round trip, both halves at the tap; 0 where none came
	XR       bool      // a VoIP metrics block came
	Voice    *XRRecord // the last such block, where XR is set; never modified
}

// Located says on which side of the capture point packets were lost.
//
// Before is the local loss: gaps in the sequence as it passed the point. After
// is how much the receiver's RTCP reports beyond that. Its reports lag behind
// by seconds, so the cumulative figures are compared, and After is by how much
// their difference grew beyond where it had been: it comes late rather than
// wrong. What a receiver had lost before the stream was first seen here counts
// nowhere. Undetermined is the local loss of suspect intervals, in which the
// capture may have lost the packets itself.
type Located struct {
	Before, After, Undetermined uint32
}

// The reasons why an interval or a stream has no score.
const (
	ReasonTooShort      = "too_short"          // fewer packets than a score means anything for
	ReasonNotAudio      = "not_audio"          // video, text, telephone-events alone ...
	ReasonCodecUnknown  = "codec_unknown"      // nothing announced the payload type
	ReasonSRTP          = "srtp_unknown_clock" // the same, of an encrypted stream, whose SDP may be encrypted too
	ReasonMixedCodec    = "mixed_codec"        // several codecs shared it: on no single scale
	ReasonCodecUnscored = "codec_unscored"     // the codec is known and the table has no values for it, or not for its mode
)

// Reasons are all values of Observation.Reason and StreamRecord.Unmeasured but "".
var Reasons = []string{
	ReasonTooShort, ReasonNotAudio, ReasonCodecUnknown, ReasonSRTP, ReasonMixedCodec, ReasonCodecUnscored,
}
