package topology

import "net/netip"

// The most that a configuration may declare.
const (
	MaxPeers    = 1000
	MaxSegments = 1000
	MaxNetworks = 100_000 // of all peers together
)

// OtherName is the name of Other. No peer or segment may be declared with it,
// but a segment may name it in Near and Far: everybody without a peer.
const OtherName = "other"

// Config declares peers and segments. The order of segments is their
// precedence: the first that fits wins.
type Config struct {
	Peers    []PeerConfig
	Segments []SegmentConfig
}

// PeerConfig is a named set of networks. Of networks that contain each other
// the longest prefix wins. An IPv6 network never holds an IPv4 address, except
// one within ::ffff:0:0/96, which is the IPv4 network that it maps.
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
