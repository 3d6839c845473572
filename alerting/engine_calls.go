package alerting

import (
	"slices"

	"earshot/dialog"
	"earshot/topology"
)

// dialled are the statuses of a number that does not exist, or not so: the
// user's mistake, and no failure of the network.
var dialled = []int{404, 410, 484, 604}

// untrusted are the findings that tell that the capture knows too little of a
// call's media to find anything else.
var untrusted = []string{"capture_loss", "media_not_captured"}

// call judges a call at both its ends.
func (e *Engine) call(r *dialog.CallRecord) {
	rules := e.feeds[fromCalls]
	if len(rules) == 0 || r.Disposition == dialog.InProgress {
		return
	}
	num := e.plans.of(r.Plan, &e.names)
	codec := e.names.codec(codecOf(r))
	ends := sides{
		{segment: num.segment(r.SegmentFromCaller), peer: num.peer(r.PeerFrom), codec: codec, trunk: e.names.trunk(r.TrunkFromCaller), direction: topology.FromPeer},
		{segment: num.segment(r.SegmentFromCallee), peer: num.peer(r.PeerTo), codec: codec, trunk: e.names.trunk(r.TrunkFromCallee), direction: topology.ToPeer},
	}
	if e.maintained(ends[0].segment) || e.maintained(ends[1].segment) {
		e.stats.Maintained++
		return
	}
	seen := e.witnessed(r)
	if !seen.signalling || !seen.media {
		e.stats.Suspect++
	}
	unit := int32(none)
	if e.locator != nil {
		unit = e.locator.callEnded(e, r, &ends)
	}
	for _, rs := range rules {
		v, ok := rs.ofCall(r, seen)
		if !ok {
			continue
		}
		e.bothSides(rs, &ends, v, sample{call: r.ID})
		if unit != none {
			e.locator.judgedCall(unit, rs, int64(r.Start), int64(r.End), v)
		}
	}
}

// codecOf is the codec that a call used, else the first it asked for.
func codecOf(r *dialog.CallRecord) string {
	for _, list := range [][]string{r.AnsweredCodecs, r.Offered} {
		if len(list) > 0 {
			return list[0]
		}
	}
	return ""
}

// witness says what of a call the probe saw without gaps of its own.
type witness struct {
	signalling, media bool
}

func (e *Engine) witnessed(r *dialog.CallRecord) witness {
	decided := r.End
	if r.Answer != 0 {
		decided = r.Answer
	}
	w := witness{signalling: r.Trust != "suspect" && !e.blind.touches(int64(r.Start), int64(decided)), media: true}
	for _, f := range r.Findings {
		if slices.Contains(untrusted, f.Code) {
			w.media = false
		}
	}
	for _, s := range r.Media {
		if s.Trust == "suspect" {
			w.media = false
		}
	}
	return w
}

// ofCall judges a call; false where it is not what the rule is about, or
// nothing is known.
func (rs *ruleState) ofCall(r *dialog.CallRecord, seen witness) (verdict, bool) {
	switch rs.Signal {
	case SignalFailedCalls, SignalSIPCause:
		return rs.ofOutcome(r, seen)
	case SignalPDD:
		if r.PDDMS == nil || !seen.signalling {
			return verdict{}, false
		}
		s := *r.PDDMS / 1000
		return verdict{rs.impairs(s), s}, true
	case SignalShortCalls:
		if r.DurationMS == nil || r.EndedBy == dialog.EndedByCapture {
			return verdict{}, false
		}
		s := *r.DurationMS / 1000
		return verdict{s < rs.Limit, s}, true
	}
	return rs.ofFindings(r, seen)
}

// ofOutcome judges how a call came out, where its beginning was seen.
func (rs *ruleState) ofOutcome(r *dialog.CallRecord, seen witness) (verdict, bool) {
	if r.Truncated || !seen.signalling {
		return verdict{}, false
	}
	status := 0
	if r.FinalStatus != nil {
		status = *r.FinalStatus
	}
	if rs.Signal == SignalSIPCause {
		return verdict{rs.matches(status), float64(status)}, true
	}
	if r.Disposition == dialog.Redirected {
		return verdict{}, false
	}
	return verdict{r.Disposition == dialog.Failed && !slices.Contains(dialled, status), 1}, true
}

// ofFindings judges what was found wrong with a call. Media are due in
// answered calls alone.
func (rs *ruleState) ofFindings(r *dialog.CallRecord, seen witness) (verdict, bool) {
	media := rs.Signal != SignalSIPDSCP
	if media && (!seen.media || r.Disposition != dialog.Answered) {
		return verdict{}, false
	}
	found := slices.ContainsFunc(r.Findings, func(f dialog.Finding) bool {
		return f.Code == rs.info.finding || rs.Signal == SignalFinding && slices.Contains(rs.Codes, f.Code)
	})
	return verdict{found, 1}, true
}
