package main

import (
	"strconv"
	"strings"
	"time"

	"earshot/dialog"
	"earshot/mos"
	"earshot/rtpstats"
)

// intervalLength is that of the intervals that a record is spread over, and of
// those that a live probe judges.
const intervalLength = int64(5 * time.Second)

// suspect is the trust of a stream that the probe did not see whole.
const suspect = "suspect"

// keptStream gives the intervals of a kept stream: those of its timeline where
// that was kept, else its figures spread over its time.
type keptStream struct {
	record *dialog.StreamRecord
	o      dialog.Observation // what all intervals share
	said   int                // intervals that were given
	count  int
	spread *spread // nil: from the timeline
}

func keep(c *dialog.CallRecord, s *dialog.StreamRecord) *keptStream {
	k := &keptStream{record: s, count: len(s.Timeline)}
	k.o = dialog.Observation{
		Src: s.Src, Dst: s.Dst, StreamStart: int64(s.Start), Speaker: s.Speaker, Hop: s.Hop,
		Segment: s.SegmentID, Direction: s.Toward, Trunk: s.Trunk, Plan: s.Plan, Media: mediaKind(s.Media),
	}
	if ssrc, err := strconv.ParseUint(strings.TrimPrefix(s.SSRC, "0x"), 16, 32); err == nil {
		k.o.SSRC = uint32(ssrc)
	}
	if s.Codec != nil {
		k.o.Codec = *s.Codec
	}
	if c != nil {
		k.o.Call = c.ID
	}
	if k.count == 0 {
		k.count = int(max(1, (int64(s.End-s.Start)+intervalLength-1)/intervalLength))
		k.spread = spreadOf(s, k.count)
	}
	return k
}

func mediaKind(name string) rtpstats.MediaKind {
	switch name {
	case "audio":
		return rtpstats.MediaAudio
	case "video":
		return rtpstats.MediaVideo
	case "other":
		return rtpstats.MediaOther
	}
	return rtpstats.MediaUnknown
}

// end is when an interval ends.
func (k *keptStream) end(i int) int64 {
	switch {
	case i+1 >= k.count:
		return max(int64(k.record.End), k.start(i)+1)
	case k.spread != nil:
		return k.start(i + 1)
	}
	return int64(k.record.Timeline[i+1].Start)
}

func (k *keptStream) start(i int) int64 {
	if k.spread != nil {
		return int64(k.record.Start) + int64(i)*intervalLength
	}
	return int64(k.record.Timeline[i].Start)
}

// next gives the next interval, which is valid until the one after it.
func (k *keptStream) next() *dialog.Observation {
	i := k.said
	k.said++
	o := &k.o
	o.Start, o.End = k.start(i), k.end(i)
	o.First, o.Final = i == 0, i+1 == k.count
	if k.spread != nil {
		k.spread.fill(o, i)
	} else {
		fillFrom(o, &k.record.Timeline[i])
	}
	k.fillRTCP(i)
	return o
}

// fillFrom takes an interval as it was measured.
func fillFrom(o *dialog.Observation, t *dialog.IntervalRecord) {
	o.Packets, o.Lost, o.Late, o.JitterMS, o.Suspect = t.Packets, t.Lost, t.Late, t.JitterMS, t.Suspect
	o.Expected = uint32(max(0, int64(t.Packets)+int64(t.Lost)))
	o.MOS = 0
	if t.MOS != nil {
		o.MOS = *t.MOS
	}
}

// fillRTCP spreads what the receiver reported, of which no timeline is kept.
func (k *keptStream) fillRTCP(i int) {
	r := k.record.RTCP
	k.o.RTCP, k.o.Located = dialog.RTCPObservation{}, dialog.Located{}
	if !k.o.Suspect {
		k.o.Located.Before = uint32(max(0, k.o.Lost))
	}
	if r == nil || r.Reports == 0 || k.o.Suspect {
		return
	}
	k.o.RTCP.Reports = 1
	if r.RTTMS != nil {
		k.o.RTCP.RTTMS = *r.RTTMS
	}
	if r.Lost != nil {
		k.o.Located.After = portion(uint64(max(0, *r.Lost-int64(k.record.Lost))), i, k.count)
	}
}

// portion is the part of n that falls to one of several intervals; the parts add
// up to n.
func portion(n uint64, i, of int) uint32 {
	return uint32(n*uint64(i+1)/uint64(of) - n*uint64(i)/uint64(of))
}

// spread is how the figures of a whole stream lie in its time. Loss lies in its
// bursts (RFC 3611 4.7.2), which are put side by side around the worst
// interval, and evenly elsewhere; everything else lies evenly.
type spread struct {
	count          int
	packets, late  uint64
	lostIn, lostBy uint64 // within the bursts, and elsewhere
	from, to       int    // intervals of the bursts, to not included
	jitterMS       float64
	suspect        bool
	codec          *mos.Codec // nil: there is no score
	burstR         float64
}

func spreadOf(s *dialog.StreamRecord, count int) *spread {
	p := &spread{
		count: count, packets: s.Packets, late: s.Late.Adaptive, jitterMS: s.JitterMS.Mean,
		suspect: s.Trust == suspect, burstR: s.BurstRatio, codec: codecOf(&s.MOS),
	}
	p.bursts(s)
	return p
}

// bursts finds where the bursts lay, and how much of the loss.
func (p *spread) bursts(s *dialog.StreamRecord) {
	length := float64(s.End - s.Start)
	inBursts := min(length, float64(s.Bursts.Count)*s.Bursts.DurationMS*1e6)
	if inBursts <= 0 || length <= 0 || s.Lost == 0 {
		p.lostBy = s.Lost
		return
	}
	p.lostIn = min(s.Lost, uint64(s.Bursts.Density*float64(s.Expected)*inBursts/length+0.5))
	p.lostBy = s.Lost - p.lostIn
	middle := length / 2
	if s.MOSMinAt > s.Start && s.MOSMinAt < s.End {
		middle = float64(s.MOSMinAt-s.Start) + float64(intervalLength)/2
	}
	wide := max(1, int(inBursts/float64(intervalLength)+0.5))
	p.from = max(0, min(int(middle/float64(intervalLength))-(wide-1)/2, p.count-wide))
	p.to = min(p.count, p.from+wide)
}

// codecOf is the codec that a record's score stands on; nil where there is none.
func codecOf(m *dialog.MOSRecord) *mos.Codec {
	if m.LQ == nil || m.Model == nil || m.Ie == nil || m.Bpl == nil {
		return nil
	}
	c := &mos.Codec{Model: mos.Model(*m.Model), Ie: *m.Ie, Bpl: *m.Bpl}
	c.BurstAware = c.Model == mos.G107 && c.Bpl >= 16 // G.113
	return c
}

// fill gives one interval its part.
func (p *spread) fill(o *dialog.Observation, i int) {
	lost := portion(p.lostBy, i, p.count)
	burstR := 1.0
	if i >= p.from && i < p.to {
		lost += portion(p.lostIn, i-p.from, p.to-p.from)
		burstR = p.burstR
	}
	o.Packets, o.Lost, o.Late = portion(p.packets, i, p.count), int32(lost), portion(p.late, i, p.count)
	o.Expected = o.Packets + lost
	o.JitterMS, o.Suspect = p.jitterMS, p.suspect
	o.MOS = 0
	if p.codec != nil && o.Expected > 0 {
		bad := min(100, 100*float64(lost+o.Late)/float64(o.Expected))
		o.MOS = mos.LQ(mos.Input{Codec: *p.codec, Ppl: bad, BurstR: max(1, burstR)}).MOS
	}
}
