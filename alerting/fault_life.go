package alerting

import (
	"math"
	"slices"
	"time"
)

// fault is a Fault as the watch works on it, times in seconds of Unix time where
// they are uint32, else in ns.
type fault struct {
	id     FaultID
	probe  bool
	calls  bool // its units are calls or registrations
	always bool // all units count: their number tells

	items    []item // what its units have
	known    bool   // by an explanation, not only by an alert's labels
	located  bool   // the locator knew units of its first alert
	restored bool   // it is another watch's, with the verdict of that

	began, seen uint32
	floor       uint32 // it cannot have begun before: people were at work
	fired, over int64
	spells      []spell
	alerts      []faultAlert // in the order in which they fired
	hit         map[uint64]struct{}

	gone     toll   // of calls that the locator has forgotten
	next     int64  // when it is looked at again
	searched int64  // when its factors were last sought
	looked   uint32 // when it was measured last
	peer     string // on the far side of its place, "" several
	shown    Fault
}

// spell is a time of impairment; to is 0 while it goes on.
type spell struct{ from, to uint32 }

// faultAlert is an alert of a fault.
type faultAlert struct {
	Alert
	rule *Rule // as it was when the alert fired
}

const (
	refreshEvery   = int64(10 * time.Second)
	searchEvery    = int64(time.Minute)
	learning       = unitKept - int64(10*time.Minute) // since a fault began
	faultKept      = int64(time.Hour)                 // after it is over
	quiet          = uint32(2 * time.Minute / time.Second)
	minGood        = 3  // good units that prove a fault over, at least
	spellGood      = 6  // and that end a spell
	maxFaultSpells = 50 // the first one and the latest are kept
)

// find returns the place of an alert in the fault, none where it is not there.
func (f *fault) find(p Fingerprint) int {
	return slices.IndexFunc(f.alerts, func(a faultAlert) bool { return a.Fingerprint == p })
}

// add takes an alert as it is now.
func (f *fault) add(a *Alert, rs *ruleState) {
	x := faultAlert{Alert: *a}
	if rs != nil {
		x.rule = rs.Rule
	}
	if i := f.find(a.Fingerprint); i >= 0 {
		f.alerts[i] = x
		return
	}
	f.alerts = append(f.alerts, x)
}

// join takes an alert that has fired: the fault goes on, or goes on again.
func (f *fault) join(w *Watch, a *Alert) {
	f.add(a, w.engine.rule(a.Rule))
	if f.over != 0 {
		f.over = 0
		f.resume(seconds(unixNano(a.Started)))
	}
	if !f.located {
		f.seen = seconds(w.now)
	}
	w.refresh(f)
}

// resume begins another spell.
func (f *fault) resume(from uint32) {
	if n := len(f.spells); f.spells[n-1].to == 0 {
		return
	}
	f.spells = append(f.spells, spell{from: max(from, f.spells[len(f.spells)-1].to)})
	if len(f.spells) > maxFaultSpells {
		f.spells = slices.Delete(f.spells, 1, 2)
	}
}

// family is that of the leading signal.
func (f *fault) family() family { return families[f.lead().Signal] }

// lead is the alert that a fault is told by: of those that say where it is, the
// cause; of several the one that fired first.
func (f *fault) lead() *faultAlert {
	best, rank := 0, math.MaxInt
	for i := range f.alerts {
		r := causeRank(f.alerts[i].Signal)
		if !f.here(&f.alerts[i]) {
			r += len(causeOrder)
		}
		if f.alerts[i].State == Inactive { // its rule was taken away
			r += 2 * len(causeOrder)
		}
		if r < rank {
			best, rank = i, r
		}
	}
	return &f.alerts[best]
}

// here reports whether an alert's labels name nothing but the fault's place, or
// one of its places.
func (f *fault) here(a *faultAlert) bool {
	v := &f.shown.Verdict
	if s := a.Label(string(BySegment)); s != "" && s != v.Segment && !slices.Contains(v.Segments, s) {
		return false
	}
	if d := a.Label(string(ByDirection)); d != "" && v.Direction != "" && d != v.Direction && a.Label(string(BySegment)) != "" {
		return false
	}
	if p := a.Label(string(ByPeer)); p != "" {
		for _, x := range f.shown.Factors {
			if x.Name == FactorPeer && x.Value == p {
				return true
			}
		}
		return p == f.peer
	}
	return true
}

// changed takes one change of an alert.
func (w *Watch) changed(c Change) {
	if w.cfg.Emit != nil {
		w.cfg.Emit(c)
	}
	switch {
	case c.To == Firing && c.From != Firing:
		w.fired = append(w.fired, waiting{Alert: c.Alert})
	case c.To == Firing || c.From == Firing:
		w.moved(&c)
	}
}

// moved takes a change of an alert that was firing.
func (w *Watch) moved(c *Change) {
	for _, f := range w.faults {
		i := f.find(c.Alert.Fingerprint)
		if i < 0 {
			continue
		}
		f.alerts[i].Alert = c.Alert
		f.next = 0
	}
	w.held = slices.DeleteFunc(w.held, func(h held) bool { return c.To != Firing && h.alert.Fingerprint == c.Alert.Fingerprint })
	w.fired = slices.DeleteFunc(w.fired, func(a waiting) bool { return c.To != Firing && a.Fingerprint == c.Alert.Fingerprint })
}

// live moves all faults on to now.
func (w *Watch) live() {
	w.settle()
	for _, f := range w.faults {
		if w.now >= f.next {
			w.refresh(f)
		}
	}
	w.faults = slices.DeleteFunc(w.faults, func(f *fault) bool { return f.ended(w.now) })
}

// ended reports whether a fault is forgotten: it has been over for long, or rules
// were taken away, so that nobody judges it any more.
func (f *fault) ended(now int64) bool {
	if f.over != 0 {
		return now-f.over >= faultKept
	}
	withdrawn, firing := false, false
	for i := range f.alerts {
		withdrawn = withdrawn || f.alerts[i].State == Inactive
		firing = firing || f.alerts[i].State == Firing
	}
	return withdrawn && !firing
}

// pace is by how much the watch looks at faults less often: the more there are
// and the more traffic is remembered, the less often, so that the cost is bounded.
func (w *Watch) pace() int64 {
	const (
		atEase  = 50_000 // units to look at
		slowest = 6
	)
	return int64(max(1, min(slowest, w.locator.size()*len(w.faults)/atEase)))
}

// refresh measures a fault anew.
func (w *Watch) refresh(f *fault) {
	pace := w.pace()
	f.next = w.now + pace*refreshEvery
	for i := range f.alerts {
		if a := &f.alerts[i]; a.State == Firing {
			if now, ok := w.engine.current(a.Rule, a.Fingerprint); ok {
				a.Alert = now
			}
		}
	}
	if f.open(w.now) && w.now-f.searched >= pace*searchEvery {
		f.searched = w.now
		w.search(f)
	}
	if f.over != 0 {
		f.shown.Alerts = f.alertsNow() // what was measured stays as it was
		return
	}
	t := w.measure(f)
	f.settleSpells(w, t)
	w.conclude(f, t)
	w.show(f, t)
	f.looked = seconds(w.now)
}

func (f *fault) firing() bool { return f.lead().State == Firing }

// open reports whether more can be learned of what a fault's units have in
// common: all of them are still remembered.
func (f *fault) open(now int64) bool {
	return f.over == 0 && f.located && !f.restored && !f.always && !f.probe && f.firing() && now-int64(f.began)*1e9 < learning
}

// settleSpells ends the spell of impairment when enough of the traffic since has
// been good, and begins another one when some is impaired again.
func (f *fault) settleSpells(w *Watch, t *toll) {
	last := &f.spells[len(f.spells)-1]
	if !f.located || f.always {
		if f.firing() && f.lead().Figures.Value > f.lead().Figures.Bound {
			f.seen = seconds(w.now)
		}
		return
	}
	f.seen = max(f.seen, t.seen)
	if last.to != 0 && t.seen > last.to {
		f.resume(t.again(last.to, f.looked))
		last = &f.spells[len(f.spells)-1]
	}
	if last.to == 0 && seconds(w.now)-f.seen >= quiet && t.good(f.seen) >= t.enough(last.from, f.seen) {
		last.to = f.seen
	}
}

// resolved reports whether a rule's alerts at the fault's place, or elsewhere, are
// all resolved; those that want data prove nothing, and hold nothing up.
func (f *fault) resolved(rule string, here bool) bool {
	n := 0
	for i := range f.alerts {
		a := &f.alerts[i]
		switch {
		case a.Rule != rule || f.here(a) != here:
		case a.State == Resolved:
			n++
		case !a.NoData:
			return false
		}
	}
	return n > 0
}

// conclude ends a fault when a leading alert was resolved by proof and comparable
// traffic has been good for as long as its rule asks for. Other alerts may fire
// on, for what their windows still hold or for want of data.
func (w *Watch) conclude(f *fault, t *toll) {
	lead := f.lead()
	proved := slices.ContainsFunc(f.alerts, func(a faultAlert) bool {
		if a.Signal != lead.Signal || f.here(&a) != f.here(lead) || !f.resolved(a.Rule, f.here(lead)) {
			return false
		}
		since := time.Duration(w.now - int64(f.seen)*1e9)
		return !f.located || f.always || (a.rule == nil || since >= a.rule.ResolveFor) && t.good(f.seen) >= minGood
	})
	if !proved {
		return
	}
	f.over = w.now
	if last := &f.spells[len(f.spells)-1]; last.to == 0 {
		last.to = f.seen
	}
}
