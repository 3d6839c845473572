package topology

// Directions returns the directions that flows of a segment can have: none but
// Unknown where it names no networks, and Unknown beside the two others where a
// flow can be on both of its sides.
func (p *Plan) Directions(s SegmentID) []Direction {
	if p == nil || s == Other || int(s) > len(p.rules) {
		return []Direction{Unknown}
	}
	r := &p.rules[s-1]
	switch {
	case r.near == nil && r.far == nil:
		return []Direction{Unknown}
	case r.near != nil && r.far != nil && !r.near.meets(r.far):
		return []Direction{ToPeer, FromPeer}
	}
	return []Direction{Unknown, ToPeer, FromPeer}
}

// meets reports whether two sets have a peer in common.
func (s peerSet) meets(o peerSet) bool {
	for i := range s {
		if s[i]&o[i] != 0 {
			return true
		}
	}
	return false
}
