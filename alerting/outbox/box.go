package outbox

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"earshot/alerting"
)

// Box decides what is told to which destination, and when. One goroutine drives
// it. It is told levels, not edges: the same cases twice change nothing, and
// what was missed is made good by the next word.
//
// Everything that must outlive the process is in the tickets that it gives out
// by Take. What Due gives may be performed only once those are kept: a box that
// begins with them knows then which requests it cannot know the outcome of.
type Box struct {
	lot     func() float64
	places  map[string]*place
	names   []string // of places, in their order
	entries map[int64]*entry
	byCase  map[int][]int64 // the tickets of a case
	cases   map[int]*alerting.Case
	asked   map[int64]time.Time // when a command was given for what a person did
	changed map[int64]*Ticket
	next    int64
	sums    map[int64]bool // summaries whose cases changed
}

// place is a destination as the box sees it.
type place struct {
	terms  Terms
	gate   breaker
	rate   window // requests
	born   window // tickets that stand for themselves
	flying int    // jobs that are out
	good   time.Time
	counts [len(outcomes)]uint64
	folded uint64
	sum    int64 // the latest summary
}

// entry is a ticket with what is to be done for it.
type entry struct {
	t      *Ticket
	out    *Job // that is being performed
	wishes []wish
	due    time.Time // of the earliest wish; zero: there is none
}

// mostTickets bounds the closed tickets that are known; the store has the others.
const mostTickets = 20_000

// NewBox returns a box that goes on from the tickets of an earlier one. Whether
// requests that were under way were done is in doubt.
func NewBox(cfg Config) *Box {
	b := &Box{
		lot: cfg.Lot, places: map[string]*place{}, entries: map[int64]*entry{}, byCase: map[int][]int64{}, cases: map[int]*alerting.Case{},
		asked: map[int64]time.Time{}, changed: map[int64]*Ticket{}, next: max(1, cfg.NextTicket), sums: map[int64]bool{},
	}
	if b.lot == nil {
		b.lot = func() float64 { return 0.5 }
	}
	b.setPlaces(cfg.Destinations)
	for _, t := range cfg.Tickets {
		b.next = max(b.next, t.ID+1)
		e := &entry{t: t}
		b.entries[t.ID] = e
		if t.Case != 0 {
			b.byCase[t.Case] = append(b.byCase[t.Case], t.ID)
		}
		switch p := b.places[t.Destination]; {
		case p == nil || t.Folded != 0:
		case t.Case == 0:
			p.sum = max(p.sum, t.ID)
		default:
			p.born.add(t.Made)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		e := b.entries[id]
		if e.t.State != Sent {
			b.plan(e)
			continue
		}
		t := e.t.edit(e.t.Modified)
		t.interrupt()
		b.put(e, t)
	}
	return b
}

// interrupt notes that the request that is under way may or may not be done.
func (t *Ticket) interrupt() {
	t.State = Pending
	t.doubt(t.Step, t.Tried)
}

// lasting reports whether a step leaves something behind, so that to do it twice
// may matter.
func (s Step) lasting() bool { return s != StepFind && s != StepRead && s != StepRefresh }

// tells reports whether what happened can go with a step, to who takes no
// comments.
func (s Step) tells() bool {
	return s.lasting() && s != StepCreate && s != StepAttach || s == StepRefresh
}

// Set takes other terms. The tickets of a destination that is gone wait for it
// to come back.
func (b *Box) Set(now time.Time, terms []Terms) {
	b.setPlaces(terms)
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		b.plan(b.entries[id])
	}
	b.Cases(now, b.known())
}

func (b *Box) setPlaces(terms []Terms) {
	old := b.places
	b.places, b.names = map[string]*place{}, nil
	for _, t := range terms {
		t.preset()
		p := old[t.Name]
		if p == nil {
			p = new(place)
		}
		p.terms = t
		p.gate.terms(&t)
		p.rate.most, p.born.most = t.PerMinute, 2*t.MaxNew
		b.places[t.Name] = p
		b.names = append(b.names, t.Name)
	}
}

// known lists the cases by their numbers.
func (b *Box) known() []*alerting.Case {
	list := make([]*alerting.Case, 0, len(b.cases))
	for _, n := range slices.Sorted(maps.Keys(b.cases)) {
		list = append(list, b.cases[n])
	}
	return list
}

// Cases tells of cases that are new or changed: at the beginning of all that
// are known. The worst come first into what the storm guard lets pass.
func (b *Box) Cases(now time.Time, list []*alerting.Case) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *alerting.Case) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Number, b.Number))
	})
	for _, c := range list {
		b.cases[c.Number] = c
		for _, name := range b.names {
			b.route(now, c, b.places[name])
		}
	}
	b.sumUp(now)
	b.forget()
}

// route brings what a destination is to show of a case up to date.
func (b *Box) route(now time.Time, c *alerting.Case, p *place) {
	e := b.ticketOf(c.Number, p.terms.Name)
	if e == nil {
		if c.Status == alerting.StatusOpen && p.terms.Filter.passes(c) {
			b.open(now, c, p)
		}
		return
	}
	stand := standOf(c)
	if stand == e.t.Wanted {
		b.plan(e) // its files may be others
		return
	}
	t := e.t.edit(now)
	t.Wanted = stand
	t.hear(c)
	if t.Folded != 0 {
		b.stayFolded(t)
	}
	b.put(e, t)
}

func (b *Box) ticketOf(number int, destination string) *entry {
	for _, id := range b.byCase[number] {
		if e := b.entries[id]; e.t.Destination == destination {
			return e
		}
	}
	return nil
}

// standOf is what there is to be shown of a case.
func standOf(c *alerting.Case) Stand {
	s := Stand{Open: c.Status == alerting.StatusOpen, Severity: c.Severity, Restored: !c.Restored.IsZero()}
	if n := len(c.Updates); n > 0 {
		s.Update = c.Updates[n-1].Seq
	}
	return s
}

// passes reports whether a destination is told of a case.
func (f *Filter) passes(c *alerting.Case) bool {
	return (!c.Probe || f.Probe) && (f.MaxSeverity == 0 || c.Severity.Valid() && c.Severity <= f.MaxSeverity) &&
		anyOf(f.Tenants, c.Tenant) && anyOf(f.Owners, c.Owner) && anyOf(f.Segments, append([]string{c.Segment}, c.Segments...)...)
}

func anyOf(wanted []string, have ...string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(have, func(name string) bool { return slices.Contains(wanted, name) })
}

// put makes a version of a ticket the one that counts.
func (b *Box) put(e *entry, t *Ticket) {
	e.t = t
	b.settle(e)
	b.plan(e)
	if b.places[t.Destination] == nil && e.t.State == Sent {
		e.t.State = Pending // until it is configured again
	} else if b.places[t.Destination] != nil && !e.t.fixed() {
		e.t.State = e.state()
	}
	if t.Folded != 0 {
		b.sums[t.Folded] = true
	}
	b.changed[t.ID] = t
}

// fixed reports whether the state does not follow from what is to be done.
func (t *Ticket) fixed() bool { return t.State == Dead || t.Dropped != "" }

// state follows from what is to be done.
func (e *entry) state() State {
	t := e.t
	switch {
	case e.out != nil:
		return Sent
	case t.Folded != 0 && t.Wanted.Open && t.Shown.Open:
		return Confirmed // by its summary
	case t.Folded != 0 && t.Wanted.Open:
		return Pending
	case slices.ContainsFunc(e.wishes, func(w wish) bool { return !w.routine }):
		return Pending
	case t.Wanted.Open:
		return Confirmed
	}
	return Closed
}

// Take returns the tickets that changed since it was asked last.
func (b *Box) Take() []*Ticket {
	var list []*Ticket
	for _, id := range slices.Sorted(maps.Keys(b.changed)) {
		list = append(list, b.changed[id])
	}
	clear(b.changed)
	return list
}

// Tickets lists the tickets that are known by their numbers: all that are not
// closed, and those closed lately.
func (b *Box) Tickets() []*Ticket {
	list := make([]*Ticket, 0, len(b.entries))
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		list = append(list, b.entries[id].t)
	}
	return list
}

// Missing lists the cases that there are tickets to be closed for and that the
// box was not told of: of long ago, or already forgotten by the desk.
func (b *Box) Missing() []int {
	var list []int
	for _, n := range slices.Sorted(maps.Keys(b.byCase)) {
		if b.cases[n] == nil && slices.ContainsFunc(b.byCase[n], func(id int64) bool { return b.entries[id].t.State != Closed }) {
			list = append(list, n)
		}
	}
	return list
}

// forget drops closed tickets, the oldest first, to hold the bound: a tenth at
// once, so that it is done seldom.
func (b *Box) forget() {
	if len(b.entries) <= mostTickets {
		return
	}
	over := len(b.entries) - mostTickets*9/10
	for _, id := range slices.Sorted(maps.Keys(b.entries)) {
		if over <= 0 {
			return
		}
		if e := b.entries[id]; e.t.State == Closed && e.out == nil && b.changed[id] == nil {
			b.remove(e.t)
			over--
		}
	}
}

func (b *Box) remove(t *Ticket) {
	delete(b.entries, t.ID)
	delete(b.changed, t.ID)
	delete(b.asked, t.ID)
	b.byCase[t.Case] = slices.DeleteFunc(b.byCase[t.Case], func(id int64) bool { return id == t.ID })
	if len(b.byCase[t.Case]) == 0 {
		delete(b.byCase, t.Case)
		delete(b.cases, t.Case)
	}
}
