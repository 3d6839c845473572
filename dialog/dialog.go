package dialog

import (
	"earshot/sipparse"
)

// Caps of what one call may hold. Forking to more than 32 phones, or passing
// more than 16 hops, is a flood.
const (
	maxDialogs         = 32
	maxLegs            = 16
	maxSetTransactions = 64
	maxTransfers       = 32
	maxHolds           = 256
	maxUserAgents      = 8
	maxCodecs          = 16
	maxJoinKeys        = 16
	defaultLadder      = 200
)

// dialogState is RFC 3261 12: early from a provisional response with a tag,
// confirmed by a 2xx, terminated by a BYE.
type dialogState uint8

const (
	dialogEarly dialogState = iota
	dialogConfirmed
	dialogTerminated
)

// dialogTags is a dialog inside its Call-ID. The monitor stands between the
// ends, so the pair is unordered.
type dialogTags struct {
	from, to string
	state    dialogState
}

// dialogSet is everything that one Call-ID makes after an INVITE: the dialogs
// of all forks, on all hops where they were seen.
type dialogSet struct {
	call         *call
	callID       string
	legs         []*leg // in order of their first message
	transactions []*transaction
	dialogs      []dialogTags
	held         [2]bool // which side put the other on hold

	heard     int64  // last message
	cseq      uint32 // highest CSeq of an initial INVITE
	fromTag   string // of the first message's caller
	ended     int64  // BYE of the last confirmed dialog, or what a timer decided
	endedBy   EndedBy
	reason    string // Reason header of the BYE
	confirmed bool   // there is or was a confirmed dialog
	truncated bool   // its INVITE was not seen
	timedOut  bool   // a timer of ours ended it, not a message
	bye       *transaction
	byeDone   int64 // 2xx to the BYE, on the leg where it counts
	byeHeard  bool  // some hop showed that the peer answered a BYE
}

// find returns the transaction that m belongs to, the newest first, or nil.
func (s *dialogSet) find(m *sipparse.Message) *transaction {
	for i := len(s.transactions) - 1; i >= 0; i-- {
		if s.transactions[i].matches(m) {
			return s.transactions[i]
		}
	}
	return nil
}

// inviteOf returns the INVITE transaction with m's CSeq number, which is what an
// ACK and a PRACK's RAck refer to: on leg l, or where these go past the proxy
// that the INVITE went through, the first one seen.
func (s *dialogSet) inviteOf(l *leg, cseq uint32) *transaction {
	var first *transaction
	for _, x := range s.transactions {
		if x.cseq != cseq || x.method != "INVITE" {
			continue
		}
		if x.leg == l {
			return x
		}
		if first == nil {
			first = x
		}
	}
	return first
}

// add keeps a transaction. A full set lets its oldest go and reports whether
// that one could still have been alive.
func (s *dialogSet) add(x *transaction) (forgotten bool) {
	for _, y := range s.transactions {
		if y.requestSeen && y.sameRequest(x) {
			x.copy = true
			break
		}
	}
	if len(s.transactions) >= maxSetTransactions {
		forgotten = x.at-s.transactions[0].at < timerB
		copy(s.transactions, s.transactions[1:])
		s.transactions = s.transactions[:len(s.transactions)-1]
	}
	s.transactions = append(s.transactions, x)
	return forgotten
}

// dialog returns the dialog of these tags, which it adds unless the set is full.
func (s *dialogSet) dialog(a, b string) *dialogTags {
	a, b = clip(a), clip(b)
	for i := range s.dialogs {
		d := &s.dialogs[i]
		if d.from == a && d.to == b || d.from == b && d.to == a {
			return d
		}
	}
	if len(s.dialogs) >= maxDialogs {
		return nil
	}
	s.dialogs = append(s.dialogs, dialogTags{from: keep(a), to: keep(b)})
	return &s.dialogs[len(s.dialogs)-1]
}

// confirm makes the dialog of m's tags a confirmed one. It reports whether the
// set had room for it.
func (s *dialogSet) confirm(m *sipparse.Message) bool {
	s.confirmed = true
	d := s.dialog(m.From.Tag, m.To.Tag)
	if d == nil {
		return false
	}
	if d.state == dialogEarly {
		d.state = dialogConfirmed
	}
	return true
}

// terminate ends the dialog of m's tags and reports whether no confirmed one is
// left. A BYE whose tags were damaged or never existed ends them all.
func (s *dialogSet) terminate(m *sipparse.Message) bool {
	if m.From.Tag == "" || m.To.Tag == "" {
		for i := range s.dialogs {
			s.dialogs[i].state = dialogTerminated
		}
		return true
	}
	if d := s.dialog(m.From.Tag, m.To.Tag); d != nil {
		d.state = dialogTerminated
	}
	for _, d := range s.dialogs {
		if d.state == dialogConfirmed {
			return false
		}
	}
	return true
}

// legOf returns the leg that a request travels on, nil where it is a new one.
// A first INVITE makes a leg of its own for every ordered pair: a spiral comes
// back over the same pair in the other direction.
func (s *dialogSet) legOf(hop Hop, m *sipparse.Message) *leg {
	first := m.Method == "INVITE" && m.To.Tag == ""
	for _, l := range s.legs {
		if l.src == hop.Src && l.dst == hop.Dst {
			return l
		}
		if !first && l.src == hop.Dst && l.dst == hop.Src {
			return l
		}
	}
	for _, l := range s.legs {
		if !samePeers(l.src, l.dst, hop.Src, hop.Dst) {
			continue
		}
		// With the CSeq of its sibling a first INVITE is a fork or the next hop.
		if !first || l.cseq != m.CSeq {
			return l
		}
	}
	return nil
}

// origin is the hop nearest to the caller: fewest Via values, first seen.
func (s *dialogSet) origin() *leg {
	best := s.legs[0]
	for _, l := range s.legs[1:] {
		switch {
		case l.invited == 0:
		case best.invited == 0 || l.depth < best.depth:
			best = l
		}
	}
	return best
}

// reference is the leg that speaks for the set. Where the caller's host tried
// several destinations (a redirect, a failover, or a fork whose other side is
// out of sight) it is the one that answered, else the last one tried.
func (s *dialogSet) reference() *leg {
	origin := s.origin()
	best := origin
	for _, l := range s.legs {
		switch {
		case l.invited == 0 || l.depth != origin.depth || l.src.Addr() != origin.src.Addr():
		case best.answered != 0:
			if l.answered != 0 && l.answered < best.answered {
				best = l
			}
		case l.answered != 0, best.unsuccessful() && l.invited >= best.invited:
			best = l
		}
	}
	return best
}

// unsuccessful reports whether the leg failed, or stays without any response.
func (l *leg) unsuccessful() bool { return l.failed != 0 || !l.proceeding && l.answered == 0 }

// newLeg adds the hop on which m's transaction was first seen.
func (s *dialogSet) newLeg(hop Hop, m *sipparse.Message) *leg {
	l := &leg{
		call: s.call, set: s, callID: s.callID, src: hop.Src, dst: hop.Dst, path: hop.Path,
		fromTag: keep(m.From.Tag), toTag: keep(m.To.Tag), transport: hop.Transport, depth: m.Vias,
	}
	if s.fromTag != "" && l.toTag == s.fromTag {
		// A request of the callee on a hop that only shows up now: the leg is
		// still the caller's way to the callee.
		l.src, l.dst, l.fromTag, l.toTag = hop.Dst, hop.Src, l.toTag, l.fromTag
	}
	l.hop = nextHop(l, s.call.legs)
	s.legs = append(s.legs, l)
	s.call.legs = append(s.call.legs, l)
	return l
}

// end notes who ended the set, and when. The end as the reference leg saw it
// replaces what another hop showed first.
func (s *dialogSet) end(at int64, by EndedBy, x *transaction) {
	switch {
	case s.ended == 0:
		s.ended, s.endedBy = at, by
	case x == s.bye: // its 200 came first
		s.ended = at
	case x.copy && x.leg == s.reference() && s.bye != nil && x.cseq == s.bye.cseq && x.fromTag == s.bye.fromTag:
		s.ended = at
	default:
		return
	}
	s.bye = x
}
