package alerting

import (
	"fmt"
	"slices"
	"time"
)

const (
	maxWatched = 1000 // that the watch works on at once

	// mostOf is the part of an alert's units, or of their calls, that must be a
	// fault's for the alert to be one of its.
	mostOf = 0.6

	// together is how far apart signals of different sorts may begin that come
	// from one fault.
	together = uint32(10 * time.Minute / time.Second)

	// What fires beyond these in one second waits for the next: explanations
	// that are sought, and alerts that are looked at.
	searchesPerTick = 8
	settledPerTick  = 200
)

// held is an alert that fires for what comes from maintenance elsewhere: it is no
// fault, unless it still fires afterwards for something that came since.
type held struct {
	alert Alert
	until int64 // when it is looked at again
}

// waiting is an alert that fires and has no fault yet.
type waiting struct {
	Alert
	held bool // it was
}

// release looks again at alerts that were held.
func (w *Watch) release() {
	kept := w.held[:0]
	for _, h := range w.held {
		if w.now < h.until {
			kept = append(kept, h)
		} else if a, ok := w.engine.current(h.alert.Rule, h.alert.Fingerprint); ok && a.State == Firing {
			w.fired = append(w.fired, waiting{a, true})
		}
	}
	w.held = kept
}

// settle finds the fault of every alert that has fired.
func (w *Watch) settle() {
	w.release()
	searches := 0
	for range settledPerTick {
		if len(w.fired) == 0 || searches == searchesPerTick {
			return
		}
		a, again := w.fired[0].Alert, w.fired[0].held
		w.fired = w.fired[1:]
		if f := w.holding(a.Fingerprint); f != nil {
			f.add(&a, w.engine.rule(a.Rule))
			continue
		}
		if a.Signal == SignalProbe {
			w.openProbe(&a)
			continue
		}
		ev := w.evidenceOf(&a)
		ev.held = again
		if ev.mostlyExcused() || again && !ev.convincing() {
			w.held = append(w.held, held{a, w.now + refreshEvery})
			continue
		}
		if f := w.joining(&ev); f != nil {
			f.join(w, &a)
			continue
		}
		searches++
		w.locate(&ev)
	}
}

// holding returns the fault that goes on and has an alert of this name.
func (w *Watch) holding(p Fingerprint) *fault {
	for _, f := range w.faults {
		if f.over == 0 && f.find(p) >= 0 {
			return f
		}
	}
	return nil
}

// joining returns the fault that explains most of the evidence, nil where none
// does. Without evidence the alert's own history and labels decide.
func (w *Watch) joining(ev *evidence) *fault {
	var best *fault
	most := 0.0
	for _, f := range w.faults {
		if f.probe {
			continue
		}
		share := 0.0
		switch {
		case len(ev.units) == 0:
			if f.find(ev.alert.Fingerprint) >= 0 || f.over == 0 && f.family() == families[ev.alert.Signal] && (containsItems(f.items, ev.labels) || containsItems(ev.labels, f.items)) {
				share = 1
			}
		case f.family() == families[ev.alert.Signal] && f.calls == ev.calls:
			share = w.locator.coverage(ev, f.items)
			if share < mostOf && f.over == 0 && f.sameSegment(ev) && f.overlap(ev) >= nearlyAll {
				share = mostOf // the other direction of the same calls
			}
		case f.over == 0 && max(f.began, ev.began)-min(f.began, ev.began) <= together:
			share = f.overlap(ev)
		}
		if share >= mostOf && share > most {
			best, most = f, share
		}
	}
	return best
}

// sameSegment reports whether an alert is about the fault's segment, and began
// together with it.
func (f *fault) sameSegment(ev *evidence) bool {
	s := ev.alert.Label(string(BySegment))
	return s != "" && s == f.shown.Verdict.Segment && max(f.began, ev.began)-min(f.began, ev.began) <= together
}

// containsItems reports whether a set of items has all of another.
func containsItems(set, other []item) bool {
	for _, it := range other {
		if !slices.Contains(set, it) {
			return false
		}
	}
	return true
}

// overlap is the part of the evidence's calls that the fault affects.
func (f *fault) overlap(ev *evidence) float64 {
	n := 0
	for key := range ev.keys {
		if _, ok := f.hit[key]; ok {
			n++
		}
	}
	return float64(n) / float64(max(1, len(ev.keys)))
}

// locate finds what an alert's units have in common, and opens a fault, unless
// that shows that a fault is wider than it was taken for.
func (w *Watch) locate(ev *evidence) {
	if len(w.faults) >= maxWatched {
		w.refused++
		return
	}
	l := w.locator
	s := selection{calls: ev.calls, mask: ev.bit, since: ev.began, always: ev.always, origins: l.originsOf(ev.alert.Signal, ev.began)}
	if len(ev.units) == 0 {
		w.open(ev, nil)
		return
	}
	x := explain(l.members(&s))
	if x != nil && l.coverage(ev, x.items) >= mostOf {
		for _, f := range w.faults {
			if f.over == 0 && !f.probe && f.calls == ev.calls && f.family() == families[ev.alert.Signal] && w.within(f, x.items) {
				f.items, f.known, f.gone = x.items, true, toll{}
				f.join(w, ev.alert)
				return
			}
		}
	}
	s.without = func(i int32, last uint32) bool { return w.explained(ev.calls, i, last, nil) }
	if x = explain(l.members(&s)); x == nil || l.coverage(ev, x.items) < mostOf {
		// Others are affected too, by something else: compare with the
		// unaffected alone.
		s.without = func(i int32, _ uint32) bool { _, own := slices.BinarySearch(ev.units, i); return !own }
		x = explain(l.members(&s))
	}
	w.open(ev, x)
}

// explained reports whether a unit that was impaired last at some time has what
// a fault of that time is about, other than the one given.
func (w *Watch) explained(calls bool, i int32, last uint32, but *fault) bool {
	ends, _, _, _, _ := w.locator.unitOf(calls, i)
	m := member{ends: ends}
	for _, f := range w.faults {
		if f != but && (f.over == 0 || last <= f.seen) && !f.probe && f.calls == calls && len(f.items) > 0 && m.has(f.items) {
			return true
		}
	}
	return false
}

// within reports whether nearly all that a fault affects has certain items.
func (w *Watch) within(f *fault, items []item) bool {
	n, has := 0, 0
	s, ok := w.selectionOf(f)
	if !ok {
		return false
	}
	for i := range int32(w.locator.unitCount(f.calls)) {
		state, member := w.locator.look(&s, i)
		if !member || !state.impaired {
			continue
		}
		ends, _, _, _, _ := w.locator.unitOf(f.calls, i)
		m := memberAt(ends)
		if !m.has(f.items) {
			continue
		}
		n++
		if m.has(items) {
			has++
		}
	}
	return n > 0 && 5*has >= 4*n
}

func memberAt(ends []end) member { return member{ends: ends} }

// open makes a fault of an alert. Without an explanation it is where the alert's
// labels say.
func (w *Watch) open(ev *evidence, x *explanation) {
	a := ev.alert
	f := &fault{
		id:    faultID(a),
		calls: ev.calls, always: ev.always, began: ev.began, fired: unixNano(a.Fired), items: w.locator.whereabouts(ev),
		located: len(ev.units) > 0,
	}
	if x != nil {
		f.items, f.known = x.items, true
	}
	if started := seconds(unixNano(a.Started)); f.began == 0 || f.began > started && !ev.held {
		f.began = started
	}
	if ev.held {
		f.floor = w.locator.workedUntil(f.items)
		f.began = max(f.began, f.floor)
	}
	f.spells = []spell{{from: f.began}}
	f.seen = seconds(w.now)
	f.add(a, w.engine.rule(a.Rule))
	w.faults = append(w.faults, f)
	w.refresh(f)
}

// whereabouts are the items of an alert that nothing explains: its labels, or
// where its units' impairment begins when that is elsewhere.
func (l *locator) whereabouts(ev *evidence) []item {
	if len(ev.units) == 0 || l.coverage(ev, ev.labels) >= mostOf || ev.calls {
		return ev.labels
	}
	places := map[uint32]int{}
	for _, i := range ev.units {
		e := &l.streams[i].ends[0]
		places[e[colSegment]<<2|e[colDirection]] += 1
	}
	most := ranked(places)[0].value
	items := []item{{colSegment, most >> 2}, {colDirection, most & 3}}
	if l.coverage(ev, items) < mostOf {
		return ev.labels
	}
	return items
}

// faultID names a fault by what it was first seen by and when.
func faultID(a *Alert) FaultID { return FaultID(fmt.Sprintf("%s-%x", a.Fingerprint, a.Fired.Unix())) }

// openProbe adds an alert to the fault of the probe; there is one at a time.
func (w *Watch) openProbe(a *Alert) {
	for _, f := range w.faults {
		if f.probe {
			f.join(w, a)
			return
		}
	}
	began := seconds(unixNano(a.Started))
	f := &fault{
		id: faultID(a), probe: true, began: began, fired: unixNano(a.Fired),
		seen: seconds(w.now), spells: []spell{{from: began}},
	}
	f.add(a, w.engine.rule(a.Rule))
	w.faults = append(w.faults, f)
	w.refresh(f)
}
