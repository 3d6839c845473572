package capture

import "net/netip"

// state of a direction. Each but vacant has a list, ordered by the last segment.
type state uint8

const (
	opening    state        = iota // its SYN was seen and no octet yet
	following                      // wanted
	closed                         // has ended; remembered so that retransmissions do not begin it again
	stateCount                     // a vacant slot has this state
	holes      = stateCount        // the list of directions that hold segments, by the age of their hole
	listCount  = holes + 1
	vacant     = stateCount
)

// directionList is a list of slots, oldest first.
type directionList struct {
	first, last int32
	count       int
}

// links place a direction in its state's list and in the list of holes.
type links struct{ prev, next int32 }

// linksOf returns a slot's links for a list.
func (s *Streams) linksOf(list state, slot int32) *links {
	if list == holes {
		return &s.slab[slot].links[1]
	}
	return &s.slab[slot].links[0]
}

func (s *Streams) link(list state, slot int32) {
	l := &s.lists[list]
	*s.linksOf(list, slot) = links{prev: l.last, next: none}
	if l.last == none {
		l.first = slot
	} else {
		s.linksOf(list, l.last).next = slot
	}
	l.last = slot
	l.count++
}

func (s *Streams) unlink(list state, slot int32) {
	l, own := &s.lists[list], *s.linksOf(list, slot)
	if own.prev == none {
		l.first = own.next
	} else {
		s.linksOf(list, own.prev).next = own.next
	}
	if own.next == none {
		l.last = own.prev
	} else {
		s.linksOf(list, own.next).prev = own.prev
	}
	l.count--
}

// open begins a direction.
func (s *Streams) open(f flow, state state, next uint32, emit func(Chunk)) int32 {
	s.makeRoom(state, emit)
	if len(s.free) == 0 {
		s.slab = append(s.slab, direction{})
		s.free = append(s.free, int32(len(s.slab)-1))
	}
	slot := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	s.slab[slot] = direction{flow: f, state: state, next: next, last: s.arrival}
	s.index[f] = slot
	s.link(state, slot)
	return slot
}

// makeRoom drops the oldest direction of a state that is full.
func (s *Streams) makeRoom(state state, emit func(Chunk)) {
	list := &s.lists[state]
	limit := s.config.Opening
	if state == following {
		limit = s.config.Directions
	}
	if list.count < limit {
		return
	}
	if state != closed {
		s.counters.Evicted++
	}
	s.drop(list.first, s.clock.now, emit)
}

// touch notes that a segment came.
func (s *Streams) touch(slot int32) {
	d := &s.slab[slot]
	d.last = s.arrival
	if s.lists[d.state].last != slot {
		s.unlink(d.state, slot)
		s.link(d.state, slot)
	}
}

// move changes the state of a direction.
func (s *Streams) move(slot int32, to state, emit func(Chunk)) {
	s.makeRoom(to, emit)
	d := &s.slab[slot]
	s.unlink(d.state, slot)
	d.state = to
	s.link(to, slot)
}

// end closes a direction; what it holds beyond its end is discarded.
func (s *Streams) end(slot int32, at int64, emit func(Chunk)) {
	d := &s.slab[slot]
	if d.state != following {
		if d.state == opening {
			s.remove(slot)
		}
		return
	}
	s.discard(slot)
	d.advance(at)
	emit(d.chunk(nil, true))
	s.move(slot, closed, emit)
}

// drop forgets a direction, and gives what it holds first.
func (s *Streams) drop(slot int32, at int64, emit func(Chunk)) {
	s.giveHeld(slot, emit)
	d := &s.slab[slot]
	if d.state == following {
		d.advance(at)
		emit(d.chunk(nil, true))
	}
	if d.state != vacant {
		s.remove(slot)
	}
}

// remove frees a slot.
func (s *Streams) remove(slot int32) {
	s.discard(slot)
	d := &s.slab[slot]
	s.unlink(d.state, slot)
	d.state = vacant
	delete(s.index, d.flow)
	s.free = append(s.free, slot)
}

// discard throws away what a direction holds.
func (s *Streams) discard(slot int32) {
	d := &s.slab[slot]
	s.held -= d.octets
	d.held, d.octets = nil, 0
	if d.hurt {
		d.hurt = false
		s.unlink(holes, slot)
	}
}

// advance moves the time of chunks: on, or back when the time before was damaged.
func (d *direction) advance(at int64) {
	if at > d.at || d.at-at > maxLeap {
		d.at = at
	}
}

// chunk is what a direction emits.
func (d *direction) chunk(data []byte, end bool) Chunk {
	f := &d.flow
	return Chunk{
		At:   d.at,
		Src:  netip.AddrPortFrom(netip.AddrFrom16(f.src).Unmap(), f.srcPort),
		Dst:  netip.AddrPortFrom(netip.AddrFrom16(f.dst).Unmap(), f.dstPort),
		Seq:  d.next,
		Data: data,
		Gap:  d.lost,
		End:  end,
	}
}
