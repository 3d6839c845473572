package capture

import (
	"container/heap"
	"errors"
	"io"
	"math"
	"sync/atomic"
)

// Files is the Source that Open returns: the packets of its files by time,
// those of one file in the order that the file has them. It is for one
// goroutine, except for Size and Offset.
type Files struct {
	cur      *piece   // the file that is being read
	limit    int64    // time up to which cur may go on before another file's turn
	waiting  pieces   // open files, each with its next packet in head
	pending  []*piece // files whose first packet is still to come, by its time
	places   places
	ledger   ledger
	lost     uint64
	warnings []error
	names    []string
	size     int64
	offset   atomic.Int64
}

// piece is one file of the merge.
type piece struct {
	input
	rank   int   // decides between packets of the same time
	first  int64 // time of the first packet
	r      reader
	head   Frame    // the next packet, while the piece waits
	points []uint16 // point of each of the file's interfaces
	rotation
	then     *piece // the next file of a rotated set, which begins where this one ends
	progress progress
}

// Next gives the next packet of all files. While one file has the earliest
// packets, they come straight from it.
func (s *Files) Next(f *Frame) error {
	if p := s.cur; p != nil {
		err := p.r.next(f)
		if err == nil && f.At <= s.limit {
			s.places.set(p, f)
			return nil
		}
		s.cur = nil
		if err == nil {
			p.head = *f
			heap.Push(&s.waiting, p)
		} else {
			s.retire(p, err)
		}
	}
	return s.turn(f)
}

// turn gives the earliest waiting packet, and its file the word.
func (s *Files) turn(f *Frame) error {
	s.start()
	if len(s.waiting) == 0 {
		return io.EOF
	}
	p := heap.Pop(&s.waiting).(*piece)
	s.cur = p
	s.limit = s.horizon(p)
	*f = p.head
	s.places.set(p, f)
	return nil
}

// start opens the files whose first packet comes before all that wait.
func (s *Files) start() {
	for len(s.pending) > 0 && (len(s.waiting) == 0 || s.pending[0].first < s.waiting[0].head.At) {
		p := s.pending[0]
		s.pending = s.pending[1:]
		s.enter(p)
	}
}

// enter lets a file wait for its turn, or what comes after it in its set if it
// has no packet.
func (s *Files) enter(p *piece) {
	for ; p != nil; p = p.then {
		if s.begin(p) {
			heap.Push(&s.waiting, p)
			return
		}
	}
}

// begin opens a file for good, and says whether it still has a packet.
func (s *Files) begin(p *piece) bool {
	if p.r != nil {
		return true
	}
	r, err := p.open(&p.progress, s.ledger)
	if err != nil {
		s.warn(err)
		p.progress.finish()
		return false
	}
	p.r = r
	if err := r.next(&p.head); err != nil {
		s.finish(p, err)
		return false
	}
	return true
}

// horizon returns the time up to which p comes before every other file.
func (s *Files) horizon(p *piece) int64 {
	limit := int64(math.MaxInt64)
	if len(s.waiting) > 0 {
		other := s.waiting[0]
		limit = other.head.At
		if other.rank < p.rank {
			limit--
		}
	}
	if len(s.pending) > 0 {
		limit = min(limit, s.pending[0].first)
	}
	return limit
}

// retire ends a file, and lets the next of its set wait.
func (s *Files) retire(p *piece, err error) {
	s.finish(p, err)
	s.enter(p.then)
}

// finish closes a file at its end, and keeps what was wrong with it.
func (s *Files) finish(p *piece, err error) {
	if err != io.EOF {
		s.warn(err)
	}
	s.lost += p.r.lost()
	if err := p.r.close(); err != nil {
		s.warn(err)
	}
	p.r = nil
	p.progress.finish()
	s.places.release(p)
}

func (s *Files) warn(err error) { s.warnings = append(s.warnings, err) }

// Drops returns how many packets the files say were lost while they were
// captured, as far as they have been read, since the last call.
func (s *Files) Drops() (lost uint64, suspect bool) {
	lost = s.lost
	s.lost = 0
	if s.cur != nil {
		lost += s.cur.r.lost()
	}
	return lost, lost > 0
}

// Close closes the files. Frames that were given are gone.
func (s *Files) Close() error {
	open := append(s.waiting, s.pending...)
	if s.cur != nil {
		open = append(open, s.cur)
	}
	s.cur, s.waiting, s.pending = nil, nil, nil
	var errs []error
	for _, p := range open {
		if p.r != nil {
			errs = append(errs, p.r.close())
			p.r = nil
		}
	}
	return errors.Join(errs...)
}

// Warnings returns what was wrong with the files so far: a *DamageError for one
// that ended before its end, others for files that were passed over.
func (s *Files) Warnings() []error { return s.warnings }

// Names returns the names of the files that are read.
func (s *Files) Names() []string { return s.names }

// Size returns the octets of all files on disk, 0 where only pipes are read.
// It may be called from any goroutine.
func (s *Files) Size() int64 { return s.size }

// Offset returns how many octets on disk have been read. It may be called from
// any goroutine, and grows by blocks.
func (s *Files) Offset() int64 { return s.offset.Load() }

// PointName names the capture point that a Frame's Point stands for: the first
// file that it was seen in, and the interface where the file has names for them.
func (s *Files) PointName(point uint16) string { return s.places.name(point) }

// pieces is a heap of files by the time of their next packet.
type pieces []*piece

func (h pieces) Len() int { return len(h) }

func (h pieces) Less(i, j int) bool {
	if h[i].head.At != h[j].head.At {
		return h[i].head.At < h[j].head.At
	}
	return h[i].rank < h[j].rank
}

func (h pieces) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is heap.Interface's.
func (h *pieces) Push(p any) { *h = append(*h, p.(*piece)) }

// Pop is heap.Interface's.
func (h *pieces) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	*h = (*h)[:last]
	return p
}
