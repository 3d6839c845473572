package rtpstats

// hotStream is what every packet of a stream reads or writes: four cache
// lines, by purpose. Everything that only the unusual packet or a report needs
// is in the coldStream of the same number. Only the table's goroutine calls it.
type hotStream struct {
	key          // whom the packets belong to
	max   uint64 // highest extended sequence number (RFC 3550 A.1 cycles + max_seq)
	end   int64  // capture time of the last packet, ns
	refTS uint32 // RTP timestamp of the reference packet
	pt    uint8  // payload type of the last packet
	class payloadClass
	flags streamFlags

	window  seenWindow // which of the last sequence numbers have come
	packets uint64
	bytes   uint64 // on the wire
	refAt   int64  // arrival of the reference packet, ns: the last media packet
	mark    uint32 // DSCP, TTL and VLAN priority of the last packet, packed
	stepRun uint32 // how many times step came in a row

	msPerTick    float64 // 1000 / clock rate
	jitter       float64 // J of RFC 3550 A.8, ms
	jitterSum    float64 // of J over the media packets
	jitterMax    float64 // of the open interval
	transit      float64 // arrival minus media time, ms, from an arbitrary zero
	anchor       float64 // transit that the fixed buffer takes as on time
	media        uint64  // packets that counted for jitter
	payloadBytes uint64

	playout    adaptiveBuffer
	playoutSum float64 // of the adaptive playout delay over packets, ms
	deltaMax   float64 // largest inter-arrival gap of the open interval, ms
	step       uint32  // last timestamp step between neighbours, ticks
	refExt     uint32  // extended sequence number of the reference packet, low half
}

// streamFlags hold what makes the next packet special.
type streamFlags uint16

const (
	noReference  streamFlags = 1 << iota // the next media packet becomes the timing reference
	afterPause                           // an event or comfort noise came in between: no jitter across it
	ownerChanged                         // a new call announced the destination: is this still the same stream?
	pendingJump                          // a packet far from the sequence came; a second one makes a restart
	readsMode                            // the payload's first octets tell the codec mode
	streamEnded                          // replaced; waits for the next tick to give its last report
	videoOrOther                         // no packet time to be found
)

// coldStream is the rest of a stream.
type coldStream struct {
	hash     uint32
	endpoint uint32 // of the destination
	next     uint32 // next stream towards the same endpoint, number plus one
	path     Path   // of the first packet
	start    int64

	base           uint64 // first extended sequence number of the current segment
	fed            uint64 // outcomes before it are in bursts and runs
	closedExpected uint64 // of the segments before the last restart
	notUnique      uint64 // packets that are in no segment's unique count
	bursts         burstMachine
	runs           lossRunCounter
	late           seenRing // late for the adaptive buffer, beside the window
	jump           jump

	duplicates, copies, reordered, restarts uint64
	padding, comfortNoise, silences         uint64
	eventPackets, events                    uint64
	eventTS                                 uint32
	lateFixed, lateAdaptive                 uint64
	farPacket                               uint64 // number of the last packet that was far off the fixed buffer
	farSince                                int64

	jitterMax, deltaMax float64 // of the closed intervals
	skew                skewLine
	minAt               int64 // arrival of the window's minimum transit
	ptimes              ptimeTable

	payloads     payloadList
	codecChanges uint32
	inferred     format // of an unannounced dynamic payload type
	mode         modeCounts
	marks        markList

	announcedPTime uint16
	srtp           bool

	open    openInterval
	suspect uint64 // closed intervals in which the capture lost packets
}

// jump is the packet that may be the first of a new sequence base.
type jump struct {
	at      int64
	ext     uint64 // its extended number in the new segment
	ts      uint32
	seq     uint16
	between uint16 // packets of the old base since then
	media   bool
}

// newStream makes a stream of packet p; the packet itself is not counted yet.
func (t *Table) newStream(p *Packet, hash uint32, path Path, inferred format) (uint32, bool) {
	if t.hot.live() >= t.cfg.MaxStreams {
		t.counters.RefusedStreams++
		return 0, false
	}
	k := t.endpoints.get(endpointKey{p.Dst, p.DstPort}, t.now)
	e := t.endpoints.at(k)
	if e.n >= maxEndpointStreams {
		t.counters.RefusedStreams++
		return 0, false
	}
	i := t.hot.take()
	t.cold.take() // the two slabs are used alike, so the number is the same
	s, c := t.hot.at(i), t.cold.at(i)
	*s = hotStream{key: keyOf(p), end: p.At, flags: noReference, pt: noPayload, mark: markOf(p)}
	*c = coldStream{hash: hash, start: p.At, path: path, inferred: inferred}
	s.playout.clear()
	s.beginSegment(c, 1<<16|uint64(p.Seq))
	s.max-- // the first packet arrives as the next in order
	c.marks.add(s.mark)
	c.open.drops = t.drops
	t.index.insert(hash, streamRef(i))
	t.link(i, k)
	c.srtp, c.announcedPTime = e.srtp, e.ptimeMS
	t.order = append(t.order, i)
	t.unsorted = true
	t.quietest = min(t.quietest, p.At+t.cfg.Idle)
	return i, true
}

// update counts one packet of stream i.
func (t *Table) update(i uint32, p *Packet) {
	s, c := t.hot.at(i), t.cold.at(i)
	if p.Link&LinkCopy != 0 {
		c.copies++
		t.counters.Copies++
		return
	}
	s.packets++
	s.bytes += uint64(p.WireLen)
	s.payloadBytes += uint64(p.PayloadLen)
	if p.At > s.end {
		s.end = p.At
	}
	if p.PayloadType() != s.pt {
		t.switchPayload(s, c, p)
	}
	if m := markOf(p); m != s.mark {
		c.marks.change(m)
		s.mark = m
	}
	if p.PayloadLen == 0 {
		c.padding++
	}
	pos := s.sequence(c, p)
	if s.class != classMedia {
		c.pause(s, p)
		return
	}
	if s.flags&readsMode != 0 {
		c.mode.read(p)
	}
	s.time(c, p, pos)
}

// pause counts a packet that has no place in the jitter: telephone-events,
// comfort noise and payload types whose clock is unknown.
func (c *coldStream) pause(s *hotStream, p *Packet) {
	c.mode.pause(p)
	switch s.class {
	case classEvent:
		if c.eventPackets == 0 || p.Timestamp != c.eventTS {
			c.events++
		}
		c.eventTS = p.Timestamp
		c.eventPackets++
	case classComfortNoise:
		c.comfortNoise++
	default:
		return
	}
	s.flags |= afterPause
}
