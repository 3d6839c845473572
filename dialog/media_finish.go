package dialog

import (
	"cmp"
	"net/netip"
	"slices"
)

// last returns when the last known packet of the call's streams was captured,
// 0 where none was.
func (m *media) last(c *call) int64 {
	var at int64
	for _, l := range c.legs {
		for _, s := range l.media.streams {
			at = max(at, s.report.End)
		}
	}
	return at
}

// finish writes the records of a call's streams, completes the call's record
// with them and with what was wrong, and forgets the call.
func (m *media) finish(c *call, rec *CallRecord) []*StreamRecord {
	streams := streamsOf(c)
	records := make([]*StreamRecord, len(streams))
	for i, s := range streams {
		m.conclude(s)
		records[i] = m.streamRecord(s, rec.ID)
	}
	rec.Plan = m.plan
	places := m.places(c, streams)
	rec.SegmentFromCaller, rec.TrunkFromCaller = places[caller].segment, places[caller].trunk
	rec.SegmentFromCallee, rec.TrunkFromCallee = places[callee].segment, places[callee].trunk
	rec.PeerFrom, rec.PeerTo = c.peers(m.plan)
	rec.Media = records
	for _, r := range records {
		rec.Streams = append(rec.Streams, r.ID)
		if r.MOS.LQ != nil && (rec.MOSWorst == nil || *r.MOS.LQ < *rec.MOSWorst) {
			rec.MOSWorst = r.MOS.LQ
		}
	}
	rec.Findings = m.heeded(append(rec.Findings, m.findings(c, rec, streams)...))
	for _, s := range streams {
		m.tellSharers(s, rec.ID)
		m.forget(s)
	}
	for _, l := range c.legs {
		m.forgetLeg(l)
		l.media = legMedia{done: true}
	}
	emitted := slices.Clone(records)
	sortStreams(emitted)
	return emitted
}

// streamsOf lists a call's streams in the order of their start.
func streamsOf(c *call) []*stream {
	var streams []*stream
	for _, l := range c.legs {
		streams = append(streams, l.media.streams...)
	}
	slices.SortFunc(streams, func(a, b *stream) int {
		return cmp.Or(
			cmp.Compare(a.report.Start, b.report.Start),
			a.key.src.Compare(b.key.src),
			a.key.dst.Compare(b.key.dst),
			cmp.Compare(a.key.ssrc, b.key.ssrc),
		)
	})
	return streams
}

// tellSharers leaves word with other calls that announced the stream's
// destination too: legs of a B2BUA that nothing joined, media between the ends.
func (m *media) tellSharers(s *stream, callID string) {
	for _, e := range m.endpoints.get(s.key.dst) {
		if l := e.line.leg; l.call != s.leg.call && !e.learned && e.from <= s.report.End {
			l.media.shared[e.line.side.other()] = callID
		}
	}
}

// elsewhere returns the call that has the stream which a leg waits for from one
// side, "" where none has.
func (m *media) elsewhere(l *leg, from side, since int64) string {
	if id := l.media.shared[from]; id != "" {
		return id
	}
	for _, line := range l.media.lines[from.other()] {
		for _, e := range line.endpoints {
			for _, o := range m.endpoints.get(e.addr) {
				if c := o.line.leg.call; c != l.call && c.hears(e.addr, since) {
					return c.id
				}
			}
		}
	}
	return ""
}

// hears reports whether a stream of the call goes to an address.
func (c *call) hears(a netip.AddrPort, since int64) bool {
	for _, l := range c.legs {
		for _, s := range l.media.streams {
			if s.key.dst == a && s.report.End >= since {
				return true
			}
		}
	}
	return false
}
