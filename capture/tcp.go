package capture

import (
	"net/netip"

	"earshot/capture/wire"
)

// TCP flags of Datagram.Flags (RFC 9293 3.1).
const (
	FlagFIN = 1
	FlagSYN = 2
	FlagRST = 4
)

// Chunk is a run of octets of one direction of a TCP connection, in order.
type Chunk struct {
	At   int64 // when the segment that brought them was captured, or one before it if that was later
	Src  netip.AddrPort
	Dst  netip.AddrPort
	Seq  uint32 // sequence number of its first octet; of the next one where there is none
	Data []byte // valid during the call; empty when the chunk only tells of the end
	Gap  bool   // octets are missing between the chunk before and Data
	End  bool   // nothing more will come in this direction
}

// Streams puts the octets of TCP connections in order, each direction by
// itself. It is for one goroutine and knows packet time only.
//
// gopacket/reassembly was considered. It flushes in the order of a map, which
// differs between runs; it bounds pages but not connections, so that a SYN
// flood grows it; and it keeps every connection it meets. Here a segment of a
// direction that is not followed costs one look-up and one call of Want, and
// leaves nothing behind: only SYNs are remembered, in a list of their own, so
// that segments that arrive before the first are not lost.
type Streams struct {
	config   StreamsConfig
	slab     []direction
	index    map[flow]int32
	free     []int32
	lists    [listCount]directionList
	held     int // octets behind holes
	clock    packetTime
	arrival  int64 // of the current segment
	counters StreamsCounters
}

// flow names a direction.
type flow struct {
	src, dst         [16]byte
	srcPort, dstPort uint16
}

// direction is one direction of a connection.
type direction struct {
	flow   flow
	state  state
	lost   bool      // octets before the next were given up
	next   uint32    // sequence number of the next octet
	at     int64     // of the last chunk
	last   int64     // when the last segment came
	hurt   bool      // a hole is open before held
	holeAt int64     // since when
	held   []segment // ascending from next
	octets int       // in held
	links  [2]links
}

// segment is held until what comes before it has come.
type segment struct {
	seq  uint32
	at   int64
	size int    // octets on the wire
	data []byte // of them, those that the snap length left
	fin  bool
}

// NewStreams returns an empty table.
func NewStreams(config StreamsConfig) *Streams {
	s := &Streams{config: config.withDefaults(), index: make(map[flow]int32)}
	for i := range s.lists {
		s.lists[i] = directionList{first: none, last: none}
	}
	return s
}

// Counters returns what was counted so far.
func (s *Streams) Counters() StreamsCounters {
	c := s.counters
	c.Followed = uint64(s.lists[following].count)
	c.HeldBytes = uint64(s.held)
	return c
}

// Push takes a TCP segment, calls emit for each chunk that is in order now, and
// reports whether the segment belongs to a connection that is followed or may
// come to be. emit must not call back into s.
func (s *Streams) Push(dg *Datagram, emit func(Chunk)) bool {
	if dg.Protocol != wire.ProtocolTCP || dg.Copy {
		return false
	}
	s.arrival = s.clock.advance(dg.At)
	s.closeHoles(emit)
	f := flow{dg.SrcAddr, dg.DstAddr, dg.SrcPort, dg.DstPort}
	if dg.Flags&FlagRST != 0 {
		s.reset(f, dg.At, emit)
		return true
	}
	slot, ok := s.find(f, dg, emit)
	if !ok {
		return false
	}
	s.touch(slot)
	if dg.Length > 0 || dg.Flags&FlagFIN != 0 {
		s.segment(slot, dg, emit)
	}
	return true
}

// Tick gives up the holes and the directions whose time has passed. It looks at
// no more than there are, however far time jumped.
func (s *Streams) Tick(at int64, emit func(Chunk)) {
	s.clock.now = max(s.clock.now, at)
	s.arrival = s.clock.now
	s.closeHoles(emit)
	for state := opening; state < stateCount; state++ {
		list := &s.lists[state]
		for list.first != none && s.clock.passed(s.slab[list.first].last, s.config.IdleAfter) {
			if state == following {
				s.counters.Expired++
			}
			s.drop(list.first, s.clock.now, emit)
		}
	}
}

// Close ends every direction, with what is held behind its hole.
func (s *Streams) Close(emit func(Chunk)) {
	for state := opening; state < stateCount; state++ {
		for list := &s.lists[state]; list.first != none; {
			s.drop(list.first, s.clock.now, emit)
		}
	}
}

// find returns the direction that a segment belongs to, a new one if it is
// wanted or a SYN.
func (s *Streams) find(f flow, dg *Datagram, emit func(Chunk)) (slot int32, ok bool) {
	slot, ok = s.index[f]
	if ok && s.another(&s.slab[slot], dg) {
		s.drop(slot, dg.At, emit)
		ok = false
	}
	if ok {
		return slot, true
	}
	if dg.Flags&FlagSYN != 0 {
		return s.open(f, opening, dg.Seq+1, emit), true
	}
	if dg.Length == 0 {
		return none, false
	}
	if !s.wants(dg.Payload) {
		s.counters.Segments++
		s.counters.Unwanted++
		return none, false
	}
	return s.open(f, following, dg.Seq, emit), true
}

// resyncDistance is how far a sequence number may lie from the expected one and
// still belong to the same connection: more than any window that SIP peers use.
const resyncDistance = 4 << 20

// another reports whether a segment belongs to a later connection of the same
// addresses and ports: a SYN that does not repeat the one before, or a sequence
// number far away, when the capture lacks the SYN.
func (s *Streams) another(d *direction, dg *Datagram) bool {
	ahead := int32(dg.Seq - d.next)
	if dg.Flags&FlagSYN != 0 {
		const repeated = 1 << 16 // a SYN comes again only while its answer is missing
		return ahead >= 0 || ahead < -repeated || d.state == closed
	}
	return ahead > resyncDistance || ahead < -resyncDistance
}

// reset ends both directions of a connection.
func (s *Streams) reset(f flow, at int64, emit func(Chunk)) {
	back := flow{f.dst, f.src, f.dstPort, f.srcPort}
	for _, f := range [2]flow{f, back} {
		if slot, ok := s.index[f]; ok {
			s.giveHeld(slot, emit)
			s.end(slot, at, emit)
		}
	}
}
