package main

import "slices"

// siteStream makes a stream of a site scenario out of a plain one: the voice's
// own towards the SBC, or the SBC's relay of it.
func (m *mediaPlan) siteStream(s *streamSpec, side int) {
	r := m.c.route
	s.onTrunk = r.trunkSide(m.index)
	s.ssrc, s.keep = r.ssrc[side], m.c.g.headersOnly
	s.relayed = side != m.index // the caller's voice enters on the first leg, the callee's on the second
	if s.relayed {
		s.loss, s.lossAfter, s.reorder, s.duplicate = lossModel{}, lossModel{}, 0, 0
		s.jitter = jitterModel{kind: "none"}
	}
	switch {
	case s.relayed:
		s.dscp = r.w.dscpOf("sbc", s.dscp, r.start)
	case s.onTrunk:
		s.dscp = r.w.dscpOf(r.trunk.name, s.dscp, r.start)
	}
	s.harms = r.harms(r.trunkSide(m.index), s.relayed)
	for _, h := range s.harms {
		if h.marks && h.f.dscp >= 0 {
			s.dscp = uint8(h.f.dscp)
		}
		if h.marks && h.f.mismatch {
			s.codec = m.c.otherG711()
		}
	}
	s.unheard = s.relayed && slices.ContainsFunc(r.silent, func(f *fault) bool {
		return f.oneWay && f.direction == toPeer && f.atTrunk == r.trunkSide(m.index)
	})
}

// muted reports whether faults keep a voice from the tap on every hop: it does
// not come in, so there is nothing to relay.
func (r *route) muted(side int) bool {
	return slices.ContainsFunc(r.silent, func(f *fault) bool {
		return f.noMedia || f.direction == fromPeer && f.atTrunk == r.trunkSide(side)
	})
}

// adopt ties a voice's stream to its relay once both are there.
func (r *route) adopt(s *stream, side int) {
	if s.relayed {
		r.relays[side] = s
	} else {
		r.originals[side] = s
	}
	if o, relay := r.originals[side], r.relays[side]; o != nil && relay != nil {
		o.next = relay
		relay.base = o.base
		relay.talker.ts0, relay.talker.plan.from, relay.talker.slotNS = o.talker.ts0, o.talker.plan.from, o.talker.slotNS
	}
}

// orphans ends relays of voices that are not there: the call was too short.
func (r *route) orphans(c *call) {
	for side, relay := range r.relays {
		if relay != nil && r.originals[side] == nil {
			relay.relayEnded = true
			c.open--
		}
	}
}

// relayDelay is how long the SBC and the wires to it take from the tap back to it.
const relayDelay = int64(2*serverDelay) + 150_000

// forward takes in a packet that passed the tap on its first hop: the SBC sends
// it on as it is, numbers, timestamp and SSRC, with its own mark.
func (s *stream) forward(e *engine, f *flight, now int64) {
	s.sent++
	s.sentBytes += int64(s.payloadLen(&f.packet))
	copied := *f
	copied.at, copied.arrival = now+relayDelay/2, e.tick(now+relayDelay)
	idle := len(s.pending) == 0
	s.fly(copied)
	if idle {
		e.add(s.pending[0].arrival, s)
	}
}

// fireRelayed lets the next relayed packet pass the tap.
func (s *stream) fireRelayed(e *engine, now int64) int64 {
	now = e.tick(now)
	f := s.pending[0]
	s.pending = s.pending[:copy(s.pending, s.pending[1:])]
	heard := s.pass(e, now, &f)
	if s.reporting && !f.duplicate {
		s.runs.add(heard)
	}
	if len(s.pending) > 0 {
		return s.pending[0].arrival
	}
	s.endRelay(e)
	return done
}

// finished says that a stream has sent its last packet.
func (s *stream) finished(e *engine) {
	s.call.ended(e)
	if s.next != nil {
		s.next.sourceOver = true
		s.next.endRelay(e)
	}
}

// endRelay ends a relay that has nothing left and gets nothing more.
func (s *stream) endRelay(e *engine) {
	if s.sourceOver && len(s.pending) == 0 && !s.relayEnded {
		s.relayEnded = true
		s.call.ended(e)
	}
}

// onSegment is the part of the path that a stream runs on, and which way.
func (s *stream) onSegment() (name, direction string) {
	r := s.call.route
	direction = fromPeer
	if s.relayed {
		direction = toPeer
	}
	if s.onTrunk {
		return r.trunk.name, direction
	}
	return r.place.segment(), direction
}

// segmentStreamTruth is a stream's place in a site scenario.
type segmentStreamTruth struct {
	Segment   string           `json:"segment"`
	Direction string           `json:"direction"`
	Relayed   bool             `json:"relayed"`
	Faults    map[string]int64 `json:"faults"`
}

func (s *stream) routeTruth() *segmentStreamTruth {
	if s.call.route == nil {
		return nil
	}
	name, direction := s.onSegment()
	t := &segmentStreamTruth{name, direction, s.relayed, map[string]int64{}}
	for _, h := range s.harms {
		if h.hits > 0 {
			t.Faults[h.f.name] += h.hits
		}
	}
	return t
}
