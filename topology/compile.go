package topology

import "net/netip"

// Plan is a compiled configuration. It is immutable and safe for any goroutine.
type Plan struct{}

// New compiles a configuration for the given capture points, which are
// numbered by their place. An error names the peer or segment.
func New(cfg Config, points []string) (*Plan, error) { return &Plan{}, nil }

// Peer returns the peer whose networks hold an address, Other where none does.
func (p *Plan) Peer(addr netip.Addr) PeerID { return Other }

// Segment returns the first segment that fits, Other where none does, and the
// direction within it.
func (p *Plan) Segment(f *Flow) (SegmentID, Direction) { return Other, Unknown }

// Peers returns the names of the peers by number; the first is "other".
func (p *Plan) Peers() []string { return []string{"other"} }

// Segments returns the names of the segments by number; the first is "other".
func (p *Plan) Segments() []string { return []string{"other"} }

// Points returns the names of the capture points by number.
func (p *Plan) Points() []string { return nil }

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
