package rtpstats

import "math/bits"

// RFC 3550 A.1.
const (
	maxDropout  = 3000 // a sequence number further ahead is a jump
	maxMisorder = 100  // one further behind is a jump too
)

// seenRing is a bit for each of the last extended sequence numbers: four words
// of 64, the word of number n at n/64 mod 4. At least the last 193 numbers are
// in it, so MAX_MISORDER never reaches beyond it.
type seenRing [4]uint64

func (r *seenRing) has(ext uint64) bool { return r[ext>>6&3]>>(ext&63)&1 != 0 }
func (r *seenRing) set(ext uint64)      { r[ext>>6&3] |= 1 << (ext & 63) }

// seenWindow is the ring of what arrived.
type seenWindow = seenRing

// position says where a packet stands in its stream's sequence.
type position struct {
	ext  uint64
	kind positionKind
}

type positionKind uint8

const (
	forward   positionKind = iota // new highest
	repaired                      // below the highest and not seen before
	duplicate                     // seen before
	stray                         // far off: perhaps the first of a new base
	restarted                     // the second one there: a new base
)

// sequence does RFC 3550 A.1 for one packet.
func (s *hotStream) sequence(c *coldStream, p *Packet) position {
	d := p.Seq - uint16(s.max)
	if d == 1 && s.flags&pendingJump == 0 {
		ext := s.max + 1
		if ext&63 == 0 {
			c.slide(s, ext)
		}
		s.window.set(ext)
		s.max = ext
		return position{ext: ext}
	}
	return c.disordered(s, p, d)
}

// disordered takes every packet that is not simply the next one.
func (c *coldStream) disordered(s *hotStream, p *Packet, d uint16) position {
	if d-1 < maxDropout-1 {
		if s.flags&pendingJump != 0 {
			c.jump.between++
			if c.jump.between > maxBetween {
				s.flags &^= pendingJump
			}
		}
		ext := s.max + uint64(d)
		c.slide(s, ext)
		s.window.set(ext)
		s.max = ext
		return position{ext: ext}
	}
	if d != 0 && d <= 65536-maxMisorder {
		return c.jumped(s, p)
	}
	ext := s.max - uint64(-d)
	if ext < c.base {
		// The segment's first packet was itself overtaken: the segment begins
		// lower, so that the counts do not depend on the order of arrival. So near
		// the highest number nothing has left the ring yet.
		c.base, c.fed = ext, ext
	}
	if s.window.has(ext) {
		c.duplicates++
		c.notUnique++
		return position{ext: ext, kind: duplicate}
	}
	s.window.set(ext)
	c.reordered++
	return position{ext: ext, kind: repaired}
}

// maxBetween is how many packets of the old base may come between the two that
// prove a new one: reordering at the seam, not an echo of the past.
const maxBetween = 2

// jumped holds a packet far from the sequence. A second one near it is the
// restart of RFC 3550 A.1; where the RFC wants the two to be neighbours, loss
// and reordering among them are allowed here. Both count in the new segment.
func (c *coldStream) jumped(s *hotStream, p *Packet) position {
	c.notUnique++
	if s.flags&pendingJump != 0 {
		if d := p.Seq - c.jump.seq; d-1 < maxMisorder || -d-1 < maxMisorder {
			return c.restart(s, p)
		}
	}
	s.flags |= pendingJump
	c.jump = jump{at: p.At, ts: p.Timestamp, seq: p.Seq, media: s.class == classMedia}
	return position{kind: stray}
}

// restart begins a new segment with the pending packet and p.
func (c *coldStream) restart(s *hotStream, p *Packet) position {
	s.flags &^= pendingJump
	c.restarts++
	c.closedExpected += s.max - c.base + 1
	c.feed(s, s.max+1)
	c.notUnique -= 2
	first := (s.max>>16+2)<<16 | uint64(c.jump.seq)
	s.beginSegment(c, first)
	s.window.set(first)
	c.jump.ext = first
	d := p.Seq - c.jump.seq
	ext := first + uint64(d)
	if d >= 1<<15 { // p was sent before the pending packet
		ext = first - uint64(-d)
		c.base, c.fed = ext, ext
		c.reordered++
	} else {
		s.max = ext
	}
	s.window.set(ext)
	return position{ext: ext, kind: restarted}
}

// beginSegment sets the sequence to begin, and expect the next, at ext.
func (s *hotStream) beginSegment(c *coldStream, ext uint64) {
	s.window = seenWindow{}
	c.late = seenRing{}
	s.max, c.base, c.fed = ext, ext, ext
}

// slide makes room for ext as the new highest number: the words that it pushes
// out of the ring are final and go into the bursts and runs, in sequence order.
// A word that the jump itself cleared is fed as lost. At most maxDropout/64+1 rounds.
func (c *coldStream) slide(s *hotStream, ext uint64) {
	for w := s.max>>6 + 1; w <= ext>>6; w++ {
		c.feed(s, (w-3)<<6)
		s.window[w&3] = 0
		c.late[w&3] = 0
	}
}

// feed gives the outcomes up to ext, exclusive, to the burst machine and the
// loss runs; they must still be in the ring.
func (c *coldStream) feed(s *hotStream, ext uint64) {
	for c.fed < ext {
		shift := c.fed & 63
		n := min(64-shift, ext-c.fed)
		w := c.fed >> 6 & 3
		c.outcomes(s.window[w]>>shift, c.late[w]>>shift, n)
		c.fed += n
	}
}

// outcomes takes the lowest n bits of seen and late, the first packet lowest.
func (c *coldStream) outcomes(seen, late, n uint64) {
	mask := ^uint64(0) >> (64 - n)
	if seen&^late&mask == mask { // the common word costs two calls
		c.bursts.good(n)
		c.runs.good()
		return
	}
	for word, left := seen&^late, n; left > 0; {
		good := min(uint64(bits.TrailingZeros64(^word)), left)
		c.bursts.good(good)
		word >>= good
		left -= good
		bad := min(uint64(bits.TrailingZeros64(word)), left)
		c.bursts.lose(bad)
		word >>= bad
		left -= bad
	}
	for word, left := seen, n; left > 0; {
		good := min(uint64(bits.TrailingZeros64(^word)), left)
		if good > 0 {
			c.runs.good()
		}
		word >>= good
		left -= good
		lost := min(uint64(bits.TrailingZeros64(word)), left)
		c.runs.lose(lost)
		word >>= lost
		left -= lost
	}
}

// expected is RFC 3550 A.3's expected count over all segments.
func (c *coldStream) expected(s *hotStream) uint64 { return c.closedExpected + s.max + 1 - c.base }

// unique is how many of the expected packets came.
func (c *coldStream) unique(s *hotStream) uint64 { return s.packets - c.notUnique }
