package topology

import "net/netip"

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
	Directions
)

// Config declares peers and segments. The order of segments is their
// precedence: the first that fits wins.
type Config struct {
	Peers    []PeerConfig
	Segments []SegmentConfig
}

// PeerConfig is a named set of networks. Of networks that contain each other
// the longest prefix wins.
type PeerConfig struct {
	Name     string
	Networks []netip.Prefix
}

// SegmentConfig declares one segment. Every list that is not empty must fit;
// a segment without any list is an error.
type SegmentConfig struct {
	Name   string
	Near   []string // peers on our side
	Far    []string // peers on the other side; with Near and Far a flow must be between them
	Trunks []string // SIP domains: the host of the Request-URI, From or To of the call
	VLANs  []uint16 // 802.1Q identifiers
	Points []string // capture points
}

// Flow is what a segment is chosen by.
type Flow struct {
	Src, Dst netip.Addr
	Domains  []string // lower-case hosts of the call's URIs, none where there is no call
	VLAN     uint16   // 0 where untagged
	Point    uint16   // capture point, an index into the plan's points
}
