package rtpstats

import "math"

// The jitter-buffer models.
const (
	fixedDepthMS   = 60
	adaptiveMinMS  = 40
	adaptiveMaxMS  = 200
	reserveMS      = 20   // a packet that the adaptive buffer holds beyond what it has seen
	playoutWindow  = 5e9  // ns: the adaptive buffer remembers one to two of them
	resyncMS       = 1000 // so far off, a buffer has lost its stream
	resyncAfter    = 1e9  // ns that it has to last
	nanosecondHalf = 5e-7 // ms; arrival times are whole nanoseconds, sums of floats are not
)

// lateFor reports whether a packet whose transit is offset above the buffer's
// zero comes after its playout: exactly at the deadline is in time.
func lateFor(offset, depth float64) bool { return offset > depth+nanosecondHalf }

// adaptiveBuffer is a peak-hold playout delay: it covers the largest transit of
// the last one to two windows, above their smallest, and a reserve, within 40 to
// 200 ms. It grows at once and shrinks only when a window ends. Without the
// reserve each packet of a delay that grows slowly, as where a queue fills or a
// clock is far off, would come a little after the largest before it and be late:
// real buffers keep some speech in hand and stretch it. Windows are counted in the
// sender's time (arrival less transit), so that delay does not move a packet
// from one to the next. O(1) per packet.
type adaptiveBuffer struct {
	lo, hi   float64 // smallest and largest transit of this and the last window, ms
	min, max float64 // of this window; +Inf and -Inf while empty
	end      int64   // when this window ends, ns of the sender's time
}

// reset begins with a packet of the given transit as on time.
func (b *adaptiveBuffer) reset(transit float64, sent int64) {
	*b = adaptiveBuffer{lo: transit, hi: transit, min: transit, max: transit, end: sent + playoutWindow}
}

// delay is the playout delay now, ms.
func (b *adaptiveBuffer) delay() float64 {
	return min(max(b.hi-b.lo+reserveMS, adaptiveMinMS), adaptiveMaxMS)
}

// take adds the transit of a packet; it reports whether it is the smallest of
// the window. A straggler of the last window counts there.
func (b *adaptiveBuffer) take(transit float64, sent int64) bool {
	if transit > b.hi {
		b.hi = transit
	}
	if transit < b.lo {
		b.lo = transit
	}
	if sent < b.end-playoutWindow {
		return false
	}
	if transit > b.max {
		b.max = transit
	}
	if transit >= b.min {
		return false
	}
	b.min = transit
	return true
}

// roll ends the window: what only the one before it held is forgotten.
func (b *adaptiveBuffer) roll(sent int64) {
	if b.min <= b.max {
		b.lo, b.hi = b.min, b.max
	}
	b.clear()
	b.end += playoutWindow
	if sent >= b.end { // after a silence
		b.end = sent + playoutWindow
	}
}

// clear empties the window.
func (b *adaptiveBuffer) clear() { b.min, b.max = math.Inf(1), math.Inf(-1) }

// play runs a packet through both models. A duplicate is left out: the ear has
// had the first copy. Lost packets are not late; a packet that repairs a loss
// after its playout is.
func (s *hotStream) play(c *coldStream, at int64, marker bool, pos position) {
	delay := s.playout.delay()
	s.playoutSum += delay
	if pos.kind == duplicate {
		return
	}
	sent := at - int64(s.transit*1e6)
	if sent >= s.playout.end {
		c.closeWindow(s)
		s.playout.roll(sent)
		delay = s.playout.delay()
	}
	if off := s.transit - s.anchor; off > fixedDepthMS || off < -resyncMS {
		if c.offFixed(s, at, off, marker) {
			s.resync(c, at)
			return
		}
	}
	if lateFor(s.transit-s.playout.lo, delay) {
		c.lateAdaptive++
		c.late.set(pos.ext)
	}
	if s.playout.take(s.transit, sent) {
		c.minAt = at
	}
}

// offFixed counts a packet that the fixed buffer cannot play, and reports
// whether the buffer has lost its stream: a packet more than a second early, a
// talkspurt more than a second late, or everything so late for a whole second.
func (c *coldStream) offFixed(s *hotStream, at int64, off float64, marker bool) bool {
	if off < -resyncMS || marker && off > resyncMS {
		return true
	}
	if !lateFor(off, fixedDepthMS) {
		return false
	}
	c.lateFixed++
	if off <= resyncMS {
		return false
	}
	if c.farPacket+1 != s.packets {
		c.farSince = at
	}
	c.farPacket = s.packets
	return at-c.farSince >= resyncAfter
}

// closeWindow takes the window's smallest transit as the fixed buffer's new
// zero, so that clock skew does not make all packets of a long call late.
func (c *coldStream) closeWindow(s *hotStream) {
	if s.playout.min > s.playout.max {
		return
	}
	s.anchor = s.playout.min
	c.addSkew(s)
}

// addSkew makes the window's smallest transit a point of the skew line.
func (c *coldStream) addSkew(s *hotStream) {
	if s.playout.min <= s.playout.max {
		c.skew.add(float64(c.minAt-c.start)*1e-9, s.playout.min)
	}
}
