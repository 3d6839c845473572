package sanitise

// Bounds of reassembly, those of the decoder.
const (
	fragmentTimeout = 30e9  // ns
	fragmentMemory  = 100e6 // ns that a whole datagram is remembered
	fragmentSets    = 1024
	fragmentOctets  = 16 << 20
	fragmentSpans   = 16
	datagramMax     = 1<<16 - 1
)

// fragmentSet is one datagram under way in the first pass.
type fragmentSet struct {
	key       fragmentKey
	since     int64
	pieces    []pieceKey
	spans     []span // what has come, ascending and apart
	total     int    // 0 until the last fragment has come
	available int    // octets before the first that a snap length cut off
	anchor    int
	protocol  byte
	buf       []byte
	whole     *whole
}

// span is a run of octets, [from, to).
type span struct{ from, to int }

// reassembly is the datagrams under way, in the order of their first fragments.
type reassembly struct {
	sets  map[fragmentKey]*fragmentSet
	order []*fragmentSet
	held  int
}

// collect takes one fragment of the first pass, and goes on with the datagram
// where that made it whole, for what may be fragmented inside.
func (r *rewriter) collect(h *hosts, key pieceKey, f *fragment) {
	a := &r.reassembly
	if a.sets == nil {
		a.sets = map[fragmentKey]*fragmentSet{}
	}
	a.expire(r.at)
	set := a.sets[f.key]
	if set == nil {
		set = &fragmentSet{key: f.key, since: r.at, available: datagramMax}
		a.sets[f.key] = set
		a.order = append(a.order, set)
	}
	if set.whole != nil {
		r.plan.piece(key, set.whole)
		return
	}
	before := len(set.buf)
	if !set.place(f) {
		r.plan.contradicted++
		return
	}
	a.held += len(set.buf) - before
	set.pieces = append(set.pieces, key)
	if set.total == 0 || len(set.spans) != 1 || set.spans[0] != (span{0, set.total}) {
		return
	}
	a.held -= len(set.buf)
	w := set.finish(r.plan, key)
	set.since = r.at
	have := min(w.total, w.have)
	b := set.buf[:have]
	set.buf = nil
	_, _ = r.fragmented(h, w.protocol, b, w.total-have)
}

// place sorts a fragment in; what came first stays. False means that it
// contradicts what is known.
func (s *fragmentSet) place(f *fragment) bool {
	length := len(f.data) + f.lack
	end := f.offset + length
	if length == 0 || end > datagramMax || f.more && length%8 != 0 {
		return false
	}
	last := 0
	if n := len(s.spans); n > 0 {
		last = s.spans[n-1].to
	}
	if f.more && s.total != 0 && end > s.total || !f.more && (s.total != 0 && s.total != end || last > end) {
		return false
	}
	spans := join(s.spans, span{f.offset, end})
	if len(spans) > fragmentSpans {
		return false
	}
	if more := f.offset + len(f.data) - len(s.buf); more > 0 {
		s.buf = append(s.buf, make([]byte, more)...)
	}
	s.fill(f)
	s.spans = spans
	if f.lack > 0 {
		s.available = min(s.available, f.offset+len(f.data))
	}
	if f.offset == 0 {
		s.protocol = f.protocol
	}
	if f.more {
		s.anchor = max(s.anchor, end)
	} else {
		s.total = end
		s.anchor = max(s.anchor, f.offset)
	}
	return true
}

// fill copies the parts of a fragment that lie between what has come.
func (s *fragmentSet) fill(f *fragment) {
	from, to := f.offset, f.offset+len(f.data)
	for _, has := range s.spans {
		if from < has.from && from < to {
			copy(s.buf[from:min(to, has.from)], f.data[from-f.offset:])
		}
		from = max(from, has.to)
	}
	if from < to {
		copy(s.buf[from:to], f.data[from-f.offset:])
	}
}

// join adds a span, in a new slice.
func join(spans []span, with span) []span {
	joined := make([]span, 0, len(spans)+1)
	placed := false
	for _, s := range spans {
		switch {
		case s.to < with.from:
			joined = append(joined, s)
		case with.to < s.from:
			if !placed {
				joined = append(joined, with)
				placed = true
			}
			joined = append(joined, s)
		default:
			with = span{min(with.from, s.from), max(with.to, s.to)}
		}
	}
	if !placed {
		joined = append(joined, with)
	}
	return joined
}

// finish keeps a whole datagram for the second pass.
func (s *fragmentSet) finish(p *plan, done pieceKey) *whole {
	have := min(s.total, s.available, len(s.buf))
	s.whole = &whole{
		at: p.spool.append(s.buf[:have]), have: have, total: s.total,
		anchor: min(s.anchor, s.total-1), protocol: s.protocol, done: done,
	}
	for _, key := range s.pieces {
		p.piece(key, s.whole)
	}
	s.pieces, s.spans = nil, nil
	return s.whole
}

// piece notes that a fragment belongs to a datagram.
func (p *plan) piece(key pieceKey, w *whole) {
	if len(p.pieces) >= maxPieces {
		p.leftOut++
		return
	}
	p.pieces[key] = w
	w.last = max(w.last, key.ordinal)
}

// expire drops what has waited too long, and the oldest of too many.
func (a *reassembly) expire(now int64) {
	for len(a.order) > 0 {
		s := a.order[0]
		age := now - s.since
		due := age > fragmentTimeout || age < -fragmentTimeout || s.whole != nil && age > fragmentMemory
		if !due && len(a.order) < fragmentSets && a.held < fragmentOctets {
			return
		}
		if a.sets[s.key] == s {
			delete(a.sets, s.key)
		}
		a.held -= len(s.buf)
		a.order[0] = nil
		a.order = a.order[1:]
	}
}
