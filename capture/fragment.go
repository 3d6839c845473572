package capture

// Bounds of reassembly.
const (
	fragmentTimeout   = 30e9      // ns of packet time; RFC 791 3.2 and RFC 8200 4.5 suggest 15 and 60 s
	fragmentMemory    = 100e6     // ns that a whole datagram is remembered, so that copies of its fragments start no new one
	fragmentIslands   = 16        // separate pieces of one datagram
	datagramMax       = 1<<16 - 1 // octets of one datagram
	defaultSets       = 1024
	defaultSetsOctets = 16 << 20
)

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

// fragments puts datagrams together. Sets lie in a slab; the index finds them;
// each is in the list of those that wait or of those that are whole, in the
// order in which they expire.
type fragments struct {
	sets     []fragmentSet
	index    map[fragmentKey]int32
	free     []int32
	waiting  fragmentList
	whole    fragmentList
	pending  int // length of waiting
	limit    int // octets that the buffers of waiting sets may hold
	held     int // octets that they hold
	now      int64
	spare    [][]byte             // buffers for the next sets
	given    [maxDepth + 1][]byte // buffers lent to the current datagram, one for each nesting
	counters FragmentCounters
}

const none = -1

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

func newFragments(config DecoderConfig) fragments {
	sets, octets := config.FragmentSets, config.FragmentBytes
	if sets <= 0 {
		sets = defaultSets
	}
	if octets <= 0 {
		octets = defaultSetsOctets
	}
	fr := fragments{
		sets:    make([]fragmentSet, sets),
		index:   make(map[fragmentKey]int32, sets),
		free:    make([]int32, sets),
		waiting: fragmentList{none, none},
		whole:   fragmentList{none, none},
		limit:   octets,
	}
	for i := range fr.free {
		fr.free[i] = int32(sets - 1 - i)
	}
	return fr
}

// fragment adds a fragment, and goes on with the datagram if that made it whole.
func (d *Decoder) fragment(w *descent, f fragment) Reason {
	if w.enter() {
		return PassedTooDeep
	}
	f.key.src, f.key.dst = w.dg.SrcAddr, w.dg.DstAddr
	w.dg.FragmentID = f.key.id
	set, reason := d.fragments.add(w, &f)
	if reason != decoded {
		return reason
	}
	dg := w.dg
	dg.Fragmented = true
	dg.TOS, dg.TTL = set.tos, set.ttl
	w.wire = set.wire
	payload := d.fragments.lend(w, set)
	w.cut = set.total - len(payload)
	if set.key.protocol == protocolFragment {
		return d.extensions(w, set.protocol, payload)
	}
	return d.transport(w, set.protocol, payload)
}

// add returns the set that the fragment completed, or why there is none.
func (fr *fragments) add(w *descent, f *fragment) (*fragmentSet, Reason) {
	fr.now = max(fr.now, w.dg.At)
	fr.expire()
	length := len(f.data) + w.cut
	end := f.offset + length
	if length == 0 || end > datagramMax || f.more && length%8 != 0 {
		return nil, PassedFragmentRefused
	}
	slot := fr.slot(f.key)
	set := &fr.sets[slot]
	if set.whole {
		return nil, PassedFragmentDuplicate
	}
	if !set.accepts(f, end) {
		return nil, PassedFragmentRefused
	}
	if set.has(f.offset, end) && (f.more || set.total != 0) {
		return nil, PassedFragmentDuplicate
	}
	if !fr.reserve(slot, end) || !set.place(f, end) {
		return nil, PassedFragmentRefused
	}
	set.note(w, f, end)
	if set.total == 0 || set.islands[0] != (span{0, set.total}) {
		return nil, PassedFragment
	}
	fr.finish(slot)
	return set, decoded
}

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

// lend takes the buffer of a whole set away and returns the datagram in it. The
// buffer stays untouched until the next frame, whatever is nested inside.
func (fr *fragments) lend(w *descent, set *fragmentSet) []byte {
	i := w.reassembled
	w.reassembled++
	fr.keep(fr.given[i])
	fr.given[i] = set.buf
	fr.held -= cap(set.buf)
	set.buf = nil
	return fr.given[i][:min(set.total, set.available)]
}
