package dialog

import (
	"net/netip"
	"slices"
)

// proof is how strong the evidence is that ties a stream to its call. Stronger
// evidence takes the place of weaker whenever it comes, so that the order in
// which streams are looked at, which hangs on their addresses, decides nothing.
type proof uint8

// The proofs, weakest first.
const (
	proofNone        proof = iota
	proofKin               // its SSRC is that of a stream with no better proof than RTCP's
	proofCorrelation       // RTCP names it, and HEP's correlation id the call of that
	proofRTCP              // RTCP at an announced port names it
	proofSSRC              // its SSRC was announced, or is that of a stream proved by an address
	proofLearned           // it goes to, or comes from, a party's wire address
	proofSymmetric         // it comes from where a party announced to receive
	proofAnnounced         // it goes there
)

// byAddress reports whether an address of the call proves it: what comes to be
// known of addresses later can add little.
func (p proof) byAddress() bool { return p >= proofLearned }

// binding returns the name of a proof in records.
func (p proof) binding() Binding {
	switch p {
	case proofAnnounced:
		return BindingAnnounced
	case proofSymmetric, proofLearned:
		return BindingLearned
	case proofSSRC, proofKin:
		return BindingSSRC
	case proofRTCP:
		return BindingRTCP
	case proofCorrelation:
		return BindingCorrelation
	}
	return BindingNone
}

// tie is what a proof says: whose voice a stream carries, on which leg.
type tie struct {
	proof proof
	leg   *leg
	from  side
	at    *endpoint // the announced or learned endpoint, nil for SSRC and RTCP
}

// strongest returns the best tie for a stream that is better than the one it
// has, the zero tie where there is none.
func (m *media) strongest(s *stream) tie {
	if s.proof == proofAnnounced {
		return tie{}
	}
	if t := m.byAddress(s); t.proof > s.proof {
		return t
	}
	if s.proof >= proofSSRC {
		return tie{}
	}
	for _, look := range [...]struct {
		proof proof
		find  func(*stream) (*leg, side, bool)
	}{
		{proofSSRC, m.bySameSSRC},
		{proofRTCP, func(s *stream) (*leg, side, bool) { return m.byRTCP(s, false) }},
		{proofCorrelation, func(s *stream) (*leg, side, bool) { return m.byRTCP(s, true) }},
		{proofKin, m.byKin},
	} {
		if look.proof <= s.proof {
			break
		}
		if l, from, ok := look.find(s); ok {
			return tie{proof: look.proof, leg: l, from: from}
		}
	}
	return tie{}
}

// byAddress finds what the stream's two addresses prove. Symmetric RTP
// (RFC 4961) comes from where the party receives. What SDP announced at the one
// end proves more than what other streams taught of the other.
func (m *media) byAddress(s *stream) tie {
	start, end := s.report.Start, s.report.End
	to := claim(m.endpoints.get(s.key.dst), start, end, m.knows(s.key.src, s.key.ssrc))
	if to != nil && !to.learned && !m.turnsBack(s, to) {
		return tie{proofAnnounced, to.line.leg, to.line.side.other(), to}
	}
	if s.proof >= proofSymmetric {
		return tie{}
	}
	from := claim(m.endpoints.get(s.key.src), start, end, m.knows(s.key.dst, s.key.ssrc))
	switch {
	case from != nil && !from.learned:
		return tie{proofSymmetric, from.line.leg, from.line.side, from}
	case to != nil && to.learned:
		return tie{proofLearned, to.line.leg, to.line.side.other(), to}
	case from != nil:
		return tie{proofLearned, from.line.leg, from.line.side, from}
	}
	return tie{}
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
// has it, proved by an address, on another path at the same time. An SSRC of
// two calls proves nothing: some generators give every call the same one.
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
	return m.sharing(s, proofLearned)
}

// byKin finds the one call of the streams with the same SSRC, whatever proved it.
func (m *media) byKin(s *stream) (*leg, side, bool) { return m.sharing(s, proofKin) }

// sharing finds the one call of the streams with the same SSRC at the same
// time whose proof is at least so strong.
func (m *media) sharing(s *stream, least proof) (*leg, side, bool) {
	var one unique
	for _, o := range m.bySSRC.get(s.key.ssrc) {
		if o != s && o.proof >= least && o.overlaps(s) && slices.ContainsFunc(s.report.PayloadTypes.values(), o.hasPayloadType) {
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
