package alerting

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
		fired: unixNano(s.Fired), over: unixNano(s.Over), shown: *s, located: !s.Probe,
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
	return f
}
