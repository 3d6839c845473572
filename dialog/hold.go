package dialog

import "earshot/sipparse"

// span is an interval of capture time, ns; to is 0 while it is open.
type span struct{ from, to int64 }

// hint is what an SDP says about hold (RFC 3264 8.4, RFC 5359 2.1).
type hint struct {
	direction sipparse.Direction
	muted     bool // connection address 0.0.0.0: hold as RFC 2543 had it
}

// holdOf reads the first m-line in use, audio before others; nil where none is.
func holdOf(sdp *sipparse.SDP) *hint {
	var found *hint
	for i := range sdp.Media {
		m := &sdp.Media[i]
		if m.Addr.Port() == 0 {
			continue
		}
		h := &hint{direction: m.Direction, muted: m.Addr.Addr().IsUnspecified()}
		if m.Kind == "audio" {
			return h
		}
		if found == nil {
			found = h
		}
	}
	return found
}

func (h *hint) holds() bool {
	return h.muted || h.direction == sipparse.SendOnly || h.direction == sipparse.Inactive
}

// agree applies an offer and its answer: the hold begins or ends when the
// other side accepted it, so a re-INVITE that failed (491, 488) changes nothing.
// answer is nil where the response carried none.
func (s *dialogSet) agree(at int64, offer *hint, offerer side, answer *hint) {
	s.held[offerer] = offer.holds()
	if answer != nil {
		// Inactive to inactive only mirrors the offer: it tells nothing of the answerer.
		mirror := answer.direction == sipparse.Inactive && offer.direction == sipparse.Inactive && !answer.muted
		if !mirror {
			s.held[offerer.other()] = answer.holds()
		}
	}
	s.call.hold(at)
}

// hold opens or closes the call's hold interval. A B2BUA that relays the hold
// from leg to leg makes one interval of both.
func (c *call) hold(at int64) {
	held := false
	for _, s := range c.sets {
		held = held || s.held[caller] || s.held[callee]
	}
	open := c.onHold()
	switch {
	case held && !open && len(c.holds) < maxHolds:
		c.holds = append(c.holds, span{from: at})
	case !held && open:
		c.holds[len(c.holds)-1].to = at
	}
}

// onHold reports whether a hold interval is open.
func (c *call) onHold() bool {
	return len(c.holds) > 0 && c.holds[len(c.holds)-1].to == 0
}

// holdMS sums the hold intervals, an open one until end.
func (c *call) holdMS(end int64) float64 {
	var sum int64
	for _, h := range c.holds {
		to := h.to
		if to == 0 || to > end {
			to = end
		}
		sum += max(to-h.from, 0)
	}
	return milliseconds(sum)
}
