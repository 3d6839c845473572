package capture

import (
	"bytes"
	"slices"
)

// segment sorts a segment in: old, next, or too early.
func (s *Streams) segment(slot int32, dg *Datagram, emit func(Chunk)) {
	if dg.Length > 0 {
		s.counters.Segments++
	}
	d := &s.slab[slot]
	if d.state == closed {
		s.counters.Retransmits++
		return
	}
	seg := segment{
		seq:  dg.Seq,
		at:   dg.At,
		size: dg.Length,
		data: dg.Payload,
		fin:  dg.Flags&FlagFIN != 0,
	}
	if dg.Flags&FlagSYN != 0 {
		seg.seq++ // the SYN takes a number of its own (RFC 9293 3.4)
	}
	if int32(seg.seq-d.next) > 0 {
		s.hold(slot, seg, emit)
		return
	}
	s.take(d, slot, seg, emit)
	s.drain(slot, emit)
}

// take gives what is new of a segment that begins at or before the next octet.
func (s *Streams) take(d *direction, slot int32, seg segment, emit func(Chunk)) {
	old := int(d.next - seg.seq)
	fresh := seg.size - old
	if fresh < 0 || fresh == 0 && !seg.fin {
		s.counters.Retransmits++
		return
	}
	data := seg.data[min(old, len(seg.data)):]
	if fresh > 0 && !s.wanted(d, slot, data, emit) {
		if len(d.held) == 0 || seg.fin {
			s.remove(slot)
			return
		}
		d.next += uint32(fresh) // what is held behind it may be wanted
		return
	}
	first := d.next
	d.next += uint32(fresh)
	if len(data) > 0 {
		s.give(d, seg.at, first, data, emit)
	}
	if len(data) < fresh { // cut off by the snap length
		d.lost = true
		s.counters.Gaps++
	}
	if seg.fin {
		s.end(slot, seg.at, emit)
	}
}

// wants asks whether to follow a direction that goes on like this.
func (s *Streams) wants(first []byte) bool {
	return len(first) > 0 && s.config.Want(first)
}

// wanted decides about a direction by its first octets.
func (s *Streams) wanted(d *direction, slot int32, first []byte, emit func(Chunk)) bool {
	if d.state == following {
		return true
	}
	if !s.wants(first) {
		s.counters.Unwanted++
		return false
	}
	s.move(slot, following, emit)
	return true
}

// give emits a chunk, whose first octet has this sequence number.
func (s *Streams) give(d *direction, at int64, first uint32, data []byte, emit func(Chunk)) {
	d.advance(at)
	c := d.chunk(data, false)
	c.Seq = first
	emit(c)
	d.lost = false
}

// hold keeps a segment that came before its turn. Where that would exceed a
// bound the oldest holes are given up.
func (s *Streams) hold(slot int32, seg segment, emit func(Chunk)) {
	s.counters.Reordered++
	for s.held > 0 && s.held+len(seg.data) > s.config.TotalBytes {
		s.counters.Overflows++
		s.skip(s.lists[holes].first, emit)
	}
	d := &s.slab[slot]
	for len(d.held) > 0 && (len(d.held) == s.config.Segments || d.octets+len(seg.data) > s.config.DirectionBytes) {
		s.counters.Overflows++
		s.skip(slot, emit)
	}
	if d.state != opening && d.state != following {
		return // what was held ended it
	}
	if int32(seg.seq-d.next) <= 0 {
		s.take(d, slot, seg, emit)
		s.drain(slot, emit)
		return
	}
	if len(d.held) == 0 {
		s.hurts(slot)
	}
	s.insert(d, seg)
}

// insert puts a segment in its place. Overlaps are settled when its turn comes:
// what begins first stays.
func (s *Streams) insert(d *direction, seg segment) {
	at, _ := slices.BinarySearchFunc(d.held, seg, func(a, b segment) int {
		if ahead := int32(a.seq - b.seq); ahead != 0 {
			return int(ahead)
		}
		return b.size - a.size // the longer one first
	})
	if at > 0 && covers(&d.held[at-1], &seg) || at < len(d.held) && covers(&d.held[at], &seg) {
		s.counters.Retransmits++
		return
	}
	seg.data = bytes.Clone(seg.data)
	d.held = slices.Insert(d.held, at, seg)
	d.octets += len(seg.data)
	s.held += len(seg.data)
}

// covers reports whether a brings all that b does.
func covers(a, b *segment) bool {
	offset := int32(b.seq - a.seq)
	return offset >= 0 && int(offset)+b.size <= a.size &&
		(len(a.data) == a.size || len(b.data) == 0) && (a.fin || !b.fin)
}

// drain gives what is held and has its turn now.
func (s *Streams) drain(slot int32, emit func(Chunk)) {
	d := &s.slab[slot]
	if len(d.held) == 0 || int32(d.held[0].seq-d.next) > 0 {
		return // the hole is as old as it was
	}
	s.unlink(holes, slot)
	d.hurt = false
	for len(d.held) > 0 && int32(d.held[0].seq-d.next) <= 0 {
		seg := d.held[0]
		d.held = d.held[1:]
		d.octets -= len(seg.data)
		s.held -= len(seg.data)
		s.take(d, slot, seg, emit)
	}
	if len(d.held) == 0 {
		d.held = nil
		return
	}
	s.hurts(slot) // the next hole has its own patience
}

// hurts notes that a hole has opened before what is held.
func (s *Streams) hurts(slot int32) {
	d := &s.slab[slot]
	d.hurt = true
	d.holeAt = s.arrival
	s.link(holes, slot)
}

// skip gives up the first hole of a direction.
func (s *Streams) skip(slot int32, emit func(Chunk)) {
	d := &s.slab[slot]
	d.next = d.held[0].seq
	d.lost = true
	s.counters.Gaps++
	s.drain(slot, emit)
}

// giveHeld gives up all holes of a direction.
func (s *Streams) giveHeld(slot int32, emit func(Chunk)) {
	for d := &s.slab[slot]; len(d.held) > 0; {
		s.skip(slot, emit)
	}
}

// closeHoles gives up the holes that have been open too long.
func (s *Streams) closeHoles(emit func(Chunk)) {
	for list := &s.lists[holes]; list.first != none && s.clock.passed(s.slab[list.first].holeAt, s.config.HoldFor); {
		s.skip(list.first, emit)
	}
}
