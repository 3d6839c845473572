package sanitise

import "earshot/capture/wire"

// fragment is one arrival.
type fragment struct {
	key      fragmentKey
	protocol byte // what the datagram carries, valid at offset 0
	offset   int
	more     bool
	data     []byte
	lack     int // octets that the capture cut off
}

// fragmentKey is what fragments of one datagram share (RFC 791 3.2, RFC 8200 4.5).
type fragmentKey struct {
	src, dst [16]byte
	id       uint32
	protocol byte // of IPv4; protocolFragment stands for IPv6
}

// pieceKey is one fragment header of one frame.
type pieceKey struct {
	ordinal uint64
	nth     int
}

// whole is a datagram that the first pass put together.
type whole struct {
	at       int64 // its octets in the spool
	have     int   // how many there are
	total    int   // how many there were
	anchor   int   // where its last fragment begins: what is before is in others
	protocol byte
	done     pieceKey // the fragment that made it whole; headers inside count on from it
	last     uint64   // the last frame that holds a piece of it
	result   []byte   // rewritten, from its first piece to its last
	lacks    int
}

// fragment writes a fragment of a datagram: its share of the datagram's new
// form. All but the last keep their length. A fragment of something that never
// became whole is zeros.
func (r *rewriter) fragment(h *hosts, f fragment) (int, bool) {
	key := pieceKey{r.ordinal, r.nth}
	r.nth++
	if r.enter() || r.quoting > 0 {
		return r.opaque(f.data, f.lack)
	}
	if r.plan.surveying {
		r.collect(h, key, &f)
		return r.opaque(f.data, f.lack)
	}
	w := r.plan.pieces[key]
	if w == nil {
		r.counts.Unfinished++
		r.unfinished(&f)
		return f.lack, true
	}
	if w.result == nil {
		r.reassembled(h, w)
	}
	r.note(didBlank)
	lacks := r.piece(w, &f)
	if r.ordinal == w.last {
		w.result = []byte{}
	}
	return lacks, true
}

// unfinished writes a fragment of what never became whole: of the first the
// header of UDP stays, without its checksum.
func (r *rewriter) unfinished(f *fragment) {
	const ports = 6
	r.note(didBlank)
	at := len(r.out)
	r.blank(f.data)
	if f.offset == 0 && f.protocol == wire.ProtocolUDP && len(f.data) >= ports {
		copy(r.out[at:], f.data[:ports])
	}
}

// reassembled rewrites a whole datagram.
func (r *rewriter) reassembled(h *hosts, w *whole) {
	b := make([]byte, w.have)
	r.plan.spool.read(b, w.at)
	out, ordinal, nth, depth := r.out, r.ordinal, r.nth, r.depth
	r.out, r.ordinal, r.nth = nil, w.done.ordinal, w.done.nth+1
	cut := w.total - w.have
	w.lacks, _ = r.fragmented(h, w.protocol, b, cut)
	const longest = 1<<16 - 1
	if len(r.out)+w.lacks > longest {
		r.out, w.lacks = make([]byte, w.have), cut
	}
	for w.lacks == 0 && len(r.out) <= w.anchor { // too short to reach the last fragment: padding
		r.out = append(r.out, 0)
	}
	w.result = r.out
	r.out, r.ordinal, r.nth, r.depth = out, ordinal, nth, depth
}

// fragmented goes on with what fragments carried.
func (r *rewriter) fragmented(h *hosts, protocol byte, b []byte, cut int) (int, bool) {
	if h.v6 {
		return r.extensions(h, protocol, b, cut)
	}
	return r.transport(h, protocol, b, cut)
}

// piece writes one fragment's share, and returns what it lacks.
func (r *rewriter) piece(w *whole, f *fragment) int {
	end, have := f.offset+len(f.data)+f.lack, len(f.data)
	if !f.more {
		end = len(w.result) + w.lacks
		if f.lack == 0 {
			have = max(end-f.offset, 0)
		}
		have = min(have, max(end-f.offset, 0))
	}
	to := min(f.offset+have, len(w.result))
	written := 0
	if f.offset < to {
		r.out = append(r.out, w.result[f.offset:to]...)
		written = to - f.offset
	}
	for ; written < have; written++ {
		r.out = append(r.out, 0)
	}
	return max(end-f.offset-have, 0)
}
