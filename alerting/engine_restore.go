package alerting

import (
	"slices"
	"time"

	"earshot/topology"
)

// Measured is one label set of a rule, whether it alerts or not: what an alert
// is to be compared with.
type Measured struct {
	Fingerprint Fingerprint
	Labels      []Label
	State       State
	NoData      bool // too little traffic in the window to say anything
	Figures     Figures
}

// Measured lists all label sets of a rule, in the order in which they came.
func (e *Engine) Measured(rule string) []Measured {
	var list []Measured
	for _, rs := range e.rules {
		if rs.Name != rule {
			continue
		}
		for _, set := range rs.list {
			if set == nil {
				continue
			}
			list = append(list, Measured{set.print, set.labels, set.state, rs.opinion(e, set) == unknown, rs.figures(set)})
		}
	}
	return list
}

// Restore takes alerts that were firing when another engine ended, before
// anything else: they fire on, without data, until traffic proves that their
// fault is over. It returns how many it took; an alert whose rule is another one
// now, or none, is left out, and so are those that are not firing.
func (e *Engine) Restore(at int64, alerts []Alert) int {
	e.begin(at)
	taken := 0
	for i := range alerts {
		if a := &alerts[i]; a.State == Firing && e.restore(a) {
			taken++
		}
	}
	return taken
}

func (e *Engine) restore(a *Alert) bool {
	i := slices.IndexFunc(e.rules, func(rs *ruleState) bool { return rs.Name == a.Rule })
	if i < 0 {
		return false
	}
	rs := e.rules[i]
	p := e.placeNamed(a)
	if fingerprint(rs.labels(rs.values(e, rs.key(p)))) != a.Fingerprint {
		return false // of other labels than the rule has now
	}
	n := rs.set(e, p)
	if n == none {
		return false
	}
	set := rs.list[n]
	set.state = Firing
	set.life = life{
		started: unixNano(a.Started), fired: unixNano(a.Fired), healthy: -1,
		noData: true, severity: a.Severity, worst: a.Worst,
	}
	return true
}

// placeNamed reads a place from an alert's labels.
func (e *Engine) placeNamed(a *Alert) place {
	id := func(v *vocabulary, dim Dimension) uint16 {
		name := a.Label(string(dim))
		if name == "" {
			return 0
		}
		return e.names.id(v, name)
	}
	p := place{segment: id(&e.names.segments, BySegment), peer: id(&e.names.peers, ByPeer), codec: id(&e.names.codecs, ByCodec), trunk: id(&e.names.trunks, ByTrunk)}
	for d := range topology.Directions {
		if a.Label(string(ByDirection)) == d.String() {
			p.direction = d
		}
	}
	return p
}

// unixNano is a time in ns, 0 for the zero time.
func unixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
