package dialog

// Unseen counts what the probe itself missed, so that what is missing from a
// call is not held against the network.
type Unseen struct {
	Frames   uint64 // that the capture lost, whatever was in them
	Media    uint64 // RTP packets that found no room within the probe
	Messages uint64 // SIP messages and RTCP that found none
}

// Missed tells what went unseen since the last tick; the next tick says until
// when.
func (t *Table) Missed(u Unseen) {
	t.media.unseen.frames += u.Frames
	t.media.unseen.media += u.Media
	t.media.unseen.messages += u.Messages
}

// maxGaps bounds how many separate times of not seeing are remembered, of
// signalling and of media each.
const maxGaps = 256

// unseen remembers when something may have gone unseen.
type unseen struct {
	frames, media, messages uint64 // since the last tick
	refused                 uint64 // streams and endpoints by full tables, up to the last tick

	ofMedia, ofSignalling gaps
}

// note ends a second: what was missed in it was missed at some time between two
// ticks. A full table of the media half hides streams too.
func (u *unseen) note(from, to int64, refused uint64) {
	if from == 0 {
		from = to - second
	}
	if u.frames > 0 || u.media > 0 || refused > u.refused {
		u.ofMedia.add(span{from: from, to: to})
	}
	if u.frames > 0 || u.messages > 0 {
		u.ofSignalling.add(span{from: from, to: to})
	}
	u.frames, u.media, u.messages, u.refused = 0, 0, 0, refused
}

// gaps are times of not seeing, in order and apart from each other.
type gaps []span

// add takes the time up to a tick. The oldest of too many is forgotten.
func (g *gaps) add(s span) {
	if n := len(*g); n > 0 && s.from <= (*g)[n-1].to {
		(*g)[n-1].to = s.to
		return
	}
	if len(*g) == maxGaps {
		copy(*g, (*g)[1:])
		*g = (*g)[:maxGaps-1]
	}
	*g = append(*g, s)
}

// touch reports whether a piece of time, both ends included, has a gap in it.
func (g gaps) touch(from, to int64) bool {
	for i := len(g) - 1; i >= 0 && g[i].to >= from; i-- {
		if g[i].from <= to {
			return true
		}
	}
	return false
}

// within returns how much of a piece of time went unseen, ns.
func (g gaps) within(from, to int64) int64 {
	var sum int64
	for i := len(g) - 1; i >= 0 && g[i].to > from; i-- {
		sum += max(0, min(g[i].to, to)-max(g[i].from, from))
	}
	return sum
}

// doubt marks a call of which messages may have gone unseen while it was set
// up, or when it went without a goodbye: how it came out may not be what it
// seems.
func (t *Table) doubt(c *call, r *CallRecord) {
	g := t.media.unseen.ofSignalling
	if len(g) == 0 {
		return
	}
	decided := c.end
	switch {
	case c.answer != 0:
		decided = c.answer
	case r.EndedBy == EndedByTimeout:
		decided += timerB
	}
	switch {
	case g.touch(c.start, decided):
		r.Trust, r.TrustReason = suspect, "the probe missed packets while it was set up: how it came out may not be what it seems"
	case r.EndedBy == EndedByTimeout && g.touch(c.end, c.end+silence):
		r.Trust, r.TrustReason = suspect, "the probe missed packets when it ended: its goodbye may have been among them"
	}
}
