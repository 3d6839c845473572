package capture

// fragmentKey is what fragments of one datagram share (RFC 791 3.2, RFC 8200 4.5).
type fragmentKey struct {
	src, dst [16]byte
	id       uint32
	protocol uint8 // of IPv4; protocolFragment stands for IPv6
}

// fragment is one arrival.
type fragment struct {
	key      fragmentKey // without addresses
	protocol uint8       // what the datagram carries, valid at offset 0
	offset   int
	more     bool
	data     []byte
}

// fragmentSet is one datagram under way. Pieces may come in any order; where
// they overlap, what came first stays.
type fragmentSet struct {
	key       fragmentKey
	since     int64 // arrival of the first fragment; of the last once whole
	prev      int32
	next      int32
	whole     bool
	first     bool // offset 0 has come, and with it the header's fields
	protocol  uint8
	tos, ttl  uint8
	total     int // octets, 0 until the last fragment has come
	available int // octets before the first that a snap length cut off
	wire      int
	islands   [fragmentIslands]span
	count     int // islands in use, ascending and apart
	buf       []byte
}

// span is a run of octets that has come, [from, to).
type span struct{ from, to int }

// accepts reports whether the fragment's end fits what is known of the total.
func (s *fragmentSet) accepts(f *fragment, end int) bool {
	if !f.more {
		last := 0
		if s.count > 0 {
			last = s.islands[s.count-1].to
		}
		return (s.total == 0 || s.total == end) && last <= end
	}
	return s.total == 0 || end <= s.total
}

// has reports whether all of [from, to) has come already.
func (s *fragmentSet) has(from, to int) bool {
	for _, island := range s.islands[:s.count] {
		if island.from <= from && to <= island.to {
			return true
		}
	}
	return false
}

// place copies what is new of the fragment and joins it to the islands. It
// reports false, and has done nothing, when there are too many.
func (s *fragmentSet) place(f *fragment, end int) bool {
	joined := span{f.offset, end}
	var kept [fragmentIslands + 1]span
	count, placed := 0, false
	for _, island := range s.islands[:s.count] {
		switch {
		case island.to < joined.from:
			kept[count] = island
			count++
		case joined.to < island.from:
			if !placed {
				kept[count] = joined
				count++
				placed = true
			}
			kept[count] = island
			count++
		default:
			joined.from = min(joined.from, island.from)
			joined.to = max(joined.to, island.to)
		}
	}
	if !placed {
		kept[count] = joined
		count++
	}
	if count > fragmentIslands {
		return false
	}
	s.fill(f)
	copy(s.islands[:], kept[:count])
	s.count = count
	return true
}

// fill copies the parts of a fragment that lie between the islands.
func (s *fragmentSet) fill(f *fragment) {
	from, to := f.offset, f.offset+len(f.data)
	for _, island := range s.islands[:s.count] {
		if from < island.from && from < to {
			copy(s.buf[from:min(to, island.from)], f.data[from-f.offset:])
		}
		from = max(from, island.to)
	}
	if from < to {
		copy(s.buf[from:to], f.data[from-f.offset:])
	}
}

// note keeps what the fragment says beside its octets.
func (s *fragmentSet) note(w *descent, f *fragment, end int) {
	s.wire += w.wire
	if w.cut > 0 {
		s.available = min(s.available, f.offset+len(f.data))
	}
	if !f.more {
		s.total = end
	}
	if f.offset == 0 && !s.first {
		s.first = true
		s.protocol = f.protocol
		s.tos, s.ttl = w.dg.TOS, w.dg.TTL
	}
}
