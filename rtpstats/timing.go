package rtpstats

import "math"

// baseChangeMS is how far an arrival may be from what the timestamps say before
// it means a new timestamp base, and not a delay (RFC 3550 knows no such limit,
// and one jump of a million ticks then counts as 7.8 s of jitter).
const baseChangeMS = 3000

// time takes the arrival of a media packet.
func (s *hotStream) time(c *coldStream, p *Packet, pos position) {
	if pos.kind == stray {
		return
	}
	if pos.kind == restarted && c.jump.media {
		s.arrive(c, c.jump.at, c.jump.ts, false, position{ext: c.jump.ext, kind: restarted})
	}
	s.arrive(c, p.At, p.Timestamp, p.Marker(), pos)
}

// arrive measures one arrival against the previous one: RFC 3550 A.8 in float64
// milliseconds, in arrival order, reordered packets and duplicates included as
// the RFC has it. Only differences of arrival times are formed, so that epoch
// nanoseconds lose no precision in a float64.
func (s *hotStream) arrive(c *coldStream, at int64, ts uint32, marker bool, pos position) {
	delta := float64(at-s.refAt) * 1e-6
	step := ts - s.refTS
	d := delta - float64(int32(step))*s.msPerTick
	ad := math.Abs(d)
	if s.flags&(noReference|afterPause) != 0 || ad > baseChangeMS {
		s.rebase(c, at, ts, d, pos)
		return
	}
	gap := int32(uint32(pos.ext) - s.refExt)
	s.refAt, s.refTS, s.refExt = at, ts, uint32(pos.ext)
	s.jitter += (ad - s.jitter) / 16
	s.jitterSum += s.jitter
	if s.jitter > s.jitterMax {
		s.jitterMax = s.jitter
	}
	s.media++
	s.transit += d
	s.play(c, at, marker, pos)
	if gap == 1 {
		if step == s.step {
			s.stepRun++
			if s.stepRun == steadySteps {
				c.ptimes.establish(s, c)
			}
		} else {
			c.ptimes.change(s, c, step)
		}
	}
	if delta > s.deltaMax && !marker && c.ptimes.talking(s, step, gap) {
		s.deltaMax = delta
	}
}

// rebase takes a packet whose distance to the reference is no delay variation.
func (s *hotStream) rebase(c *coldStream, at int64, ts uint32, d float64, pos position) {
	switch {
	case s.flags&noReference != 0:
		s.resync(c, at)
	case math.Abs(d) > baseChangeMS:
		if pos.kind == repaired || pos.kind == duplicate {
			return // a straggler of the old base
		}
		if pos.kind == forward && s.flags&afterPause == 0 {
			c.restarts++
		}
		s.resync(c, at)
	default: // after comfort noise or an event: no jitter across it, but the buffers go on
		s.transit += d
		if off := s.transit - s.anchor; off > fixedDepthMS || off < -resyncMS {
			s.resync(c, at) // the sender's timestamps stood still meanwhile
		}
	}
	s.flags &^= noReference | afterPause
	s.refAt, s.refTS, s.refExt = at, ts, uint32(pos.ext)
	c.ptimes.endRun(s)
}

// resync begins the buffers and the skew line anew: transits before and after
// cannot be compared.
func (s *hotStream) resync(c *coldStream, at int64) {
	c.closeWindow(s)
	c.skew.cut()
	s.transit, s.anchor = 0, 0
	s.playout.reset(0, at)
	c.minAt = at
}
