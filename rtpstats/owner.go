package rtpstats

// Hint takes what an SDP announced: it names payload types for the streams and
// candidates of the destination, also where media came before its SDP, and
// marks its streams where another call now owns the port.
func (t *Table) Hint(h *Hint) {
	if !t.started {
		t.begin(h.At)
	}
	k := keyOfEndpoint(h.Endpoint)
	if _, known := t.endpoints.byKey[k]; !known && t.endpoints.live() >= 2*t.cfg.MaxStreams && !t.endpoints.makeRoom() {
		t.counters.RefusedHints++
		return
	}
	i := t.endpoints.get(k, t.now)
	e := t.endpoints.at(i)
	isNew := t.endpoints.announce(e, h, &t.names)
	for n := e.streams; n != 0; n = t.cold.at(n - 1).next {
		if isNew {
			t.hot.at(n - 1).flags |= ownerChanged
		}
		t.relearn(n-1, e, h.At)
	}
}

// earlyMedia is how far media may run ahead of the SDP that announces it, ns.
const earlyMedia = 1e9

// relearn gives a stream the formats that its destination announced at the given
// time, after the first packets came. What was announced before stays: the
// next call on the same port may use the same payload type for another codec.
// Only a stream that has just begun may be that call's own, ahead of its SDP.
// Timing that was measured with a wrong clock is forgotten.
func (t *Table) relearn(i uint32, e *endpoint, at int64) {
	s, c := t.hot.at(i), t.cold.at(i)
	fresh := at-c.start < earlyMedia
	if fresh || !c.payloads.announced() {
		c.srtp = e.srtp
		c.announcedPTime = e.ptimeMS
	}
	l := &c.payloads
	for j := range l.entries[:l.n] {
		have := &l.entries[j].format
		f, ok := t.endpoints.format(e, have.pt)
		if !ok || f == *have || have.announced && !fresh {
			continue
		}
		wrongClock := have.class == classMedia && f.class == classMedia && have.clock != f.clock
		*have = f
		if wrongClock {
			c.forgetTiming(s)
		}
		if uint8(j) == l.current {
			t.applyFormat(s, c, have)
		}
	}
}

// forgetTiming drops all figures that depend on the clock rate.
func (c *coldStream) forgetTiming(s *hotStream) {
	s.jitter, s.jitterSum, s.jitterMax, s.media = 0, 0, 0, 0
	s.playoutSum, s.transit, s.anchor = 0, 0, 0
	s.step, s.stepRun = 0, 0
	s.playout.clear()
	s.flags |= noReference
	c.jitterMax = 0
	c.lateFixed, c.lateAdaptive = 0, 0
	c.silences = 0
	c.late = seenRing{}
	c.skew = skewLine{}
	c.ptimes = ptimeTable{}
	c.open.forgetTiming()
}

// reuseSilence is how long the old call must have been quiet before a packet
// that could continue it is looked at twice, ns.
const reuseSilence = 1e9

// reconsider decides whether the first packet after another call announced the
// destination still continues the stream. A B2BUA repeats one SDP in several
// dialogs while the media goes on; a port that the next call reuses does not.
func (t *Table) reconsider(i uint32, p *Packet, path Path) {
	if p.Link&LinkCopy != 0 {
		t.update(i, p)
		return
	}
	s := t.hot.at(i)
	s.flags &^= ownerChanged
	if s.continuedBy(p) {
		t.update(i, p)
		return
	}
	hash := t.cold.at(i).hash
	t.index.remove(hash, streamRef(i))
	t.end(i)
	t.meet(p, hash, path)
}

// continuedBy reports whether p carries the stream on: next in sequence and,
// after a pause, also in time.
func (s *hotStream) continuedBy(p *Packet) bool {
	d := p.Seq - uint16(s.max)
	follows := d < maxDropout
	if p.At-s.end <= reuseSilence {
		return follows || -d < maxMisorder
	}
	if !follows || d == 0 {
		return false
	}
	if s.class != classMedia || s.flags&noReference != 0 {
		return true
	}
	media := float64(int32(p.Timestamp-s.refTS)) * s.msPerTick / 1e3
	return inStep(media, float64(p.At-s.refAt)*1e-9)
}

// end takes a stream out of the lookup; the next tick gives its last report.
func (t *Table) end(i uint32) {
	t.hot.at(i).flags |= streamEnded
	t.unlink(i)
	t.endpoints.touch(t.cold.at(i).endpoint, t.now)
	t.quietest = t.now // the next tick looks
}

// link enters stream i in its endpoint's list.
func (t *Table) link(i, e uint32) {
	c := t.cold.at(i)
	c.endpoint = e
	c.next = t.endpoints.at(e).streams
	t.endpoints.at(e).streams = i + 1
	t.endpoints.at(e).n++
}

// unlink takes stream i out of its endpoint's list.
func (t *Table) unlink(i uint32) {
	c := t.cold.at(i)
	at := &t.endpoints.at(c.endpoint).streams
	for *at != i+1 {
		at = &t.cold.at(*at - 1).next
	}
	*at = c.next
	t.endpoints.at(c.endpoint).n--
}
