package alerting

import (
	"slices"

	"earshot/topology"
)

// place is where something was measured, by the engine's numbers.
type place struct {
	segment, peer, codec, trunk uint16
	direction                   topology.Direction
}

// filter is a rule's Where by the engine's numbers.
type filter struct {
	segments, notSegments []uint16
	peers, notPeers       []uint16
	codecs, notCodecs     []uint16
	trunks, notTrunks     []uint16
	directions            []topology.Direction
}

// nobody is the number of a name that found no room: nothing carries it.
const nobody = 1<<16 - 1

func (n *names) filter(f *Filter) filter {
	ids := func(v *vocabulary, list []string) (ids []uint16) {
		for _, name := range list {
			if v == &n.codecs {
				name = spelt(name)
			}
			id := n.id(v, name)
			if id == 0 && name != topology.OtherName {
				id = nobody // not "other", which stands for many
			}
			ids = append(ids, id)
		}
		return ids
	}
	c := filter{
		ids(&n.segments, f.Segments), ids(&n.segments, f.NotSegments),
		ids(&n.peers, f.Peers), ids(&n.peers, f.NotPeers),
		ids(&n.codecs, f.Codecs), ids(&n.codecs, f.NotCodecs),
		ids(&n.trunks, f.Trunks), ids(&n.trunks, f.NotTrunks), nil,
	}
	for d := range topology.Directions {
		if slices.Contains(f.Directions, d.String()) {
			c.directions = append(c.directions, d)
		}
	}
	return c
}

// passes reports whether the filter lets a place through.
func (f *filter) passes(p place) bool {
	in := func(list, not []uint16, id uint16) bool {
		return (len(list) == 0 || slices.Contains(list, id)) && !slices.Contains(not, id)
	}
	return in(f.segments, f.notSegments, p.segment) && in(f.peers, f.notPeers, p.peer) && in(f.codecs, f.notCodecs, p.codec) &&
		in(f.trunks, f.notTrunks, p.trunk) && (len(f.directions) == 0 || slices.Contains(f.directions, p.direction))
}

// ruleState is a rule and its label sets.
type ruleState struct {
	*Rule
	info    *signalInfo
	filter  filter
	slot    int   // among the rules of its source
	judging int32 // its judgement in the locator's table, none where it has none

	index map[place]int32 // into list, by the dimensions of the rule alone
	list  []*labelSet     // nil: free
	free  []int32
}

func (e *Engine) newRuleState(r *Rule) *ruleState {
	return &ruleState{Rule: r, info: r.info(), filter: e.names.filter(&r.Where), judging: none, index: map[place]int32{}}
}

// labelSet is one combination of labels that a rule aggregates.
type labelSet struct {
	place  place
	number uint32 // of its life: what points to an earlier one in its slot is stale
	labels []Label
	print  Fingerprint
	window window
	worst  samples
	life   life
	state  State
}

// key keeps only what the rule aggregates by.
func (rs *ruleState) key(p place) place {
	var k place
	if rs.by(BySegment) {
		k.segment = p.segment
	}
	if rs.by(ByDirection) {
		k.direction = p.direction
	}
	if rs.by(ByCodec) {
		k.codec = p.codec
	}
	if rs.by(ByTrunk) {
		k.trunk = p.trunk
	}
	if rs.by(ByPeer) {
		k.peer = p.peer
	}
	return k
}

// none is the index of no label set.
const none = -1

// set finds the label set of a place, or makes it; none where the rule does
// not want the place or there is no room.
func (rs *ruleState) set(e *Engine, p place) int32 {
	if !rs.filter.passes(p) {
		return none
	}
	k := rs.key(p)
	if i, ok := rs.index[k]; ok {
		return i
	}
	if e.sets >= e.cfg.MaxSets {
		e.stats.RefusedSets++
		return none
	}
	e.sets++
	e.streams.life++
	set := &labelSet{place: k, number: e.streams.life, window: newWindow(rs.Rule, e.now)}
	set.labels = rs.Rule.labels(rs.values(e, k))
	set.print = fingerprint(set.labels)
	var i int32
	if n := len(rs.free); n > 0 {
		i = rs.free[n-1]
		rs.free = rs.free[:n-1]
		rs.list[i] = set
	} else {
		i = int32(len(rs.list))
		rs.list = append(rs.list, set)
	}
	rs.index[k] = i
	return i
}

// values are the texts of a set's dimensions in the order of By.
func (rs *ruleState) values(e *Engine, k place) []string {
	var list []string
	for _, dim := range rs.By {
		switch dim {
		case BySegment:
			list = append(list, e.names.segments.list[k.segment])
		case ByDirection:
			list = append(list, k.direction.String())
		case ByCodec:
			list = append(list, e.names.codecs.list[k.codec])
		case ByTrunk:
			list = append(list, e.names.trunks.list[k.trunk])
		case ByPeer:
			list = append(list, e.names.peers.list[k.peer])
		}
	}
	return list
}

// drop frees a label set's room.
func (rs *ruleState) drop(e *Engine, i int32) {
	delete(rs.index, rs.list[i].place)
	rs.list[i] = nil
	rs.free = append(rs.free, i)
	e.sets--
}

// at returns a set whose window has come to now.
func (rs *ruleState) at(e *Engine, i int32) *labelSet {
	set := rs.list[i]
	set.window.advance(e.now)
	return set
}
