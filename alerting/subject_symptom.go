package alerting

import (
	"cmp"
	"slices"
	"strings"
)

// symptom is how a signal is spoken of.
type symptom struct {
	name    string // on its own: the start of a subject
	happens string // what goes on, of "they": "lose packets"
	did     string // the same when it is over
	noticed string // what users notice, a sentence
	measure string // what its value is, "" where it has none
	unit    string // after the value, "" none
}

// symptoms are those of the signals.
var symptoms = map[Signal]symptom{
	SignalLoss: {"Packet loss", "lose packets on the way to the probe", "lost packets on the way to the probe",
		"Syllables and words are missing.", "packets lost", " %"},
	SignalLossBehind: {"Packet loss behind the probe", "lose packets after they have passed the probe", "lost packets after they had passed the probe",
		"Syllables and words are missing.", "packets that receivers miss", " %"},
	SignalLate: {"Packets too late to be heard", "have packets come too late to be played", "had packets come too late to be played",
		"Syllables are missing, the voice is chopped.", "packets too late", " %"},
	SignalJitter: {"Jitter", "arrive unevenly", "arrived unevenly",
		"The voice is chopped or comes with a delay.", "jitter", " ms"},
	SignalLatency: {"Long delay", "take long to arrive", "took long to arrive",
		"People talk at the same time and wait for each other.", "one-way delay", " ms"},
	SignalMOS: {"Poor voice quality", "sound poor", "sounded poor",
		"The voice is hard to understand.", "MOS for listening", ""},
	SignalBurstLoss: {"Packets lost in long runs", "lose many packets in one piece", "lost many packets in one piece",
		"The voice drops out for moments.", "longest piece lost", " ms"},
	SignalDSCP: {"Voice without its priority marking", "lack their priority marking (DSCP)", "lacked their priority marking (DSCP)",
		"Nothing, until the network is busy: then this voice waits behind other traffic.", "DSCP seen", ""},
	SignalSIPDSCP: {"Signalling without its priority marking", "have signalling without its priority marking (DSCP)", "had signalling without its priority marking (DSCP)",
		"Nothing, until the network is busy: then calls are slow to set up.", "", ""},
	SignalOneWay: {"One-way audio", "are heard on one side only", "were heard on one side only",
		"One side hears nothing.", "", ""},
	SignalNoMedia: {"Calls without voice", "have no voice at all", "had no voice at all",
		"Both sides hear nothing.", "", ""},
	SignalCodecMismatch: {"Codecs that were not agreed on", "carry a codec that was not agreed on", "carried a codec that was not agreed on",
		"Noise or silence, where the receiver cannot play the codec.", "", ""},
	SignalFinding: {"Calls with a fault", "have what the rule looks for", "had what the rule looks for",
		"It depends on what the rule looks for.", "", ""},
	SignalFailedCalls: {"Failed calls", "fail", "failed",
		"Calls do not come about.", "", ""},
	SignalSIPCause: {"Calls refused by a server", "end with an error of a server", "ended with an error of a server",
		"Calls do not come about.", "", ""},
	SignalPDD: {"Long wait before it rings", "take long until it rings", "took long until it rang",
		"Callers hear silence after dialling, and hang up.", "time from the INVITE to the ring", " s"},
	SignalShortCalls: {"Very short calls", "end within seconds of the answer", "ended within seconds of the answer",
		"Users hang up and dial again, or somebody dials through numbers.", "talk time", " s"},
	SignalRegistrationsFailed: {"Failed registrations", "fail", "failed",
		"Phones cannot be called and cannot call.", "", ""},
	SignalRegistrationRate: {"Registration storm", "come in far greater numbers than usual", "came in far greater numbers than usual",
		"Phones may lose their registration while the storm lasts.", "", ""},
	SignalProbe: {"Trouble of the probe itself", "miss traffic", "missed traffic",
		"Nothing: calls are not concerned.", "", ""},
}

// symptomOf is a signal's, or one made of its name.
func symptomOf(s Signal) symptom {
	if v, ok := symptoms[s]; ok {
		return v
	}
	name := strings.ReplaceAll(cmp.Or(string(s), "trouble"), "_", " ")
	return symptom{capital(name), "show " + name, "showed " + name, "It is not known what users notice.", "value", ""}
}

// below reports whether small values of a signal are the bad ones.
func (s Signal) below() bool {
	return slices.ContainsFunc(signals, func(i signalInfo) bool { return i.name == s && i.below })
}
