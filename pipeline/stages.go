package pipeline

import (
	"earshot/capture"
	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/topology"
)

// Stages is what every stage counted, as of its last tick or, while nothing
// comes, of the last second. It is a copy and belongs to the caller.
type Stages struct {
	Lanes      []LaneStage
	Shards     []ShardStage
	Correlator CorrelatorStage
	Recorder   RecorderStage
	Keep       KeepStage
	Forward    ForwardStage
}

// LaneStage is one lane.
type LaneStage struct {
	At             int64 // packet time it has reached, ns
	Packets, Bytes uint64
	SIP, RTCP, RTP uint64
	Lost           uint64           // packets that the source lost
	ShedRTP        uint64           // RTP packets that found a shard's ring full
	ShedMessages   uint64           // SIP messages and RTCP datagrams that found the correlator's ring full
	ShedHints      uint64           // announcements of endpoints that could not wait any longer for a shard
	Decode         capture.Counters // frames by what they gave
	TCP            capture.StreamsCounters
	Passed         map[string]uint64 // datagrams that are not voice, by kind; every kind is present
	Refused        uint64            // SIP connections beyond the cap
	Resyncs        uint64
	RingUsed       float64 // fullest of its rings towards shards, 0 to 1
	MessagesUsed   float64 // of its ring towards the correlator
}

// ShardStage is one shard.
type ShardStage struct {
	At       int64 // packet time it has reached, ns
	Table    rtpstats.Counters
	RingUsed float64 // of its ring towards the correlator
}

// CorrelatorStage is the correlator.
type CorrelatorStage struct {
	At           int64  // packet time it has reached, ns
	Unparsed     uint64 // SIP without a usable Call-ID
	ShedRecords  uint64 // records that found the recorder's ring full
	ShedObserved uint64 // observations that did
	RingUsed     float64
}

// RecorderStage is the recorder.
type RecorderStage struct {
	Records, Observations uint64
}

// KeepStage is the ring of recent packets and the capture files.
type KeepStage struct {
	RingBytes, RingLimit uint64 // octets held, and at most
	Oldest               int64  // capture time of the oldest packet held, ns; 0 while empty
	SavedPackets         uint64
	SavedBytes           uint64
	ShedPackets          uint64 // packets that the files' writer had no room for, or that were too large to keep
	SaveErrors           uint64
	Files                int
	FilesBytes           uint64
}

// ForwardStage is what was handed to the forwarder.
type ForwardStage struct {
	Messages uint64
	Shed     uint64 // messages that found its ring full
}

// Snapshot is an immutable view of a running pipeline.
type Snapshot struct {
	At     int64 // packet time, ns
	Totals dialog.Totals
	SIP    []dialog.SIPCount // cumulative; in a reproducible order
	Plan   *topology.Plan    // that numbers the peers of SIP; nil: none
	View   *dialog.View      // of the last interval's end; nil where none was asked for, or none has ended yet
}

// Observer is a Sink that also takes observations, on the same goroutine.
type Observer interface {
	Observe(*dialog.Observation) // valid until it returns
}

// Forwarder takes a copy of every SIP message and RTCP datagram, from a
// goroutine of its own. Idle is called about every 100 ms while there are none.
type Forwarder interface {
	Forward(*Forwarded)
	Idle()
}

// Forwarded is one message on its way to a Forwarder, valid until Forward returns.
type Forwarded struct {
	At       int64
	Src, Dst [16]byte
	SrcPort  uint16
	DstPort  uint16
	Protocol uint8 // 17 UDP, 6 TCP
	RTCP     bool
	CallID   string // of SIP; "" for RTCP
	Payload  []byte
}

// KeepRTP says how much is kept of an RTP packet.
type KeepRTP uint8

// What is kept of RTP. Headers include what measuring reads of the payload, so
// that a replay gives the same figures.
const (
	KeepHeaders KeepRTP = iota
	KeepAll
	KeepNothing
)

// KeepConfig bounds the ring of recent packets.
type KeepConfig struct {
	Bytes int // over all lanes; 0: no ring
	RTP   KeepRTP
}

// SaveConfig is for capture files that rotate.
type SaveConfig struct {
	Dir        string // "": none are written
	FileBytes  int64  // a new file after so many octets; 0: 256 MiB
	TotalBytes int64  // the oldest files are deleted above this; 0: 4 GiB
	MinFree    int64  // and below so much free space on the disk; 0: 1 GiB
	RTP        KeepRTP
	Notice     func(error) // told when saving begins to fail or fails for another reason, and with nil when it works again; may be nil; called from the saver's goroutine
}
