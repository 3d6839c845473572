package sanitise

import "sort"

// flow is one direction of a TCP connection; addresses of IPv4 are mapped.
type flow struct {
	src, dst         [16]byte
	srcPort, dstPort uint16
}

func (f flow) reversed() flow { return flow{f.dst, f.src, f.dstPort, f.srcPort} }

// direction is what the plan knows of one direction of a connection that speaks
// SIP: which of its octets are replaced by how many. Positions count octets of
// the stream from its first; those in the result are called new.
type direction struct {
	since   uint64  // number of the first frame that may belong to it
	base    uint32  // sequence number of position 0
	cursor  int64   // position last asked for: sequence numbers are near it
	end     int64   // position behind the last octet that was seen
	patches []patch // ascending and apart
}

// patch is a run of octets that is replaced.
type patch struct {
	from, to int64 // position
	newFrom  int64 // new position
	newLen   int64
	at       int64 // where in the spool its octets are
}

// moved returns the new position of a position. Within a patch the octets are
// spread evenly, so that no segment of a message becomes empty, nor one too
// long.
func (d *direction) moved(position int64) int64 {
	i := sort.Search(len(d.patches), func(i int) bool { return d.patches[i].from > position })
	if i == 0 {
		return position
	}
	p := &d.patches[i-1]
	if position >= p.to {
		return p.newFrom + p.newLen + position - p.to
	}
	return p.newFrom + (position-p.from)*p.newLen/(p.to-p.from)
}

// replace notes that the octets [from, to) become those n in the spool.
func (d *direction) replace(from, to, n, at int64) {
	d.patches = append(d.patches, patch{from, to, d.moved(from), n, at})
}

// position returns the position of a sequence number.
func (d *direction) position(seq uint32) int64 {
	return d.cursor + int64(int32(seq-d.base-uint32(d.cursor)))
}

// number returns the sequence number that takes the place of another; nil leaves
// it as it is.
func (d *direction) number(seq uint32) uint32 {
	if d == nil {
		return seq
	}
	return d.base + uint32(d.moved(d.position(seq)))
}

// near is how far from what was seen of a connection a sequence number may lie
// and still belong to it.
const near = 8 << 20

// direction finds the direction that a sequence number belongs to at a frame, of
// several connections with the same addresses and ports the latest; nil where
// there is none.
func (p *plan) direction(f flow, ordinal uint64, seq uint32) *direction {
	if p.surveying {
		return nil
	}
	list := p.flows[f]
	for i := len(list) - 1; i >= 0; i-- {
		d := list[i]
		if d.since > ordinal {
			continue
		}
		if at := d.position(seq); at >= -near && at <= d.end+near {
			d.cursor = max(at, 0)
			return d
		}
	}
	return nil
}

// read appends the octets at the new positions [from, to).
func (p *plan) read(dst []byte, d *direction, from, to int64) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, max(to-from, 0))...)
	b := dst[start:]
	i := sort.Search(len(d.patches), func(i int) bool { return d.patches[i].newFrom+d.patches[i].newLen > from })
	for ; i < len(d.patches) && d.patches[i].newFrom < to; i++ {
		q := &d.patches[i]
		first, last := max(from, q.newFrom), min(to, q.newFrom+q.newLen)
		p.spool.read(b[first-from:last-from], q.at+first-q.newFrom)
	}
	return dst
}
