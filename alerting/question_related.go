package alerting

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// maxRelated is how many related cases are named.
const maxRelated = 5

// How telling it is that two cases share something, and how much it takes to
// call them related: one of these and the time, or two of them.
const (
	relatedRefers   = 100
	relatedSegment  = 4
	relatedFactor   = 3
	relatedSignal   = 2 // the one that both are called by; any other one counts half
	relatedOwner    = 1
	relatedTogether = 3 // they go on at the same time
	relatedNear     = 2 // one began within an hour of the other's time
	relatedLately   = 1 // within 30 days
	relatedLeast    = 5
)

// relate returns the cases that have to do with one, the telling ones first:
// at most five, of the same tenant, each with what they share.
func relate(c *Case, others []*Case) []Relation {
	type candidate struct {
		Relation
		score int
		apart time.Duration
	}
	var list []candidate
	for _, o := range others {
		if o.Number == c.Number || o.Tenant != c.Tenant || o.Probe != c.Probe && o.Number != c.RefersTo {
			continue
		}
		shared, score := sharedBy(c, o)
		when, more, apart := timeBetween(c, o)
		if score += more; score >= relatedLeast && len(shared) > 0 {
			list = append(list, candidate{Relation{o.Number, strings.Join(append(shared, when), ", ")}, score, apart})
		}
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.apart, b.apart), cmp.Compare(a.Number, b.Number))
	})
	var related []Relation
	for _, x := range list[:min(len(list), maxRelated)] {
		related = append(related, x.Relation)
	}
	return related
}

// sharedBy says what two cases have in common, and how telling that is.
func sharedBy(c, o *Case) (shared []string, score int) {
	if c.RefersTo == o.Number && o.Number != 0 {
		shared, score = append(shared, "the same problem, closed too long ago to be reopened"), relatedRefers
	}
	if c.sharesSegment(o) {
		shared, score = append(shared, "same segment"), score+relatedSegment
	}
	for _, f := range c.Factors {
		placed := f.Name == FactorSegment || f.Name == FactorDirection || f.Name == FactorSite || f.Name == FactorOwner
		if !placed && slices.Contains(o.Factors, f) {
			shared, score = append(shared, "same "+factorNouns[f.Name]+" "+f.Value), score+relatedFactor
		}
	}
	if len(c.Signals) > 0 && len(o.Signals) > 0 && !c.Probe {
		name := strings.ToLower(symptomOf(c.Signals[0]).name)
		switch {
		case c.Signals[0] == o.Signals[0]:
			shared, score = append(shared, "same trouble ("+name+")"), score+relatedSignal
		case slices.ContainsFunc(c.Signals, func(s Signal) bool { return slices.Contains(o.Signals, s) }):
			shared, score = append(shared, "some of the same trouble"), score+relatedSignal/2
		}
	}
	if c.Probe {
		shared, score = append(shared, "about the probe too"), score+relatedSegment
	}
	if c.Owner != "" && c.Owner == o.Owner {
		shared, score = append(shared, "same owner"), score+relatedOwner
	}
	return shared, score
}

// sharesSegment reports whether two cases have a segment in common.
func (c *Case) sharesSegment(o *Case) bool {
	if c.Segment != "" && (c.Segment == o.Segment || slices.Contains(o.Segments, c.Segment)) {
		return true
	}
	return o.Segment != "" && slices.Contains(c.Segments, o.Segment) ||
		slices.ContainsFunc(c.Segments, func(s string) bool { return slices.Contains(o.Segments, s) })
}

// timeBetween says how far from another case's time one began.
func timeBetween(c, o *Case) (text string, score int, apart time.Duration) {
	from, to := lifeOf(c)
	otherFrom, otherTo := lifeOf(o)
	switch {
	case !otherTo.IsZero() && otherTo.Before(from):
		apart = from.Sub(otherTo)
		text = "over " + saySpan(apart) + " before"
	case !to.IsZero() && to.Before(otherFrom):
		apart = otherFrom.Sub(to)
		text = "began " + saySpan(apart) + " after this was over"
	default:
		return "at the same time", relatedTogether, from.Sub(otherFrom).Abs()
	}
	switch {
	case apart <= time.Hour:
		score = relatedNear
	case apart <= 30*24*time.Hour:
		score = relatedLately
	}
	return text, score, apart
}

// lifeOf is the time that a case is about; to is zero while it goes on.
func lifeOf(c *Case) (from, to time.Time) {
	from, to = beganOf(c, nil), c.Restored
	if to.IsZero() {
		to = c.Closed
	}
	return from, to
}
