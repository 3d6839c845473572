package alerting

import "slices"

// Restore takes the alerts that were firing and the faults that were shown when
// another watch ended, before anything else. Faults go on as they were known,
// and are proved over by traffic alone.
func (w *Watch) Restore(at int64, alerts []Alert, faults []Fault) {
	w.now = at
	w.engine.Restore(at, alerts)
	for i := range faults {
		if f := w.restored(&faults[i]); len(f.alerts) > 0 {
			w.faults = append(w.faults, f)
		}
	}
}

func (w *Watch) restored(s *Fault) *fault {
	f := &fault{
		id: s.ID, probe: s.Probe, began: seconds(unixNano(s.Began)), seen: seconds(unixNano(s.Seen)),
		fired: unixNano(s.Fired), over: unixNano(s.Over), shown: *s, located: !s.Probe, restored: true,
	}
	for i := range s.Alerts {
		a := s.Alerts[i]
		rs := w.engine.rule(a.Rule)
		f.add(&a, rs)
		if _, firing := w.engine.current(a.Rule, a.Fingerprint); a.State == Firing && !firing {
			f.alerts[i].State = Inactive // its rule is another one now
		}
		if rs != nil && i == 0 {
			f.calls = rs.info.source == fromCalls || rs.info.source == fromRegistrations
			f.always = rs.info.uncommon
		}
	}
	for _, x := range s.Spells {
		y := spell{from: seconds(unixNano(x.From))}
		if !x.To.IsZero() {
			y.to = seconds(unixNano(x.To))
		}
		f.spells = append(f.spells, y)
	}
	if len(f.spells) == 0 {
		f.spells = []spell{{from: f.began}}
	}
	f.items, f.known = w.locator.words.items(s.Factors)
	f.known = f.known && len(f.items) > 0
	if !f.known && len(f.alerts) > 0 {
		f.items = w.locator.labels(&f.alerts[0].Alert)
	}
	f.looked, f.peer = seconds(w.now), peerIn(s)
	w.recount(f)
	return f
}

// peerIn is the peer that a fault's factors or its first alert name.
func peerIn(s *Fault) string {
	for _, x := range s.Factors {
		if x.Name == FactorPeer {
			return x.Value
		}
	}
	if len(s.Alerts) == 0 {
		return ""
	}
	return s.Alerts[0].Label(string(ByPeer))
}

// recount takes the counts of a fault as of traffic that is forgotten.
func (w *Watch) recount(f *fault) {
	s, t := &f.shown, newToll()
	t.inside, t.outside, t.before = s.Inside, s.Outside, s.Before
	if s.Before.Units > 0 {
		t.first, t.last = seconds(unixNano(s.Before.From)), seconds(unixNano(s.Before.To))
	}
	t.calls, t.callsTotal, t.streams = s.Impact.Calls, s.Impact.CallsTotal, s.Impact.Streams
	for i := range s.Hours {
		h := s.Hours[i]
		t.hours[seconds(unixNano(h.From))/3600] = &h
	}
	t.course = courseOf(&s.Course)
	users := &t.sides[0]
	for i := range s.Contrast {
		x := s.Contrast[i]
		if x.Name == FactorSink {
			users = &t.sides[1]
		}
	}
	users.known = s.Impact.Users
	for i, site := range s.Impact.Sites {
		users.segments[w.locator.words.number(colSegment, site)] = len(s.Impact.Sites) - i
	}
	for i := range s.Contrast {
		x := s.Contrast[i]
		c := columnOf(x.Factor)
		if x.Name == FactorSite {
			c = colSegment // of the users' side, which is told by its site
		}
		it := item{c, w.locator.words.number(c, x.Value)}
		if slices.ContainsFunc(f.items, func(own item) bool { return own.col == c }) && x.Name != FactorSite {
			t.values[it] = &x
		} else {
			users.values[it] = &x
		}
	}
	f.gone = *t
}
