package rtpstats

import "net/netip"

// Report is everything that is known about one stream, as if it ended now.
// Reports are cumulative: each one replaces the previous one of the same
// stream (same Src, Dst, SSRC and Start). The table emits one at every interval boundary for every
// stream that had packets in the interval, and a Final one when the stream
// ends (idle, replaced by a new owner of its port, table closed).
type Report struct {
	Src, Dst netip.AddrPort
	SSRC     uint32
	Start    int64 // capture time of the first packet, ns; with the key it identifies the stream
	End      int64 // capture time of the last packet, ns
	Final    bool
	Path     Path // of the first packet

	// What it carried.
	Kind             MediaKind
	Codec            string   // SDP encoding name of the most used media payload type; "" where unknown
	ClockRate        int      // Hz; 0 where unknown
	Channels         int      // 0 where unstated
	ClockInferred    bool     // the clock was estimated from timestamps, not announced
	Announced        bool     // a hint for the destination named the payload type
	SRTP             bool     // announced as SRTP
	PayloadTypes     []uint8  // all seen, in order of first appearance
	Codecs           []string // encoding names of PayloadTypes, "" where unknown
	CodecPackets     uint64   // packets of the payload type that Codec names
	CodecChanges     int      // changes of the media payload type (not telephone-event, not comfort noise)
	PTimeMS          float64  // most common packet time, ms; 0 where unknown
	PTimeChanges     int
	AnnouncedPTimeMS int  // a=ptime, 0 where absent
	Mode             Mode // what the payload's first octets tell about Opus, AMR, AMR-WB

	// Counts (RFC 3550 A.1, A.3; unique loss from the sequence window).
	Packets        uint64 // as captured, duplicates included, capture copies excluded
	Bytes          uint64 // on the wire, Ethernet header to FCS
	PayloadBytes   uint64
	Expected       uint64 // over extended sequence numbers, summed over restarts
	Lost           uint64 // Expected minus unique packets received
	CumulativeLost int64  // RFC 3550 A.3: Expected minus Packets, signed
	Duplicates     uint64 // same sequence number seen again
	CaptureCopies  uint64 // the capture's own second copies, in no other count
	Reordered      uint64 // arrived after a higher sequence number
	Restarts       uint64 // new sequence or timestamp base
	Strays         uint64 // far from the sequence without being a restart: in Packets, in no other count
	Padding        uint64 // packets without payload
	ComfortNoise   uint64 // packets of payload type 13, 19 or encoding CN
	Silences       uint64 // talkspurt gaps: timestamp advanced further than the packet time without loss (DTX)
	EventPackets   uint64 // telephone-event packets (RFC 4733)
	Events         uint64 // telephone-events: distinct timestamps
	MediaPackets   uint64 // packets that counted for jitter

	// Timing.
	Jitter     Jitter
	DeltaMaxMS float64 // largest inter-arrival gap within a talkspurt, ms
	SkewPPM    float64 // sender clock against capture clock, parts per million; positive: sender fast
	SkewValid  bool    // enough packets and time for a slope

	// The ear's view: network loss and late packets of the jitter-buffer models. A
	// lost packet is not late; a duplicate never is, as the first copy was played;
	// a packet that repairs a loss after its playout is.
	LateFixed    uint64   // would be discarded by the fixed 60 ms buffer
	LateAdaptive uint64   // would be discarded by the adaptive 40-200 ms buffer
	BufferMeanMS float64  // mean playout delay of the adaptive buffer, ms
	Bursts       BurstGap // loss and adaptive discards, RFC 3611 4.7.2, Gmin 16
	LossRuns     LossRuns // network loss only

	// Marks on the way; distinct values in order of appearance, at most MaxDistinct.
	DSCP        []uint8
	VLAN        []uint8 // priorities of tagged packets
	TTL         []uint8
	MarkChanges uint32 // changes of any of them, also beyond MaxDistinct

	// Interval is the interval that this report closes; Packets 0 where none was open.
	Interval Interval

	// CaptureDrops counts the stream's intervals in which the capture itself lost packets.
	CaptureDrops uint64
}

// MaxDistinct bounds every list of distinct values in a report.
const MaxDistinct = 8

// Jitter is RFC 3550 A.8 interarrival jitter, ms, in arrival order on media packets.
type Jitter struct {
	Last, Mean, Max float64
}

// Interval is one step of a stream's timeline.
type Interval struct {
	Start       int64  // ns; a multiple of the interval length, or the stream's first packet
	End         int64  // ns
	Packets     uint32 // as captured
	Expected    uint32 // sequence numbers passed
	Lost        int32  // Expected minus unique packets; negative where late arrivals repaired an earlier interval
	LateFixed   uint32
	Late        uint32  // adaptive buffer
	BadRuns     uint32  // runs of consecutive lost or late packets that ended in it
	JitterMS    float64 // mean of the running jitter over the interval's media packets
	JitterMaxMS float64
	BufferMS    float64 // mean adaptive playout delay
	Suspect     bool    // the capture itself dropped packets in it
}

// BurstGap is RFC 3611 4.7.2 with Gmin 16: densities as ratios, durations as means in ms.
type BurstGap struct {
	Bursts, Gaps             uint32
	BurstPackets, BurstBad   uint64
	GapPackets, GapBad       uint64
	BurstDensity, GapDensity float64
	BurstMS, GapMS           float64 // mean durations
	BurstRatio               float64 // G.107 BurstR over the same outcomes, at least 1
}

// LossRuns is the distribution of consecutive network losses: Count[i] runs of
// i+1 packets; the last slot counts longer ones too.
type LossRuns struct {
	Count   [10]uint32
	Runs    uint64
	Longest uint32
}

// Mode is what the payload itself says of a multi-rate codec.
type Mode struct {
	Bandwidth   string  // Opus TOC: "NB", "MB", "WB", "SWB", "FB"; "" where it does not apply
	BitrateKbps float64 // codec payload bit rate over active packets, kbit/s
	FrameType   int     // most used AMR/AMR-WB speech frame type, -1 where it does not apply
}
