package capture

import "earshot/capture/wire"

// Bounds of reassembly.
const (
	fragmentTimeout   = 30e9      // ns of packet time; RFC 791 3.2 and RFC 8200 4.5 suggest 15 and 60 s
	fragmentMemory    = 100e6     // ns that a whole datagram is remembered, so that copies of its fragments start no new one
	fragmentIslands   = 16        // separate pieces of one datagram
	datagramMax       = 1<<16 - 1 // octets of one datagram
	defaultSets       = 1024
	defaultSetsOctets = 16 << 20
)

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
	clock    packetTime
	arrival  int64                // of the current fragment
	spare    [][]byte             // buffers for the next sets
	given    [maxDepth + 1][]byte // buffers lent to the current datagram, one for each nesting
	counters FragmentCounters
}

const none = -1

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
	if set.key.protocol == wire.ProtocolFragment {
		return d.extensions(w, set.protocol, payload)
	}
	return d.transport(w, set.protocol, payload)
}

// add returns the set that the fragment completed, or why there is none.
func (fr *fragments) add(w *descent, f *fragment) (*fragmentSet, Reason) {
	fr.arrival = fr.clock.advance(w.dg.At)
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
