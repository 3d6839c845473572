package topology

import (
	"net/netip"
	"slices"
)

// PeerID numbers a named peer; 0 is Other.
type PeerID uint16

// SegmentID numbers a segment; 0 is Other.
type SegmentID uint16

// Other is the number of every address without a peer, and of every flow
// without a segment.
const Other = 0

// Direction says which way something went, seen from the site.
type Direction uint8

// The directions. Unknown is for flows of a segment that names no networks.
const (
	Unknown Direction = iota
	ToPeer
	FromPeer
	Directions // how many there are
)

// String returns the label value of a direction: "to_peer", "from_peer", "unknown".
func (d Direction) String() string {
	switch d {
	case ToPeer:
		return "to_peer"
	case FromPeer:
		return "from_peer"
	}
	return "unknown"
}

// Flow is what a segment is chosen by.
type Flow struct {
	Src, Dst netip.Addr
	Domains  []string // hosts of the call's URIs, in lower case and without brackets; none where there is no call
	VLAN     uint16   // 0 where untagged
	Point    uint16   // capture point, an index into the plan's points
}

// Plan is a compiled configuration. It is immutable and safe for any
// goroutine. A nil Plan knows nobody: everything is Other.
type Plan struct {
	peers    []string // by number
	segments []string // by number
	points   []string // by number
	networks networks
	rules    []rule // segments in order of precedence; rules[i] is segment i+1
}

// Peer returns the peer whose networks hold an address, Other where none does.
// An IPv4-mapped address is the IPv4 address; a zone does not matter.
func (p *Plan) Peer(addr netip.Addr) PeerID {
	if p == nil {
		return Other
	}
	return p.networks.find(addr)
}

// Segment returns the first segment that fits, Other where none does, and the
// direction within it: ToPeer where the destination is far or the source near,
// FromPeer the other way. A flow that is both, as between two near peers, is
// Unknown, like one of a segment that names no networks.
func (p *Plan) Segment(f *Flow) (SegmentID, Direction) {
	if p == nil || len(p.rules) == 0 {
		return Other, Unknown
	}
	src, dst := p.networks.find(f.Src), p.networks.find(f.Dst)
	for i := range p.rules {
		if d, ok := p.rules[i].fits(f, src, dst); ok {
			return SegmentID(i + 1), d
		}
	}
	return Other, Unknown
}

// Trunk returns the domain by which a flow with these domains was found to
// belong to a segment: the first of the segment's trunks among them. It is ""
// where the segment names none.
func (p *Plan) Trunk(s SegmentID, domains []string) string {
	if p == nil || s == Other || int(s) > len(p.rules) {
		return ""
	}
	for _, trunk := range p.rules[s-1].trunks {
		if slices.Contains(domains, trunk) {
			return trunk
		}
	}
	return ""
}

// Peers returns the names of the peers by number; the first is "other". The
// list belongs to the plan.
func (p *Plan) Peers() []string {
	if p == nil {
		return []string{OtherName}
	}
	return p.peers
}

// Segments returns the names of the segments by number; the first is "other".
// The list belongs to the plan.
func (p *Plan) Segments() []string {
	if p == nil {
		return []string{OtherName}
	}
	return p.segments
}

// Points returns the names of the capture points by number. The list belongs
// to the plan.
func (p *Plan) Points() []string {
	if p == nil {
		return nil
	}
	return p.points
}
