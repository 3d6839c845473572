package dialog

import "slices"

// milliseconds converts ns.
func milliseconds(ns int64) float64 { return float64(ns) / 1e6 }

// between returns to - from in ms, nil where either was not seen. Hops and
// mirrors may swap two messages within a millisecond: never less than 0.
func between(from, to int64) *float64 {
	if from == 0 || to == 0 {
		return nil
	}
	ms := milliseconds(max(to-from, 0))
	return &ms
}

// record builds the call's record, all but the media half's part. Unseen is
// when messages may have been missed.
func (c *call) record(now int64, unseen gaps) *CallRecord {
	s := c.sets[0]
	l := s.reference()
	r := &CallRecord{
		Type: "call", ID: c.id,
		From: c.from, To: c.to, FromURI: c.fromURI, ToURI: c.toURI,
		Start: Time(c.start), Ringing: Time(c.ring), Answer: Time(c.answer), End: Time(c.end),
		Disposition: c.disposition, Reason: s.why(), EndedBy: s.endedByWhom(),
		Transport: s.origin().transport, UserAgents: c.userAgents, Retransmissions: c.retransmissions,
		LegEvidence: c.evidence, Offered: c.offered, AnsweredCodecs: c.answered,
		Holds: len(c.holds), HoldMS: c.holdMS(c.end), Transfers: c.transfers,
		Truncated: c.truncated, Ladder: c.ladder,
	}
	r.AgentFrom, r.AgentTo = c.endAgents()
	if l.status != 0 {
		status := l.status
		r.FinalStatus = &status
	}
	r.DurationMS = between(c.answer, c.end)
	if !c.truncated || l.invited != 0 {
		r.SetupMS = between(l.invitedFrom(c), earliest(l.provisional, earliest(l.answered, l.failed)))
		r.PDDMS = between(l.invitedFrom(c), earliest(l.ringing, l.answered))
	}
	if s.bye != nil && s.byeDone != 0 {
		r.DisconnectMS = between(s.ended, s.byeDone)
	}
	for _, s := range c.sets {
		r.CallIDs = append(r.CallIDs, s.callID)
	}
	for _, l := range c.legs {
		r.Legs = append(r.Legs, l.record())
	}
	c.finishTransfers(l)
	if f, yes := s.byeUnanswered(now); yes && !unseen.touch(s.ended, s.ended+timerB) {
		r.Findings = append(r.Findings, f)
	}
	slices.SortStableFunc(r.Ladder, func(a, b LadderEntry) int { return compareTimes(a.At, b.At) })
	return r
}

// invitedFrom is where set-up times start: the attempt's first INVITE, 0 where
// it was not seen.
func (l *leg) invitedFrom(c *call) int64 {
	if l.invited == 0 {
		return 0
	}
	return c.start
}

// finishTransfers gives an INVITE with Replaces its own outcome.
func (c *call) finishTransfers(l *leg) {
	for i := range c.transfers {
		if t := &c.transfers[i]; t.Kind == "replaces" && l.status != 0 {
			status := l.status
			t.Status = &status
		}
	}
}

func compareTimes(a, b Time) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
