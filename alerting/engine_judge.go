package alerting

import (
	"slices"
	"time"
)

// life is what a label set remembers of its alert, times in ns.
type life struct {
	started, fired int64
	held           int64 // how long the measure has been beyond its bound, while pending
	healthy        int64 // how long it has been over, while firing; below 0: it is not
	missing        int64 // how long there has been no data, while pending
	noData         bool
	severity       Severity
	worst          Figures
}

// opinion is what a tick finds in a window.
type opinion uint8

const (
	unknown opinion = iota // too little traffic
	good                   // comparable traffic within the bound of resolving
	between                // neither
	bad
)

// judge passes judgement on every label set of a rule, and frees those that
// have nothing left to say.
func (rs *ruleState) judge(e *Engine, passed int64) {
	for i, set := range rs.list {
		if set == nil {
			continue
		}
		set.window.advance(e.now)
		o := rs.opinion(e, set)
		rs.step(e, set, o, passed)
		rs.freeze(set, passed)
		if set.state == Inactive {
			set.worst.forget(e.now - int64(rs.Window))
			if rs.over(set) {
				rs.drop(e, int32(i))
			}
		}
	}
}

// over reports whether a set that is not alerting may be forgotten: its window
// is empty, and what was usual has trailed off.
func (rs *ruleState) over(set *labelSet) bool {
	if !set.window.empty() {
		return false
	}
	u := set.window.usual
	return u == nil || u.mean*float64(u.length) < 1 && u.count == u.length
}

// opinion judges one window.
func (rs *ruleState) opinion(e *Engine, set *labelSet) opinion {
	w := &set.window
	switch {
	case int(w.sum.units) < rs.MinUnits,
		rs.info.source == fromIntervals && time.Duration(w.sum.weight)*time.Millisecond < rs.MinTime,
		w.samples != nil && w.samples.total == 0,
		w.usual != nil && !w.usual.known(),
		rs.by(BySegment) && e.maintained(set.place.segment):
		return unknown
	}
	v := rs.value(set)
	switch {
	case rs.beyond(v, rs.Bound) && int(w.sum.affected) >= rs.MinAffected, rs.beyond(v, rs.Bound) && rs.Figure == figureLag:
		return bad
	case !rs.beyond(v, rs.Resolve):
		return good
	}
	return between
}

// value is the rule's measure of a window.
func (rs *ruleState) value(set *labelSet) float64 {
	w := &set.window
	switch rs.Measure.Kind {
	case MeasureShare:
		return w.share()
	case MeasurePercentile:
		return w.samples.percentile(rs.Measure.Percentile)
	case MeasureFactor:
		return w.usual.factor(w.sum.affected, w.buckets)
	}
	if rs.info.source == fromProbe {
		return float64(w.sum.bad)
	}
	return float64(w.sum.affected)
}

// figures tells what an alert stands on.
func (rs *ruleState) figures(set *labelSet) Figures {
	w := &set.window
	f := Figures{
		Value: rs.value(set), Bound: rs.Bound, Window: rs.Window, Unit: unitWords[rs.info.source],
		Total: int(w.sum.units), Affected: int(w.sum.affected), Share: w.share(),
	}
	if w.usual != nil {
		f.Usual = w.usual.mean * float64(w.buckets)
	}
	return f
}

// step moves an alert on.
func (rs *ruleState) step(e *Engine, set *labelSet, o opinion, passed int64) {
	l := &set.life
	l.noData = o == unknown
	if o == bad {
		rs.impact(set)
	}
	switch set.state {
	case Inactive:
		if o == bad {
			rs.begin(e, set)
		}
	case Pending:
		rs.wait(e, set, o, passed)
	case Firing:
		rs.burn(e, set, o, passed)
	}
}

// begin makes an alert pending, and firing where it need not wait.
func (rs *ruleState) begin(e *Engine, set *labelSet) {
	f := rs.figures(set)
	set.life = life{started: e.now, healthy: -1, worst: f, severity: rs.severity(f.Share, f.Affected)}
	rs.change(e, set, Pending, CauseMeasured)
	if rs.For == 0 {
		rs.fire(e, set)
	}
}

func (rs *ruleState) fire(e *Engine, set *labelSet) {
	set.life.fired = e.now
	rs.change(e, set, Firing, CauseMeasured)
}

// wait lets a pending alert fire when its measure has held for long enough.
// Time without data does not count; as much as a window of it ends the alert.
func (rs *ruleState) wait(e *Engine, set *labelSet, o opinion, passed int64) {
	l := &set.life
	switch o {
	case bad:
		l.missing = 0
		l.held += passed
		if l.held >= int64(rs.For) {
			rs.fire(e, set)
		}
	case unknown:
		l.missing += passed
		if l.missing >= int64(rs.Window) {
			rs.change(e, set, Inactive, CauseNoData)
		}
	default:
		rs.change(e, set, Inactive, CauseMeasured)
	}
}

// burn resolves a firing alert when comparable traffic has been good for long
// enough. No traffic proves nothing.
func (rs *ruleState) burn(e *Engine, set *labelSet, o opinion, passed int64) {
	l := &set.life
	switch {
	case o == unknown:
	case o != good:
		l.healthy = -1
	case l.healthy < 0:
		l.healthy = 0
	default:
		l.healthy += passed
	}
	switch severity := rs.severity(l.worst.Share, l.worst.Affected); {
	case o == good && l.healthy >= int64(rs.ResolveFor):
		rs.change(e, set, Resolved, CauseMeasured)
	case severity < l.severity:
		l.severity = severity
		rs.change(e, set, Firing, CauseWorse)
	}
}

// impact keeps the figures of the worst window, by its measure, and of the
// widest impact, since an alert was pending.
func (rs *ruleState) impact(set *labelSet) {
	if set.state == Inactive {
		return
	}
	l, f := &set.life, rs.figures(set)
	share, affected, total := max(l.worst.Share, f.Share), l.worst.Affected, l.worst.Total
	if f.Affected > affected {
		affected, total = f.Affected, f.Total
	}
	if rs.beyond(f.Value, l.worst.Value) {
		l.worst = f
	}
	l.worst.Share, l.worst.Affected, l.worst.Total = share, affected, total
	if set.state == Pending {
		l.severity = min(l.severity, rs.severity(share, affected))
	}
}

// freeze keeps a fault from becoming usual while it lasts, for one baseline at
// most: what lasts longer is how things are now.
func (rs *ruleState) freeze(set *labelSet, passed int64) {
	u := set.window.usual
	if u == nil {
		return
	}
	if set.state == Inactive {
		u.frozen, u.since = false, 0
		return
	}
	u.since += passed
	u.frozen = u.since < int64(rs.Baseline)
}

// change tells a change.
func (rs *ruleState) change(e *Engine, set *labelSet, to State, cause Cause) {
	from := set.state
	set.state = to
	a := rs.alert(e, set)
	if to == Resolved || to == Inactive {
		set.state = Inactive
		a.Resolved = time.Unix(0, e.now).UTC()
		set.worst = samples{}
		set.life = life{}
	}
	if e.cfg.Emit != nil {
		e.cfg.Emit(Change{At: time.Unix(0, e.now).UTC(), From: from, To: to, Cause: cause, Alert: a})
	}
}

// alert shows a label set as an alert.
func (rs *ruleState) alert(e *Engine, set *labelSet) Alert {
	l := &set.life
	a := Alert{
		Fingerprint: set.print, Rule: rs.Name, Signal: rs.Signal, Labels: set.labels,
		State: set.state, Severity: l.severity, NoData: l.noData,
		Started: time.Unix(0, l.started).UTC(), Figures: rs.figures(set), Worst: l.worst,
	}
	if l.fired != 0 {
		a.Fired = time.Unix(0, l.fired).UTC()
	}
	for i := range set.worst.n {
		a.Examples = append(a.Examples, set.worst.list[i].example())
	}
	slices.SortStableFunc(a.Examples, func(x, y Example) int {
		switch {
		case x.Value == y.Value:
			return 0
		case x.Value > y.Value != rs.info.below:
			return -1
		}
		return 1
	})
	told := a
	if !rs.beyond(told.Figures.Value, rs.Bound) {
		told.Figures = told.Worst // what it was, where it is good again
	}
	told.annotate(rs.Rule)
	a.Annotations = told.Annotations
	return a
}
