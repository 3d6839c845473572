package alerting

import (
	"reflect"
	"slices"
)

// figures takes what is measured as it is now, and answers the questions anew.
func (d *Desk) figures(e *edit, f *Fault) {
	before := *e.c
	c := e.c
	c.Impact, c.Examples, c.Good, c.Contrast, c.Proof, c.Course = f.Impact, f.Examples, f.Good, f.Contrast, f.Proof, f.Course
	c.LastSeen, c.Segments = latest(c.LastSeen, plain(f.Seen)), f.Verdict.Segments
	c.occur(f)
	if !c.byHand("description") {
		c.Description = describe(f)
	}
	if !c.byHand("business_impact") {
		c.Business = businessImpact(f)
	}
	c.Questions = answers(c, f, d.changesFor(c), e.at)
	c.ChangesTo = d.nextChange - 1
	c.fill()
	if e.moved || !reflect.DeepEqual(&before, c) {
		c.FiguresAt, e.moved = e.at, true
	}
}

// occur takes the times of impairment of a fault, as far as they are known now,
// behind those of earlier faults. What was before the end of the maintenance
// that the case arose in is left out.
func (c *Case) occur(f *Fault) {
	spells := f.Spells
	if len(spells) == 0 {
		spells = []FaultSpell{f.spell()}
	}
	if c.Earlier == 0 && c.Maintenance == "" {
		c.FirstSeen = plain(f.Began)
	}
	list := slices.Clone(c.Occurrences[:c.Earlier])
	for _, s := range spells {
		s = FaultSpell{plain(s.From), plain(s.To)}
		if c.Maintenance != "" && !s.To.IsZero() && !s.To.After(c.FirstSeen) {
			continue
		}
		if c.Maintenance != "" {
			s.From = latest(s.From, c.FirstSeen)
		}
		if n := len(list); n == 0 || s.From.After(list[n-1].From) {
			list = append(list, s)
		}
	}
	c.Occurrences, c.Spells = list, len(spells)
	if over := len(list) - maxOccurrences; over > 0 { // the first stays: since when it all goes on
		c.Occurrences = slices.Delete(list, 1, 1+over)
		c.Earlier = max(min(c.Earlier, 1), c.Earlier-over)
	}
}
