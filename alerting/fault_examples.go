package alerting

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// cleanFor is how many seconds of good traffic make an example.
const cleanFor = 8

// example shows one unit by a judgement.
func (l *locator) example(f *fault, judge int, u *insider) Example {
	var x Example
	_, marks, _, call, _ := l.unitOf(f.calls, u.unit)
	c := &l.calls[call]
	x.Call, x.CallID = c.id, c.callID
	at := u.last
	if at == 0 {
		at = u.judged
	}
	x.At = time.Unix(int64(at), 0).UTC()
	if u.last != 0 {
		x.Value = float64(marks[judge].worst)
	}
	if !f.calls {
		s := &l.streams[u.unit]
		x.Stream, x.Src, x.Dst = s.key.id(), s.src(), s.dst()
	}
	return x
}

// examples picks the worst affected, and good ones, of different calls: those
// inside come first.
func (w *Watch) examples(f *fault, t *toll) (bad, good []Example) {
	judge, below := w.judgeOf(f)
	if judge < 0 {
		return f.shown.Examples, f.shown.Good
	}
	old := f.shown
	var list, fine []*insider
	for i := range t.units {
		u := &t.units[i]
		switch {
		case u.last != 0:
			list = append(list, u)
		case u.judged <= f.seen && w.clean(f, u.unit):
			fine = append(fine, u)
		}
	}
	worst := func(u *insider) float32 {
		_, marks, _, _, _ := w.locator.unitOf(f.calls, u.unit)
		if below {
			return -marks[judge].worst
		}
		return marks[judge].worst
	}
	slices.SortStableFunc(list, func(a, b *insider) int { return cmp.Or(cmp.Compare(worst(b), worst(a)), cmp.Compare(a.first, b.first)) })
	bad = w.distinct(f, judge, list, maxExamples)
	slices.SortStableFunc(fine, func(a, b *insider) int { return cmp.Compare(b.judged, a.judged) })
	good = w.distinct(f, judge, append(w.outsiders(f), fine...), maxGood)
	if len(good) == 0 {
		good = old.Good
	}
	return w.merge(bad, old.Examples, below), good
}

// merge adds examples of calls that are forgotten meanwhile, as far as they are
// among the worst.
func (w *Watch) merge(list, old []Example, below bool) []Example {
	list = slices.Clone(list)
	for _, x := range old {
		if !slices.ContainsFunc(list, func(y Example) bool {
			return x.Call == y.Call && x.Stream == y.Stream || x.Call != "" && x.Call == y.Call
		}) {
			list = append(list, x)
		}
	}
	slices.SortStableFunc(list, func(a, b Example) int {
		if below {
			a, b = b, a
		}
		return cmp.Compare(b.Value, a.Value)
	})
	return list[:min(len(list), maxExamples)]
}

// clean reports whether nothing at all is known to be wrong with a unit's call,
// which lasted for a while.
func (w *Watch) clean(f *fault, unit int32) bool {
	l := w.locator
	_, _, _, call, _ := l.unitOf(f.calls, unit)
	c := &l.calls[call]
	if c.ended && sum(l.marksOfCall(call), math.MaxUint64, 1).impaired {
		return false
	}
	for i := c.first; i != none; i = l.streams[i].next {
		s := &l.streams[i]
		state := sum(l.marksOf(i), math.MaxUint64, 1)
		if s.flawed || state.impaired || state.judged && state.seen < seconds(s.key.start())+cleanFor {
			return false
		}
	}
	return true
}

// distinct shows the first few of different calls.
func (w *Watch) distinct(f *fault, judge int, list []*insider, most int) []Example {
	var shown []Example
	calls := map[int32]bool{}
	for _, u := range list {
		if len(shown) == most {
			break
		}
		if !calls[u.call] {
			calls[u.call] = true
			shown = append(shown, w.locator.example(f, judge, u))
		}
	}
	return shown
}

// outsiders finds good units without the factors: those that have most of them,
// and of these the latest.
func (w *Watch) outsiders(f *fault) []*insider {
	s, ok := w.selectionOf(f)
	if !ok {
		return nil
	}
	type near struct {
		insider
		shared int
	}
	var best []near
	for i := range int32(w.locator.unitCount(f.calls)) {
		state, member := w.locator.look(&s, i)
		ends, _, start, call, _ := w.locator.unitOf(f.calls, i)
		if m := memberAt(ends); !member || state.impaired || m.has(f.items) || start > f.seen || !w.clean(f, i) {
			continue
		}
		if _, hit := f.hit[w.locator.calls[call].key]; hit {
			continue
		}
		x := near{insider{unit: i, judged: state.seen, start: start, call: call}, shared(ends, f.items)}
		at, _ := slices.BinarySearchFunc(best, x, func(a, b near) int {
			return cmp.Or(cmp.Compare(b.shared, a.shared), cmp.Compare(b.judged, a.judged), cmp.Compare(a.unit, b.unit))
		})
		if at < maxGood {
			best = slices.Insert(best, at, x)
			best = best[:min(len(best), maxGood)]
		}
	}
	var list []*insider
	for i := range best {
		list = append(list, &best[i].insider)
	}
	return list
}

// shared is how many of the items the better end of a unit has.
func shared(ends []end, items []item) int {
	most := 0
	for i := range ends {
		n := 0
		for _, it := range items {
			if ends[i][it.col] == it.value {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// judgeOf is the judgement of the leading alert's rule, below 0 where it has none,
// and whether small values are the bad ones.
func (w *Watch) judgeOf(f *fault) (int, bool) {
	rs := w.engine.rule(f.lead().Rule)
	if rs == nil {
		return none, false
	}
	return int(rs.judging), rs.info.below
}

// levels says for each signal with a limit how bad the affected are.
func (w *Watch) levels(f *fault, t *toll) []Level {
	var list []Level
	for _, signal := range f.shown.Signals {
		i := slices.IndexFunc(f.alerts, func(a faultAlert) bool { return a.Signal == signal })
		rs := w.engine.rule(f.alerts[i].Rule)
		if rs == nil || rs.judging == none || rs.info.limit == "" || (rs.info.source == fromCalls) != f.calls {
			continue
		}
		var values []float64
		for j := range t.units {
			u := &t.units[j]
			_, marks, _, _, _ := w.locator.unitOf(f.calls, u.unit)
			if m := &marks[rs.judging]; u.last != 0 && m.impaired >= f.began && m.impaired != 0 {
				values = append(values, float64(m.worst))
			}
		}
		if len(values) == 0 {
			list = append(list, levelOf(f.shown.Levels, signal)...)
			continue
		}
		slices.Sort(values)
		x := Level{Signal: signal, Limit: rs.Limit, Median: values[len(values)/2], Worst: values[len(values)-1]}
		if rs.info.below {
			x.Worst = values[0]
		}
		list = append(list, x)
	}
	return list
}

// levelOf finds what was known of a signal before.
func levelOf(list []Level, s Signal) []Level {
	if i := slices.IndexFunc(list, func(x Level) bool { return x.Signal == s }); i >= 0 {
		return list[i : i+1]
	}
	return nil
}
