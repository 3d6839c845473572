package alerting

import "time"

// FaultID identifies a fault by its content: what it was first seen by and
// when. It is the same in every run over the same packets.
type FaultID string

// Fault is one thing that is wrong, as far as alerts tell: all alerts that come
// from it, whatever their rules and label sets, and what those who suffer have
// in common. It is immutable once it was given out.
type Fault struct {
	ID       FaultID   `json:"id"`
	Signals  []Signal  `json:"signals"` // of its alerts, a cause before what follows from it: loss before mos
	Severity Severity  `json:"severity"`
	Probe    bool      `json:"probe"`          // about the probe itself, not the network
	Began    time.Time `json:"began"`          // the first impaired time that its alerts are about
	Fired    time.Time `json:"fired,omitzero"` // the first of its alerts fired
	Seen     time.Time `json:"seen,omitzero"`  // impaired last
	Over     time.Time `json:"over,omitzero"`  // zero while it goes on; else comparable traffic has proved it over

	Verdict  Verdict      `json:"verdict"`
	Factors  []Factor     `json:"factors"`  // the smallest set that the affected share and the others don't; empty: they have nothing in common but the traffic
	Impact   Impact       `json:"impact"`   // since it began
	Contrast []Contrast   `json:"contrast"` // affected and unaffected traffic side by side, the telling ones first
	Spells   []FaultSpell `json:"spells"`   // of impairment, in order; the last one's To is zero while it goes on
	Alerts   []Alert      `json:"alerts"`   // in the order in which they fired; resolved ones stay
	Examples []Example    `json:"examples"` // the worst affected, of different calls
	Good     []Example    `json:"good"`     // unaffected ones beside them, over other paths or of the same
	Proof    Proof        `json:"proof"`

	// What support asks about beside that; as far as it was counted.
	Levels  []Level   `json:"levels"`  // how bad, by signal, in the order of Signals
	Inside  Traffic   `json:"inside"`  // with all of the factors, since it began
	Outside Traffic   `json:"outside"` // comparable and without one of the factors, at the same time
	Before  Traffic   `json:"before"`  // with all of the factors, before it began
	Hours   []Traffic `json:"hours"`   // with all of the factors, before and since, by pieces of at most an hour that had any, in order; the latest are kept
	Course  Course    `json:"course"`  // both, from at most an hour before it began on
}

// Traffic is what was heard in some time, and how much of it was affected.
type Traffic struct {
	From     time.Time `json:"from,omitzero"` // zero: nothing was looked at
	To       time.Time `json:"to,omitzero"`
	Units    int       `json:"units"`    // streams or calls
	Affected int       `json:"affected"` // of them
}

// Level is how bad the affected streams or calls are by one signal.
type Level struct {
	Signal Signal  `json:"signal"`
	Limit  float64 `json:"limit"`  // beyond which it is impaired, in the signal's unit
	Median float64 `json:"median"` // of the affected
	Worst  float64 `json:"worst"`
}

// Factor is something that calls or streams have in common.
type Factor struct {
	Name  FactorName `json:"name"`
	Value string     `json:"value"`
}

// FactorName names a kind of factor.
type FactorName string

// The factors.
const (
	FactorSegment   FactorName = "segment"
	FactorDirection FactorName = "direction"
	FactorPeer      FactorName = "peer" // on the far side of the segment
	FactorCodec     FactorName = "codec"
	FactorTrunk     FactorName = "trunk"      // the SIP domain that the segment knows it by
	FactorSource    FactorName = "source"     // subnet that sends: /24, or /48 of IPv6; /16 or /32 where that explains more
	FactorSink      FactorName = "sink"       // subnet that receives
	FactorAgent     FactorName = "user_agent" // of the sender, its version left out
	FactorPoint     FactorName = "point"      // capture point
	FactorSite      FactorName = "site"       // of the segment
	FactorOwner     FactorName = "owner"      // of the segment
)

// Verdict says where a fault arises and who answers for it.
type Verdict struct {
	Segment   string  `json:"segment"`   // "" is undetermined
	Direction string  `json:"direction"` // "to_peer", "from_peer", "unknown"; "" for both
	Share     float64 `json:"share"`     // of the affected that went through it
	Reason    string  `json:"reason"`    // a sentence: what says so, or why it is undetermined

	Segments []string `json:"segments"` // all that the affected went through where it arises, the most affected first; one where Segment is determined
	Owner    string   `json:"owner"`    // who answers for it: for Segment, or for all of Segments alike; "" unknown or not one party
	Peer     string   `json:"peer"`     // at whose equipment it seems to arise where that is not a segment: a relay whose input is whole, a server that refuses; "" else
}

// Impact is how much is affected. Totals are of the comparable traffic: that of
// the same factors' kinds at the same time.
type Impact struct {
	Calls      int      `json:"calls"`
	CallsTotal int      `json:"calls_total"`
	Streams    int      `json:"streams"`
	Users      int      `json:"users"` // different addresses at the near side of who suffers, as far as counted
	Sites      []string `json:"sites"` // segments or sites with affected traffic, the most affected first
	Share      float64  `json:"share"` // of calls
}

// Contrast is how much of the traffic with one value of a factor was affected.
type Contrast struct {
	Factor
	Affected int `json:"affected"` // streams or calls
	Total    int `json:"total"`
}

// FaultSpell is a time of impairment.
type FaultSpell struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"` // zero while it goes on
}

// Proof is comparable traffic since the fault was seen last.
type Proof struct {
	Since    time.Time `json:"since,omitzero"`
	Units    int       `json:"units"`    // streams or calls through the same place
	Affected int       `json:"affected"` // of them
	Reason   string    `json:"reason"`   // a sentence, as "no traffic since 10:12: nothing is proved"
}
