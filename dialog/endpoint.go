package dialog

import (
	"net/netip"
)

const (
	millisecond = second / 1000

	// changeGrace is how long packets may still arrive at an endpoint that a
	// new SDP has just replaced, and how long before its SDP a stream may have
	// ended and still count as the early media of it.
	changeGrace = 2 * second

	// setupTime is the longest that a call's legs
	// are apart: a call that announces an endpoint within this time of another
	// live one shares its media (a B2BUA that does not anchor); one that comes
	// later has got a port whose last owner never said goodbye.
	setupTime = timerB
)

// endpoint is an address where one side of a leg receives media, for a while.
type endpoint struct {
	line    *mline
	addr    netip.AddrPort
	from    int64
	until   int64 // 0 while nothing replaced it
	learned bool  // seen on the wire and not announced
}

// fit says how well an endpoint's time suits a stream's, best last.
type fit int

const (
	fitNone   fit = iota
	fitClosed     // replaced or hung up before the stream began; its call is still watched
	fitLater      // announced while the stream was already running: early media
	fitCovers     // the stream began while it was valid
)

func (e *endpoint) fits(start, end int64) fit {
	switch {
	case e.from > end+changeGrace:
		return fitNone
	case e.from > start:
		return fitLater
	case e.until != 0 && start > e.until, e.endedBefore(start - changeGrace):
		return fitClosed
	}
	return fitCovers
}

// endedBefore reports whether the endpoint's call was over by then.
func (e *endpoint) endedBefore(at int64) bool {
	c := e.line.leg.call
	return c.end != 0 && c.end <= at
}

// better decides between two endpoints of the same address that fit a stream
// equally well; e was announced after best.
func (e *endpoint) better(best *endpoint, f fit) bool {
	if e.learned != best.learned {
		return best.learned
	}
	switch f {
	case fitLater:
		return false
	case fitClosed:
		return true
	}
	mine, other := e.line.leg.call, best.line.leg.call
	if mine == other {
		return false
	}
	if best.endedBefore(e.from) || e.from-best.from > setupTime {
		return true
	}
	return mine.start < other.start // shared: both directions go to the call that began first
}

// claim chooses among the endpoints of one address the one that a stream
// belongs to. Endpoints whose call also knows the stream's other end or its
// SSRC come first: a media server may use one port for many calls.
func claim(list []*endpoint, start, end int64, knows func(*endpoint) bool) *endpoint {
	var best *endpoint
	var bestFit fit
	var bestKnown bool
	for _, e := range list {
		f := e.fits(start, end)
		if f == fitNone {
			continue
		}
		known := len(list) > 1 && knows(e)
		switch {
		case best == nil, f > bestFit, f == bestFit && known && !bestKnown:
		case f < bestFit, bestKnown && !known, !e.better(best, f):
			continue
		}
		best, bestFit, bestKnown = e, f, known
	}
	return best
}
