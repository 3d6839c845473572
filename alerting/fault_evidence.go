package alerting

import (
	"slices"

	"earshot/topology"
)

// evidence is what an alert stands on: the units that its rule finds impaired, as
// far as the locator knows them.
type evidence struct {
	alert  *Alert
	rule   *Rule
	bit    uint64 // of the rule's judgement
	calls  bool   // units are calls or registrations
	always bool   // all of them are impaired: their number tells
	labels []item
	units  []int32             // the origins of the impaired ones, in order
	keys   map[uint64]struct{} // of their calls
	began  uint32              // the first of them was impaired

	held    bool // for maintenance elsewhere, until now
	excused int  // impaired units whose impairment comes from where people are at work
}

// evidenceOf collects it over the rule's window.
func (w *Watch) evidenceOf(a *Alert) evidence {
	ev := evidence{alert: a, keys: map[uint64]struct{}{}, labels: w.locator.labels(a)}
	rs := w.engine.rule(a.Rule)
	if rs == nil || rs.judging == none {
		return ev
	}
	l := w.locator
	ev.rule, ev.bit, ev.always = rs.Rule, 1<<rs.judging, rs.info.uncommon
	ev.calls = rs.info.source == fromCalls || rs.info.source == fromRegistrations
	since := seconds(w.now - int64(rs.Window))
	from := l.originsOf(a.Signal, since)
	for i := range int32(l.unitCount(ev.calls)) {
		ends, marks, _, _, used := l.unitOf(ev.calls, i)
		m := member{ends: ends}
		if !used || !m.has(ev.labels) {
			continue
		}
		state := sum(marks, ev.bit, since)
		if !state.impaired {
			continue
		}
		unit := i
		if !ev.calls {
			unit = from.of(i)
			if l.excused(unit, sum(l.marksOf(unit), from.mask|ev.bit, since).last) {
				ev.excused++
				continue
			}
		}
		ev.units = append(ev.units, unit)
		if ev.began == 0 || state.first < ev.began {
			ev.began = state.first
		}
	}
	slices.Sort(ev.units)
	ev.units = slices.Compact(ev.units)
	for _, i := range ev.units {
		_, _, _, call, _ := l.unitOf(ev.calls, i)
		ev.keys[l.calls[call].key] = struct{}{}
	}
	return ev
}

// mostlyExcused reports that most of what fires an alert comes from maintenance.
func (ev *evidence) mostlyExcused() bool { return ev.excused > len(ev.units) }

// convincing reports that enough fires an alert that does not come from there.
func (ev *evidence) convincing() bool {
	return len(ev.units) > ev.excused && ev.rule != nil && len(ev.units) >= max(1, ev.rule.MinAffected)
}

// labels are the items that an alert's labels name. What is no value is 0, as it
// is with units.
func (l *locator) labels(a *Alert) []item {
	var list []item
	for dim, c := range map[Dimension]column{BySegment: colSegment, ByDirection: colDirection, ByCodec: colCodec, ByTrunk: colTrunk, ByPeer: colPeer} {
		v := a.Label(string(dim))
		switch {
		case v == "":
			continue
		case c != colSegment && (v == topology.OtherName || v == noCodec || v == topology.Unknown.String()):
			list = append(list, item{c, 0})
		default:
			list = append(list, item{c, l.words.number(c, v)})
		}
	}
	slices.SortFunc(list, compareItems)
	return list
}

// coverage is the part of the evidence that has all items.
func (l *locator) coverage(ev *evidence, items []item) float64 {
	n := 0
	for _, i := range ev.units {
		ends, _, _, _, _ := l.unitOf(ev.calls, i)
		if m := (member{ends: ends}); m.has(items) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(ev.units)))
}

// rule finds a rule by its name, nil where there is none.
func (e *Engine) rule(name string) *ruleState {
	for _, rs := range e.rules {
		if rs.Name == name {
			return rs
		}
	}
	return nil
}

// current returns an alert as it is now, false where it is not pending or firing.
func (e *Engine) current(rule string, print Fingerprint) (Alert, bool) {
	rs := e.rule(rule)
	if rs == nil {
		return Alert{}, false
	}
	for _, set := range rs.list {
		if set != nil && set.print == print && set.state != Inactive {
			return rs.alert(e, set), true
		}
	}
	return Alert{}, false
}
