package main

import (
	"slices"
	"time"

	"earshot/alerting"
	"earshot/topology"
)

// rehearsal runs rules over captured traffic as a live probe would, with a
// desk in memory, in packet time: which alerts and cases does this traffic make?
type rehearsal struct {
	*judge
	desk   *alerting.Desk
	alerts []alerting.Alert // that fired, in that order, as they became
	fired  map[firing]int   // places in alerts
}

// firing is one time that an alert fired.
type firing struct {
	alert alerting.Fingerprint
	at    time.Time
}

// newRehearsal makes a rehearsal by the configuration's parties, and by its
// rules where none are given.
func newRehearsal(c *config, plan *topology.Plan, rules *alerting.RuleSet) (*rehearsal, error) {
	t, err := c.terms(plan, rules)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{fired: map[firing]int{}}
	r.judge = newJudge(c, t, r.changed, r.judged)
	r.desk = alerting.NewDesk(alerting.DeskConfig{Directory: t.directory, Maintenance: t.maintenance})
	return r, nil
}

// changed follows every alert that fires.
func (r *rehearsal) changed(c alerting.Change) {
	if c.Alert.Fired.IsZero() {
		return
	}
	key := firing{c.Alert.Fingerprint, c.Alert.Fired}
	i, known := r.fired[key]
	if !known {
		i = len(r.alerts)
		r.fired[key] = i
		r.alerts = append(r.alerts, alerting.Alert{})
	}
	r.alerts[i] = c.Alert
}

// judged tells the desk what a second brought.
func (r *rehearsal) judged(at time.Time) {
	r.desk.Seen(at, r.wire.Take())
	r.desk.Faults(at, r.watch.Faults())
	r.desk.Tick(at)
	r.desk.Take() // nothing is kept
}

// end judges the rest, and completes the figures of what still fires.
func (r *rehearsal) end() {
	r.judge.end()
	if r.last.At != 0 {
		r.desk.Settle(r.now(), r.watch.Faults())
	}
	for _, a := range r.watch.Alerts() {
		if i, ok := r.fired[firing{a.Fingerprint, a.Fired}]; ok {
			r.alerts[i] = a
		}
	}
}

// cases lists the cases as of the end.
func (r *rehearsal) cases() []*alerting.Case {
	list := slices.Clone(r.desk.Cases())
	for i, c := range list {
		list[i] = r.desk.Read(c, r.now())
	}
	return list
}

// now is the packet time of the last second.
func (r *rehearsal) now() time.Time { return time.Unix(0, r.last.At).UTC() }
