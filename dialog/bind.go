package dialog

import (
	"net/netip"
	"slices"
)

// minTeaching is how many packets a stream needs before the address that it
// comes from is believed to be its party's: a stray packet teaches nothing.
const minTeaching = 10

// settle binds what can be bound: the given streams and, as each binding may
// be the evidence for another, the streams that share an address or the SSRC.
func (m *media) settle(list ...*stream) {
	work := slices.Clone(list)
	for len(work) > 0 {
		s := work[0]
		work = work[1:]
		if !m.bind(s) {
			continue
		}
		work = append(work, m.waiting.get(s.key.src)...)
		work = append(work, m.waiting.get(s.key.dst)...)
		for _, o := range m.bySSRC.get(s.key.ssrc) {
			if o.proof < proofSSRC {
				work = append(work, o)
			}
		}
	}
}

// bind ties a stream to a call by the strongest proof there is, and reports
// whether it found a better one than before.
func (m *media) bind(s *stream) bool {
	t := m.strongest(s)
	if t.proof == proofNone {
		return false
	}
	m.attach(s, t)
	return true
}

// attach ties a stream to a leg, in place of the tie that it had, if it had one.
func (m *media) attach(s *stream, t tie) {
	if s.bound() {
		old := &s.leg.media.streams
		if i := slices.Index(*old, s); i >= 0 {
			*old = slices.Delete(*old, i, i+1)
		}
	} else {
		m.leave(s)
	}
	if !s.proof.byAddress() && t.proof.byAddress() {
		m.waiting.remove(s.key.dst, s)
		m.waiting.remove(s.key.src, s)
	}
	s.tie = t
	s.leg.media.streams = append(s.leg.media.streams, s)
	m.learn(s)
}

// learn notes the wire address of the party at the stream's unannounced end:
// behind NAT, media to that party goes where its own comes from.
func (m *media) learn(s *stream) {
	if s.at == nil || s.report.Packets < minTeaching {
		return
	}
	who, addr := s.from, s.key.src
	if s.at.line.side == s.from {
		who, addr = s.from.other(), s.key.dst
	}
	line := s.leg.media.line(s.leg, who, s.at.line.index)
	known := func(e *endpoint) bool { return e.addr == addr }
	if line.learned == maxLearned || slices.ContainsFunc(line.endpoints, known) {
		return
	}
	line.learned++
	e := m.addEndpoint(&endpoint{line: line, addr: addr, from: s.report.Start, learned: true})
	if e != nil {
		m.turn(e)
	}
}

// turn gives a party the streams that it was too early to know as its own: the
// first packets towards a gateway's port say only whose port it is.
func (m *media) turn(e *endpoint) {
	for _, l := range e.line.leg.call.legs {
		for _, s := range slices.Clone(l.media.streams) {
			if s.key.src == e.addr && s.from != e.line.side && s.at != nil && m.turnsBack(s, s.at) {
				m.attach(s, tie{proofLearned, e.line.leg, e.line.side, e})
			}
		}
	}
}

// line returns a side's m-line, an empty one where its SDP was not seen.
func (lm *legMedia) line(l *leg, who side, index int) *mline {
	for i := len(lm.lines[who]); i <= index; i++ {
		lm.lines[who] = append(lm.lines[who], &mline{leg: l, side: who, index: i})
	}
	return lm.lines[who][index]
}

// wait puts a new stream where evidence of its addresses will find it, and
// whoever misses media.
func (m *media) wait(s *stream) {
	m.waiting.add(s.key.dst, s)
	m.waiting.add(s.key.src, s)
	m.near[s.key.dst.Addr()] = s
	m.near[s.key.src.Addr()] = s
}

// forgetWaiting takes a stream out of where it waits.
func (m *media) forgetWaiting(s *stream) {
	if !s.proof.byAddress() {
		m.waiting.remove(s.key.dst, s)
		m.waiting.remove(s.key.src, s)
	}
	if !s.bound() {
		m.leave(s)
	}
}

// leave takes a stream out of those that may be somebody's missing media.
func (m *media) leave(s *stream) {
	for _, a := range [2]netip.Addr{s.key.dst.Addr(), s.key.src.Addr()} {
		if m.near[a] == s {
			delete(m.near, a)
		}
	}
}
