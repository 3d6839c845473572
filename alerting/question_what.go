package alerting

import (
	"fmt"
	"strings"
)

// what answers the first question: what happens, how bad it is, where it
// arises, and why it has its severity and owner.
func (q *inquiry) what() said {
	f := q.f
	lines := []string{describe(f)}
	for i, s := range f.Signals {
		lines = append(lines, q.level(s, i == 0))
	}
	lines = append(lines, q.side(), alertTexts(f), q.severity(), q.owner())
	return told(lines...)
}

// level says how bad it is by one signal.
func (q *inquiry) level(s Signal, cause bool) string {
	y := symptomOf(s)
	lead := "How bad: "
	if !cause {
		lead = "With it: " + lowered(y.name)
		if y.measure == "" {
			return lead + "."
		}
		lead += "; "
	}
	if y.measure == "" {
		return ""
	}
	value := func(v float64) string { return short(v) + y.unit }
	for _, l := range q.f.Levels {
		if l.Signal != s {
			continue
		}
		if s == SignalDSCP {
			return lead + fmt.Sprintf("%s %s, where %s is due.", y.measure, value(l.Worst), value(l.Limit))
		}
		return lead + fmt.Sprintf("%s, median of the affected %s, worst %s; the limit is %s.", y.measure, value(l.Median), value(l.Worst), value(l.Limit))
	}
	if worst, ok := q.worst(s); ok {
		return lead + fmt.Sprintf("%s, worst %s.", y.measure, value(worst))
	}
	return ""
}

// worst is the worst example of a signal's alerts.
func (q *inquiry) worst(s Signal) (worst float64, ok bool) {
	for i := range q.f.Alerts {
		if q.f.Alerts[i].Signal != s {
			continue
		}
		for _, x := range q.f.Alerts[i].Examples {
			if !ok || x.Value > worst != s.below() {
				worst, ok = x.Value, true
			}
		}
	}
	return worst, ok
}

// side says on which side of the probe packets go missing.
func (q *inquiry) side() string {
	var before, behind bool
	for _, s := range q.f.Signals {
		switch s {
		case SignalLoss, SignalBurstLoss, SignalLate, SignalJitter:
			before = true
		case SignalLossBehind:
			behind = true
		}
	}
	switch {
	case before && behind:
		return "The probe sees it, and receivers miss more than the probe does: part of it arises before the probe, part behind it."
	case before:
		return "The probe sees it: it arises before the probe, on the way from the sender."
	case behind:
		return "The packets still passed the probe, and the receivers' reports (RTCP) miss them: it arises behind the probe, on the way to the receiver."
	}
	return ""
}

// severity says why the case has its severity.
func (q *inquiry) severity() string {
	measured := q.f.Severity
	// Unless an alert has it, it is by a step for users and sites.
	text := fmt.Sprintf("Severity %s: by %s at %s.", measured, sayMany(q.f.Impact.Users, "affected user"), sayMany(len(q.f.Impact.Sites), "site"))
	for i := range q.f.Alerts {
		a := &q.f.Alerts[i]
		if a.Severity == measured {
			text = fmt.Sprintf("Severity %s: by rule %s", measured, a.Rule)
			if w := &a.Worst; w.Total > 0 && w.Unit != "seconds" && a.Signal != SignalRegistrationRate {
				text += fmt.Sprintf(", at its worst %s within %s", sayPart(w.Affected, w.Total, strings.TrimSuffix(w.Unit, "s")), saySpan(w.Window))
			}
			text += "."
			break
		}
	}
	if q.c.Severity.Valid() && q.c.Severity != measured {
		text += fmt.Sprintf(" The case has %s: it was set by hand, or it was worse before.", q.c.Severity)
	}
	return text
}

// owner says who answers for it, and why.
func (q *inquiry) owner() string {
	c, v := q.c, &q.f.Verdict
	switch {
	case c.Owner != "" && c.Owner != v.Owner && v.Owner != "":
		return "Owner: " + c.Owner + ", set by hand; by the place it would be " + v.Owner + "."
	case c.Owner != "" && v.Segment != "":
		return "Owner: " + c.Owner + ", who answers for segment " + v.Segment + "."
	case c.Owner != "" && len(v.Segments) > 1:
		return "Owner: " + c.Owner + ", who answers for all of these segments."
	case c.Owner != "":
		return "Owner: " + c.Owner + "."
	case v.Segment == "" && len(v.Segments) > 1:
		return "Owner: none, since these segments have no owner in common."
	case v.Segment == "":
		return "Owner: none, since the place is undetermined. What would tell: a capture on the other side of the demarcation, or receivers that send RTCP."
	}
	return "Owner: none is configured for segment " + v.Segment + "; the key owner of the segment names one."
}
