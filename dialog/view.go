package dialog

import (
	"net/netip"

	"earshot/topology"
)

// View is an immutable picture of what is alive: calls and streams in a
// reproducible order, by start and then id, and the counts by peer that gauges
// show.
type View struct {
	At      int64          // packet time, ns
	Plan    *topology.Plan // that numbers peers and segments; nil: none
	Calls   []CallView
	Streams []StreamView
	Active  []ActiveCalls // by peer and direction; every peer is there
}

// The states of a call. One that is ending is over and waits for its last
// packets and retransmissions; it is no active call any more.
const (
	StateTrying   = "trying"
	StateRinging  = "ringing"
	StateAnswered = "answered"
	StateEnding   = "ending"
)

// CallView is one call that is still going on. Its quality is that of the
// worst of its streams that go on, over the last interval of each.
type CallView struct {
	ID        string             `json:"id"`
	CallID    string             `json:"call_id"`
	From      string             `json:"from"`
	To        string             `json:"to"`
	State     string             `json:"state"` // "trying", "ringing", "answered", "ending"
	OnHold    bool               `json:"on_hold"`
	Start     Time               `json:"start"`
	Ringing   Time               `json:"ringing"`
	Answer    Time               `json:"answer"`
	Src       netip.AddrPort     `json:"src"` // SIP peers of the first leg
	Dst       netip.AddrPort     `json:"dst"`
	Transport string             `json:"transport"`
	Legs      int                `json:"legs"`
	Streams   int                `json:"streams"`
	MOSWorst  float64            `json:"mos_worst"` // 0 where unknown
	LossRatio float64            `json:"loss_ratio"`
	JitterMS  float64            `json:"jitter_ms"`
	Findings  []string           `json:"findings"` // what is wrong in these intervals: codes of findings
	SegmentID topology.SegmentID `json:"-"`        // of its caller's voice, else of its callee's, else of its signalling
	PeerFrom  topology.PeerID    `json:"-"`        // as in its record
	PeerTo    topology.PeerID    `json:"-"`
}

// StreamView is one stream that is still going on, with its last interval.
type StreamView struct {
	ID        string             `json:"id"`
	Call      string             `json:"call"`
	Side      string             `json:"side"` // whose voice it carries: "from_caller", "from_callee", "" where unbound
	Src       netip.AddrPort     `json:"src"`
	Dst       netip.AddrPort     `json:"dst"`
	SSRC      string             `json:"ssrc"`
	Media     string             `json:"media"` // as in its record
	Codec     string             `json:"codec"` // "" where unknown
	Point     uint16             `json:"-"`
	SegmentID topology.SegmentID `json:"-"`
	Direction topology.Direction `json:"-"`
	Start     Time               `json:"start"`
	End       Time               `json:"end"` // last packet, by its last report
	Packets   uint64             `json:"packets"`
	Lost      uint64             `json:"lost"`
	LossRatio float64            `json:"loss_ratio"` // of the last interval
	JitterMS  float64            `json:"jitter_ms"`  // mean of the last interval
	MOS       float64            `json:"mos"`        // of the last interval; 0 where unknown
	MOSMin    float64            `json:"mos_min"`    // of all intervals so far that the capture did not hurt; 0 where unknown
	Reason    string             `json:"reason"`     // why mos is 0, one of Reasons
	Suspect   bool               `json:"suspect"`    // the capture lost packets in the last interval
}

// ActiveCalls is how many calls go on with a peer. Every call counts once at
// each end: with its caller's peer as FromPeer, with its callee's as ToPeer.
type ActiveCalls struct {
	Peer      topology.PeerID
	Direction topology.Direction
	Calls     int
}
