package web

import (
	"net/netip"

	"earshot/topology"
)

// layout is the series of a plan. It is replaced as a whole when another plan
// comes; what both plans name is carried over.
type layout struct {
	plan     *topology.Plan
	before   *layout // the one that this one replaced, for what still has its numbers
	points   []string
	segments []segment
	peers    []peerWays
}

// segment is one segment, with its ways by direction: those that the plan
// allows are there from the start.
type segment struct {
	name      string
	ways      [topology.Directions]*way
	anomalies *anomalyCounts
}

// peerWays is one peer, both ways.
type peerWays struct {
	name     string
	to, from *peer
}

// newLayout makes the series of a plan, taking over those of the old one that
// the new plan names too.
func (m *Metrics) newLayout(plan *topology.Plan, old *layout) *layout {
	l := &layout{plan: plan, before: old.alone()}
	l.points = append(append([]string(nil), plan.Points()...), other)
	l.segments = make([]segment, len(plan.Segments()))
	for i, name := range plan.Segments() {
		s := &l.segments[i]
		s.name, s.anomalies = name, newAnomalyCounts(name)
		same := old.segment(name)
		if same != nil {
			s.anomalies = same.anomalies
		}
		for _, d := range plan.Directions(topology.SegmentID(i)) {
			if same != nil && same.ways[d] != nil && old.samePoints(l) {
				s.ways[d] = same.ways[d]
				continue
			}
			s.ways[d] = m.newWay(l, name, d)
		}
	}
	for _, name := range plan.Peers() {
		p := peerWays{name, nil, nil}
		if same := old.peer(name); same != nil {
			p = *same
		}
		if p.to == nil {
			p.to, p.from = newPeer(name, topology.ToPeer), newPeer(name, topology.FromPeer)
		}
		l.peers = append(l.peers, p)
	}
	return l
}

// alone returns the layout without those before it.
func (l *layout) alone() *layout {
	if l == nil || l.before == nil {
		return l
	}
	c := *l
	c.before = nil
	return &c
}

// of returns the layout of the plan that numbers something: this one, or the
// one before it while a reload has not reached every stage.
func (l *layout) of(plan *topology.Plan) *layout {
	if l.before != nil && l.plan != plan && l.before.plan == plan {
		return l.before
	}
	return l
}

// newWay makes the series of a segment in a direction, at all capture points.
func (m *Metrics) newWay(l *layout, segment string, d topology.Direction) *way {
	w := newWay(segment, d.String(), m.step)
	w.spots = make([]spot, len(l.points))
	for i := range w.spots {
		w.spots[i].labels = joinLabels(labels("point", l.points[i]), w.labels)
	}
	return w
}

// way returns the series of a segment in a direction.
// What the plan does not know is other.
func (l *layout) way(number topology.SegmentID, d topology.Direction) *way {
	if int(number) < len(l.segments) && d < topology.Directions {
		if w := l.segments[number].ways[d]; w != nil {
			return w
		}
	}
	return l.segments[topology.Other].ways[topology.Unknown]
}

// spot returns the series of a way at a capture point.
func (w *way) spot(point uint16) *spot { return &w.spots[min(int(point), len(w.spots)-1)] }

// peerNumber returns the series of a peer.
func (l *layout) peerNumber(number topology.PeerID) *peerWays {
	if int(number) >= len(l.peers) {
		number = topology.Other
	}
	return &l.peers[number]
}

// segment and peer find by name what an old layout has; a nil one has nothing.
func (l *layout) segment(name string) *segment {
	if l == nil {
		return nil
	}
	for i := range l.segments {
		if l.segments[i].name == name {
			return &l.segments[i]
		}
	}
	return nil
}

func (l *layout) peer(name string) *peerWays {
	if l == nil {
		return nil
	}
	for i := range l.peers {
		if l.peers[i].name == name {
			return &l.peers[i]
		}
	}
	return nil
}

// samePoints reports whether two layouts number the capture points alike; a
// change of captures needs a restart, so they mostly do.
func (l *layout) samePoints(o *layout) bool {
	if len(l.points) != len(o.points) {
		return false
	}
	for i := range l.points {
		if l.points[i] != o.points[i] {
			return false
		}
	}
	return true
}

// eachWay calls fn for every series of segments, in order.
func (l *layout) eachWay(fn func(*way)) {
	for i := range l.segments {
		for d := range l.segments[i].ways {
			if w := l.segments[i].ways[d]; w != nil {
				fn(w)
			}
		}
	}
}

// eachPeer calls fn for every series of peers, in order.
func (l *layout) eachPeer(fn func(*peer)) {
	for i := range l.peers {
		fn(l.peers[i].to)
		fn(l.peers[i].from)
	}
}

// peerOf returns the series of the peer that has an address.
func (l *layout) peerOf(addr netip.Addr) *peerWays {
	return l.peerNumber(l.plan.Peer(addr))
}
