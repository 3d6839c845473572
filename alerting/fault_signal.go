package alerting

import "slices"

// causeOrder lists signals with a cause before what follows from it: what a fault
// is told by.
var causeOrder = []Signal{
	SignalProbe, SignalNoMedia, SignalOneWay, SignalCodecMismatch, SignalLoss, SignalLossBehind, SignalBurstLoss,
	SignalJitter, SignalLate, SignalLatency, SignalMOS, SignalDSCP, SignalSIPDSCP, SignalFinding,
	SignalRegistrationRate, SignalRegistrationsFailed, SignalFailedCalls, SignalSIPCause, SignalPDD, SignalShortCalls,
}

// causeRank is a signal's place in it.
func causeRank(s Signal) int { return slices.Index(causeOrder, s) }

// family groups signals that one fault shows at one place.
type family uint8

const (
	familyMedia family = iota // what the network does to packets
	familyMarking
	familySilence
	familyAgreement
	familyCalls
	familyShort
	familyRegistration
	familyFinding
	familyProbe
)

var families = map[Signal]family{
	SignalLoss: familyMedia, SignalLossBehind: familyMedia, SignalBurstLoss: familyMedia, SignalLate: familyMedia,
	SignalJitter: familyMedia, SignalLatency: familyMedia, SignalMOS: familyMedia,
	SignalDSCP: familyMarking, SignalSIPDSCP: familyMarking,
	SignalOneWay: familySilence, SignalNoMedia: familySilence, SignalCodecMismatch: familyAgreement, SignalFinding: familyFinding,
	SignalFailedCalls: familyCalls, SignalSIPCause: familyCalls, SignalPDD: familyCalls, SignalShortCalls: familyShort,
	SignalRegistrationsFailed: familyRegistration, SignalRegistrationRate: familyRegistration, SignalProbe: familyProbe,
}
