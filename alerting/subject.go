package alerting

import (
	"cmp"
	"strings"
)

// symptom is how a signal is spoken of.
type symptom struct {
	name    string // on its own: the start of a subject
	happens string // what goes on, of "they": "lose packets"
	noticed string // what users notice, a sentence
}

// symptoms are those of the signals.
var symptoms = map[Signal]symptom{
	SignalLoss:                {"Packet loss", "lose packets on the way to the probe", "Syllables and words are missing."},
	SignalLossBehind:          {"Packet loss beyond the probe", "lose packets after they have passed the probe, by the receivers' reports", "Syllables and words are missing."},
	SignalLate:                {"Packets too late to be heard", "have packets come too late to be played", "Syllables are missing, the voice is chopped."},
	SignalJitter:              {"Jitter", "arrive unevenly", "The voice is chopped or comes with a delay."},
	SignalLatency:             {"Long delay", "take long to arrive", "People talk at the same time and wait for each other."},
	SignalMOS:                 {"Poor voice quality", "sound poor", "The voice is hard to understand."},
	SignalBurstLoss:           {"Packets lost in long runs", "lose many packets in one piece", "The voice drops out for moments."},
	SignalDSCP:                {"Voice without its priority marking", "have lost their priority marking (DSCP)", "Nothing, until the network is busy: then this voice waits behind other traffic."},
	SignalSIPDSCP:             {"Signalling without its priority marking", "have signalling without its priority marking (DSCP)", "Nothing, until the network is busy: then calls are slow to set up."},
	SignalOneWay:              {"One-way audio", "are heard on one side only", "One side hears nothing."},
	SignalNoMedia:             {"Calls without voice", "have no voice at all", "Both sides hear nothing."},
	SignalCodecMismatch:       {"Codecs that were not agreed on", "carry a codec that was not agreed on", "Noise or silence, where the receiver cannot play the codec."},
	SignalFinding:             {"Calls with a fault", "have what the rule looks for", "What the rule that looks for it says."},
	SignalFailedCalls:         {"Failed calls", "fail", "Calls do not come about."},
	SignalSIPCause:            {"Calls refused by a server", "end with an error of a server", "Calls do not come about."},
	SignalPDD:                 {"Long wait before it rings", "take long until it rings", "Callers hear silence after dialling, and hang up."},
	SignalShortCalls:          {"Very short calls", "end within seconds of the answer", "Users hang up and dial again, or somebody dials through numbers."},
	SignalRegistrationsFailed: {"Failed registrations", "fail", "Phones cannot be called and cannot call."},
	SignalRegistrationRate:    {"Registration storm", "come in far greater numbers than usual", "Phones may lose their registration while the storm lasts."},
	SignalProbe:               {"Trouble of the probe itself", "miss traffic", "Nothing: the network is not concerned. What the probe misses is not judged."},
}

// symptomOf is a signal's, or one made of its name.
func symptomOf(s Signal) symptom {
	if v, ok := symptoms[s]; ok {
		return v
	}
	name := strings.ReplaceAll(cmp.Or(string(s), "trouble"), "_", " ")
	return symptom{name, "show " + name, "It is not known what users notice."}
}

// subjectOf is the one line that a fault is known by. It holds what does not
// change from minute to minute, so that a mail's thread stays together.
func subjectOf(f *Fault) string {
	if f.Probe {
		return "Probe: " + probeTrouble(f)
	}
	name := symptomOf("").name
	if len(f.Signals) > 0 {
		name = symptomOf(f.Signals[0]).name
	}
	place := "place undetermined"
	if f.Verdict.Segment != "" {
		place = "segment " + f.Verdict.Segment
	}
	return name + ", " + place
}

// probeTrouble is what the first alert about the probe says.
func probeTrouble(f *Fault) string {
	for i := range f.Alerts {
		if text := f.Alerts[i].annotation("summary"); text != "" {
			return text
		}
	}
	return symptomOf(SignalProbe).name
}

// annotation returns one of an alert's annotations, "" where it has none.
func (a *Alert) annotation(name string) string {
	for _, l := range a.Annotations {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// describe says in a few sentences what is wrong.
func describe(f *Fault) string {
	var list []string
	for i := range f.Alerts {
		if text := f.Alerts[i].annotation("description"); text != "" {
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return subjectOf(f) + "."
	}
	return strings.Join(list, "\n")
}

// businessImpact says who suffers, and what they notice.
func businessImpact(f *Fault) string {
	var list []string
	for _, s := range f.Signals {
		list = append(list, symptomOf(s).noticed)
	}
	return strings.Join(list, " ")
}
