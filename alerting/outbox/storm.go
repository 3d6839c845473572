package outbox

import (
	"maps"
	"slices"
	"time"

	"earshot/alerting"
)

// The storm guard: past some new tickets a minute, cases are folded into one
// that sums them up. Critical ones pass it, up to as many again.

// mostFolded bounds the cases of one summary; then another one is made.
const mostFolded = 1000

// open makes the ticket of a case, or folds it into a summary.
func (b *Box) open(now time.Time, c *alerting.Case, p *place) {
	t := &Ticket{ID: b.next, Destination: p.terms.Name, Case: c.Number, Version: 1, Made: now, Modified: now, Key: keyOf(c, p.terms.Name, 0), Wanted: standOf(c)}
	b.next++
	e := &entry{t: t}
	b.entries[t.ID] = e
	b.byCase[c.Number] = append(b.byCase[c.Number], t.ID)
	b.admit(now, p, t)
	b.put(e, t)
}

// admit lets a ticket stand for itself, or folds it into a summary.
func (b *Box) admit(now time.Time, p *place, t *Ticket) {
	if p.admits(now, t.Wanted.Severity) {
		p.born.add(now)
		t.Folded = 0
		return
	}
	p.folded++
	t.Folded = b.fold(now, t)
}

// admits reports whether a case may have a ticket of its own.
func (p *place) admits(now time.Time, s alerting.Severity) bool {
	born := p.born.most - p.born.room(now)
	return born < p.terms.MaxNew || s == alerting.Critical && born < p.born.most
}

// fold finds the summary that a ticket belongs to, or makes one.
func (b *Box) fold(now time.Time, t *Ticket) int64 {
	p := b.places[t.Destination]
	if e := b.entries[p.sum]; e != nil && e.t.takes() {
		return b.join(now, p.sum, t.Case)
	}
	s := &Ticket{ID: b.next, Destination: t.Destination, Version: 1, Made: now, Modified: now, Key: sumKey(t), Wanted: Stand{Open: true}}
	b.next++
	b.entries[s.ID] = &entry{t: s}
	p.sum = s.ID
	return b.join(now, s.ID, t.Case)
}

// takes reports whether a summary takes another case.
func (t *Ticket) takes() bool {
	return t.Wanted.Open && t.Human == Untouched && !t.fixed() && len(t.Cases) < mostFolded
}

// join adds a case to a summary.
func (b *Box) join(now time.Time, id int64, number int) int64 {
	e := b.entries[id]
	s := e.t.edit(now)
	s.Cases = append(s.Cases[:len(s.Cases):len(s.Cases)], number)
	e.t = s
	b.sums[id] = true
	return id
}

// stayFolded takes a ticket out of its summary whose case opens again when the
// summary is over.
func (b *Box) stayFolded(t *Ticket) {
	s := b.entries[t.Folded]
	if t.Wanted.Open && (s == nil || !s.t.Wanted.Open || s.t.Dropped != "") {
		t.Folded, t.Shown = 0, Stand{}
	}
}

// sumUp brings summaries up to date whose cases changed.
func (b *Box) sumUp(now time.Time) {
	for _, id := range slices.Sorted(maps.Keys(b.sums)) {
		delete(b.sums, id)
		e := b.entries[id]
		if e == nil || e.t.Case != 0 {
			continue
		}
		if e.t.Human != Untouched {
			b.unfold(now, e)
		}
		stand := b.standOfSum(e.t)
		if stand == e.t.Wanted && b.changed[id] == nil {
			continue
		}
		s := e.t.edit(now)
		s.Wanted = stand
		b.put(e, s)
	}
}

// unfold finds another place for the cases that a person did not see who closed
// their summary.
func (b *Box) unfold(now time.Time, sum *entry) {
	p := b.places[sum.t.Destination]
	var told []int
	for _, n := range sum.t.Cases {
		e := b.ticketOf(n, sum.t.Destination)
		if p == nil || e == nil || e.t.State != Pending || e.t.Folded != sum.t.ID {
			told = append(told, n)
			continue
		}
		t := e.t.edit(now)
		b.admit(now, p, t)
		b.put(e, t)
	}
	sum.t = sum.t.edit(now)
	sum.t.Cases = told
	b.changed[sum.t.ID] = sum.t
}

// standOfSum is what a summary is to show: it is open, and restored, as long as
// one of its cases is open, or none of the open ones is impaired.
func (b *Box) standOfSum(t *Ticket) Stand {
	s := Stand{Restored: true}
	for _, n := range t.Cases {
		e := b.ticketOf(n, t.Destination)
		if e == nil || e.t.Folded != t.ID {
			continue // it stands for itself again
		}
		one := e.t.Wanted
		s.Update += one.Update + 1
		if !one.Open {
			continue
		}
		s.Open = true
		s.Restored = s.Restored && one.Restored
		if one.Severity.Valid() && (s.Severity == 0 || one.Severity < s.Severity) {
			s.Severity = one.Severity
		}
	}
	if s.Severity == 0 {
		s.Severity = t.Wanted.Severity
	}
	return s
}

// toldSum marks the tickets of the cases that a summary has told as confirmed.
func (b *Box) toldSum(t *Ticket, cases []int) {
	for _, n := range cases {
		e := b.ticketOf(n, t.Destination)
		if e == nil || e.t.Folded != t.ID || e.t.State != Pending {
			continue
		}
		told := e.t.edit(t.Modified)
		told.Shown = told.Wanted
		b.put(e, told)
	}
}
