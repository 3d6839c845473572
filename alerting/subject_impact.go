package alerting

import (
	"slices"
	"strings"
)

// businessImpact says who suffers since when, and what they notice.
func businessImpact(f *Fault) string {
	if f.Probe {
		return "None on calls. Until the probe is relieved, faults of the network may go unseen, and what it missed counts in no figure."
	}
	return paragraphs(affectedText(f), noticedText(f))
}

// affectedText says how many calls, users and sites suffer.
func affectedText(f *Fault) string {
	i := &f.Impact
	var list []string
	if i.CallsTotal > 0 || i.Calls > 0 {
		list = append(list, sayPart(i.Calls, max(i.Calls, i.CallsTotal), callNoun(f)))
	}
	if i.Streams > 0 {
		list = append(list, sayMany(i.Streams, "voice stream"))
	}
	if i.Users > 0 {
		list = append(list, sayMany(i.Users, "user")+" (different addresses)")
	}
	if len(i.Sites) > 0 {
		list = append(list, sayMany(len(i.Sites), "site")+": "+saySome(i.Sites, 5))
	}
	if len(list) == 0 {
		return "How many suffer was not counted."
	}
	return "Affected " + lowered(lasted(f)) + ": " + strings.Join(list, "; ") + "."
}

// callNoun is what the impact counts.
func callNoun(f *Fault) string {
	if unit := unitOf(f); unit == "registration" {
		return unit
	}
	return "call"
}

// surgeText says how many there were at the worst where too many are the
// trouble, "" where that is not so.
func surgeText(f *Fault) string {
	for i := range f.Alerts {
		if w := &f.Alerts[i].Worst; f.Alerts[i].Signal == SignalRegistrationRate && w.Affected > 0 {
			return "at the worst " + sayMany(w.Affected, "registration") + " within " + saySpan(w.Window) + ", where " + short(w.Usual) + " are usual"
		}
	}
	return ""
}

// noticedText says what users notice of each signal.
func noticedText(f *Fault) string {
	var list []string
	for _, s := range f.Signals {
		if text := symptomOf(s).noticed; !slices.Contains(list, text) && len(list) < 3 {
			list = append(list, text)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "What users notice: " + strings.Join(list, " ")
}
