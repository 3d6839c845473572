package alerting

import (
	"maps"
	"math"
	"slices"
)

// toll is what a fault's traffic comes to.
type toll struct {
	inside, outside, before Traffic // counts alone
	first, last             uint32  // when the traffic before was judged

	calls, callsTotal, streams int
	values                     contrasts
	places                     map[place2]int      // where affected units were
	hours                      map[uint32]*Traffic // by hours since 1970
	course                     course
	sides                      [2]flank // where their voice comes from and goes to; of calls the end with the factors and the other
	relayed, relayedGood       int      // affected units behind a relay, and those of them whose input was good

	seen  uint32    // impaired last
	units []insider // what is remembered of the traffic inside
}

// place2 is a segment with a direction and the peers at its two sides.
type place2 struct{ segment, direction, peer, owner, near uint32 }

// insider is a unit with all factors of the fault.
type insider struct {
	unit        int32
	judged      uint32 // last
	first, last uint32 // impaired, 0 never
	start       uint32
	call        int32
}

const (
	maxUsers = 10_000
	maxHit   = 50_000
	chance   = 1e-4
)

func newToll() *toll {
	return &toll{
		values: contrasts{}, places: map[place2]int{}, hours: map[uint32]*Traffic{},
		sides: [2]flank{newFlank(), newFlank()},
	}
}

// clone is a copy that can be counted on.
func (t *toll) clone() *toll {
	c := *t
	c.values, c.hours = contrasts{}, map[uint32]*Traffic{}
	for k, v := range t.values {
		x := *v
		c.values[k] = &x
	}
	for k, v := range t.hours {
		x := *v
		c.hours[k] = &x
	}
	c.places, c.course = maps.Clone(t.places), t.course.clone()
	c.sides = [2]flank{t.sides[0].clone(), t.sides[1].clone()}
	return &c
}

// selectionOf is the traffic that a fault is compared in: whom the rules of its
// alerts there judged, those of follow-ups left out; false where no such rule is
// left.
func (w *Watch) selectionOf(f *fault) (selection, bool) {
	lead := f.lead()
	s := selection{calls: f.calls, since: f.began, always: f.always}
	s.origins = w.locator.originsOf(lead.Signal, f.began)
	if !f.located {
		return s, false
	}
	for i := range f.alerts {
		a := &f.alerts[i]
		if a.Signal != lead.Signal && (a.Signal == SignalMOS || families[a.Signal] != families[lead.Signal] || !f.here(a)) {
			continue
		}
		if rs := w.engine.rule(a.Rule); rs != nil && rs.judging != none && rs.info.source == lead.source(rs) && (a.Rule == lead.Rule || rs.Limit <= lead.limit(rs)) {
			s.mask |= 1 << rs.judging
		}
	}
	return s, s.mask != 0
}

// source is where the judgements of the leading alert's rule come from.
func (a *faultAlert) source(rs *ruleState) source {
	if a.rule != nil {
		return a.rule.info().source
	}
	return rs.info.source
}

// limit is the leading alert's where another rule watches the same signal, so that
// a milder one makes nobody affected; else that rule's own.
func (a *faultAlert) limit(rs *ruleState) float64 {
	if a.rule != nil && a.Signal == rs.Signal {
		return a.rule.Limit
	}
	return rs.Limit
}

// measure counts a fault's traffic, what was forgotten included.
func (w *Watch) measure(f *fault) *toll {
	if f.gone.values == nil {
		f.gone = *newToll()
	}
	t := f.gone.clone()
	s, ok := w.selectionOf(f)
	if !ok {
		return t
	}
	f.hit = map[uint64]struct{}{}
	for c := range int32(len(w.locator.calls)) {
		w.count(f, &s, c, t, true)
	}
	return t
}

// leaves keeps of a call, which the locator forgets, what faults count.
func (w *Watch) leaves(call int32) {
	for _, f := range w.faults {
		if f.over != 0 || f.probe || f.gone.values == nil {
			continue
		}
		if s, ok := w.selectionOf(f); ok {
			w.count(f, &s, call, &f.gone, false)
		}
	}
}

// count adds one call with its streams.
func (w *Watch) count(f *fault, s *selection, call int32, t *toll, keep bool) {
	c := &w.locator.calls[call]
	if !c.used {
		return
	}
	inside, affected := false, false
	one := func(unit int32) {
		in, bad := w.countUnit(f, s, call, unit, t, keep)
		inside, affected = inside || in, affected || bad
	}
	if s.calls {
		one(call)
	} else {
		for i := c.first; i != none; i = w.locator.streams[i].next {
			one(i)
		}
	}
	n := 1 << c.level
	if inside {
		t.callsTotal += n
	}
	if affected {
		t.calls += n
		if keep && len(f.hit) < maxHit {
			f.hit[c.key] = struct{}{}
		}
	}
}

// countUnit adds one stream or call, and reports whether it has the factors and
// whether it is affected with them.
func (w *Watch) countUnit(f *fault, s *selection, call, unit int32, t *toll, keep bool) (inside, affected bool) {
	l := w.locator
	state, ok := l.look(s, unit)
	ends, marks, start, _, used := l.unitOf(s.calls, unit)
	if !used {
		return false, false
	}
	m := memberAt(ends)
	n := 1 << l.calls[call].level
	if !ok || s.always && state.seen < s.since {
		// Judged before the fault began only.
		before := sum(marks, s.mask, 1)
		if !before.judged || before.seen >= s.since {
			return false, false
		}
		before.impaired = before.impaired && !s.always
		in := m.has(f.items)
		t.goes(f, in, start, &before, n)
		if in {
			bad := before.impaired
			t.before.count(n, bad)
			t.note(before.seen, n, bad)
			t.last = max(t.last, before.seen)
			if t.first == 0 || before.seen < t.first {
				t.first = before.seen
			}
		}
		return false, false
	}
	state.impaired = state.impaired || s.always
	in := m.has(f.items)
	if in && keep {
		t.units = append(t.units, insider{unit, state.seen, state.first, state.last, start, call})
	}
	if in {
		t.note(state.seen, n, state.impaired)
	}
	if !in && state.impaired && w.explained(s.calls, unit, state.last, f) {
		return false, false // another one's
	}
	t.goes(f, in, start, &state, n)
	if start > f.seen && !state.impaired {
		return false, false // after the fault
	}
	w.contrast(f, ends, n, state.impaired, t)
	if !in {
		t.outside.count(n, state.impaired)
		return false, false
	}
	t.inside.count(n, state.impaired)
	w.sidesOf(f, s, unit, n, state.impaired, t)
	if !state.impaired {
		return true, false
	}
	t.seen = max(t.seen, state.last)
	t.streams += n
	w.placeOf(f, s, unit, n, t)
	return true, true
}

// count adds units.
func (t *Traffic) count(n int, affected bool) {
	t.Units += n
	if affected {
		t.Affected += n
	}
}

// note counts units by the hour.
func (t *toll) note(at uint32, n int, affected bool) {
	hour := at / 3600
	h := t.hours[hour]
	if h == nil {
		h = new(Traffic)
		t.hours[hour] = h
	}
	h.count(n, affected)
}

// contrasts count affected and unaffected traffic by values.
type contrasts map[item]*Contrast

// count adds n units with a value; one for which there is no room is left out.
func (c contrasts) count(it item, n int, affected bool, most int) {
	x := c[it]
	if x == nil {
		if len(c) >= most {
			return
		}
		x = new(Contrast)
		c[it] = x
	}
	x.Total += n
	if affected {
		x.Affected += n
	}
}

// contrast counts a unit by its values of the fault's columns.
func (w *Watch) contrast(f *fault, ends []end, n int, affected bool, t *toll) {
	for _, it := range f.items {
		for i := range ends {
			v := item{it.col, ends[i][it.col]}
			if v.value == 0 || i == 1 && ends[0][it.col] == v.value {
				continue
			}
			t.values.count(v, n, affected, maxFactorValues)
		}
	}
}

// placeOf counts where an affected unit was, and whom it hurts.
func (w *Watch) placeOf(f *fault, s *selection, unit int32, n int, t *toll) {
	l := w.locator
	if s.calls {
		c := &l.calls[unit]
		for side := range c.ends {
			e := &c.ends[side]
			if !e.has(f.items) || side == 1 && c.ends[0].has(f.items) && c.ends[0][colSegment] == e[colSegment] {
				continue
			}
			t.places[place2{e[colSegment], l.words.direction(directionAt(side, c)), e[colPeer], e[colOwner], c.ends[1-side][colPeer]}] += n
		}
		return
	}
	u := &l.streams[unit]
	e := &u.ends[0]
	near := w.peerOf(u.src().Addr())
	if e[colDirection] == l.words.direction(fromPeer) {
		near = w.peerOf(u.dst().Addr())
	}
	t.places[place2{e[colSegment], e[colDirection], e[colPeer], e[colOwner], near}] += n
	if relay, good := s.origins.input(unit); relay {
		t.relayed += n
		if good {
			t.relayedGood += n
		}
	}
}

// again is when the first unit was impaired after a time; a unit that was
// impaired before too has been again since the last look.
func (t *toll) again(after, looked uint32) uint32 {
	from := uint32(math.MaxUint32)
	for i := range t.units {
		u := &t.units[i]
		if u.last <= after {
			continue
		}
		first := u.first
		if first <= after {
			first = max(u.start, after, looked)
		}
		from = min(from, first)
	}
	return from
}

// good is how many units were judged good after the impairment was seen last.
func (t *toll) good(seen uint32) int {
	n := 0
	for i := range t.units {
		if u := &t.units[i]; u.judged > seen && u.last <= seen {
			n++
		}
	}
	return n
}

// enough is how many good units one after the other are unlikely, by chance,
// while as many are affected as were in a spell.
func (t *toll) enough(from, seen uint32) int {
	total, affected := 0, 0
	for i := range t.units {
		u := &t.units[i]
		if u.judged < from || u.start > seen {
			continue
		}
		total++
		if u.last >= from {
			affected++
		}
	}
	p := float64(affected) / float64(max(total, 1))
	if p >= 1 {
		return spellGood
	}
	return max(spellGood, int(min(1e6, math.Ceil(math.Log(chance)/math.Log(1-p)))))
}

// hoursOf lists what was counted by the hour, the latest 48.
func (t *toll) hoursOf() []Traffic {
	var list []Traffic
	keys := slices.Sorted(maps.Keys(t.hours))
	for _, hour := range keys[max(0, len(keys)-48):] {
		h := *t.hours[hour]
		h.From, h.To = unixTime(hour*3600), unixTime((hour+1)*3600)
		list = append(list, h)
	}
	return list
}
