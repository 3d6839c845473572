package alerting

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// betterBy is how much more another explanation must explain before a fault is
// told by it.
const betterBy = 3

// search seeks a fault's factors again, now that more is known of it: when it
// began, and then what its units have in common since.
func (w *Watch) search(f *fault) {
	s, ok := w.selectionOf(f)
	if !ok {
		return
	}
	w.backdate(f, &s)
	s.since = max(f.began, seconds(w.now-int64(time.Hour)))
	s.origins.since, s.until = s.since, f.seen
	s.without = func(i int32, last uint32) bool { return w.explained(f.calls, i, last, f) }
	members := w.locator.members(&s)
	x := explain(members)
	if x == nil || slices.Equal(x.items, f.items) {
		f.known = f.known || x != nil
		return
	}
	if now := scoreOf(members, f.items); f.known && x.score <= now+betterBy {
		return
	}
	if !f.known && x.coverage() < mostOf {
		return
	}
	f.items, f.known, f.gone = x.items, true, toll{}
	w.backdate(f, &s)
}

// scoreOf is the score of a set of factors.
func scoreOf(members []member, items []item) float64 {
	s := search{members: members, directionCost: towardsCost}
	x := explanation{items: items}
	for i := range members {
		m := &members[i]
		s.all.add(m)
		if m.has(items) {
			x.inside.add(m)
		}
		if len(m.ends) > 1 {
			s.directionCost = factorCost
		}
	}
	x.outside = s.all.minus(x.inside)
	return s.score(&x)
}

// showing is when a unit shows the fault, or shows none.
type showing struct {
	at       uint32
	affected bool
}

// backdate finds when a fault began: the time that parts the traffic with its
// factors into good and impaired best. It is never later than its first alert.
func (w *Watch) backdate(f *fault, s *selection) {
	if s.always || f.over != 0 || len(f.spells) > 1 {
		return
	}
	all := *s
	all.since, all.until = 1, 0
	all.origins.since = 1
	var list []showing
	for i := range int32(w.locator.unitCount(f.calls)) {
		state, ok := w.locator.look(&all, i)
		ends, _, _, _, _ := w.locator.unitOf(f.calls, i)
		if m := memberAt(ends); !ok || !m.has(f.items) {
			continue
		}
		at := state.seen
		if state.impaired {
			at = state.first
		}
		list = append(list, showing{at, state.impaired})
	}
	slices.SortFunc(list, func(a, b showing) int {
		switch {
		case a.at != b.at:
			return cmp.Compare(a.at, b.at)
		case a.affected == b.affected:
			return 0
		case a.affected:
			return 1
		}
		return -1
	})
	if at := changeOf(list); at != 0 {
		f.began = min(max(at, f.floor), f.began)
		f.spells[0].from = f.began
	}
}

// changeOf is when the first unit was affected after the change that explains
// best who was, of nearly equals the first one; 0 where there was none.
func changeOf(list []showing) uint32 {
	var all, before count
	for _, x := range list {
		all.add(&member{affected: x.affected, weight: 1})
	}
	best := math.Inf(-1)
	scores := make([]float64, len(list))
	for i, x := range list {
		scores[i] = math.Inf(-1)
		if after := all.minus(before); x.affected && after.share() >= before.share() {
			scores[i] = -before.surprise() - after.surprise()
			best = max(best, scores[i])
		}
		before.add(&member{affected: x.affected, weight: 1})
	}
	for i, x := range list {
		if x.affected && scores[i] >= best-betterBy {
			return x.at
		}
	}
	return 0
}
