package alerting

import (
	"fmt"
	"math"
)

// again answers the eighth question: how surely the same conditions bring it
// back, and how to see it.
func (q *inquiry) again() said {
	if surgeText(q.f) != "" {
		return untold("Not by single registrations: their number is the trouble. What makes many telephones register at once brings it back, as a server that restarts or a network that returns.", q.returns())
	}
	in := &q.f.Inside
	if in.From.IsZero() || in.Units == 0 {
		return untold("Not known: how many " + q.noun + "s of the same kind were not affected was not counted. " + q.returns())
	}
	k := affectedKind(q.f).say(q.noun + "s")
	text := "Of the " + k + " since it began " + sayPart(in.Affected, in.Units, "") + " were affected. "
	switch share := in.share(); {
	case !q.f.Over.IsZero():
		text = "Not now. Of the " + k + " while it lasted " + sayPart(in.Affected, in.Units, "") + " were affected; it is over, and comparable traffic is good."
	case share >= 0.9:
		text += "Yes: the next call of this kind will almost surely show it."
	case share > 0:
		text += fmt.Sprintf("The chance is 1 in %d: %d calls of this kind show it with a certainty of 95 %%.", int(math.Round(1/share)), trials(share))
	}
	return told(text, q.returns())
}

// trials is how many calls, each affected with a chance, show at least one
// affected one with 95 % certainty.
func trials(share float64) int {
	return int(math.Ceil(math.Log(0.05) / math.Log(1-share)))
}

// returns says how often it came back.
func (q *inquiry) returns() string {
	n := len(q.occurrences())
	if n < 2 {
		return "It has not come back after a good time so far: this is its first spell."
	}
	return fmt.Sprintf("It came back %s after good times.", sayTimes(n-1))
}
