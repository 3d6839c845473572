package alerting

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// member is one unit of the traffic that an explanation is sought in.
type member struct {
	ends     []end // one or two: it has a set of factors where one of its ends has all
	affected bool
	weight   float64 // how many units it stands for
}

func (m *member) has(items []item) bool {
	for i := range m.ends {
		if m.ends[i].has(items) {
			return true
		}
	}
	return false
}

// count is how much of some traffic is affected.
type count struct{ affected, total float64 }

func (c *count) add(m *member) {
	c.total += m.weight
	if m.affected {
		c.affected += m.weight
	}
}

func (c count) minus(d count) count { return count{c.affected - d.affected, c.total - d.total} }

func (c count) share() float64 {
	if c.total <= 0 {
		return 0
	}
	return c.affected / c.total
}

// surprise is how unlikely the count is at its own share: minus the logarithm
// of its likelihood, natural.
func (c count) surprise() float64 {
	p := c.share()
	if p <= 0 || p >= 1 {
		return 0
	}
	return -c.affected*math.Log(p) - (c.total-c.affected)*math.Log(1-p)
}

// explanation is a set of factors, and how the traffic with them compares with
// the other.
type explanation struct {
	items           []item
	inside, outside count
	score           float64
}

// coverage is the part of the affected that have the factors.
func (x *explanation) coverage() float64 {
	return x.inside.affected / max(1, x.inside.affected+x.outside.affected)
}

const (
	maxFactors   = 3
	beam         = 12 // sets that are refined
	vagueCost    = 2  // what subnets, makes and capture points must explain more than names
	minScore     = 4  // below, chance explains as well
	minAffected  = 2  // members that an explanation must stand on
	factorCost   = 5  // what another factor must explain more, as logarithm of a likelihood
	towardsCost  = 1  // the same of a stream's direction, which comes with its segment
	maxPerColumn = 50_000
)

// explain finds the smallest set of factors that the affected have in common and
// the others have not: the one under which who is affected and who is not is
// least of a surprise. It is nil where none is better than chance. Members with
// two ends are calls, whose direction is a factor like others.
func explain(members []member) *explanation {
	var all count
	calls := false
	for i := range members {
		all.add(&members[i])
		calls = calls || len(members[i].ends) > 1
	}
	if all.affected < minAffected || all.affected == all.total {
		return nil
	}
	s := search{members: members, all: all, directionCost: towardsCost}
	if calls {
		s.directionCost = factorCost
	}
	parents := []explanation{{inside: all}}
	best := explanation{}
	for range maxFactors {
		var found []explanation
		for i := range parents {
			found = s.refine(found, &parents[i])
		}
		slices.SortStableFunc(found, compareExplanations)
		found = slices.CompactFunc(found, func(a, b explanation) bool { return slices.Equal(a.items, b.items) })
		parents = found[:min(beam, len(found))]
		if len(parents) > 0 && (best.items == nil || parents[0].score > best.score) {
			best = parents[0]
		}
	}
	if best.items == nil || best.score < minScore {
		return nil
	}
	return &best
}

// compareExplanations puts the better one first, of equals that of the preferred
// columns.
func compareExplanations(a, b explanation) int {
	if a.score != b.score {
		return cmp.Compare(b.score, a.score)
	}
	return slices.CompareFunc(a.items, b.items, func(x, y item) int {
		return cmp.Or(cmp.Compare(x.col, y.col), cmp.Compare(x.value, y.value))
	})
}

// search is one search for an explanation.
type search struct {
	members       []member
	all           count
	directionCost float64
}

// refine adds one item each to a set.
func (s *search) refine(list []explanation, parent *explanation) []explanation {
	counts := s.countItems(parent)
	for _, it := range slices.SortedFunc(maps.Keys(counts), compareItems) {
		inside := *counts[it]
		if inside.affected < minAffected || inside.share() <= s.all.share() {
			continue
		}
		items := append(slices.Clone(parent.items), it)
		slices.SortFunc(items, compareItems)
		x := explanation{items: items, inside: inside, outside: s.all.minus(inside)}
		x.score = s.score(&x)
		if parent.items == nil || x.score > parent.score {
			list = append(list, x)
		}
	}
	return list
}

// score is what a set of factors explains, less its cost, to six digits so that
// sets of the same units have the same one.
func (s *search) score(x *explanation) float64 {
	return math.Round(1e6*(s.all.surprise()-x.inside.surprise()-x.outside.surprise()-s.cost(x.items))) / 1e6
}

// cost is what a set of factors must explain more than its best single one.
func (s *search) cost(items []item) float64 {
	cost, free := 0.0, true
	for _, it := range items {
		if it.col == colDirection {
			cost += s.directionCost
			continue
		}
		if it.col >= colPoint {
			cost += vagueCost
		}
		if !free {
			cost += factorCost
		}
		free = false
	}
	return cost
}

func compareItems(a, b item) int {
	return cmp.Or(cmp.Compare(a.col, b.col), cmp.Compare(a.value, b.value))
}

// countItems counts who has the parent's items and one more, by that one. Only
// items that somebody affected has are counted.
func (s *search) countItems(parent *explanation) map[item]*count {
	counts := map[item]*count{}
	for _, affected := range [2]bool{true, false} {
		for i := range s.members {
			m := &s.members[i]
			if m.affected == affected {
				m.countItems(counts, parent.items, affected)
			}
		}
	}
	return counts
}

// countItems counts one member for each item that it has beside those given.
func (m *member) countItems(counts map[item]*count, given []item, insert bool) {
	for n := range m.ends {
		e := &m.ends[n]
		if !e.has(given) {
			continue
		}
		for c := range columns {
			it := item{c, e[c]}
			if it.value == 0 || slices.ContainsFunc(given, func(g item) bool { return g.col == c }) {
				continue
			}
			if n == 1 && m.ends[0][c] == it.value && m.ends[0].has(given) {
				continue // counted at the other end
			}
			k := counts[it]
			if k == nil {
				if !insert || len(counts) == maxPerColumn {
					continue
				}
				k = new(count)
				counts[it] = k
			}
			k.add(m)
		}
	}
}
