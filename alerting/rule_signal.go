package alerting

import "slices"

// Signal names what a rule watches.
type Signal string

// The signals. Those of intervals judge each interval of each stream by
// itself, those of streams and calls what their records say at the end.
const (
	SignalLoss                Signal = "loss"                 // packets lost before the probe, percent of an interval
	SignalLossBehind          Signal = "loss_behind"          // packets that the receiver's RTCP misses beyond that: lost behind the probe, percent of an interval
	SignalLate                Signal = "late"                 // packets too late for an adaptive jitter buffer, percent of an interval
	SignalJitter              Signal = "jitter"               // interarrival jitter of an interval, ms
	SignalLatency             Signal = "latency"              // half of RTCP's round trip, ms
	SignalMOS                 Signal = "mos"                  // listening quality of an interval
	SignalBurstLoss           Signal = "burst_loss"           // the longest run of lost packets of a stream, ms, as far as ten packets tell it
	SignalDSCP                Signal = "dscp"                 // a stream with any marking but the profile's
	SignalSIPDSCP             Signal = "sip_dscp"             // a call whose signalling was not marked
	SignalOneWay              Signal = "one_way"              // a call heard on one side only
	SignalNoMedia             Signal = "no_media"             // a call without any media
	SignalCodecMismatch       Signal = "codec_mismatch"       // a call whose media was not agreed on
	SignalFinding             Signal = "finding"              // a call with one of the findings named
	SignalFailedCalls         Signal = "failed_calls"         // a call that failed, by no choice or mistake of its users
	SignalSIPCause            Signal = "sip_cause"            // a call that ended with one of the statuses named
	SignalPDD                 Signal = "pdd"                  // post-dial delay, seconds
	SignalShortCalls          Signal = "short_calls"          // an answered call that was short, seconds
	SignalRegistrationsFailed Signal = "registrations_failed" // RFC 6076 4.2
	SignalRegistrationRate    Signal = "registration_rate"    // registrations of any outcome
	SignalProbe               Signal = "probe"                // the probe's own health
)

// source says what feeds a signal.
type source uint8

const (
	fromIntervals source = iota
	fromStreams
	fromCalls
	fromRegistrations
	fromProbe
)

// unitWords are what each source counts.
var unitWords = [...]string{
	fromIntervals: "streams", fromStreams: "streams", fromCalls: "calls", fromRegistrations: "registrations", fromProbe: "seconds",
}

// signalInfo is what a rule may do with a signal.
type signalInfo struct {
	name     Signal
	source   source
	limit    string        // key of the profile's limit; "" where a unit is impaired or not, without a figure
	below    bool          // small values are the bad ones
	bounds   []float64     // of the histogram; nil: no percentiles
	value    intervalValue // of signals of intervals
	finding  string        // the finding that impairs a call
	uncommon bool          // every unit counts: only its number tells, not its share
}

var (
	percentBounds = []float64{0, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 50, 75, 100}
	delayBounds   = []float64{1, 2, 3, 4, 5, 6, 8, 10, 12.5, 15, 20, 25, 30, 35, 40, 50, 60, 80, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000}
	mosBounds     = []float64{1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4, 4.1, 4.2, 4.3, 4.4, 4.5, 5}
	secondBounds  = []float64{0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60, 120, 300}
)

// signals are all there are.
var signals = []signalInfo{
	{name: SignalLoss, source: fromIntervals, value: lossValue, limit: "loss_percent", bounds: percentBounds},
	{name: SignalLossBehind, source: fromIntervals, value: lossBehindValue, limit: "loss_percent", bounds: percentBounds},
	{name: SignalLate, source: fromIntervals, value: lateValue, limit: "late_percent", bounds: percentBounds},
	{name: SignalJitter, source: fromIntervals, value: jitterValue, limit: "jitter_ms", bounds: delayBounds},
	{name: SignalLatency, source: fromIntervals, value: latencyValue, limit: "latency_ms", bounds: delayBounds},
	{name: SignalMOS, source: fromIntervals, value: mosValue, limit: "mos", below: true, bounds: mosBounds},
	{name: SignalBurstLoss, source: fromStreams, limit: "burst_loss_ms"},
	{name: SignalDSCP, source: fromStreams, limit: "dscp"},
	{name: SignalSIPDSCP, source: fromCalls, finding: "signalling_dscp_not_cs3"},
	{name: SignalOneWay, source: fromCalls, finding: "one_way_audio"},
	{name: SignalNoMedia, source: fromCalls, finding: "no_media"},
	{name: SignalCodecMismatch, source: fromCalls, finding: "codec_mismatch"},
	{name: SignalFinding, source: fromCalls},
	{name: SignalFailedCalls, source: fromCalls},
	{name: SignalSIPCause, source: fromCalls},
	{name: SignalPDD, source: fromCalls, limit: "pdd_seconds", bounds: secondBounds},
	{name: SignalShortCalls, source: fromCalls, limit: "short_call_seconds"},
	{name: SignalRegistrationsFailed, source: fromRegistrations},
	{name: SignalRegistrationRate, source: fromRegistrations, uncommon: true},
	{name: SignalProbe, source: fromProbe},
}

// info looks a rule's signal up; ParseRules lets no unknown one pass.
func (r *Rule) info() *signalInfo {
	i := slices.IndexFunc(signals, func(s signalInfo) bool { return s.name == r.Signal })
	return &signals[i]
}

// bounds are those of the rule's histogram, with its own bounds among them: a
// percentile is beyond a bound exactly where the samples say so.
func (r *Rule) bounds() []float64 {
	list := r.info().bounds
	if r.Signal == SignalProbe {
		list = secondBounds
	}
	list = append(slices.Clone(list), r.Bound, r.Resolve)
	slices.Sort(list)
	return slices.Compact(list)
}

// signalNames lists the names for messages.
func signalNames() []string {
	var names []string
	for _, s := range signals {
		names = append(names, string(s.name))
	}
	return names
}

// The probe's figures: which can be shared, counted, and have percentiles.
const (
	figureLost    = "lost"    // packets that the capture lost
	figureShed    = "shed"    // packets and messages that found no room within the probe
	figureRefused = "refused" // streams, calls ... that a full table turned away
	figureUnkept  = "unkept"  // records that could not be kept
	figureLag     = "lag"     // seconds that the probe is behind the wire
)

var figureNames = []string{figureLost, figureShed, figureRefused, figureUnkept, figureLag}

// shareable reports whether a figure of the probe is a part of its packets.
func shareable(figure string) bool { return figure == figureLost || figure == figureShed }
