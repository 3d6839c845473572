package dialog

import (
	"net/netip"

	"earshot/rtpstats"
	"earshot/topology"
)

// place is where something belongs by a plan and by what its call is called.
// It holds until one of the two changes: a plan may have a thousand segments
// to try.
type place struct {
	segment topology.SegmentID
	toward  topology.Direction
	trunk   string // the domain that the segment was chosen by, "" where none did
	domains uint8  // of the call, at that time
	plan    uint32 // its number, 0: the place is not known
	call    *call  // nil: of no call
}

// find finds the place of what goes from one address to another, unless it is
// known. C is the call that it belongs to, nil where it belongs to none.
func (m *media) find(p *place, src, dst netip.Addr, path rtpstats.Path, c *call) {
	var domains []string
	if c != nil {
		domains = c.domains
	}
	if p.plan == m.plans && p.call == c && int(p.domains) == len(domains) {
		return
	}
	*p = place{domains: uint8(len(domains)), plan: m.plans, call: c}
	p.segment, p.toward = m.plan.Segment(&topology.Flow{
		Src: src, Dst: dst, Domains: domains, VLAN: path.VLAN(), Point: path.Point(),
	})
	p.trunk = m.plan.Trunk(p.segment, domains)
}

// setPlan makes a plan hold from now on, nil: none.
func (m *media) setPlan(plan *topology.Plan) {
	m.plan = plan
	m.plans++
}

// locate finds a stream's segment and its direction within it.
func (m *media) locate(s *stream) (topology.SegmentID, topology.Direction) {
	var c *call
	if s.bound() {
		c = s.leg.call
	}
	m.find(&s.place, s.key.src.Addr(), s.key.dst.Addr(), s.report.Path, c)
	return s.place.segment, s.place.toward
}

// locateSignalling finds the segment of a call's first leg. It is the same for
// both ways, as a segment has no order of its ends.
func (m *media) locateSignalling(c *call) topology.SegmentID {
	if len(c.legs) == 0 {
		return topology.Other
	}
	l := c.legs[0]
	m.find(&c.place, l.src.Addr(), l.dst.Addr(), l.path, c)
	return c.place.segment
}

// places returns where what a call's caller and callee say belongs: the place of
// the first stream of each that has a segment, else of the signalling at its own
// end, the caller's of the first leg and the callee's of the last one.
func (m *media) places(c *call, streams []*stream) (found [2]place) {
	for _, s := range streams {
		m.locate(s)
		if found[s.from].segment == topology.Other {
			found[s.from] = s.place
		}
	}
	if len(c.legs) == 0 {
		return found
	}
	for who, l := range [2]*leg{caller: c.legs[0], callee: c.legs[len(c.legs)-1]} {
		if p := &found[who]; p.segment == topology.Other {
			*p = place{}
			m.find(p, l.src.Addr(), l.dst.Addr(), l.path, c)
		}
	}
	return found
}

// peers returns the peers of a call's ends: of who sent the first leg's INVITE,
// and of who received the last leg's.
func (c *call) peers(plan *topology.Plan) (from, to topology.PeerID) {
	if len(c.legs) == 0 {
		return topology.Other, topology.Other
	}
	return plan.Peer(c.legs[0].src.Addr()), plan.Peer(c.legs[len(c.legs)-1].dst.Addr())
}
