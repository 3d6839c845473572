package dialog

import (
	"earshot/mos"
	"earshot/rtpstats"
)

// told is what a stream's observations have said of its running totals.
type told struct {
	first, final          bool // one has said so
	duplicates, reordered uint64
	rtcp                  hearing
}

// observe tells of the interval that a report closed; it is empty where a
// stream ends between two.
func (m *media) observe(s *stream, v *rtpstats.Interval, final bool) {
	c := s.carries()
	o := &m.observation
	*o = Observation{
		Src: s.key.src, Dst: s.key.dst, SSRC: s.key.ssrc, StreamStart: s.report.Start,
		Point: s.report.Path.Point(), Plan: m.plan,
		Start: v.Start, End: v.End, First: !s.told.first, Final: final,
		Media: c.kind, Codec: c.codec,
		Packets: v.Packets, Expected: v.Expected, Lost: v.Lost, Late: v.Late,
		Duplicates: grown(s.report.Duplicates, s.told.duplicates),
		Reordered:  grown(s.report.Reordered, s.told.reordered),
		JitterMS:   v.JitterMS, JitterMaxMS: v.JitterMaxMS, DelayVariationMS: v.BufferMS,
	}
	if s.bound() {
		o.Call = s.leg.call.id
		o.Speaker, o.Hop, o.UserAgent = s.speaker(), s.hop(), s.leg.agents[s.from].name
	}
	o.Segment, o.Direction = m.locate(s)
	o.Trunk = s.place.trunk
	s.told.first, s.told.final = true, final
	s.told.duplicates, s.told.reordered = s.report.Duplicates, s.report.Reordered

	x := m.witnessOf(s)
	trips := m.hear(s, x, c.clockRate, o)
	o.Suspect = v.Suspect || s.contradicts(x) || s.pausedForFax()
	o.locate(v)
	if !o.Empty() {
		m.judge(s, &c, v, trips, o)
	}
	m.cfg.Observe(o)
}

// conclude tells that a stream is over whose last report did not say so: it
// leaves with its call, or another stream took its place.
func (m *media) conclude(s *stream) {
	if m.cfg.Observe != nil && !s.told.final {
		m.observe(s, &rtpstats.Interval{Start: s.report.End, End: s.report.End}, true)
	}
}

// grown is how much a count has grown. A shard's counts never fall; a report
// of another stream with the same key and start must not look like billions.
func grown(now, before uint64) uint32 { return uint32(now - min(now, before)) }

// locate splits the local loss; what the receiver lost beyond it is known already.
func (o *Observation) locate(v *rtpstats.Interval) {
	lost := uint32(max(v.Lost, 0))
	if o.Suspect {
		o.Located.Undetermined = lost
		return
	}
	o.Located.Before = lost
}

// judge scores an interval as the timeline does.
func (m *media) judge(s *stream, c *carried, v *rtpstats.Interval, trips roundTrips, o *Observation) {
	codec, reason := m.scorable(s, c, uint64(v.Expected))
	if reason != "" {
		o.Reason = reason
		return
	}
	interval := stepOf(v)
	in := interval.input(codec)
	o.MOS = mos.LQ(in).MOS
	if d, known := m.delayOf(s, codec, trips, v.BufferMS); known {
		in.Ta = d.ms
		o.MOSCQ = mos.CQ(in).MOS
	}
}
