package dialog

import (
	"cmp"
	"slices"
)

// callMedia is what the media half keeps of a call: everything is with its
// legs, so that legs may be joined without asking.
type callMedia struct{}

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
		records[i] = m.streamRecord(s, rec.ID)
	}
	rec.Media = records
	for _, r := range records {
		rec.Streams = append(rec.Streams, r.ID)
		if r.MOS.LQ != nil && (rec.MOSWorst == nil || *r.MOS.LQ < *rec.MOSWorst) {
			rec.MOSWorst = r.MOS.LQ
		}
	}
	rec.Findings = append(rec.Findings, m.findings(c, rec, streams)...)
	for _, s := range streams {
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
