package alerting

import (
	"slices"
	"strings"
)

// factorWords say what traffic with a factor is, after its noun; the value
// takes the place of the %. Codecs come before the noun.
var factorWords = map[FactorName]string{
	FactorSegment: "in segment %",
	FactorPeer:    "with peer %",
	FactorTrunk:   "over trunk %",
	FactorSource:  "sent from %",
	FactorSink:    "sent to %",
	FactorAgent:   "from user agent %",
	FactorPoint:   "at capture point %",
	FactorSite:    "at site %",
	FactorOwner:   "in segments of owner %",
}

// factorOrder is the order in which they are said: what, where, between whom.
var factorOrder = []FactorName{
	FactorCodec, FactorAgent, FactorSegment, FactorOwner, FactorTrunk, FactorSite, FactorDirection, FactorPeer, FactorSource, FactorSink, FactorPoint,
}

// factorNouns name them where they stand alone: "by codec".
var factorNouns = map[FactorName]string{
	FactorSegment: "segment", FactorDirection: "direction", FactorPeer: "peer", FactorCodec: "codec", FactorTrunk: "trunk",
	FactorSource: "sending network", FactorSink: "receiving network", FactorAgent: "user agent", FactorPoint: "capture point", FactorSite: "site", FactorOwner: "owner",
}

// kind is a kind of traffic: what some calls or streams have in common.
type kind []Factor

// affectedKind is what the affected have in common: the fault's factors, and the
// place where it arises.
func affectedKind(f *Fault) kind {
	k := kind(slices.Clone(f.Factors))
	if f.Verdict.Segment != "" && k.value(FactorSegment) == "" {
		k = append(k, Factor{FactorSegment, f.Verdict.Segment})
	}
	if f.Verdict.Direction != "" && k.value(FactorDirection) == "" {
		k = append(k, Factor{FactorDirection, f.Verdict.Direction})
	}
	return k
}

// value returns what a kind says of a factor, "" nothing.
func (k kind) value(name FactorName) string {
	for _, f := range k {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// adjuncts say the factors after a noun: "in segment trunk-b from the peer".
func (k kind) adjuncts() string {
	var list []string
	for _, name := range factorOrder {
		if text := k.adjunct(name); text != "" {
			list = append(list, text)
		}
	}
	return strings.Join(list, " ")
}

// adjunct says one factor. A direction and the peer are said together.
func (k kind) adjunct(name FactorName) string {
	v := k.value(name)
	way := map[string]string{"from_peer": "from", "to_peer": "to"}[k.value(FactorDirection)]
	switch {
	case v == "" || name == FactorCodec:
		return ""
	case name == FactorDirection && (way == "" || k.value(FactorPeer) != ""):
		return ""
	case name == FactorDirection && way == "from" && (k.value(FactorAgent) != "" || k.value(FactorSource) != ""):
		return "" // who sends is said already
	case name == FactorDirection:
		return way + " the peer"
	case name == FactorPeer && way != "":
		return way + " peer " + v
	case name == FactorSegment && v == "other":
		return "in no named segment"
	}
	return strings.Replace(factorWords[name], "%", v, 1)
}

// say names traffic of the kind: "G729 calls in segment trunk-b from the peer".
func (k kind) say(noun string) string {
	text := noun
	if codec := k.value(FactorCodec); codec != "" {
		text = codec + " " + noun
	}
	if rest := k.adjuncts(); rest != "" {
		text += " " + rest
	}
	return text
}

// extent says how much of a kind is affected, and how much of all else:
// "all of them and no others, 43 of 43 against 0 of 512"; "" where it was not
// counted.
func extent(f *Fault) string {
	in, out := &f.Inside, &f.Outside
	if in.From.IsZero() || in.Units == 0 {
		return ""
	}
	text := extentWord(in)
	compared := !out.From.IsZero() && out.Units > 0
	switch share := out.share(); {
	case !compared:
	case out.Affected == 0:
		text += " and no others"
	case share < 0.02:
		text += " and hardly any others"
	case share > in.share()/2:
		text += ", and others as well"
	}
	text += ", " + sayPart(in.Affected, in.Units, "")
	if compared {
		text += " against " + sayPart(out.Affected, out.Units, "")
	}
	return text
}

// extentWord is how many of them are affected, in a word.
func extentWord(t *Traffic) string {
	switch share := t.share(); {
	case t.Affected == t.Units:
		return "all of them"
	case share >= 0.9:
		return "nearly all of them"
	case share >= 0.6:
		return "most of them"
	case share >= 0.45:
		return "about half of them"
	}
	return "some of them"
}

// share is the affected part.
func (t *Traffic) share() float64 {
	if t.Units == 0 {
		return 0
	}
	return float64(t.Affected) / float64(t.Units)
}
