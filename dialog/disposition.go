package dialog

import "fmt"

// disposition says how the set came out, as far as it did.
func (s *dialogSet) disposition() Disposition {
	l := s.reference()
	switch {
	case s.confirmed:
		return Answered
	case l.failed != 0:
		return dispositionOf(l.status, l.ringing != 0)
	case s.ended == 0:
		return InProgress
	case l.cancelled != 0:
		return Cancelled
	case l.ringing != 0:
		return NoAnswer
	case s.truncated && !l.proceeding:
		return InProgress // nothing seen tells how it came out
	}
	return Failed // nobody answered at all
}

// dispositionOf reads a final failure (RFC 3261 21, RFC 8197, RFC 8688). 408
// after ringing is nobody picking up, without it a host that did not respond.
func dispositionOf(status int, rang bool) Disposition {
	switch status {
	case 486, 600:
		return Busy
	case 487:
		return Cancelled
	case 480:
		return NoAnswer
	case 408:
		if rang {
			return NoAnswer
		}
		return Failed
	case 403, 603, 607, 608:
		return Rejected
	}
	if status < 400 {
		return Redirected
	}
	return Failed
}

// endedByWhom says who ended the set.
func (s *dialogSet) endedByWhom() EndedBy {
	if s.ended != 0 {
		return s.endedBy
	}
	l := s.reference()
	switch {
	case l.failed == 0:
		return EndedByCapture
	case l.status == 487 && l.cancelled != 0:
		return EndedByCaller
	case l.status == 408:
		return EndedByTimeout
	}
	return EndedByCallee
}

// why gives the Reason header of what ended the set, else the phrase of the
// failure.
func (s *dialogSet) why() string {
	if s.confirmed {
		return s.reason
	}
	l := s.reference()
	if l.reason != "" {
		return l.reason
	}
	return l.phrase
}

// byeUnanswered is the finding of a call whose BYE nobody answered for 64*T1
// (RFC 3261 Timer F); false where the capture ended before.
func (s *dialogSet) byeUnanswered(now int64) (Finding, bool) {
	if s.bye == nil || s.byeHeard || now < s.ended+timerB {
		return Finding{}, false
	}
	return Finding{
		Code:     findUnanswered,
		Text:     fmt.Sprintf("The %s hung up and the other side never confirmed it.", s.endedBy),
		Evidence: fmt.Sprintf("no response to BYE %d from %v to %v in %d s", s.bye.cseq, s.bye.src, s.bye.dst, timerB/second),
	}, true
}
