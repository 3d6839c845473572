package dialog

import "earshot/sipparse"

// inCall reports whether a message of a set's Call-ID is the set's business,
// and not a transaction outside of dialogs that shares the Call-ID.
func (s *dialogSet) inCall(m *sipparse.Message) bool {
	if sessionMethod(methodOf(m)) {
		return true
	}
	if m.IsRequest() {
		return m.To.Tag != ""
	}
	return s.find(m) != nil
}

// sessionMethod reports whether a method only exists in or for an INVITE dialog.
func sessionMethod(method string) bool {
	switch method {
	case "INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE":
		return true
	}
	return false
}

// request takes a request of the set.
func (t *Table) request(at int64, hop Hop, s *dialogSet, m *sipparse.Message) sight {
	s.heard = max(s.heard, at)
	x := s.find(m)
	if x != nil {
		if seen := x.request(hop); seen != fresh {
			return seen
		}
		s.lateRequest(at, x, m)
	} else {
		x = t.begin(at, hop, s, m)
		if x == nil {
			return echo
		}
	}
	x.requestSeen = true
	x.leg.hear(x.from, m)
	switch m.Method {
	case "INVITE":
		t.invite(at, x, s, m)
	case "ACK":
		t.ack(at, x, s, m)
	case "PRACK":
		t.prack(at, x, s, m)
	case "UPDATE":
		t.offer(at, x, m)
	case "CANCEL":
		s.cancel(at, x, m)
	case "BYE":
		s.hangUp(at, x, m)
	case "REFER":
		s.refer(at, x, m)
	case "NOTIFY":
		s.notify(x, m)
	}
	return fresh
}

// begin opens the transaction of a request or of a response to an unseen one;
// nil where the call's legs are full.
func (t *Table) begin(at int64, hop Hop, s *dialogSet, m *sipparse.Message) *transaction {
	if !m.IsRequest() {
		hop.Src, hop.Dst = hop.Dst, hop.Src
	}
	l := s.legOf(hop, m)
	if l == nil {
		if len(s.call.legs) >= maxLegs {
			t.counts.refuse(refusedLegs)
			return nil
		}
		l = s.newLeg(hop, m)
	}
	x := newTransaction(at, hop.Src, hop.Dst, m, l)
	l.sentBy[x.from] = x.sentBy
	if s.add(x) {
		t.counts.refuse(refusedCallTransactions)
	}
	return x
}

// lateRequest is a request whose response came first: the mirror swapped them,
// or (a response to a retransmission) its first sending was not seen.
func (s *dialogSet) lateRequest(at int64, x *transaction, m *sipparse.Message) {
	if x.method == "INVITE" && m.To.Tag == "" && at-x.at <= reordering {
		s.truncated = false
	}
	x.at = at
}

// invite takes a first sight of an INVITE on a hop.
func (t *Table) invite(at int64, x *transaction, s *dialogSet, m *sipparse.Message) {
	x.initial = m.To.Tag == ""
	if x.initial {
		x.leg.call.meet(m)
		x.leg.invite(at, m.CSeq)
		x.leg.depth = m.Vias
		s.cseq = max(s.cseq, m.CSeq)
	}
	t.offer(at, x, m)
	x.delayed = m.SDP == nil
}

// offer takes the SDP of a request.
func (t *Table) offer(at int64, x *transaction, m *sipparse.Message) {
	if m.SDP == nil {
		return
	}
	x.offer, x.offerer = holdOf(m.SDP), x.from
	t.describe(at, x, x.from, m.SDP, false, !x.initial && !x.leg.set.confirmed)
}

// answer takes the SDP that answers x's offer.
func (t *Table) answer(at int64, x *transaction, from side, sdp *sipparse.SDP, early bool) {
	t.describe(at, x, from, sdp, true, early)
	if early {
		return
	}
	x.settle(at, holdOf(sdp))
}

// settle ends the offer of a transaction that changed a running session. The
// first offer and answer set the call up: sendonly there is an announcement.
func (x *transaction) settle(at int64, answer *hint) {
	if x.offer != nil && !x.initial && !x.copy && x.leg.set.confirmed {
		x.leg.set.agree(at, x.offer, x.offerer, answer)
	}
	x.offer = nil
}

// describe passes an SDP on to the media half and notes its codecs.
func (t *Table) describe(at int64, x *transaction, from side, sdp *sipparse.SDP, answer, early bool) {
	c := x.leg.call
	c.cutSDP = c.cutSDP || sdp.Cut
	t.media.describe(at, c, x.leg, from, sdp, answer, early)
	if x.leg.set != c.sets[0] {
		return
	}
	if !answer && c.offered == nil {
		c.offered = codecsOf(sdp)
	}
	if answer && c.answered == nil || answer && x.initial && !early {
		c.answered = codecsOf(sdp)
	}
}

// codecsOf lists the encoding names of audio and video in order of preference.
func codecsOf(sdp *sipparse.SDP) []string {
	var names []string
	for i := range sdp.Media {
		m := &sdp.Media[i]
		if m.Kind != "audio" && m.Kind != "video" || m.Addr.Port() == 0 {
			continue
		}
		for _, f := range m.Formats {
			names = addDistinct(names, f.Encoding, maxCodecs)
		}
	}
	return names
}

// ack takes an ACK. To a 2xx it is a transaction of its own, may carry the
// answer to a delayed offer, and proves a 2xx that was not captured.
func (t *Table) ack(at int64, x *transaction, s *dialogSet, m *sipparse.Message) {
	inv := s.inviteOf(x.leg, m.CSeq)
	if inv == nil || inv.branch == x.branch && x.branch != "" {
		return
	}
	if inv.status == 0 && m.To.Tag != "" {
		s.confirm(m)
	}
	if m.SDP != nil && inv.delayed {
		inv.delayed = false
		t.answer(at, inv, x.from, m.SDP, false)
	}
}

// prack takes a PRACK: with SDP it answers the offer of a reliable provisional
// response, else it offers itself (RFC 3262 5).
func (t *Table) prack(at int64, x *transaction, s *dialogSet, m *sipparse.Message) {
	if m.SDP == nil {
		return
	}
	inv := s.inviteOf(x.leg, rackCSeq(m.RAck))
	if inv != nil && inv.delayed && inv.offer != nil {
		inv.delayed = false
		t.answer(at, inv, x.from, m.SDP, !s.confirmed)
		return
	}
	t.offer(at, x, m)
}

// cancel takes a CANCEL. It asks; the INVITE's final response decides, since a
// 200 may cross it (RFC 3261 9.1).
func (s *dialogSet) cancel(at int64, x *transaction, m *sipparse.Message) {
	if x.leg.cancelled == 0 {
		x.leg.cancelled = at
	}
	if m.ReasonHeader != "" && x.leg.reason == "" {
		x.leg.reason = keep(m.ReasonHeader)
	}
}

// hangUp takes a BYE. It ends the set when no other fork is still confirmed,
// and leaves an INVITE alone that has no 2xx yet: a BYE in an early dialog
// makes it fail with 487 (RFC 3261 15).
func (s *dialogSet) hangUp(at int64, x *transaction, m *sipparse.Message) {
	if !s.terminate(m) {
		return
	}
	if !s.confirmed && !s.truncated && s.endsEarly(m) {
		s.cancel(at, x, m)
		return
	}
	s.confirmed = true
	by := EndedByCaller
	if x.from == callee {
		by = EndedByCallee
	}
	if s.ended == 0 && m.ReasonHeader != "" {
		s.reason = keep(m.ReasonHeader)
	}
	s.end(at, by, x)
}

// endsEarly reports whether a BYE came while the INVITE was provably pending
// or had failed: its sender is the caller and the final response is not lost.
func (s *dialogSet) endsEarly(m *sipparse.Message) bool {
	l := s.reference()
	return l.answered == 0 && clip(m.From.Tag) == l.fromTag
}
