package topology

import "slices"

// rule is a compiled segment. A list without entries fits everything.
type rule struct {
	near, far peerSet
	trunks    []string
	vlans     []uint16
	points    []uint16
}

// peerSet has a bit for every peer.
type peerSet []uint64

func newPeerSet(peers int) peerSet { return make(peerSet, (peers+63)/64) }

func (s peerSet) add(p PeerID) { s[p/64] |= 1 << (p % 64) }

func (s peerSet) has(p PeerID) bool { return s[p/64]&(1<<(p%64)) != 0 }

// fits reports whether a flow belongs to the segment, and its direction.
func (r *rule) fits(f *Flow, src, dst PeerID) (Direction, bool) {
	if len(r.vlans) > 0 && !slices.Contains(r.vlans, f.VLAN) ||
		len(r.points) > 0 && !slices.Contains(r.points, f.Point) {
		return Unknown, false
	}
	d, ok := r.direction(src, dst)
	if !ok || len(r.trunks) > 0 && !slices.ContainsFunc(f.Domains, r.isTrunk) {
		return Unknown, false
	}
	return d, true
}

func (r *rule) isTrunk(domain string) bool { return slices.Contains(r.trunks, domain) }

// direction tells on which sides the peers stand, and whether they do at all.
func (r *rule) direction(src, dst PeerID) (Direction, bool) {
	var to, from bool
	switch {
	case r.near != nil && r.far != nil:
		to = r.near.has(src) && r.far.has(dst)
		from = r.far.has(src) && r.near.has(dst)
	case r.near != nil:
		to, from = r.near.has(src), r.near.has(dst)
	case r.far != nil:
		to, from = r.far.has(dst), r.far.has(src)
	default:
		return Unknown, true
	}
	switch {
	case to && from:
		return Unknown, true
	case to:
		return ToPeer, true
	}
	return FromPeer, from
}
