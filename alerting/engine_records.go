package alerting

import (
	"slices"

	"earshot/dialog"
	"earshot/topology"
)

// Record takes what ended: a call, a stream or a transaction.
func (e *Engine) Record(rec dialog.Record) {
	switch r := rec.(type) {
	case *dialog.CallRecord:
		e.begin(int64(r.End))
		e.stats.Records++
		e.call(r)
	case *dialog.StreamRecord:
		e.begin(int64(r.End))
		e.stats.Records++
		e.stream(r)
	case *dialog.TransactionRecord:
		e.begin(int64(r.Start))
		e.stats.Records++
		if r.Method == "REGISTER" {
			e.registration(r)
		}
	}
}

// verdict is what a record says to one rule.
type verdict struct {
	impaired bool
	value    float64
}

// unit adds one stream, call or registration to the label set of a place.
func (e *Engine) unit(rs *ruleState, p place, v verdict, example sample) {
	i := rs.set(e, p)
	if i == none {
		return
	}
	set := rs.at(e, i)
	w := &set.window
	bad := uint64(0)
	if v.impaired {
		bad = 1
		example.at, example.value = e.now, v.value
		set.worst.offer(&example, rs.info.below)
	}
	w.add(1, bad)
	w.count(v.impaired)
	if w.samples != nil {
		w.samples.add(w.slot(w.head), v.value)
	}
}

// stream judges a stream that ended, by what only its record tells.
func (e *Engine) stream(r *dialog.StreamRecord) {
	rules := e.feeds[fromStreams]
	if len(rules) == 0 || r.Media != "audio" || r.Packets < minJudged {
		return
	}
	if r.Trust == "suspect" {
		e.stats.Suspect++
		return
	}
	num := e.plans.of(r.Plan, &e.names)
	codec, call := "", ""
	if r.Codec != nil {
		codec = *r.Codec
	}
	if r.Call != nil {
		call = *r.Call
	}
	o := dialog.Observation{Src: r.Src, Dst: r.Dst, Segment: r.SegmentID, Direction: r.Toward, Plan: r.Plan, Codec: codec, Trunk: r.Trunk}
	p := e.placeOf(&o, num)
	if e.maintained(p.segment) {
		e.stats.Maintained++
		return
	}
	unit := int32(none)
	if e.locator != nil {
		unit = e.locator.streamEnded(e, r, call, p)
	}
	for _, rs := range rules {
		v, ok := rs.ofStream(r)
		if !ok {
			continue
		}
		e.unit(rs, p, v, sample{stream: r.ID, call: call})
		if unit != none {
			e.locator.judgedStream(unit, rs, r, v)
		}
	}
}

// ofStream judges a stream; false where nothing is known.
func (rs *ruleState) ofStream(r *dialog.StreamRecord) (verdict, bool) {
	if rs.Signal == SignalDSCP {
		if len(r.DSCP) == 0 {
			return verdict{}, false
		}
		i := slices.IndexFunc(r.DSCP, func(d int) bool { return float64(d) != rs.Limit })
		return verdict{i >= 0, float64(r.DSCP[max(i, 0)])}, true
	}
	if r.PTimeMS == nil {
		return verdict{}, false
	}
	longest := 0
	for i, n := range r.LossRuns {
		if n > 0 {
			longest = i + 1
		}
	}
	ms := float64(longest) * *r.PTimeMS
	return verdict{ms >= rs.Limit && longest > 0, ms}, true
}

// registration judges a registration, at the peer that asked and the one that
// was asked.
func (e *Engine) registration(r *dialog.TransactionRecord) {
	rules := e.feeds[fromRegistrations]
	if len(rules) == 0 {
		return
	}
	plan := e.cfg.Plan
	num := e.plans.of(plan, &e.names)
	segment, _ := plan.Segment(&topology.Flow{Src: r.Src.Addr(), Dst: r.Dst.Addr()})
	ends := sides{
		{segment: num.segment(segment), peer: num.peer(plan.Peer(r.Src.Addr())), direction: topology.FromPeer},
		{segment: num.segment(segment), peer: num.peer(plan.Peer(r.Dst.Addr())), direction: topology.ToPeer},
	}
	if e.maintained(ends[0].segment) {
		e.stats.Maintained++
		return
	}
	// RFC 6076 4.2: challenges are no failures, silence is one.
	failed := r.FinalStatus == nil || *r.FinalStatus >= 400 && *r.FinalStatus != 401 && *r.FinalStatus != 402 && *r.FinalStatus != 407
	unseen := r.FinalStatus == nil && e.blind.touches(int64(r.Start), e.now)
	unit := int32(none)
	if e.locator != nil {
		unit = e.locator.registered(e, r, &ends)
	}
	for _, rs := range rules {
		v := verdict{true, 1}
		if rs.Signal == SignalRegistrationsFailed {
			if unseen {
				e.stats.Suspect++
				continue
			}
			v.impaired = failed
		}
		e.bothSides(rs, &ends, v, sample{call: r.CallID})
		if unit != none {
			e.locator.judgedCall(unit, rs, int64(r.Start), int64(r.Start), v)
		}
	}
}

// sides are where the two ends of a call or registration are.
type sides [2]place

// bothSides counts a unit at both its ends, once where they are the same to
// the rule. What is known of one end goes before "other" at the second.
func (e *Engine) bothSides(rs *ruleState, ends *sides, v verdict, example sample) {
	same := rs.key(ends[0]) == rs.key(ends[1])
	unnamed := func(p place) bool {
		return (!rs.by(BySegment) || p.segment == 0) && (!rs.by(ByPeer) || p.peer == 0) && (rs.by(BySegment) || rs.by(ByPeer))
	}
	skipFirst := unnamed(ends[0]) && !unnamed(ends[1])
	skipSecond := same || unnamed(ends[1]) && !unnamed(ends[0])
	if !skipFirst && rs.filter.passes(ends[0]) {
		e.unit(rs, ends[0], v, example)
	} else if same {
		skipSecond = false
	}
	if !skipSecond {
		e.unit(rs, ends[1], v, example)
	}
}
