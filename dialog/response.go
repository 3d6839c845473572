package dialog

import (
	"strconv"
	"strings"

	"earshot/sipparse"
)

// response takes a response of the set.
func (t *Table) response(at int64, hop Hop, s *dialogSet, m *sipparse.Message) sight {
	s.heard = max(s.heard, at)
	x := s.find(m)
	if x == nil {
		if x = t.begin(at, hop, s, m); x == nil {
			return echo
		}
		if x.method == "INVITE" {
			x.initial = !s.hasDialog(m)
		}
	}
	if seen := x.response(hop, m); seen != fresh {
		return seen
	}
	x.final(m.StatusCode)
	x.leg.hear(x.from.other(), m)
	switch x.method {
	case "INVITE":
		t.inviteResponse(at, x, s, m)
	case "PRACK", "UPDATE":
		t.offerResponse(at, x, m)
	case "BYE":
		s.byeResponse(at, x, m)
	case "REFER":
		s.referResponse(x, m)
	}
	return fresh
}

// hasDialog reports whether the dialog of m's tags is established already:
// then an INVITE that was not seen was a re-INVITE.
func (s *dialogSet) hasDialog(m *sipparse.Message) bool {
	for _, d := range s.dialogs {
		same := d.from == clip(m.From.Tag) && d.to == clip(m.To.Tag) || d.to == clip(m.From.Tag) && d.from == clip(m.To.Tag)
		if same && d.state != dialogEarly {
			return true
		}
	}
	return false
}

// inviteResponse takes a response to an INVITE.
func (t *Table) inviteResponse(at int64, x *transaction, s *dialogSet, m *sipparse.Message) {
	if x.initial {
		x.leg.respond(at, m)
		t.establish(s, m)
	}
	if m.SDP != nil && m.StatusCode > 100 && m.StatusCode < 300 {
		t.inviteSDP(at, x, s, m)
		return
	}
	switch {
	case m.StatusCode >= 300:
		x.offer = nil
	case m.StatusCode >= 200 && x.offer != nil:
		x.settle(at, nil)
	}
}

// establish keeps the dialogs: an early one for every To tag of a provisional
// response, a confirmed one for every To tag of a 2xx.
func (t *Table) establish(s *dialogSet, m *sipparse.Message) {
	ok := true
	switch {
	case m.StatusCode >= 300:
	case m.StatusCode >= 200:
		ok = s.confirm(m)
	case m.StatusCode > 100 && m.To.Tag != "":
		ok = s.dialog(m.From.Tag, m.To.Tag) != nil
	}
	if !ok {
		t.counts.refuse(refusedDialogs)
	}
}

// inviteSDP tells apart what the SDP of a 1xx or 2xx to an INVITE is: the
// answer, a preview of it (an unreliable 18x), or the delayed offer.
func (t *Table) inviteSDP(at int64, x *transaction, s *dialogSet, m *sipparse.Message) {
	responder := x.from.other()
	if x.delayed {
		x.offer, x.offerer = holdOf(m.SDP), responder
		t.describe(at, x, responder, m.SDP, false, m.StatusCode < 200)
		return
	}
	t.answer(at, x, responder, m.SDP, m.StatusCode < 200)
}

// offerResponse takes a response to an UPDATE or a PRACK that may have offered.
func (t *Table) offerResponse(at int64, x *transaction, m *sipparse.Message) {
	switch {
	case m.StatusCode >= 300:
		x.offer = nil
	case m.StatusCode >= 200 && m.SDP != nil:
		early := !x.leg.set.confirmed
		t.answer(at, x, x.from.other(), m.SDP, early)
	}
}

// byeResponse takes a response to a BYE. 408 is what a proxy says when the
// peer stayed silent; a challenge is not an answer yet.
func (s *dialogSet) byeResponse(at int64, x *transaction, m *sipparse.Message) {
	switch m.StatusCode {
	case 401, 407, 408:
		return
	}
	if m.StatusCode < 200 {
		return
	}
	s.byeHeard = true
	if !x.requestSeen {
		s.hangUp(at, x, m) // the BYE comes late, or was not captured
	}
	if m.StatusCode < 300 && s.byeDone == 0 && s.bye != nil && x.leg == s.bye.leg {
		s.byeDone = at
	}
}

// rackCSeq is the CSeq number in a RAck: response number, CSeq number, method.
func rackCSeq(rack string) uint32 {
	fields := strings.Fields(rack)
	if len(fields) < 2 {
		return 0
	}
	n, err := strconv.ParseUint(fields[1], 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}
