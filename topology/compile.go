package topology

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// New compiles a configuration for the given capture points, which are
// numbered by their place. The error joins everything that is wrong; each part
// names the peer or segment.
func New(cfg Config, points []string) (*Plan, error) {
	c := compiler{
		plan:      &Plan{peers: []string{OtherName}, segments: []string{OtherName}, points: slices.Clone(points)},
		peerIDs:   map[string]PeerID{OtherName: Other},
		pointIDs:  map[string]uint16{},
		ownerOf:   map[netip.Prefix]string{},
		segmentOf: map[string]bool{OtherName: true},
	}
	c.points(points)
	c.peers(cfg.Peers)
	c.segments(cfg.Segments)
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.plan.networks = compileNetworks(c.networks)
	return c.plan, nil
}

// compiler collects a plan, and what is wrong with it.
type compiler struct {
	plan      *Plan
	networks  []network
	peerIDs   map[string]PeerID
	pointIDs  map[string]uint16
	ownerOf   map[netip.Prefix]string // the peer of each network
	segmentOf map[string]bool
	errs      []error
}

func (c *compiler) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf(format, args...))
}

func (c *compiler) points(names []string) {
	for i, name := range names {
		if _, twice := c.pointIDs[name]; twice {
			c.errorf("capture point %q is declared twice: give each one a name of its own", name)
			continue
		}
		c.pointIDs[name] = uint16(i)
	}
}

func (c *compiler) peers(list []PeerConfig) {
	if len(list) > MaxPeers {
		c.errorf("%d peers are declared, at most %d are possible", len(list), MaxPeers)
		return
	}
	for i := range list {
		c.peer(&list[i])
	}
	if n := len(c.networks); n > MaxNetworks {
		c.errorf("the peers have %d networks, at most %d are possible", n, MaxNetworks)
	}
}

func (c *compiler) peer(p *PeerConfig) {
	if !c.checkName("peer", p.Name) {
		return
	}
	if _, twice := c.peerIDs[p.Name]; twice {
		c.errorf("peer %q is declared twice: put its networks into one list", p.Name)
		return
	}
	id := PeerID(len(c.plan.peers))
	c.peerIDs[p.Name] = id
	c.plan.peers = append(c.plan.peers, p.Name)
	if len(p.Networks) == 0 {
		c.errorf("peer %q has no networks", p.Name)
	}
	for _, n := range p.Networks {
		c.network(p.Name, id, n)
	}
}

func (c *compiler) network(peer string, id PeerID, n netip.Prefix) {
	if !n.IsValid() {
		c.errorf("peer %q has a network that is none: write it as 192.0.2.0/24 or 2001:db8::/32", peer)
		return
	}
	key := mapped(n)
	switch owner, taken := c.ownerOf[key]; {
	case taken && owner == peer:
		c.errorf("peer %q has the network %s twice", peer, n)
	case taken:
		c.errorf("network %s is in peer %q and in peer %q: an address can only belong to one", n, owner, peer)
	default:
		c.ownerOf[key] = peer
		c.networks = append(c.networks, networkOf(n, id))
	}
}

func (c *compiler) segments(list []SegmentConfig) {
	if len(list) > MaxSegments {
		c.errorf("%d segments are declared, at most %d are possible", len(list), MaxSegments)
		return
	}
	for i := range list {
		c.segment(&list[i])
	}
}

func (c *compiler) segment(s *SegmentConfig) {
	if !c.checkName("segment", s.Name) {
		return
	}
	if c.segmentOf[s.Name] {
		c.errorf("segment %q is declared twice", s.Name)
		return
	}
	c.segmentOf[s.Name] = true
	c.plan.segments = append(c.plan.segments, s.Name)
	if len(s.Near)+len(s.Far)+len(s.Trunks)+len(s.VLANs)+len(s.Points) == 0 {
		c.errorf("segment %q would hold everything: give it near, far, trunks, vlans or points", s.Name)
	}
	c.plan.rules = append(c.plan.rules, rule{
		near:   c.side(s.Name, s.Near),
		far:    c.side(s.Name, s.Far),
		trunks: c.trunks(s),
		vlans:  c.vlans(s),
		points: c.atPoints(s),
	})
}

func (c *compiler) side(segment string, names []string) peerSet {
	if len(names) == 0 {
		return nil
	}
	set := newPeerSet(len(c.plan.peers))
	for _, name := range names {
		id, ok := c.peerIDs[name]
		if !ok {
			c.errorf("segment %q names peer %q, which is not declared%s", segment, name, didYouMean(name, c.plan.peers))
			continue
		}
		set.add(id)
	}
	return set
}

func (c *compiler) trunks(s *SegmentConfig) []string {
	var list []string
	for _, trunk := range s.Trunks {
		domain := strings.Trim(strings.ToLower(trunk), "[]")
		_, err := netip.ParseAddr(domain)
		if domain == "" || strings.ContainsAny(domain, " \t\r\n@/;<>") || strings.Contains(domain, ":") && err != nil {
			c.errorf("segment %q has trunk %q: write the domain or address of a SIP URI, without user and port", s.Name, trunk)
			continue
		}
		list = append(list, domain)
	}
	return list
}

func (c *compiler) vlans(s *SegmentConfig) []uint16 {
	for _, id := range s.VLANs {
		if id == 0 || id > 4094 {
			c.errorf("segment %q has VLAN %d: identifiers are 1 to 4094 (IEEE 802.1Q)", s.Name, id)
		}
	}
	return slices.Clone(s.VLANs)
}

func (c *compiler) atPoints(s *SegmentConfig) []uint16 {
	var list []uint16
	for _, name := range s.Points {
		id, ok := c.pointIDs[name]
		if !ok {
			c.errorf("segment %q names capture point %q, which is not there%s", s.Name, name, didYouMean(name, c.plan.points))
			continue
		}
		list = append(list, id)
	}
	return list
}
