package dialog

import (
	"slices"

	"earshot/sipparse"
)

// call is one CallRecord in the making: the dialog sets of all its legs. Only
// the table's goroutine touches it; the media half reads it and keeps what is
// its own with the legs.
type call struct {
	id     string
	legs   []*leg       // in order of their first message, at most maxLegs
	sets   []*dialogSet // one per Call-ID; the first one speaks for the call
	start  int64        // first INVITE, or the first message seen of a truncated call
	ring   int64        // first 180 or 183, as the leg nearest to the caller saw it
	answer int64        // its first 2xx
	end    int64        // BYE, final failure, or the last sign of life before a timeout

	holds       []span // intervals in which a side held the call, in order; the last may be open (to == 0)
	disposition Disposition
	truncated   bool // began before the capture, or outlived it
	cutSDP      bool // the end of one of its SDPs was not captured

	from, to, fromURI, toURI string
	offered, answered        []string // encoding names
	userAgents               []string
	evidence                 []string // how the legs were joined
	transfers                []Transfer
	refers                   []refer // of transfers, by index
	retransmissions          int
	marks                    []uint8 // DSCP of its signalling, distinct, at most maxMarks
	ladder                   []LadderEntry
	keys                     []joinKey // under which the join index knows it
	domains                  []string  // hosts of its INVITEs' URIs
	place                    place     // of its signalling
	due                      int64     // its place in the queue
}

// newCall begins a call with the dialog set of its first message.
func newCall(at int64, m *sipparse.Message) *call {
	return &call{
		start:       at,
		from:        name(&m.From),
		to:          name(&m.To),
		fromURI:     keep(m.From.URI),
		toURI:       keep(m.To.URI),
		disposition: InProgress,
	}
}

// maxMarks bounds the distinct markings of a call's signalling.
const maxMarks = 8

// mark remembers how a message's packet was marked.
func (c *call) mark(hop Hop) {
	if hop.DSCPKnown && len(c.marks) < maxMarks && !slices.Contains(c.marks, hop.DSCP) {
		c.marks = append(c.marks, hop.DSCP)
	}
}

// newSet adds the dialog set that m begins.
func (c *call) newSet(at int64, m *sipparse.Message) *dialogSet {
	s := &dialogSet{
		call:      c,
		callID:    keep(m.CallID),
		fromTag:   keep(m.From.Tag),
		heard:     at,
		truncated: m.Method != "INVITE" || m.To.Tag != "",

		transactions: make([]*transaction, 0, 4),
	}
	c.sets = append(c.sets, s)
	return s
}

// refresh derives the call's facts from its first dialog set.
func (c *call) refresh() {
	s := c.sets[0]
	l := s.reference()
	start := c.start
	if at := s.origin().invited; at != 0 {
		start = at
	}
	if c.id == "" || start != c.start {
		c.start = start
		c.id = contentID(start, s.callID, s.fromTag)
	}
	c.truncated = s.truncated
	c.ring, c.answer = l.ringing, l.answered
	if l.invited == 0 && l.ringing == 0 {
		c.answer = 0 // the capture began with this 2xx: it may be a refresh's
	}
	c.end, _ = s.over() // a retry after a challenge opens what its failure ended
	c.disposition = s.disposition()
}

// over reports whether the set ended by itself, and when.
func (s *dialogSet) over() (at int64, over bool) {
	if s.ended != 0 {
		return s.ended, true
	}
	if s.confirmed {
		return 0, false
	}
	l := s.reference()
	return l.failed, l.failed != 0
}

// patience returns until when a set that goes on may stay silent.
func (s *dialogSet) patience(heard int64) int64 {
	if !s.confirmed {
		l := s.reference()
		if l.cancelled != 0 || !l.proceeding && !s.truncated {
			return s.heard + timerB
		}
		return s.heard + timerC
	}
	if heard != 0 && !s.call.onHold() {
		return max(s.heard, heard) + silence
	}
	return max(s.heard, heard) + idleCall
}

// giveUp ends a set that fell silent, at its last sign of life.
func (s *dialogSet) giveUp(heard int64) {
	s.ended, s.endedBy, s.timedOut = s.heard, EndedByTimeout, true
	if s.confirmed {
		s.ended = max(s.heard, heard)
	}
}

func (c *call) slot() *int64 { return &c.due }

// look ends the sets that fell silent, and the call when nothing more can come
// of it: every set over, the BYE answered or given up, the media quiet.
func (c *call) look(t *Table, now int64) int64 {
	ready, waiting := c.settle(t, now)
	if waiting != 0 {
		return min(waiting, now+lookAgain)
	}
	if now < ready {
		return min(ready, now+lookAgain)
	}
	if until := c.lastEnd() + maxLinger; now < until && !t.media.quiet(c, now) {
		return min(now+second, until)
	}
	t.finish(c, now)
	return 0
}

// settle lets timers end what they must. It returns when the call may be
// finished, or, where a set still lives, until when that one may be silent.
func (c *call) settle(t *Table, now int64) (ready, waiting int64) {
	heard := t.media.last(c)
	for i, s := range c.sets {
		at, over := s.over()
		if !over {
			until := s.patience(heard)
			if i > 0 && !s.confirmed && c.end != 0 {
				until = min(until, c.end+maxLinger) // a pending second leg of a call that is over
			}
			if until > now {
				waiting = earliest(waiting, until)
				continue
			}
			s.giveUp(heard)
			at = s.ended
		}
		ready = max(ready, at+linger)
		if s.bye != nil && !s.byeHeard {
			ready = max(ready, s.ended+timerB)
		}
		if c.transferring() {
			ready = max(ready, at+maxLinger) // the last NOTIFY comes after the BYE
		}
	}
	c.refresh()
	return ready, waiting
}

// lastEnd is when the last set of a call ended whose sets are all over.
func (c *call) lastEnd() int64 {
	var last int64
	for _, s := range c.sets {
		at, _ := s.over()
		last = max(last, at)
	}
	return last
}

// earliest returns the smaller of two times, of which 0 is none.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
