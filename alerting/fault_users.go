package alerting

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
)

// flank is what is at one side of a fault's traffic: where the voice comes from, or
// where it goes to; of calls the end with the fault's factors, or the other one.
type flank struct {
	addrs    map[netip.Addr]struct{} // of the affected
	segments map[uint32]int          // that they are reached through, by how much is affected
	values   contrasts               // of all the traffic
	known    int                     // addresses that an earlier watch knew of
}

// count is how many addresses there are, at least.
func (k *flank) count() int { return max(len(k.addrs), k.known) }

func newFlank() flank {
	return flank{addrs: map[netip.Addr]struct{}{}, segments: map[uint32]int{}, values: contrasts{}}
}

func (k *flank) clone() flank {
	c := flank{maps.Clone(k.addrs), maps.Clone(k.segments), contrasts{}, k.known}
	for it, x := range k.values {
		y := *x
		c.values[it] = &y
	}
	return c
}

// add counts n units with an address at this side.
func (k *flank) add(a netip.Addr, e *end, n int, affected bool) {
	if affected {
		if len(k.addrs) < maxUsers {
			k.addrs[a] = struct{}{}
		}
		k.segments[e[colSegment]] += n
	}
	for _, c := range []column{colSegment, colSource, colSink, colAgent} {
		it := item{c, e[c]}
		if it.value == 0 {
			continue
		}
		k.values.count(it, n, affected, maxUsers)
	}
}

// sidesOf counts one unit with the factors at both its sides.
func (w *Watch) sidesOf(f *fault, s *selection, unit int32, n int, affected bool, t *toll) {
	if s.calls {
		c := &w.locator.calls[unit]
		here := 0
		if !c.ends[0].has(f.items) {
			here = 1
		}
		t.sides[0].add(c.addrs[here], &c.ends[here], n, affected)
		if !c.signup {
			t.sides[1].add(c.addrs[1-here], &c.ends[1-here], n, affected)
		}
		return
	}
	first, last, agent := w.locator.ways(unit)
	from, to := first.ends[0], last.ends[0]
	from[colSink] = 0
	to[colSource], to[colAgent] = 0, agent
	t.sides[0].add(first.src().Addr(), &from, n, affected)
	t.sides[1].add(last.dst().Addr(), &to, n, affected)
}

// ways returns the streams that a stream's voice comes in by first, and goes out
// by at last, and the make of who hears it.
func (l *locator) ways(i int32) (first, last *streamUnit, agent uint32) {
	u := &l.streams[i]
	first, last = u, u
	head := l.calls[u.call].first
	for j := head; j != none; j = l.streams[j].next {
		v := &l.streams[j]
		if j != i && v.upstreamOf(first) {
			first = v
		}
		if j != i && last.upstreamOf(v) {
			last = v
		}
	}
	for j := head; j != none; j = l.streams[j].next {
		if v := &l.streams[j]; v.src().Addr() == last.dst().Addr() {
			agent = v.ends[0][colAgent]
		}
	}
	return first, last, agent
}

// users is the side on which users are: where there are more addresses.
func (t *toll) users() *flank {
	if t.sides[1].count() > t.sides[0].count() {
		return &t.sides[1]
	}
	return &t.sides[0]
}

// userContrasts compares the users of the fault's traffic by where they are, by
// their subnets and by the makes of their phones.
func (w *Watch) userContrasts(f *fault, t *toll) []Contrast {
	var list []Contrast
	values := t.users().values
	keys := slices.SortedFunc(maps.Keys(values), compareItems)
	for _, c := range []column{colSegment, colSource, colSink, colAgent} {
		if c != colSegment && slices.ContainsFunc(f.items, func(it item) bool { return it.col == c }) {
			continue
		}
		var part []Contrast
		for _, it := range keys {
			if it.col == c && !slices.Contains(f.items, it) {
				x := *values[it]
				x.Factor = w.locator.words.factor(it)
				if c == colSegment {
					x.Factor = Factor{FactorSite, w.siteOf(x.Value)}
				}
				part = append(part, x)
			}
		}
		slices.SortStableFunc(part, func(a, b Contrast) int { return cmp.Compare(b.Total, a.Total) })
		list = append(list, part[:min(len(part), maxContrast)]...)
	}
	return list
}

// siteOf is the site of a segment, the segment itself where none is known.
func (w *Watch) siteOf(segment string) string {
	if d := w.cfg.Directory; d != nil && d.Segments[segment] != nil && d.Segments[segment].Site != "" {
		return d.Segments[segment].Site
	}
	return segment
}
