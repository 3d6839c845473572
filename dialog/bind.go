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
			if !o.bound() {
				work = append(work, o)
			}
		}
	}
}

// bind looks for the strongest evidence that ties a stream to a call, and
// reports whether it found better than before.
func (m *media) bind(s *stream) bool {
	if s.binding == BindingAnnounced {
		return false
	}
	start, end := s.report.Start, s.report.End
	e := claim(m.endpoints.get(s.key.dst), start, end, m.knows(s.key.src, s.key.ssrc))
	if e != nil && !e.learned && !m.turnsBack(s, e) {
		m.attach(s, BindingAnnounced, e.line.leg, e.line.side.other(), e)
		return true
	}
	if s.bound() {
		return false
	}
	if e != nil && e.learned {
		m.attach(s, BindingLearned, e.line.leg, e.line.side.other(), e)
		return true
	}
	// Symmetric RTP (RFC 4961): it comes from where the party receives.
	if e = claim(m.endpoints.get(s.key.src), start, end, m.knows(s.key.dst, s.key.ssrc)); e != nil {
		m.attach(s, BindingLearned, e.line.leg, e.line.side, e)
		return true
	}
	if l, from, ok := m.bySameSSRC(s); ok {
		m.attach(s, BindingSSRC, l, from, nil)
		return true
	}
	if l, from, ok := m.byRTCP(s, false); ok {
		m.attach(s, BindingRTCP, l, from, nil)
		return true
	}
	if l, from, ok := m.byRTCP(s, true); ok {
		m.attach(s, BindingCorrelation, l, from, nil)
		return true
	}
	return false
}

// turnsBack reports whether a stream comes from the very party that announced
// its destination e: a gateway that stands for both parties receives at a port
// for each, from the caller's phone at the caller's. Elsewhere a packet towards
// a party comes from the other one.
func (m *media) turnsBack(s *stream, e *endpoint) bool {
	c, who := e.line.leg.call, e.line.side
	sameHost := func(a netip.AddrPort) bool { return a.Addr() == e.addr.Addr() }
	both := func(l *leg) bool { return slices.ContainsFunc(l.media.announcedBy(who.other()), sameHost) }
	if !slices.ContainsFunc(c.legs, both) {
		return false
	}
	learned := func(o *endpoint) bool { return o.learned && o.line.leg.call == c && o.line.side == who }
	return slices.ContainsFunc(m.endpoints.get(s.key.src), learned)
}

// knows tells whether an endpoint's call also knows the other end of a stream,
// or announced its SSRC.
func (m *media) knows(other netip.AddrPort, ssrc uint32) func(*endpoint) bool {
	return func(e *endpoint) bool {
		c := e.line.leg.call
		for _, o := range m.endpoints.get(other) {
			if o.line.leg.call == c && o.line.side != e.line.side {
				return true
			}
		}
		for _, line := range m.announcedSSRC.get(ssrc) {
			if line.leg.call == c && line.side != e.line.side {
				return true
			}
		}
		return false
	}
}

// bySameSSRC finds the one call that announced the stream's SSRC (RFC 5576) or
// has it on another path at the same time. An SSRC of two calls proves nothing:
// some generators give every call the same one.
func (m *media) bySameSSRC(s *stream) (*leg, side, bool) {
	var one unique
	for _, line := range m.announcedSSRC.get(s.key.ssrc) {
		if c := line.leg.call; c.end == 0 || s.report.Start < c.end {
			one.add(line.leg, line.side)
		}
	}
	if one.leg != nil || one.several {
		return one.leg, one.from, !one.several
	}
	for _, o := range m.bySSRC.get(s.key.ssrc) {
		if o.bound() && o.overlaps(s) && slices.ContainsFunc(s.report.PayloadTypes.values(), o.hasPayloadType) {
			one.add(o.leg, o.from)
		}
	}
	return one.leg, one.from, one.leg != nil && !one.several
}

func (s *stream) hasPayloadType(pt uint8) bool {
	return slices.Contains(s.report.PayloadTypes.values(), pt)
}

// unique collects evidence that must all name the same call.
type unique struct {
	leg     *leg
	from    side
	several bool
}

func (u *unique) add(l *leg, from side) {
	if u.leg == nil {
		u.leg, u.from = l, from
		return
	}
	u.several = u.several || u.leg.call != l.call
}

// attach binds a stream to a leg, in place of a weaker binding if it had one.
func (m *media) attach(s *stream, b Binding, l *leg, from side, e *endpoint) {
	if s.bound() {
		old := &s.leg.media.streams
		if i := slices.Index(*old, s); i >= 0 {
			*old = slices.Delete(*old, i, i+1)
		}
	} else {
		m.forgetWaiting(s)
	}
	s.binding, s.leg, s.from, s.at = b, l, from, e
	l.media.streams = append(l.media.streams, s)
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
				m.attach(s, BindingLearned, e.line.leg, e.line.side, e)
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

// wait puts an unbound stream where new evidence will find it.
func (m *media) wait(s *stream) {
	m.waiting.add(s.key.dst, s)
	m.waiting.add(s.key.src, s)
	m.near[s.key.dst.Addr()] = s
	m.near[s.key.src.Addr()] = s
}

func (m *media) forgetWaiting(s *stream) {
	m.waiting.remove(s.key.dst, s)
	m.waiting.remove(s.key.src, s)
	for _, a := range [2]netip.Addr{s.key.dst.Addr(), s.key.src.Addr()} {
		if m.near[a] == s {
			delete(m.near, a)
		}
	}
}
