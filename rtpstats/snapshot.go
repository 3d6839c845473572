package rtpstats

// openInterval is the cumulative counts at the moment when the open interval began.
type openInterval struct {
	packets, expected, unique, media uint64
	lateFixed, lateAdaptive, badRuns uint64
	jitterSum, playoutSum            float64
	drops                            uint64
	later                            bool // not the stream's first interval
}

// forgetTiming follows the stream's own.
func (o *openInterval) forgetTiming() {
	o.media, o.lateFixed, o.lateAdaptive = 0, 0, 0
	o.jitterSum, o.playoutSum = 0, 0
}

// open begins the next interval of a stream that fill has just reported; its
// maxima move to those of the closed intervals.
func (t *Table) open(s *hotStream, c *coldStream) {
	if s.packets == c.open.packets {
		c.open.drops = t.drops
		return
	}
	if c.open.drops != t.drops {
		c.suspect++
	}
	c.jitterMax = max(c.jitterMax, s.jitterMax)
	c.deltaMax = max(c.deltaMax, s.deltaMax)
	s.jitterMax, s.deltaMax = 0, 0
	c.open = openInterval{
		packets: s.packets, expected: c.expected(s), unique: c.unique(s), media: s.media,
		lateFixed: c.lateFixed, lateAdaptive: c.lateAdaptive, badRuns: t.scratch.bursts.badRuns,
		jitterSum: s.jitterSum, playoutSum: s.playoutSum,
		drops: t.drops, later: true,
	}
}

// fill makes the table's report that of a stream as if it ended now. The live
// stream is not touched: the outcomes still in its window go into a copy.
func (t *Table) fill(s *hotStream, c *coldStream, final, closes bool) {
	x := &t.scratch
	*x = *c
	x.feed(s, s.max+1)
	r := &t.report
	*r = Report{
		Src: addrPort(s.src, s.srcPort), Dst: addrPort(s.dst, s.dstPort), SSRC: s.ssrc,
		Start: c.start, End: s.end, Final: final, Path: c.path,
		PayloadTypes: r.PayloadTypes[:0], Codecs: r.Codecs[:0],
		DSCP: r.DSCP[:0], VLAN: r.VLAN[:0], TTL: r.TTL[:0],
	}
	t.fillPayload(r, s, x)
	r.fillCounts(s, x)
	r.fillTiming(s, x)
	r.DSCP = append(r.DSCP, x.marks.dscp.slice()...)
	r.VLAN = append(r.VLAN, x.marks.vlan.slice()...)
	r.TTL = append(r.TTL, x.marks.ttl.slice()...)
	r.MarkChanges = x.marks.changes
	r.CaptureDrops = x.suspect
	if s.packets == x.open.packets {
		return
	}
	if t.drops != x.open.drops {
		r.CaptureDrops++
	}
	if closes {
		r.Interval = t.interval(s, x, final)
	}
}

func (t *Table) fillPayload(r *Report, s *hotStream, c *coldStream) {
	for i := range c.payloads.entries[:min(c.payloads.n, MaxDistinct)] {
		f := &c.payloads.entries[i].format
		r.PayloadTypes = append(r.PayloadTypes, f.pt)
		r.Codecs = append(r.Codecs, t.names.list[f.codec])
	}
	r.SRTP = c.srtp
	r.AnnouncedPTimeMS = int(c.announcedPTime)
	r.CodecChanges = int(c.codecChanges)
	r.PTimeMS = c.ptimes.mostCommon(s)
	r.PTimeChanges = int(c.ptimes.changes)
	r.Mode = c.mode.report(s.packets, s.payloadBytes, r.PTimeMS)
	f, ok := c.payloads.main(s.packets)
	if !ok {
		return
	}
	r.Kind = f.kind
	r.Codec = t.names.list[f.codec]
	r.CodecPackets = f.packets
	r.ClockRate = int(f.clock)
	r.Channels = int(f.channels)
	r.ClockInferred = f.inferred
	r.Announced = f.announced
}

func (r *Report) fillCounts(s *hotStream, c *coldStream) {
	r.Packets = s.packets
	r.Bytes = s.bytes
	r.PayloadBytes = s.payloadBytes
	r.Expected = c.expected(s)
	r.Lost = r.Expected - c.unique(s)
	r.CumulativeLost = int64(r.Expected) - int64(s.packets)
	r.Duplicates = c.duplicates
	r.CaptureCopies = c.copies
	r.Reordered = c.reordered
	r.Restarts = c.restarts
	r.Strays = c.notUnique - c.duplicates
	r.Padding = c.padding
	r.ComfortNoise = c.comfortNoise
	r.Silences = c.silences
	r.EventPackets = c.eventPackets
	r.Events = c.events
	r.MediaPackets = s.media
	r.LossRuns = c.runs.report()
}

func (r *Report) fillTiming(s *hotStream, c *coldStream) {
	r.Jitter = Jitter{Last: s.jitter, Max: max(c.jitterMax, s.jitterMax)}
	if s.media > 0 {
		r.Jitter.Mean = s.jitterSum / float64(s.media)
		r.BufferMeanMS = s.playoutSum / float64(s.media)
	}
	r.DeltaMaxMS = max(c.deltaMax, s.deltaMax)
	r.LateFixed = c.lateFixed
	r.LateAdaptive = c.lateAdaptive
	if s.end >= s.playout.end-playoutWindow/2 { // a short window's smallest transit is chance
		c.addSkew(s)
	}
	r.SkewPPM, r.SkewValid = c.skew.ppm()
	r.Bursts = c.bursts.report(r.PTimeMS)
}

// interval gives the open interval: it begins with the grid, or with the
// stream; it ends with the grid, or with the stream.
func (t *Table) interval(s *hotStream, c *coldStream, final bool) Interval {
	o := &c.open
	v := Interval{
		Start:       t.cell * t.cfg.Interval,
		End:         (t.cell + 1) * t.cfg.Interval,
		Packets:     uint32(s.packets - o.packets),
		Expected:    uint32(c.expected(s) - o.expected),
		LateFixed:   uint32(c.lateFixed - o.lateFixed),
		Late:        uint32(c.lateAdaptive - o.lateAdaptive),
		JitterMaxMS: s.jitterMax,
		Suspect:     t.drops != o.drops,
	}
	v.Lost = int32(int64(v.Expected) - int64(c.unique(s)-o.unique))
	if c.bursts.badRuns > o.badRuns {
		v.BadRuns = uint32(c.bursts.badRuns - o.badRuns)
	}
	if !o.later {
		v.Start = c.start
	}
	if final {
		v.End = min(v.End, s.end)
	}
	v.End = max(v.End, v.Start) // packets may be far ahead of the ticks
	if n := s.media - o.media; n > 0 {
		v.JitterMS = (s.jitterSum - o.jitterSum) / float64(n)
		v.BufferMS = (s.playoutSum - o.playoutSum) / float64(n)
	}
	return v
}
