package alerting

import (
	"fmt"
	"strings"
	"time"
)

// occurrences are all spells that are known: of the fault, or of the case,
// which may remember earlier ones.
func (q *inquiry) occurrences() []FaultSpell {
	if len(q.c.Occurrences) > len(q.f.Spells) {
		return q.c.Occurrences
	}
	if len(q.f.Spells) == 0 {
		return []FaultSpell{{From: q.f.Began, To: q.f.Over}}
	}
	return q.f.Spells
}

// when answers the second question: when it occurs, and when it does not.
func (q *inquiry) when() said {
	return told(q.spells(), q.goodTimes(), q.rates(), q.hours())
}

// maxSpells is how many spells are written out.
const maxSpells = 6

// spells lists when it occurred.
func (q *inquiry) spells() string {
	list := q.occurrences()
	var texts []string
	for _, s := range list[max(0, len(list)-maxSpells):] {
		text := sayPeriod(s.From, s.To)
		if !s.To.IsZero() {
			text += " (" + saySpan(s.To.Sub(s.From)) + ")"
		}
		texts = append(texts, text)
	}
	if len(list) == 1 {
		return onePeriod(list[0])
	}
	text := fmt.Sprintf("It comes and goes, in %d spells", len(list))
	if len(list) > maxSpells {
		text += fmt.Sprintf(" since %s, the last %d", sayTime(list[0].From), maxSpells)
	}
	return text + ": " + strings.Join(texts, "; ") + "."
}

// onePeriod says the only spell.
func onePeriod(s FaultSpell) string {
	if s.To.IsZero() {
		return "It goes on without a break " + sayPeriod(s.From, s.To) + "."
	}
	return "It occurred from " + sayPeriod(s.From, s.To) + ", for " + saySpan(s.To.Sub(s.From)) + ", without a break."
}

// pieces are the fault's pieces of time, up to when they were counted: now, or
// when it was over.
func (q *inquiry) pieces() []Traffic {
	end := q.now
	if !q.f.Over.IsZero() && q.f.Over.Before(end) {
		end = q.f.Over
	}
	var list []Traffic
	for _, t := range q.f.Hours {
		if t.To.After(end) {
			t.To = end
		}
		if t.From.Before(t.To) {
			list = append(list, t)
		}
	}
	return list
}

// covered is how much of a piece of time lies in spells, 0 to 1.
func (q *inquiry) covered(t *Traffic) float64 {
	var in time.Duration
	for _, s := range q.occurrences() {
		from, to := s.From, s.To
		if to.IsZero() || to.After(t.To) {
			to = t.To
		}
		if from.Before(t.From) {
			from = t.From
		}
		in += max(0, to.Sub(from))
	}
	return float64(in) / float64(max(1, t.To.Sub(t.From)))
}

// within reports whether a piece of time lies in spells for the most part,
// outside whether none of it does: pieces at the ends of a spell are neither.
func (q *inquiry) within(t *Traffic) bool  { return q.covered(t) > 0.5 }
func (q *inquiry) outside(t *Traffic) bool { return q.covered(t) == 0 }

// goodShare is up to which affected share traffic is called good: that of a
// network that is fit for voice.
const goodShare = 0.03

// goodTimes says when the same traffic was good.
func (q *inquiry) goodTimes() string {
	var good Traffic
	var pieces int
	list := q.pieces()
	for i := range list {
		t := &list[i]
		if t.Units == 0 || t.share() > q.f.Inside.share()/4 || !q.outside(t) {
			continue
		}
		if pieces == 0 {
			good.From = t.From
		}
		good.To, good.Units, good.Affected = t.To, good.Units+t.Units, good.Affected+t.Affected
		pieces++
	}
	if pieces == 0 {
		return ""
	}
	lead := "Outside of that the same traffic was good: "
	if good.share() > goodShare {
		lead = "Outside of that the same traffic was better, but not good: "
	}
	return lead + "from " + sayPeriod(good.From, good.To) + " " + sayPart(good.Affected, good.Units, q.noun) + " affected."
}

// How much traffic it takes to compare how busy bad and good times were, and
// how much busier the bad ones must have been to blame the load.
const (
	leastRated = 30 // units of each
	busier     = 2
)

// rates compares how much traffic there was in bad and in good times: a fault
// that comes with the load shows here.
func (q *inquiry) rates() string {
	good, goodTime := q.f.Before.Units, q.f.Before.To.Sub(q.f.Before.From)
	var bad int
	var badTime time.Duration
	list := q.pieces()
	for i := range list {
		t := &list[i]
		switch {
		case q.within(t):
			bad, badTime = bad+t.Units, badTime+t.To.Sub(t.From)
		case q.outside(t) && !t.From.Before(q.f.Began):
			good, goodTime = good+t.Units, goodTime+t.To.Sub(t.From)
		}
	}
	if bad < leastRated || good < leastRated || badTime < 10*time.Minute || goodTime < 10*time.Minute {
		return ""
	}
	busy, calm := float64(bad)/badTime.Hours(), float64(good)/goodTime.Hours()
	text := fmt.Sprintf("Traffic: %.0f %ss an hour while it occurs, %.0f while it does not", busy, q.noun, calm)
	switch {
	case busy >= busier*calm:
		return text + ": it may come with the load."
	case calm >= busy:
		return text + ": it does not come with the load."
	}
	return text + "."
}
