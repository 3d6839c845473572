package dialog

import (
	"net/netip"

	"earshot/rtpstats"
	"earshot/sipparse"
)

// leg is one observed hop of a call: two SIP peers, and how the INVITE fared
// between them. Times are capture times in ns, 0 where the event was not seen.
type leg struct {
	call      *call
	set       *dialogSet
	src, dst  netip.AddrPort // who sent the first request, and to whom
	callID    string
	fromTag   string // the caller's tag
	toTag     string // of the dialog that answered, else of the last early one
	transport string
	path      rtpstats.Path // of its first message
	sentBy    [2]string     // in the Via of each side's first request
	depth     int           // Via values of the INVITE: hops behind the caller
	hop       uint8         // its number along the way from the caller, from 1 on
	agents    [2]agent      // by side

	cseq        uint32 // of the last initial INVITE
	proceeding  bool   // any provisional response: Timer C instead of B
	invited     int64  // first initial INVITE; challenges and redirects lie inside the attempt
	provisional int64  // first 1xx other than 100
	ringing     int64  // first 180 or 183
	answered    int64  // first 2xx
	failed      int64  // final response of 300 and more to the last INVITE
	cancelled   int64  // first CANCEL
	status      int    // final response to the last INVITE
	phrase      string // its reason phrase
	reason      string // its Reason header, or the CANCEL's

	media legMedia // the media half's own
}

// invite notes an initial INVITE. A new CSeq is the next try of one attempt:
// after a challenge, a redirect or a failover the outcome is open again.
func (l *leg) invite(at int64, cseq uint32) {
	if l.invited == 0 {
		l.invited, l.cseq = at, cseq
		return
	}
	if cseq <= l.cseq || l.answered != 0 {
		return
	}
	l.cseq = cseq
	l.failed, l.status, l.phrase = 0, 0, ""
}

// respond notes a response to the initial INVITE.
func (l *leg) respond(at int64, m *sipparse.Message) {
	switch {
	case m.StatusCode < 200:
		l.progress(at, m)
	case m.StatusCode < 300:
		if l.answered == 0 {
			l.answered, l.status, l.toTag = at, m.StatusCode, keep(m.To.Tag)
			l.failed, l.phrase = 0, ""
		}
	case l.answered == 0 && l.failed == 0 && m.CSeq >= l.cseq:
		l.failed, l.status = at, m.StatusCode
		l.phrase = keep(m.Reason)
		if m.ReasonHeader != "" {
			l.reason = keep(m.ReasonHeader)
		}
	}
}

func (l *leg) progress(at int64, m *sipparse.Message) {
	l.proceeding = true
	if m.StatusCode == 100 {
		return
	}
	if l.provisional == 0 {
		l.provisional = at
	}
	if l.ringing == 0 && (m.StatusCode == 180 || m.StatusCode == 183) {
		l.ringing = at
	}
	if l.answered == 0 && m.To.Tag != "" && l.toTag != clip(m.To.Tag) {
		l.toTag = keep(m.To.Tag)
	}
}

// side tells who of the leg sent this request, or was asked by it when m is a response.
func (l *leg) side(m *sipparse.Message, requester netip.AddrPort) side {
	switch tag := clip(m.From.Tag); {
	case tag != "" && tag == l.fromTag:
		return caller
	case tag != "" && (tag == l.toTag || clip(m.To.Tag) == l.fromTag):
		return callee
	case requester == l.dst:
		return callee
	}
	return caller
}

// record returns the leg as its contract shows it.
func (l *leg) record() LegRecord {
	return LegRecord{Src: l.src, Dst: l.dst, CallID: l.callID, FromTag: l.fromTag, ToTag: l.toTag, Transport: l.transport}
}
