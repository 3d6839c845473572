package pipeline

import (
	"io"

	"earshot/capture"
)

// recentPackets is what the rings of all lanes held at one moment. It is pinned
// until it is released, and may be read any number of times, by one goroutine
// at a time.
type recentPackets struct {
	lanes [][]cursor
}

// recent pins what the rings hold now. Any goroutine may call it.
func (k *keeping) recent() *recentPackets {
	r := new(recentPackets)
	for i := range k.lanes {
		if ring := k.lanes[i].recent; ring != nil {
			r.lanes = append(r.lanes, ring.snapshot())
		}
	}
	return r
}

// release lets the lanes use the chunks again.
func (r *recentPackets) release() {
	for _, chunks := range r.lanes {
		for _, c := range chunks {
			c.chunk.unpin()
		}
	}
	r.lanes = nil
}

// open returns a Source of the packets, merged by time; those of one lane come
// in the order in which it saw them.
func (r *recentPackets) open() (capture.Source, error) {
	s := &recentSource{lanes: make([]recentLane, len(r.lanes))}
	for i, chunks := range r.lanes {
		s.lanes[i].chunks = chunks
		s.lanes[i].step()
	}
	return s, nil
}

// recentSource reads recentPackets.
type recentSource struct {
	lanes []recentLane
}

// recentLane is the place in one lane's packets.
type recentLane struct {
	chunks []cursor // still to come
	at     cursor
	head   capture.Frame
	ready  bool // head is a packet
}

// step makes head the lane's next packet.
func (l *recentLane) step() {
	for {
		if l.ready = l.at.next(&l.head); l.ready || len(l.chunks) == 0 {
			return
		}
		l.at, l.chunks = l.chunks[0], l.chunks[1:]
	}
}

// Next gives the earliest packet of all lanes.
func (s *recentSource) Next(f *capture.Frame) error {
	var first *recentLane
	for i := range s.lanes {
		if l := &s.lanes[i]; l.ready && (first == nil || l.head.At < first.head.At) {
			first = l
		}
	}
	if first == nil {
		return io.EOF
	}
	*f = first.head
	first.step()
	return nil
}

// Drops tells of none: what the kernel lost is not in the ring.
func (s *recentSource) Drops() (lost uint64, suspect bool) { return 0, false }

// Close does nothing; the packets stay pinned.
func (s *recentSource) Close() error { return nil }
