package dialog

import (
	"net/netip"
	"time"

	"earshot/rtpstats"
	"earshot/topology"
)

// Record is what the correlator gives when something ended: a *CallRecord, a
// *StreamRecord or a *TransactionRecord. Records are immutable once emitted.
type Record interface{ recordType() string }

// Time is a capture time. It prints as RFC 3339 with nanoseconds in UTC, and
// as null when zero.
type Time int64

// CallRecord is one call with all its legs, in the words of the JSON contract.
type CallRecord struct {
	Type            string      `json:"type"` // "call"
	ID              string      `json:"id"`
	CallIDs         []string    `json:"call_ids"`
	From            string      `json:"from"` // user part or URI
	To              string      `json:"to"`
	FromURI         string      `json:"from_uri"`
	ToURI           string      `json:"to_uri"`
	Start           Time        `json:"start"`
	Ringing         Time        `json:"ringing"`
	Answer          Time        `json:"answer"`
	End             Time        `json:"end"`
	DurationMS      *float64    `json:"duration_ms"` // answer to end
	SetupMS         *float64    `json:"setup_ms"`    // RFC 6076 4.3 SRD
	PDDMS           *float64    `json:"pdd_ms"`
	DisconnectMS    *float64    `json:"disconnect_ms"` // RFC 6076 4.4 SDD
	Disposition     Disposition `json:"disposition"`
	FinalStatus     *int        `json:"final_status"`
	Reason          string      `json:"reason"`
	EndedBy         EndedBy     `json:"ended_by"`
	Transport       string      `json:"transport"`
	UserAgents      []string    `json:"user_agents"`
	Retransmissions int         `json:"retransmissions"`
	Legs            []LegRecord `json:"legs"`
	LegEvidence     []string    `json:"leg_evidence"` // how the legs were joined: "session_id", "icid", "header:X-Call-ID", "number_time", "caller_time", "hop"
	Offered         []string    `json:"offered"`
	AnsweredCodecs  []string    `json:"answered_codecs"`
	Holds           int         `json:"holds"`
	HoldMS          float64     `json:"hold_ms"`
	Transfers       []Transfer  `json:"transfers"`
	Streams         []string    `json:"streams"` // ids
	MOSWorst        *float64    `json:"mos_worst"`
	Findings        []Finding   `json:"findings"`
	Truncated       bool        `json:"truncated"`
	Trust           string      `json:"trust,omitempty"` // "suspect" or "": the probe missed messages that may have told another outcome
	TrustReason     string      `json:"trust_reason,omitempty"`

	// For the faces that show a call; not in the JSON line.
	Media  []*StreamRecord `json:"-"` // the streams themselves, in order of start
	Ladder []LadderEntry   `json:"-"` // kept only with Config.KeepLadder, at most Config.MaxLadder

	// By the plan that held when the call was written; not in the JSON line.
	Plan              *topology.Plan     `json:"-"` // nil: none
	SegmentFromCaller topology.SegmentID `json:"-"` // of what the caller said: of its first stream with a segment, else of the signalling of the first leg; the callee's of the last one
	SegmentFromCallee topology.SegmentID `json:"-"`
	PeerFrom          topology.PeerID    `json:"-"` // of who sent the first leg's INVITE
	PeerTo            topology.PeerID    `json:"-"` // of who received the last leg's
	TrunkFromCaller   string             `json:"-"` // the SIP domain by which SegmentFromCaller was chosen, "" where none did
	TrunkFromCallee   string             `json:"-"`
	AgentFrom         string             `json:"-"` // User-Agent or Server of the caller on the hop nearest to it, "" unknown
	AgentTo           string             `json:"-"` // of the callee on the last hop
}

// Disposition is how a call came out.
type Disposition string

// The dispositions.
const (
	Answered   Disposition = "answered"
	Busy       Disposition = "busy"
	NoAnswer   Disposition = "no_answer"
	Cancelled  Disposition = "cancelled"
	Rejected   Disposition = "rejected"
	Failed     Disposition = "failed"
	Redirected Disposition = "redirected"
	InProgress Disposition = "in_progress"
)

// EndedBy says who or what ended a call.
type EndedBy string

// The ends of a call.
const (
	EndedByCaller  EndedBy = "caller"
	EndedByCallee  EndedBy = "callee"
	EndedByTimeout EndedBy = "timeout"
	EndedByCapture EndedBy = "capture_end"
)

// LegRecord is one observed hop: two SIP peers and their dialog.
type LegRecord struct {
	Src       netip.AddrPort `json:"src"` // who sent the first request
	Dst       netip.AddrPort `json:"dst"`
	CallID    string         `json:"call_id"`
	FromTag   string         `json:"from_tag"`
	ToTag     string         `json:"to_tag"`
	Transport string         `json:"transport"`
}

// Transfer is one REFER, or an INVITE with Replaces.
type Transfer struct {
	At     Time   `json:"at"`
	Kind   string `json:"kind"` // "blind", "attended", "replaces"
	Target string `json:"target"`
	Status *int   `json:"status"` // from the NOTIFY sipfrag, or the INVITE's final response
}

// Finding is one thing wrong with a call, with a stable code, a sentence for
// people and the measured evidence.
type Finding struct {
	Code     string `json:"code"`
	Text     string `json:"text"`
	Evidence string `json:"evidence"`
	Stream   string `json:"stream,omitempty"` // id of the stream it concerns
}

// StreamRecord is one RTP source towards one destination.
type StreamRecord struct {
	Type           string           `json:"type"` // "stream"
	ID             string           `json:"id"`
	Call           *string          `json:"call"`
	Binding        Binding          `json:"binding"`
	Direction      string           `json:"direction"` // "from_caller", "from_callee", "" where unbound: whose voice it carries
	Src            netip.AddrPort   `json:"src"`
	Dst            netip.AddrPort   `json:"dst"`
	SSRC           string           `json:"ssrc"`  // "0x1a2b3c4d"
	Media          string           `json:"media"` // "audio", "video", "other", "unknown"
	Codec          *string          `json:"codec"`
	ClockRate      *int             `json:"clock_rate"`
	PayloadTypes   []int            `json:"payload_types"`
	ClockInferred  bool             `json:"clock_inferred"`
	CodecChanges   int              `json:"codec_changes"`
	PTimeMS        *float64         `json:"ptime_ms"`
	PTimeChanges   int              `json:"ptime_changes"`
	Start          Time             `json:"start"`
	End            Time             `json:"end"`
	DurationMS     float64          `json:"duration_ms"`
	Packets        uint64           `json:"packets"`
	Bytes          uint64           `json:"bytes"`
	BitrateBPS     *float64         `json:"bitrate_bps"`
	Expected       uint64           `json:"expected"`
	Lost           uint64           `json:"lost"`
	LossRatio      float64          `json:"loss_ratio"`
	CumulativeLost int64            `json:"cumulative_lost"`
	Duplicates     uint64           `json:"duplicates"`
	CaptureCopies  uint64           `json:"capture_copies"`
	Reordered      uint64           `json:"reordered"`
	Restarts       uint64           `json:"restarts"`
	LossRuns       []uint32         `json:"loss_runs"` // runs of 1, 2, ... 9, 10 and more packets
	ComfortNoise   uint64           `json:"comfort_noise"`
	Silences       uint64           `json:"silences"`
	Events         uint64           `json:"events"` // telephone-events; digits are never recorded
	EventPackets   uint64           `json:"event_packets"`
	JitterMS       JitterRecord     `json:"jitter_ms"`
	DeltaMaxMS     float64          `json:"delta_max_ms"`
	SkewPPM        *float64         `json:"skew_ppm"`
	Late           LateRecord       `json:"late"`
	Bursts         PeriodRecord     `json:"bursts"`
	Gaps           PeriodRecord     `json:"gaps"`
	BurstRatio     float64          `json:"burst_ratio"`
	MOS            MOSRecord        `json:"mos"`
	MOSMin         *float64         `json:"mos_min"`
	MOSMinAt       Time             `json:"mos_min_at"`
	DSCP           []int            `json:"dscp"`
	VLAN           []int            `json:"vlan"`
	TTL            []int            `json:"ttl"`
	RTCP           *RTCPRecord      `json:"rtcp"`
	SRTP           bool             `json:"srtp"`
	Trust          string           `json:"trust"` // "ok" or "suspect"
	TrustReason    string           `json:"trust_reason,omitempty"`
	Timeline       []IntervalRecord `json:"intervals,omitempty"` // in the JSON with --intervals

	// Where it was; not in the JSON line.
	Path       rtpstats.Path      `json:"-"` // capture point and VLAN of its first packet
	Plan       *topology.Plan     `json:"-"` // that held when the stream was written; nil: none
	SegmentID  topology.SegmentID `json:"-"`
	Toward     topology.Direction `json:"-"` // its direction within the segment
	Trunk      string             `json:"-"` // the SIP domain by which the segment was chosen, "" where none did
	Speaker    Speaker            `json:"-"` // whose voice it carries, as an Observation says; Hop and UserAgent likewise
	Hop        uint8              `json:"-"`
	UserAgent  string             `json:"-"`
	Unmeasured string             `json:"-"` // why mos.lq is null, one of Reasons; "" where it is not
}

// Binding is the evidence that ties a stream to its call.
type Binding string

// The evidences, strongest first.
const (
	BindingAnnounced   Binding = "announced"   // sent to the receiver that an SDP announced
	BindingLearned     Binding = "learned"     // symmetric RTP: sent from or to an announced or learned peer
	BindingSSRC        Binding = "ssrc"        // its SSRC was announced (a=ssrc) or already bound
	BindingRTCP        Binding = "rtcp"        // RTCP at an announced port names its SSRC
	BindingCorrelation Binding = "correlation" // RTCP names its SSRC, and HEP's correlation id the call of that
	BindingNone        Binding = "none"
)

// JitterRecord is RFC 3550 A.8 jitter, ms.
type JitterRecord struct {
	Last float64 `json:"last"`
	Mean float64 `json:"mean"`
	Max  float64 `json:"max"`
}

// LateRecord counts the packets that each jitter-buffer model would discard.
type LateRecord struct {
	Fixed60MS uint64 `json:"fixed_60ms"`
	Adaptive  uint64 `json:"adaptive"`
}

// PeriodRecord is RFC 3611 4.7.2 bursts or gaps: density as a ratio, mean duration.
type PeriodRecord struct {
	Count      uint32  `json:"count"`
	Density    float64 `json:"density"`
	DurationMS float64 `json:"duration_ms"`
}

// MOSRecord is a score with its model and its assumptions; a null score has a reason.
type MOSRecord struct {
	Model       *string  `json:"model"`
	LQ          *float64 `json:"lq"`
	CQ          *float64 `json:"cq"`
	RLQ         *float64 `json:"r_lq"`
	RCQ         *float64 `json:"r_cq"`
	Ie          *float64 `json:"ie"`
	Bpl         *float64 `json:"bpl"`
	PLC         *string  `json:"plc"`
	Ppl         *float64 `json:"ppl"`
	BurstR      *float64 `json:"burst_r"`
	DelayMS     *float64 `json:"delay_ms"`
	DelaySource *string  `json:"delay_source"` // "rtcp", "xr", "declared"; null where unknown
	Buffer      *string  `json:"buffer"`       // "adaptive"
	Confidence  *string  `json:"confidence"`   // of the codec's Ie and Bpl: "A", "B", "C"
	Reason      *string  `json:"reason"`       // why lq, or cq alone, is null
}

// RTCPRecord is what the far end said: a second witness, never merged.
type RTCPRecord struct {
	Reports         int       `json:"reports"`        // report blocks about this stream
	SenderReports   int       `json:"sender_reports"` // SRs by this stream's sender
	LossRatio       *float64  `json:"loss_ratio"`     // cumulative lost over expected, by the receiver's count
	Lost            *int64    `json:"lost"`           // last cumulative number of packets lost
	FractionLostMax *float64  `json:"fraction_lost_max"`
	JitterMS        *float64  `json:"jitter_ms"` // last
	JitterMaxMS     *float64  `json:"jitter_max_ms"`
	RTTMS           *float64  `json:"rtt_ms"`         // both halves at the tap
	NearMS          *float64  `json:"near_ms"`        // half between the tap and this stream's sender
	FarMS           *float64  `json:"far_ms"`         // half between the tap and its receiver
	SenderPackets   *uint64   `json:"sender_packets"` // last SR's packet count minus the first's
	XR              *XRRecord `json:"xr"`
}

// XRRecord is the last RFC 3611 VoIP metrics block about the stream.
type XRRecord struct {
	LossRatio       float64  `json:"loss_ratio"`
	DiscardRatio    float64  `json:"discard_ratio"`
	BurstDensity    float64  `json:"burst_density"`
	GapDensity      float64  `json:"gap_density"`
	BurstMS         int      `json:"burst_ms"`
	GapMS           int      `json:"gap_ms"`
	RTTMS           int      `json:"rtt_ms"`
	EndSystemMS     int      `json:"end_system_ms"`
	R               *int     `json:"r"`
	MOSLQ           *float64 `json:"mos_lq"`
	MOSCQ           *float64 `json:"mos_cq"`
	BufferNominalMS int      `json:"buffer_nominal_ms"`
}

// IntervalRecord is one step of a stream's timeline.
type IntervalRecord struct {
	Start    Time     `json:"start"`
	Packets  uint32   `json:"packets"`
	Lost     int32    `json:"lost"`
	Late     uint32   `json:"late"`
	JitterMS float64  `json:"jitter_ms"`
	MOS      *float64 `json:"mos"` // LQ
	Suspect  bool     `json:"suspect,omitempty"`
}

// TransactionRecord is a non-INVITE transaction outside a call.
type TransactionRecord struct {
	Type            string         `json:"type"` // "transaction"
	Method          string         `json:"method"`
	CallID          string         `json:"call_id"`
	From            string         `json:"from"`
	To              string         `json:"to"`
	Src             netip.AddrPort `json:"src"`
	Dst             netip.AddrPort `json:"dst"`
	Start           Time           `json:"start"`
	FinalStatus     *int           `json:"final_status"`
	ResponseMS      *float64       `json:"response_ms"`
	Retransmissions int            `json:"retransmissions"`

	UserAgent string `json:"-"` // of who asked, "" unknown
}

// LadderEntry is one SIP message of a call as a ladder shows it.
type LadderEntry struct {
	At             Time
	Src, Dst       netip.AddrPort
	Transport      string
	CallID         string
	Label          string // "INVITE", "180 Ringing", "200 OK (INVITE)"
	CSeq           string
	SDP            string // "audio 192.0.2.1:4000 PCMU,telephone-event sendrecv", empty where none
	Retransmission bool
	Damaged        bool
}

// Totals is what the correlator counted, for the summary and the SIP KPIs of RFC 6076.
type Totals struct {
	Calls, Streams, Transactions uint64
	SIPMessages, RTCPPackets     uint64
	SIPRequests                  map[string]uint64
	SIPResponses                 map[int]uint64
	UnparsedSIP, UnparsedRTCP    uint64
	RTCPTypes                    map[string]uint64 // readable RTCP packets (a datagram holds several) by type: "sr", "rr", "sdes", "bye", "app", "xr", "other"; all are present
	SIPCountsFolded              uint64            // messages that Table.SIPCounts counts as other, because it had no room for their kind
	DamagedSIP                   uint64
	Refused                      map[string]uint64 // by table: what a full table turned away
	KPI                          KPI
}

// KPI is the raw counts behind RFC 6076's ratios and the classic ones: divide
// sums, never average ratios. A call counts when its record is emitted, with all
// its legs once, and only where its first INVITE was seen.
//
//	SER  = Answered / (Attempts - Redirected)           RFC 6076 4.6
//	SEER = Effective / (Attempts - Redirected)          RFC 6076 4.7
//	ISA  = Ineffective / Attempts                       RFC 6076 4.8
//	SCR  = Completed / Attempts                         RFC 6076 4.9
//	IRA  = RegisterFailures / Registers                 RFC 6076 4.2
//	ASR  = Answered / Attempts
//	NER  = (Answered + UserFault) / Attempts
//	ACD  = TalkMS / Answered
type KPI struct {
	Attempts                    uint64       // calls; tries after challenges, redirects and failovers of one Call-ID are one
	Answered                    uint64       // a 2xx to the INVITE
	Redirected                  uint64       // ended with 3xx
	Effective                   uint64       // ended with 200, 480, 486, 600 or 603
	Ineffective                 uint64       // ended with 408, 500, 503 or 504
	Completed                   uint64       // answered, and its BYE was answered with 2xx
	UserFault                   uint64       // not answered because the user was busy, away or refused: dispositions busy, no_answer, rejected
	TalkMS                      float64      // answer to end, summed; up to the capture's end where that came first
	SetupMS                     Distribution // SRD of answered calls (4.3.1): first INVITE to the first response other than 100
	PDDMS                       Distribution // of answered calls: first INVITE to the first 180, 183 or 200
	Registers, RegisterFailures uint64       // registrations, challenges inside; failed with 4xx other than 401, 402 and 407, 5xx, 6xx or silence
	RegisterMS                  Distribution // RRD (4.1): first REGISTER to its 200
	DisconnectMS                Distribution // SDD (4.4): BYE to its 2xx
}

// Distribution is a count, a sum and a maximum.
type Distribution struct {
	Count    uint64
	Sum, Max float64
}

// Add takes one value.
func (d *Distribution) Add(v float64) {
	d.Count++
	d.Sum += v
	d.Max = max(d.Max, v)
}

// Timestamp returns t as a time.Time in UTC.
func (t Time) Timestamp() time.Time { return time.Unix(0, int64(t)).UTC() }

func (*CallRecord) recordType() string        { return "call" }
func (*StreamRecord) recordType() string      { return "stream" }
func (*TransactionRecord) recordType() string { return "transaction" }
