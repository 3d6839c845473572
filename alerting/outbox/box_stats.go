package outbox

import "time"

// Stats is what a box did for one destination, and how it stands.
type Stats struct {
	Destination string
	Tickets     map[State]int     // that are known
	Requests    map[string]uint64 // by outcome: "done", or the kind of the failure
	Open        bool              // its circuit: it is not known to work
	Why         string            // the circuit is open
	Until       time.Time         // no request is made before; zero: they may be
	Oldest      time.Duration     // for how long the ticket that waits longest has been due
	Folded      uint64            // cases that a summary stands for
	Gone        bool              // it is no longer in the configuration
}

// Stats returns the figures of every destination that is configured, in their
// order, and of those that still have tickets.
func (b *Box) Stats(now time.Time) []Stats {
	var list []Stats
	place := map[string]int{}
	add := func(name string) *Stats {
		i, known := place[name]
		if !known {
			i = len(list)
			place[name] = i
			list = append(list, Stats{Destination: name, Tickets: map[State]int{}, Requests: map[string]uint64{}, Gone: true})
		}
		return &list[i]
	}
	for _, name := range b.names {
		s, p := add(name), b.places[name]
		s.Gone, s.Open, s.Why, s.Folded = false, p.gate.open(), p.gate.why, p.folded
		if until := p.gate.ready(); until.After(now) {
			s.Until = until
		}
		for i, outcome := range outcomes {
			s.Requests[outcome] = p.counts[i]
		}
	}
	for _, t := range b.Tickets() {
		s := add(t.Destination)
		s.Tickets[t.State]++
		for _, w := range b.entries[t.ID].wishes {
			if !w.routine && !w.at.After(now) {
				s.Oldest = max(s.Oldest, now.Sub(w.at))
			}
		}
	}
	return list
}

// Outcomes lists the words that requests are counted by, success first.
func Outcomes() []string { return outcomes[:] }
