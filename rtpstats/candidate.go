package rtpstats

// Probation: until a source has shown that it is RTP, its packets are kept.
const (
	probationPackets = 128 // kept at most
	unprovenPackets  = 32  // so many without proof are not RTP
	probationTime    = 1e9 // ns over which a dynamic payload type's clock is estimated
	probationLimit   = 3e9 // ns after which the estimate must do
	candidateIdle    = 3e9 // ns without packets that end a candidate
	closeSequence    = 16  // "follows closely": lost packets tolerated between two
	strongEvidence   = 8   // steps that prove RTP even where no clock fits
	maxClock         = 96000
)

// candidate is a source towards a destination that no signalling announced,
// before it has proved to be RTP. Its packets wait in chunks and are counted
// like any others once it has.
type candidate struct {
	key
	hash        uint32
	head, tail  uint32 // chunks, number plus one
	n           uint32 // packets
	copies      uint32 // by the capture, not among them
	start, last int64
	at          int64 // of the packet that the next one is compared with
	ts          uint32
	seq         uint16
	advancing   uint8 // plausible steps in a row: sequence and timestamp advance
	still       uint8 // sequence advances by one, timestamp stands
	events      bool  // every packet could be a telephone-event
	path        Path  // of the first packet
}

// chunk holds some packets of a candidate.
type chunk struct {
	packets [8]Packet
	next    uint32 // number plus one
}

// judge compares p with the packet before it. Duplicates and small reordering
// say nothing; anything else that is implausible begins the proof anew.
func (c *candidate) judge(p *Packet, clock uint32) {
	if p.PayloadLen != eventLen {
		c.events = false
	}
	d := int16(p.Seq - c.seq)
	dt := int32(p.Timestamp - c.ts)
	if d == 0 && dt == 0 || d < 0 && d > -closeSequence {
		return
	}
	switch seconds := float64(p.At-c.at) * 1e-9; {
	case d <= 0 || dt < 0 || float64(dt) > (seconds+1)*maxClock:
		c.advancing, c.still = 0, 0
	case d > closeSequence && (clock == 0 || !inStep(float64(dt)/float64(clock), seconds)):
		c.advancing, c.still = 0, 0
	case dt > 0:
		c.advancing = min(c.advancing+1, 100)
	case d == 1:
		c.still = min(c.still+1, 100)
	}
	c.seq, c.ts, c.at = p.Seq, p.Timestamp, p.At
}

// inStep reports whether media time and arrival time agree within a second.
func inStep(media, arrival float64) bool { return media-arrival < 1 && arrival-media < 1 }

// proven reports whether at least three packets behave as RTP does.
func (c *candidate) proven() bool {
	return c.advancing >= 2 || c.advancing >= 1 && c.still >= 2 || c.events && c.still >= 2
}

// propose makes a candidate of the first packet of a source.
func (t *Table) propose(p *Packet, hash uint32, path Path) {
	if t.candidates.live() >= t.cfg.MaxProbation {
		t.counters.RefusedProbation++
		return
	}
	i := t.candidates.take()
	c := t.candidates.at(i)
	*c = candidate{key: keyOf(p), hash: hash, path: path, start: p.At, at: p.At, seq: p.Seq, ts: p.Timestamp,
		events: p.PayloadLen == eventLen && p.PayloadType() >= firstDynamic}
	t.index.insert(hash, candidateRef(i))
	if !t.keep(i, p) {
		t.crowd(i, p)
	}
}

// probe takes another packet of candidate i.
func (t *Table) probe(i uint32, p *Packet) {
	c := t.candidates.at(i)
	if p.Link&LinkCopy != 0 {
		c.copies++
		t.counters.Copies++
		return
	}
	st, static := t.names.static(p.PayloadType())
	c.judge(p, st.clock)
	if !t.keep(i, p) {
		t.crowd(i, p)
		return
	}
	named := t.named(p)
	switch proven := c.proven(); {
	case named:
		t.promote(i, format{})
	case proven && (static || c.events):
		t.promote(i, t.inferEvent(c))
	case !proven && c.n >= unprovenPackets:
		t.reject(i)
	case proven && (p.At-c.start >= probationTime || c.n >= probationPackets):
		t.promoteInferred(i, p.At-c.start >= probationLimit || c.n >= probationPackets)
	}
}

// named reports whether p's destination was announced with p's payload type,
// and that is enough to believe in a new stream.
func (t *Table) named(p *Packet) bool {
	i, ok := t.endpoints.find(p)
	if !ok {
		return false
	}
	e := t.endpoints.at(i)
	_, ok = t.endpoints.format(e, p.PayloadType())
	return ok && e.n < trustedStreams
}

// inferEvent gives the format of a source that sent only telephone-events.
func (t *Table) inferEvent(c *candidate) format {
	if !c.events {
		return format{}
	}
	pt := t.chunks.at(c.head - 1).packets[0].PayloadType()
	f := t.names.format(pt, "telephone-event", 8000, 1, MediaAudio)
	f.inferred = true
	return f
}

// promoteInferred makes a stream of a proven candidate whose payload type
// nobody announced, if its timestamps fit a standard clock. At last, without a
// clock, many well-formed packets are a stream too: with counts, but no jitter.
func (t *Table) promoteInferred(i uint32, last bool) {
	c := t.candidates.at(i)
	f := t.infer(c, last)
	switch {
	case f.clock != 0:
		t.promote(i, f)
	case last && (c.advancing >= strongEvidence || c.n < strongEvidence):
		t.promote(i, format{})
	case last:
		t.reject(i)
	}
}

// infer estimates the clock of the candidate's dynamic payload type, at last
// from the timestamp step alone.
func (t *Table) infer(c *candidate, last bool) format {
	var est rateEstimate
	pt := uint8(noPayload)
	t.each(c, func(p *Packet) {
		_, static := t.names.static(p.PayloadType())
		if static || pt != noPayload && p.PayloadType() != pt {
			return
		}
		pt = p.PayloadType()
		est.add(p)
	})
	clock := est.clock()
	if clock == 0 && last {
		clock = est.stepClock()
	}
	f := format{pt: pt, clock: clock, class: classMedia, kind: MediaAudio, inferred: true}
	if f.clock == videoClock || est.split() {
		f.kind = MediaVideo
	}
	return f
}

// each calls f with the candidate's packets in order of arrival.
func (t *Table) each(c *candidate, f func(*Packet)) {
	left := c.n
	for k := c.head; k != 0 && left > 0; {
		ch := t.chunks.at(k - 1)
		for j := range min(left, uint32(len(ch.packets))) {
			f(&ch.packets[j])
		}
		left -= min(left, uint32(len(ch.packets)))
		k = ch.next
	}
}

// crowd takes a packet for which the candidates have no room left: a candidate
// that has proved itself becomes a stream early, any other is given up.
func (t *Table) crowd(i uint32, p *Packet) {
	c := t.candidates.at(i)
	if hash, path := c.hash, c.path; c.proven() {
		t.promoteInferred(i, true)
		t.take(p, hash, path)
		return
	}
	t.counters.RefusedProbation += uint64(c.n) + 1
	t.forget(i)
}

// keep appends p to the candidate's packets and reports whether there was room.
func (t *Table) keep(i uint32, p *Packet) bool {
	c := t.candidates.at(i)
	slot := c.n % uint32(len(chunk{}.packets))
	if slot == 0 {
		if t.chunks.live() >= 2*t.cfg.MaxProbation {
			return false
		}
		k := t.chunks.take()
		t.chunks.at(k).next = 0
		if c.tail != 0 {
			t.chunks.at(c.tail - 1).next = k + 1
		} else {
			c.head = k + 1
		}
		c.tail = k + 1
	}
	t.chunks.at(c.tail - 1).packets[slot] = *p
	c.n++
	c.last = max(c.last, p.At)
	return true
}

// promote makes a stream of candidate i and counts its packets.
func (t *Table) promote(i uint32, inferred format) {
	c := *t.candidates.at(i)
	t.index.remove(c.hash, candidateRef(i))
	first := &t.chunks.at(c.head - 1).packets[0]
	if n, ok := t.newStream(first, c.hash, c.path, inferred); ok {
		t.each(&c, func(p *Packet) { t.update(n, p) })
		t.cold.at(n).copies += uint64(c.copies)
	} else {
		t.counters.RefusedStreams += uint64(c.n) - 1
	}
	t.release(i)
}

// reject gives a candidate up: it was not RTP.
func (t *Table) reject(i uint32) {
	t.counters.Rejected += uint64(t.candidates.at(i).n)
	t.forget(i)
}

func (t *Table) forget(i uint32) {
	t.index.remove(t.candidates.at(i).hash, candidateRef(i))
	t.release(i)
}

// release gives the candidate's memory back.
func (t *Table) release(i uint32) {
	for k := t.candidates.at(i).head; k != 0; {
		next := t.chunks.at(k - 1).next
		t.chunks.release(k - 1)
		k = next
	}
	t.candidates.give(i)
}

// expireCandidates decides about the candidates that have been silent since
// before. It goes in slab order, which the packets alone decide.
func (t *Table) expireCandidates(before int64) {
	for i := range t.candidates.next {
		if c := t.candidates.at(i); c.n > 0 && c.last < before {
			t.conclude(i)
		}
	}
}

// conclude decides about a candidate that gets no more packets: announced in
// the meantime or proven makes it a stream, however short.
func (t *Table) conclude(i uint32) {
	c := t.candidates.at(i)
	if t.anyNamed(c) {
		t.promote(i, format{})
		return
	}
	if !c.proven() {
		t.reject(i)
		return
	}
	if c.events {
		t.promote(i, t.inferEvent(c))
		return
	}
	t.promoteInferred(i, true)
}

// anyNamed reports whether signalling has announced any of the candidate's
// payload types by now.
func (t *Table) anyNamed(c *candidate) bool {
	found := false
	t.each(c, func(p *Packet) { found = found || t.named(p) })
	return found
}
