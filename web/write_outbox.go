package web

import (
	"earshot/alerting/outbox"
)

// presetDestinations is how many destinations have series of their own where
// the configuration does not say how many it has; the rest is other.
const presetDestinations = 10

// destinationCap is how many destinations have series of their own.
func (c *MetricsConfig) destinationCap() int {
	if c.Destinations > 0 {
		return c.Destinations
	}
	return presetDestinations
}

// destinationSeries are those of one destination.
func destinationSeries() int {
	const singles = 3 // circuit, oldest, summed
	return len(outbox.States) + len(outbox.Outcomes()) + singles
}

// outbox writes what destinations are told, and how they stand.
func (p *page) outbox(m *Metrics, probe *Probe) {
	if probe.Outbox == nil {
		return
	}
	list := foldDestinations(probe.Outbox.Stats(), m.cfg.destinationCap())
	p.family("earshot_outbox_tickets", gauge, "Tickets of cases at destinations: pending, sent, confirmed, closed lately, dead.")
	for i := range list {
		for _, state := range outbox.States {
			p.count(labels("destination", list[i].Destination, "state", string(state)), uint64(list[i].Tickets[state]))
		}
	}
	p.family("earshot_outbox_requests_total", counter, "Requests to destinations, by what came of them.")
	for i := range list {
		for _, outcome := range outbox.Outcomes() {
			p.count(labels("destination", list[i].Destination, "outcome", outcome), list[i].Requests[outcome])
		}
	}
	p.family("earshot_outbox_circuit_open", gauge, "Whether a destination is not known to work, so that requests wait.")
	for i := range list {
		open := uint64(0)
		if list[i].Open {
			open = 1
		}
		p.count(labels("destination", list[i].Destination), open)
	}
	p.family("earshot_outbox_oldest_pending_seconds", gauge, "For how long the request that waits longest has been due.")
	for i := range list {
		p.value(labels("destination", list[i].Destination), list[i].Oldest.Seconds())
	}
	p.family("earshot_outbox_summed_cases_total", counter, "Cases that the storm guard told in a summary.")
	for i := range list {
		p.count(labels("destination", list[i].Destination), list[i].Folded)
	}
}

// foldDestinations makes one of those beyond the cap, and of those that are no
// longer configured.
func foldDestinations(stats []outbox.Stats, most int) []outbox.Stats {
	var list []outbox.Stats
	rest := outbox.Stats{Destination: other, Tickets: map[outbox.State]int{}, Requests: map[string]uint64{}}
	for _, s := range stats {
		if !s.Gone && s.Destination != other && len(list) < most {
			list = append(list, s)
			continue
		}
		for state, n := range s.Tickets {
			rest.Tickets[state] += n
		}
		for outcome, n := range s.Requests {
			rest.Requests[outcome] += n
		}
		rest.Folded += s.Folded
		rest.Open = rest.Open || s.Open
		rest.Oldest = max(rest.Oldest, s.Oldest)
	}
	return append(list, rest)
}
