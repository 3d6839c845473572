package dialog

import (
	"net/netip"

	"earshot/rtpstats"
	"earshot/topology"
)

// place is where a stream belongs, by a plan and by what its call is called.
// It holds until one of the two changes.
type place struct {
	segment topology.SegmentID
	toward  topology.Direction
	known   bool
	domains uint8 // of the call, at that time
	plan    *topology.Plan
	call    *call
}

// locate finds a stream's segment and its direction within it.
func (m *media) locate(s *stream) (topology.SegmentID, topology.Direction) {
	var c *call
	var domains []string
	if s.bound() {
		c = s.leg.call
		domains = c.domains
	}
	if p := &s.place; !p.known || p.plan != m.plan || p.call != c || int(p.domains) != len(domains) {
		*p = place{known: true, domains: uint8(len(domains)), plan: m.plan, call: c}
		p.segment, p.toward = segmentOf(m.plan, s.key.src.Addr(), s.key.dst.Addr(), s.report.Path, domains)
	}
	return s.place.segment, s.place.toward
}

func segmentOf(plan *topology.Plan, src, dst netip.Addr, path rtpstats.Path, domains []string) (topology.SegmentID, topology.Direction) {
	return plan.Segment(&topology.Flow{Src: src, Dst: dst, Domains: domains, VLAN: path.VLAN(), Point: path.Point()})
}

// segments returns the segments of what a call's caller and callee say: of the
// first stream of each that has one, else of the signalling of the first leg.
func (m *media) segments(c *call, streams []*stream) (fromCaller, fromCallee topology.SegmentID) {
	var found [2]topology.SegmentID
	for _, s := range streams {
		if segment, _ := m.locate(s); found[s.from] == topology.Other {
			found[s.from] = segment
		}
	}
	if len(c.legs) > 0 {
		l := c.legs[0]
		for who, ends := range [2][2]netip.Addr{caller: {l.src.Addr(), l.dst.Addr()}, callee: {l.dst.Addr(), l.src.Addr()}} {
			if found[who] == topology.Other {
				found[who], _ = segmentOf(m.plan, ends[0], ends[1], l.path, c.domains)
			}
		}
	}
	return found[caller], found[callee]
}

// peers returns the peers of a call's ends: of who sent the first leg's INVITE,
// and of who received the last leg's.
func (c *call) peers(plan *topology.Plan) (from, to topology.PeerID) {
	if len(c.legs) == 0 {
		return topology.Other, topology.Other
	}
	return plan.Peer(c.legs[0].src.Addr()), plan.Peer(c.legs[len(c.legs)-1].dst.Addr())
}
