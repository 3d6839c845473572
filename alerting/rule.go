package alerting

import (
	"slices"
	"time"
)

// Rule says which fault to look for, where, and when it is one. Rules come from
// ParseRules, which checks them; they are not modified afterwards.
type Rule struct {
	Name   string
	Signal Signal
	Figure string   // of SignalProbe: which figure of its health
	Codes  []string // of SignalFinding: any of these findings impairs a call

	Statuses []StatusRange // of SignalSIPCause: any of these final responses impairs a call

	By    []Dimension // one alert for every combination of these labels
	Where Filter

	Profile string  // whose limit it takes where it has none of its own
	Limit   float64 // one interval, stream or call is impaired beyond it; in the signal's unit

	Measure Measure
	Bound   float64 // of the measure: beyond it the rule holds
	Resolve float64 // of the measure: within it the rule's fault is over

	Window     time.Duration // what the measure looks back on
	For        time.Duration // how long it must hold
	ResolveFor time.Duration // how long it must be over
	Baseline   time.Duration // of MeasureFactor: what "usual" means

	MinUnits    int           // streams, calls, ... in the window, else there is no data
	MinAffected int           // impaired ones, else nothing is wrong
	MinTime     time.Duration // of media in the window, for signals of intervals

	Severity    Severity       // where no step fits
	Steps       []SeverityStep // by measured impact, the first that fits
	Labels      map[string]string
	Annotations map[string]string
}

// SeverityStep gives a severity to an impact of at least this share and at
// least this many affected streams or calls, users and sites.
type SeverityStep struct {
	Severity Severity
	Share    float64 // 0 to 1
	Affected int
	Users    int // of the whole fault: an alert alone does not reach such a step
	Sites    int // likewise
}

// StatusRange is a range of SIP statuses, both ends included.
type StatusRange struct{ First, Last int }

// Dimension is a label that a rule aggregates by.
type Dimension string

// The dimensions.
const (
	BySegment   Dimension = "segment"
	ByDirection Dimension = "direction"
	ByCodec     Dimension = "codec"
	ByTrunk     Dimension = "trunk" // the SIP domain by which a segment knows it
	ByPeer      Dimension = "peer"
)

// dimensions lists them in the order in which labels are written.
var dimensions = []Dimension{BySegment, ByDirection, ByCodec, ByTrunk, ByPeer}

// Filter narrows a rule to what carries one of the names. An empty list lets
// everything through.
type Filter struct {
	Segments, NotSegments []string
	Peers, NotPeers       []string
	Codecs, NotCodecs     []string
	Trunks, NotTrunks     []string
	Directions            []string // "to_peer", "from_peer", "unknown"
}

// Measure is what a rule compares with its bound.
type Measure struct {
	Kind       MeasureKind
	Percentile float64 // of MeasurePercentile, above 0 and below 100
}

// MeasureKind names a measure.
type MeasureKind uint8

// The measures.
const (
	MeasureShare      MeasureKind = iota // impaired part: of media time for intervals, else of streams, calls, registrations, packets
	MeasurePercentile                    // of the signal's values
	MeasureCount                         // impaired streams, calls, registrations; lost packets, refusals
	MeasureFactor                        // impaired ones against what is usual
)

// by reports whether the rule aggregates by a dimension.
func (r *Rule) by(d Dimension) bool { return slices.Contains(r.By, d) }

// below reports whether small values are the bad ones.
func (r *Rule) below() bool {
	return r.Measure.Kind == MeasurePercentile && r.info().below
}

// beyond reports whether a measured value is on the bad side of a bound.
func (r *Rule) beyond(value, bound float64) bool {
	if r.below() {
		return value < bound
	}
	return value > bound
}

// matches reports whether a final status is one of the rule's.
func (r *Rule) matches(status int) bool {
	return slices.ContainsFunc(r.Statuses, func(s StatusRange) bool { return s.First <= status && status <= s.Last })
}

// severity is that of an alert's measured impact: who and where it hurts is
// known of faults alone.
func (r *Rule) severity(share float64, affected int) Severity {
	return r.severityOf(share, affected, 0, 0)
}

// severityOf is that of an alert's measured impact, and of the users and sites
// that its fault affects.
func (r *Rule) severityOf(share float64, affected, users, sites int) Severity {
	for _, s := range r.Steps {
		if share >= s.Share && affected >= s.Affected && users >= s.Users && sites >= s.Sites {
			return s.Severity
		}
	}
	return r.Severity
}
