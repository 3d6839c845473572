package alerting

import (
	"math"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/topology"
)

// minJudged is how many packets an interval must expect to be judged: with
// fewer, one lost packet is more than any limit.
const minJudged = 20

// minMissing is how many packets an interval must miss, or have too late, to be
// impaired: one or two are concealed, and of a few dozen they are more than any
// limit.
const minMissing = 3

// intervalValue numbers what an interval is judged by.
type intervalValue uint8

const (
	lossValue intervalValue = iota
	lossBehindValue
	lateValue
	jitterValue
	latencyValue
	mosValue
	intervalValues
)

// measuredIn reads the values of an interval; NaN is unknown.
func measuredIn(o *dialog.Observation) (v [intervalValues]float64) {
	v[lossValue] = missing(int64(o.Lost), o.Expected)
	v[lossBehindValue] = math.NaN()
	if o.RTCP.Reports > 0 {
		v[lossBehindValue] = missing(int64(o.Located.After), o.Expected)
	}
	v[lateValue] = math.NaN()
	if o.Packets > 0 {
		v[lateValue] = missing(int64(o.Late), o.Packets)
	}
	v[jitterValue] = math.NaN()
	if o.Packets > 1 {
		v[jitterValue] = o.JitterMS
	}
	v[latencyValue] = math.NaN()
	if o.RTCP.RTTMS > 0 {
		v[latencyValue] = o.RTCP.RTTMS / 2
	}
	v[mosValue] = math.NaN()
	if o.MOS > 0 {
		v[mosValue] = o.MOS
	}
	return v
}

// missing is the percentage of n packets of all, 0 where they are few.
func missing(n int64, all uint32) float64 {
	if n < minMissing {
		return 0
	}
	return 100 * float64(n) / float64(all)
}

// Observe takes one interval of one stream. Only audio that was not damaged by
// the capture itself is judged.
func (e *Engine) Observe(o *dialog.Observation) {
	e.begin(o.End)
	e.stats.Observations++
	k := keyOf(o)
	if e.judged(o) {
		e.interval(o, &k)
	} else if e.locator != nil && flawed(o) {
		if i, ok := e.streams.index[k]; ok {
			e.locator.spoil(&e.streams.list[i])
		}
	}
	if o.Final {
		e.streams.end(&k)
	}
}

// judged reports whether an interval says anything about the network.
func (e *Engine) judged(o *dialog.Observation) bool {
	if o.Expected < minJudged || o.End <= o.Start || o.Media != rtpstats.MediaAudio && o.Media != rtpstats.MediaUnknown {
		return false
	}
	if o.Suspect {
		e.stats.Suspect++
		return false
	}
	return true
}

// interval judges by every rule.
func (e *Engine) interval(o *dialog.Observation, k *streamKey) {
	num := e.plans.of(o.Plan, &e.names)
	maintained := e.maintained(num.segment(o.Segment))
	if maintained {
		e.stats.Maintained++
		if e.locator == nil {
			return
		}
	}
	i := e.streams.find(k)
	if i == none && maintained {
		return
	}
	if i == none {
		e.stats.RefusedStreams++
		e.anonymous(o, k, num)
		return
	}
	s := &e.streams.list[i]
	slots := e.streams.of(i)
	if s.last == 0 || s.plan != o.Plan || s.segment != o.Segment || s.direction != o.Direction || !e.sameCodec(s.place.codec, o.Codec) || !e.sameTrunk(s.place.trunk, o.Trunk) {
		e.move(s, slots, o, num)
	}
	s.last = e.now
	unit := int32(none)
	if e.locator != nil {
		unit = e.locator.observed(e, s, o, k)
	}
	if maintained {
		e.overlook(o, s, unit)
		return
	}
	values := measuredIn(o)
	weight := uint64(o.End-o.Start) / 1e6
	for _, rs := range e.feeds[fromIntervals] {
		v := values[rs.info.value]
		if v != v { // NaN
			continue
		}
		if set := e.setOf(rs, s, &slots[rs.slot]); set != nil {
			impaired := rs.observe(set, v, weight)
			set.window.see(&slots[rs.slot].sighting, impaired)
			if unit != none {
				e.locator.judged(unit, rs, o, impaired, v)
			}
			if impaired {
				set.worst.offer(&sample{key: *k, call: o.Call, at: o.End, value: v}, rs.info.below)
			}
		}
	}
}

// overlook lets the locator know of an interval in maintenance, which counts
// nowhere: what others hand on from there is not their own.
func (e *Engine) overlook(o *dialog.Observation, s *streamState, unit int32) {
	if unit == none {
		return
	}
	e.locator.maintained(unit, e.now)
	values := measuredIn(o)
	for _, rs := range e.feeds[fromIntervals] {
		if v := values[rs.info.value]; v == v && rs.filter.passes(s.place) { // not NaN
			e.locator.judged(unit, rs, o, rs.impairs(v), v)
		}
	}
}

// observe adds an interval to a label set and reports whether it is impaired.
func (rs *ruleState) observe(set *labelSet, v float64, weight uint64) bool {
	impaired := rs.impairs(v)
	bad := uint64(0)
	if impaired {
		bad = weight
	}
	w := &set.window
	w.add(weight, bad)
	if w.samples != nil {
		w.samples.add(w.slot(w.head), v)
	}
	return impaired
}

// impairs reports whether one value is beyond the rule's limit.
func (rs *ruleState) impairs(v float64) bool {
	if rs.info.below {
		return v < rs.Limit
	}
	return v > rs.Limit
}

// setOf returns a stream's label set, with its window at now; nil where the
// rule has none for it.
func (e *Engine) setOf(rs *ruleState, s *streamState, slot *streamSlot) *labelSet {
	if slot.set > 0 {
		if set := rs.list[slot.set-1]; set != nil && set.number == slot.number {
			set.window.advance(e.now)
			return set
		}
	}
	if slot.set < 0 {
		return nil
	}
	i := rs.set(e, s.place)
	if i == none {
		*slot = streamSlot{set: -1}
		return nil
	}
	set := rs.at(e, i)
	*slot = streamSlot{set: i + 1, number: set.number}
	return set
}

// sameCodec reports whether a codec is the one of a number. Names beyond the
// vocabulary are looked up again with every interval.
func (e *Engine) sameCodec(id uint16, codec string) bool {
	return e.names.codecs.list[id] == codec || codec == "" && e.names.codecs.list[id] == noCodec
}

// sameTrunk reports whether a trunk is the one of a number.
func (e *Engine) sameTrunk(id uint16, domain string) bool {
	return e.names.trunks.list[id] == domain || id == 0 && domain == ""
}

// move places a stream that is new, or carries another codec or belongs
// elsewhere from now on: it counts there, and no longer where it was.
func (e *Engine) move(s *streamState, slots []streamSlot, o *dialog.Observation, num *numbered) {
	to := e.placeOf(o, num)
	if s.last == 0 || to != s.place {
		for _, rs := range e.feeds[fromIntervals] {
			slot := &slots[rs.slot]
			if slot.set > 0 {
				if set := rs.list[slot.set-1]; set != nil && set.number == slot.number {
					set.window.advance(e.now)
					set.window.unsee(&slot.sighting)
				}
			}
			*slot = streamSlot{}
		}
	}
	s.plan, s.segment, s.direction, s.place = o.Plan, o.Segment, o.Direction, to
	s.located.placed = false
}

// placeOf says where an interval was measured. The peer is the far side's, or
// the named one where no direction tells.
func (e *Engine) placeOf(o *dialog.Observation, num *numbered) place {
	p := place{segment: num.segment(o.Segment), direction: o.Direction, codec: e.names.codec(o.Codec), trunk: e.names.trunk(o.Trunk)}
	src, dst := o.Plan.Peer(o.Src.Addr()), o.Plan.Peer(o.Dst.Addr())
	if o.Direction == topology.FromPeer || o.Direction == topology.Unknown && dst == topology.Other {
		dst = src
	}
	p.peer = num.peer(dst)
	return p
}

// anonymous judges an interval whose stream found no room: it counts in
// shares and percentiles, and not as a stream.
func (e *Engine) anonymous(o *dialog.Observation, k *streamKey, num *numbered) {
	p := e.placeOf(o, num)
	values := measuredIn(o)
	for _, rs := range e.feeds[fromIntervals] {
		v := values[rs.info.value]
		if v != v { // NaN
			continue
		}
		if i := rs.set(e, p); i != none {
			set := rs.at(e, i)
			if rs.observe(set, v, uint64(o.End-o.Start)/1e6) {
				set.worst.offer(&sample{key: *k, call: o.Call, at: o.End, value: v}, rs.info.below)
			}
		}
	}
}
