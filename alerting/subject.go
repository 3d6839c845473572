package alerting

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"earshot/topology"
)

// subjectOf is the one line that a fault is known by. It holds what does not
// change from minute to minute, so that a mail's thread stays together.
func subjectOf(f *Fault) string {
	if f.Probe {
		return "Probe: " + probeTrouble(f)
	}
	k := affectedKind(f)
	text := symptomOf(mainSignal(f)).name
	if codec := k.value(FactorCodec); codec != "" {
		text += " with " + codec
	}
	if place := k.adjuncts(); place != "" {
		text += " " + place
	}
	return text + f.Verdict.beyond(k)
}

// beyond is what a verdict adds to what a subject says already. Segments are not
// listed: which ones are affected changes while a fault spreads.
func (v *Verdict) beyond(k kind) string {
	switch {
	case v.Segment != "":
		return ""
	case v.Peer != "" && k.value(FactorPeer) != v.Peer:
		return " at peer " + v.Peer
	case v.Peer != "":
		return ""
	case len(v.Segments) > 1 && k.value(FactorOwner) == "":
		return " in several segments"
	case len(v.Segments) > 1:
		return ""
	}
	return ", place undetermined"
}

// mainSignal is what a fault is called by: the cause of the others.
func mainSignal(f *Fault) Signal {
	if len(f.Signals) == 0 {
		return ""
	}
	return f.Signals[0]
}

// probeTrouble is what the alerts about the probe say, in a line.
func probeTrouble(f *Fault) string {
	var list []string
	for i := range f.Alerts {
		if text := strings.TrimPrefix(f.Alerts[i].annotation("summary"), "The probe "); text != "" && !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return cmp.Or(saySome(list, 2), "it misses traffic")
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

// describe says in a few sentences what is wrong: what is read first.
func describe(f *Fault) string {
	if f.Probe {
		return describeProbe(f)
	}
	noun, y := unitOf(f), symptomOf(mainSignal(f))
	happens := y.happens
	if !f.Over.IsZero() {
		happens = y.did
	}
	text := lasted(f) + " " + affectedKind(f).say(noun+"s") + " " + happens
	if surge := surgeText(f); surge != "" {
		text += ": " + surge
	} else if some := extent(f); some != "" {
		text += ": " + some
	} else if f.Impact.CallsTotal > 0 {
		text += ": " + sayPart(f.Impact.Calls, f.Impact.CallsTotal, callNoun(f))
	}
	return paragraphs(sentence(text), verdictText(f), overText(f))
}

// lasted is when a fault was, up to when it was seen last: "Since …" while it
// goes on, else "From … to …".
func lasted(f *Fault) string {
	if f.Over.IsZero() {
		return capital(sayPeriod(f.Began, time.Time{}))
	}
	return "From " + sayPeriod(f.Began, f.Seen)
}

// describeProbe says what is wrong with the probe.
func describeProbe(f *Fault) string {
	text := lasted(f) + " the probe has had trouble of its own."
	if !f.Over.IsZero() {
		text = lasted(f) + " the probe had trouble of its own."
	}
	return paragraphs(text, alertTexts(f), "What it missed is not judged: no case about the network comes from it, and a fault of the network may go unseen meanwhile.")
}

// maxAlertTexts is how many alerts' own descriptions are told.
const maxAlertTexts = 4

// alertTexts are the descriptions that the rules give, one a line: of alerts
// that fire, since they tell of the window that ends now.
func alertTexts(f *Fault) string {
	var list []string
	for i := range f.Alerts {
		a := &f.Alerts[i]
		text := a.annotation("description")
		if text == "" || a.State != Firing || a.NoData || a.Figures.Affected == 0 || len(list) == maxAlertTexts {
			continue
		}
		if line := sentence("Rule " + a.Rule + ": " + text); !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return paragraphs(list...)
}

// verdictText says where it arises, and what says so.
func verdictText(f *Fault) string {
	v := &f.Verdict
	if strings.HasPrefix(v.Reason, "It arises in ") {
		return sentence(v.Reason) // which says all
	}
	text := "Where it arises is undetermined"
	switch {
	case v.Segment == topology.OtherName:
		text = "It arises in traffic that no named segment holds"
	case v.Segment != "":
		text = "It arises in segment " + v.Segment
	case v.Peer != "":
		text = "It arises at the equipment of peer " + v.Peer
	case len(v.Segments) > 1:
		text = "It arises in several segments: " + saySome(v.Segments, 8)
	}
	switch v.Direction {
	case "from_peer":
		text += ", in what comes from the peer"
	case "to_peer":
		text += ", in what goes to the peer"
	}
	if v.Segment != "" && v.Share > 0 && v.Share < 0.995 {
		text += fmt.Sprintf(", which %.0f %% of the affected went through", 100*v.Share)
	}
	return strings.TrimSpace(text + ". " + sentence(capital(v.Reason)))
}

// overText says what proves that it is over, "" while it goes on.
func overText(f *Fault) string {
	if f.Over.IsZero() {
		return ""
	}
	return strings.TrimSpace("It is over: seen last at " + sayTime(f.Seen) + ", proved at " + sayTime(f.Over) + ". " + proofText(&f.Proof, unitOf(f)))
}

// proofText says what comparable traffic tells since a fault was seen last.
func proofText(p *Proof, noun string) string {
	switch {
	case p.Reason != "":
		return sentence(capital(p.Reason))
	case p.Since.IsZero():
		return ""
	case p.Units == 0:
		return "No comparable traffic since " + sayTime(p.Since) + ": nothing is proved."
	}
	return "Since " + sayTime(p.Since) + " " + sayPart(p.Affected, p.Units, noun) + " through the same place were affected."
}
