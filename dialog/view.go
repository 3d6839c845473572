package dialog

import (
	"net/netip"

	"earshot/topology"
)

// View is an immutable picture of what is alive: calls and streams in a
// reproducible order, and the counts by peer and segment that gauges show.
type View struct {
	At      int64 // packet time, ns
	Calls   []CallView
	Streams []StreamView
	Active  []ActiveCalls // by peer and direction
}

// CallView is one call that is still going on.
type CallView struct {
	ID        string             `json:"id"`
	CallID    string             `json:"call_id"`
	From      string             `json:"from"`
	To        string             `json:"to"`
	State     string             `json:"state"` // "trying", "ringing", "answered", "ending"
	Start     Time               `json:"start"`
	Answer    Time               `json:"answer"`
	Src       netip.AddrPort     `json:"src"` // SIP peers of the first leg
	Dst       netip.AddrPort     `json:"dst"`
	Legs      int                `json:"legs"`
	Streams   int                `json:"streams"`
	MOSWorst  float64            `json:"mos_worst"` // over the last interval of its streams; 0 where unknown
	LossRatio float64            `json:"loss_ratio"`
	JitterMS  float64            `json:"jitter_ms"`
	SegmentID topology.SegmentID `json:"-"`
}

// StreamView is one stream that is still going on, with its last interval.
type StreamView struct {
	ID        string             `json:"id"`
	Call      string             `json:"call"`
	Src       netip.AddrPort     `json:"src"`
	Dst       netip.AddrPort     `json:"dst"`
	SSRC      string             `json:"ssrc"`
	Codec     string             `json:"codec"`
	Point     uint16             `json:"-"`
	SegmentID topology.SegmentID `json:"-"`
	Direction topology.Direction `json:"-"`
	Start     Time               `json:"start"`
	Packets   uint64             `json:"packets"`
	Lost      uint64             `json:"lost"`
	LossRatio float64            `json:"loss_ratio"` // of the last interval
	JitterMS  float64            `json:"jitter_ms"`  // mean of the last interval
	MOS       float64            `json:"mos"`        // of the last interval; 0 where unknown
	MOSMin    float64            `json:"mos_min"`    // of all intervals so far; 0 where unknown
	Suspect   bool               `json:"suspect"`
}

// ActiveCalls is how many calls go on with a peer. Every call counts once at
// each end: with its caller's peer as FromPeer, with its callee's as ToPeer.
type ActiveCalls struct {
	Peer      topology.PeerID
	Direction topology.Direction
	Calls     int
}

// View returns the picture of now.
func (t *Table) View() *View { return &View{} }
