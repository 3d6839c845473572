package alerting

import "time"

// Health is how the probe itself was since the last tick.
type Health struct {
	Packets      uint64        // that the capture saw
	Lost         uint64        // that the kernel, a ring or a file lost before they were seen
	Shed         uint64        // RTP packets that found no room within the probe
	ShedMessages uint64        // SIP messages and RTCP that found none, and records and observations
	Refused      uint64        // that a full table turned away
	Unkept       uint64        // records that the store could not keep
	Lag          time.Duration // behind the wire, now
}

// health judges the probe.
func (e *Engine) health(h *Health) {
	for _, rs := range e.feeds[fromProbe] {
		i := rs.set(e, place{})
		if i == none {
			continue
		}
		set := rs.at(e, i)
		w := &set.window
		if rs.Figure == figureLag {
			w.add(1, 0)
			w.samples.add(w.slot(w.head), h.Lag.Seconds())
			w.count(false)
			continue
		}
		bad := h.figure(rs.Figure)
		w.add(h.Packets+bad, bad)
		w.count(bad > 0)
	}
}

// figure returns one of the counts.
func (h *Health) figure(name string) uint64 {
	switch name {
	case figureLost:
		return h.Lost
	case figureShed:
		return h.Shed + h.ShedMessages
	case figureRefused:
		return h.Refused
	}
	return h.Unkept
}

// maxBlind bounds how many spans of blindness are remembered.
const maxBlind = 256

// span is a piece of time, both ends included.
type span struct{ from, to int64 }

// blindness remembers when signalling may have gone unseen: a call that falls
// into such a time may seem to have failed.
type blindness struct {
	ring [maxBlind]span
	next int // where the next one goes
	n    int
}

// note takes what a tick tells about the time since the last one.
func (b *blindness) note(from, to int64, h *Health) {
	if h.Lost == 0 && h.ShedMessages == 0 {
		return
	}
	if b.n > 0 {
		if last := &b.ring[(b.next+maxBlind-1)%maxBlind]; from <= last.to {
			last.to = to
			return
		}
	}
	b.ring[b.next] = span{from, to}
	b.next = (b.next + 1) % maxBlind
	b.n = min(b.n+1, maxBlind)
}

// touches reports whether anything may have gone unseen between two times.
func (b *blindness) touches(from, to int64) bool {
	for i := range b.n {
		if s := &b.ring[(b.next+maxBlind-1-i)%maxBlind]; s.from <= to && from <= s.to {
			return true
		}
	}
	return false
}

// coverage caches whether a segment is in maintenance.
type coverage struct {
	at  int64
	yes bool
}

// maintained reports whether a segment is being worked on now.
func (e *Engine) maintained(segment uint16) bool {
	if e.cfg.InMaintenance == nil {
		return false
	}
	for int(segment) >= len(e.covered) {
		e.covered = append(e.covered, coverage{at: -1})
	}
	c := &e.covered[segment]
	if c.at != e.now {
		*c = coverage{e.now, e.cfg.InMaintenance(time.Unix(0, e.now).UTC(), e.names.segments.list[segment])}
	}
	return c.yes
}
