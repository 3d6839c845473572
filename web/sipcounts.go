package web

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// sipSeries are the series of earshot_sip_requests_total and
// earshot_sip_responses_total. They grow by what the snapshots' counts grew, so
// that they never decrease, and go on when a plan numbers the peers anew.
// Only readers of metrics use it.
type sipSeries struct {
	mu        sync.Mutex
	plan      *topology.Plan        // of the last snapshot
	previous  map[sipCounted]uint64 // as of the last snapshot
	requests  sipFamily
	responses sipFamily
}

// sipCounted is a count of a snapshot, whatever number its peer has.
type sipCounted struct {
	peer string
	kind dialog.SIPCount // but for Peer and Count
}

// sipFamily is the series of one family in order of appearance.
type sipFamily struct {
	byKey map[sipKey]*sipCount
	order []*sipCount
	of    map[peerWay]int // series of each peer and direction
}

type peerWay struct {
	peer      string
	direction topology.Direction
}

type sipKey struct {
	peerWay
	method, code, transport string
}

type sipCount struct {
	labels string
	count  uint64
}

// The most series of one peer in one direction. Beyond it requests are of
// method other, and responses of code other.
const (
	maxRequestSeries  = 40
	maxResponseSeries = 100
)

// addPeers makes the series that are there from the start, at 0: the methods
// over UDP.
func (s *sipSeries) addPeers(l *layout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range l.peers {
		for _, d := range []topology.Direction{topology.ToPeer, topology.FromPeer} {
			for _, method := range []string{"INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS"} {
				s.requests.get(sipKey{peerWay{l.peers[i].name, d}, method, "", "udp"}, maxRequestSeries)
			}
		}
	}
}

// keepOnly drops the series of peers that a layout does not name.
func (f *sipFamily) keepOnly(l *layout) {
	f.order = f.order[:0:0]
	for k, c := range f.byKey {
		if l.peer(k.peer) == nil {
			delete(f.byKey, k)
			delete(f.of, k.peerWay)
			continue
		}
		f.order = append(f.order, c)
	}
	slices.SortFunc(f.order, func(a, b *sipCount) int { return strings.Compare(a.labels, b.labels) })
}

// update takes the growth since the last snapshot.
func (s *sipSeries) update(snap *pipeline.Snapshot, l *layout, folded *[foldings]atomic.Uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.previous == nil {
		s.previous = map[sipCounted]uint64{}
	}
	l = l.of(snap.Plan)
	if snap.Plan != s.plan {
		s.plan = snap.Plan
		s.regroup(l)
	}
	for i := range snap.SIP {
		c := sipCounted{l.peerNumber(snap.SIP[i].Peer).name, snap.SIP[i]}
		now := c.kind.Count
		c.kind.Peer, c.kind.Count = 0, 0
		grown := now - s.previous[c]
		if now < s.previous[c] {
			grown = now // counted anew
		}
		if grown == 0 {
			continue
		}
		s.previous[c] = now
		s.add(c.peer, &c.kind, grown, folded)
	}
}

// regroup follows what a new plan makes of the counts: those of peers that it
// does not name have joined those of other. Their series end.
func (s *sipSeries) regroup(l *layout) {
	for c, n := range s.previous {
		if l.peer(c.peer) == nil {
			delete(s.previous, c)
			c.peer = other
			s.previous[c] += n
		}
	}
	s.requests.keepOnly(l)
	s.responses.keepOnly(l)
}

func (s *sipSeries) add(peer string, c *dialog.SIPCount, grown uint64, folded *[foldings]atomic.Uint64) {
	key := sipKey{
		peerWay:   peerWay{peer, c.Direction},
		method:    within(methodNames, c.Method),
		transport: within(transportNames, c.Transport),
	}
	if c.Code == 0 {
		count, full := s.requests.get(key, maxRequestSeries)
		if full {
			key.method = other
			count, _ = s.requests.get(key, 0)
			folded[foldedMethod].Add(grown)
		}
		count.count += grown
		return
	}
	key.code = statusName(c.Code)
	count, full := s.responses.get(key, maxResponseSeries)
	if full {
		key.code, key.method = other, other
		count, _ = s.responses.get(key, 0)
		folded[foldedCode].Add(grown)
	}
	count.count += grown
}

// get returns the series of a key, or reports that its peer has as many as it
// may (most of 0: it may have one more).
func (f *sipFamily) get(k sipKey, most int) (c *sipCount, full bool) {
	if c := f.byKey[k]; c != nil {
		return c, false
	}
	if most > 0 && f.of[k.peerWay] >= most {
		return nil, true
	}
	if f.byKey == nil {
		f.byKey, f.of = map[sipKey]*sipCount{}, map[peerWay]int{}
	}
	pairs := []string{"peer", k.peer, "direction", k.direction.String(), "method", k.method}
	if k.code != "" {
		pairs = append(pairs, "code", k.code)
	}
	c = &sipCount{labels: labels(append(pairs, "transport", k.transport)...)}
	f.byKey[k] = c
	f.of[k.peerWay]++
	f.order = append(f.order, c)
	return c, false
}

// write writes both families.
func (s *sipSeries) write(p *page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.family("earshot_sip_requests_total", counter,
		"SIP requests, retransmissions included; each counts for its sender's peer (from_peer) and its receiver's (to_peer).")
	for _, c := range s.requests.order {
		p.count(c.labels, c.count)
	}
	p.family("earshot_sip_responses_total", counter,
		"SIP responses, retransmissions included, by the method of the request that they answer.")
	for _, c := range s.responses.order {
		p.count(c.labels, c.count)
	}
}
