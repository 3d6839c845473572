package main

// sequence follows the RTP sequence numbers that left, in the order in which
// they left: what a receiver behind impair can know.
type sequence struct {
	begun   bool
	first   int64 // extended, of this numbering
	highest int64
	unique  uint64             // different numbers that left
	seen    [65536 / 64]uint64 // of the last 65536 numbers

	expected  uint64 // of earlier numberings
	lost      uint64
	reordered uint64 // left after a higher number (RFC 4737 3.3)
	restarts  uint64
}

// maxStep is how far numbers may jump within one numbering (RFC 3550 A.1,
// MAX_DROPOUT).
const maxStep = 3000

func (s *sequence) add(seq uint16) {
	if !s.begun {
		s.begin(seq)
		return
	}
	step := int64(int16(seq - uint16(s.highest)))
	switch {
	case step > maxStep || step < -maxStep:
		s.expected += s.span()
		s.lost += s.missing()
		s.restarts++
		s.begin(seq)
		return
	case step > 0:
		for range step {
			s.highest++
			s.mark(s.highest, false)
		}
	case !s.marked(s.highest + step):
		s.reordered++
	}
	at := s.highest + min(step, 0)
	if !s.marked(at) && at >= s.first {
		s.unique++
	}
	s.mark(at, true)
}

func (s *sequence) begin(seq uint16) {
	s.begun = true
	s.first, s.highest = int64(seq), int64(seq)
	s.unique = 1
	clear(s.seen[:])
	s.mark(s.first, true)
}

func (s *sequence) mark(at int64, seen bool) {
	word, bit := &s.seen[uint16(at)/64], uint64(1)<<(uint16(at)%64)
	*word &^= bit
	if seen {
		*word |= bit
	}
}

func (s *sequence) marked(at int64) bool {
	return s.seen[uint16(at)/64]&(1<<(uint16(at)%64)) != 0
}

// span is how many packets the first and the highest number promise (RFC 3550
// A.3) in this numbering.
func (s *sequence) span() uint64 {
	if !s.begun {
		return 0
	}
	return uint64(s.highest - s.first + 1)
}

// missing is how many of them did not leave.
func (s *sequence) missing() uint64 { return s.span() - s.unique }
