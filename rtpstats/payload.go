package rtpstats

// noPayload is no payload type; a stream before its first packet has it.
const noPayload = 255

// payloadList is the payload types of a stream in order of appearance. Packets
// are counted per run of one type, when the type changes. Types beyond
// MaxDistinct share a last entry that is not reported.
type payloadList struct {
	entries [MaxDistinct + 1]payloadEntry
	n       uint8
	current uint8
	media   uint8  // the last media payload type, plus one
	since   uint64 // packets of the stream when the current run began
}

type payloadEntry struct {
	format
	packets uint64
}

// switchPayload makes p's payload type the stream's current one.
func (t *Table) switchPayload(s *hotStream, c *coldStream, p *Packet) {
	l := &c.payloads
	before := s.packets - 1 // p itself is counted already
	if l.n > 0 {
		l.entries[l.current].packets += before - l.since
	}
	l.since = before
	s.pt = p.PayloadType()
	i, ok := l.find(s.pt)
	if !ok {
		i = l.add(t.formatOf(c, p))
	}
	l.current = i
	f := &l.entries[i].format
	t.applyFormat(s, c, f)
	if f.class == classMedia || f.class == classUnknown {
		if l.media != 0 && l.media != s.pt+1 {
			c.codecChanges++
		}
		l.media = s.pt + 1
	}
}

// applyFormat sets what the hot path needs of a format. A new clock cannot be
// measured against the old one's timestamps (RFC 7160): it begins anew.
func (t *Table) applyFormat(s *hotStream, c *coldStream, f *format) {
	s.class = f.class
	s.flags &^= readsMode
	if f.class != classMedia {
		return
	}
	if f.mode != modeNone && !c.srtp {
		s.flags |= readsMode
		c.mode.kind = f.mode
	}
	s.flags &^= videoOrOther
	if f.kind == MediaVideo || f.kind == MediaOther {
		s.flags |= videoOrOther
	}
	if ms := 1000 / float64(f.clock); ms != s.msPerTick {
		c.ptimes.endRun(s)
		s.msPerTick = ms
		s.flags |= noReference
	}
}

// formatOf finds out what a payload type means: announced for the destination,
// static, inferred before the stream began, or recognised as telephone-event.
func (t *Table) formatOf(c *coldStream, p *Packet) format {
	pt := p.PayloadType()
	if f, ok := t.endpoints.format(t.endpoints.at(c.endpoint), pt); ok {
		return f
	}
	if f, ok := t.names.static(pt); ok {
		return f
	}
	if c.inferred.clock != 0 && c.inferred.pt == pt {
		return c.inferred
	}
	if pt >= firstDynamic && c.payloads.n > 0 && p.PayloadLen == eventLen {
		return t.names.format(pt, "telephone-event", c.payloads.entries[0].clock, 1, MediaAudio)
	}
	return format{pt: pt}
}

// eventLen is the payload of a telephone-event (RFC 4733 2.3).
const eventLen = 4

func (l *payloadList) find(pt uint8) (uint8, bool) {
	for i := range l.n {
		if l.entries[i].pt == pt {
			return i, true
		}
	}
	return 0, false
}

func (l *payloadList) add(f format) uint8 {
	if int(l.n) < len(l.entries) {
		l.entries[l.n].format = f
		l.n++
		return l.n - 1
	}
	l.entries[l.n-1].format = f
	return l.n - 1
}

// announced reports whether signalling named any of the payload types.
func (l *payloadList) announced() bool {
	for i := range l.entries[:l.n] {
		if l.entries[i].announced {
			return true
		}
	}
	return false
}

// main returns the media format that most packets had, the first one where
// they are even; where there was no media, the most used other one.
func (l payloadList) main(packets uint64) (payloadEntry, bool) {
	if l.n == 0 {
		return payloadEntry{}, false
	}
	l.entries[l.current].packets += packets - l.since
	best := l.entries[0]
	for _, e := range l.entries[1:l.n] {
		media, bestMedia := e.isMedia(), best.isMedia()
		if media && !bestMedia || media == bestMedia && e.packets > best.packets {
			best = e
		}
	}
	return best, true
}

func (f *format) isMedia() bool { return f.class == classMedia || f.class == classUnknown }
