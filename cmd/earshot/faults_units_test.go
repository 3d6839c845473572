package main

import (
	"slices"
	"time"

	"earshot/alerting"
)

// units sorts the traffic that a rule counts by the place of its alerts.
func (x *faultsTruth) units(f *truthFault, rule *alerting.Rule) map[string][]oracleUnit {
	switch rule.Signal {
	case alerting.SignalLoss, alerting.SignalLossBehind, alerting.SignalJitter, alerting.SignalLate, alerting.SignalLatency:
		return x.streamUnits(f, rule)
	case alerting.SignalDSCP:
		places := x.streamUnits(f, rule)
		for _, units := range places {
			for i := range units {
				units[i].from = units[i].to.Add(oracleLinger)
				units[i].to = units[i].from
			}
		}
		return places
	}
	return x.callUnits(f, rule)
}

// streamUnits are streams, with the time in which the fault was at them. What the
// SBC passes on is hurt as it came in.
func (x *faultsTruth) streamUnits(f *truthFault, rule *alerting.Rule) map[string][]oracleUnit {
	type voice struct {
		call int
		ssrc string
	}
	hurt := map[voice]*truthStream{}
	for _, s := range x.streams {
		if s.Route.Faults[f.Name] > 0 {
			hurt[voice{s.Call, s.SSRC}] = s
		}
	}
	byCall := map[int]*truthCall{}
	for _, c := range x.list {
		byCall[c.Call] = c
	}
	places := map[string][]oracleUnit{}
	for _, s := range x.streams {
		if s.First.IsZero() || s.Packets < 2 {
			continue
		}
		u := oracleUnit{from: s.First, to: s.Last}
		own := slices.Contains(f.Segments, s.Route.Segment)
		switch {
		case rule.Signal == alerting.SignalLatency:
			u.bad = own && slices.Contains(byCall[s.Call].Route.Faults, f.Name)
		case own && s.Route.Faults[f.Name] > 0:
			u.bad = true
		case own || rule.Signal == alerting.SignalLossBehind || rule.Signal == alerting.SignalDSCP:
		default:
			u.bad = hurt[voice{s.Call, s.SSRC}] != nil
		}
		if u.bad {
			u.worse = [2]time.Time{later(s.First, f.From), earlier(s.Last, f.To)}
			if rule.Signal == alerting.SignalLatency || rule.Signal == alerting.SignalDSCP {
				u.worse[1] = s.Last // decided as the call began
			}
		}
		place := s.Route.Segment + "|" + s.Route.Direction
		if !slices.Contains(rule.By, alerting.ByDirection) {
			place = s.Route.Segment
		}
		if f.OnMS == 0 || !u.bad {
			places[place] = append(places[place], u)
			continue
		}
		places[place] = append(places[place], f.bouts(u)...)
	}
	return places
}

// bouts cuts what is hurt by a flapping fault at the bouts' limits.
func (f *truthFault) bouts(u oracleUnit) []oracleUnit {
	on, period := time.Duration(f.OnMS)*time.Millisecond, time.Duration(f.OnMS+f.OffMS)*time.Millisecond
	var list []oracleUnit
	at := u.from
	for start := f.From; start.Before(u.to); start = start.Add(period) {
		stop := start.Add(on)
		if overlap(u.from, u.to, start, stop) == 0 {
			continue
		}
		u1 := oracleUnit{from: at, to: earlier(u.to, stop), bad: true}
		u1.worse = [2]time.Time{later(at, start), u1.to}
		list, at = append(list, u1), u1.to
	}
	if at.Before(u.to) {
		list = append(list, oracleUnit{from: at, to: u.to})
	}
	return list
}

// callUnits are calls as they end, at each segment that they pass; rules by peer
// see them at both ends. The oracle names a peer's place by its segment.
func (x *faultsTruth) callUnits(f *truthFault, rule *alerting.Rule) map[string][]oracleUnit {
	places := map[string][]oracleUnit{}
	for _, c := range x.list {
		if c.End == nil {
			continue
		}
		answered := c.Answer != nil
		switch rule.Signal {
		case alerting.SignalFailedCalls, alerting.SignalSIPCause, alerting.SignalPDD:
		default:
			if !answered {
				continue
			}
		}
		if rule.Signal == alerting.SignalPDD && c.Ringing == nil {
			continue
		}
		at := c.End.Add(oracleLinger)
		u := oracleUnit{from: at, to: at, bad: slices.Contains(c.Route.Faults, f.Name)}
		for _, s := range c.Route.Segments {
			place := s
			if slices.Contains(rule.By, alerting.ByDirection) {
				toTrunk := s == "access-"+c.Route.Site // a call from the site's side
				if toTrunk != c.Route.Inbound {
					place += "|from_peer"
				} else {
					place += "|to_peer"
				}
			}
			places[place] = append(places[place], u)
		}
	}
	return places
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
