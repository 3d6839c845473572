package alerting

import (
	"cmp"
	"slices"
	"time"
)

// sameProblem finds the case that a new fault belongs to: one about the same
// place and signals that nothing else keeps busy, and that is open, or was
// closed lately enough to be reopened. Where the latest of them was closed too
// long ago, only its number is returned.
func (d *Desk) sameProblem(now time.Time, f *Fault, tenant string, busy map[int]bool) (best *Case, old int) {
	for _, c := range d.cases {
		if busy[c.Number] || !c.isAbout(f, tenant) {
			continue
		}
		if best == nil || nearer(c, best, f) {
			best = c
		}
	}
	if best == nil || best.Status == StatusOpen {
		return best, 0
	}
	if p := d.cfg.Directory.of(best); !p.plan.MayReopen(p.calendar, best.Closed, now) {
		return nil, best.Number
	}
	return best, 0
}

// isAbout reports whether a fault is the problem of a case. It is where its
// place is the same and what causes the one is among the signals of the other;
// or where one of its alerts is one of the case's, and nothing says that the
// affected are others.
func (c *Case) isAbout(f *Fault, tenant string) bool {
	if len(c.Faults) == 0 || c.Probe != f.Probe || c.Tenant != tenant || !shareCause(c.Signals, f.Signals) {
		return false
	}
	if c.Probe {
		return c.fired(f)
	}
	if c.Segment != f.Verdict.Segment {
		return false
	}
	if sameFactors(c.Factors, f.Factors) && (c.Segment != "" || len(c.Factors) > 0) {
		return true
	}
	return c.fired(f) && !contradict(c.Factors, f.Factors)
}

// fired reports whether an alert of a fault is one of the case's.
func (c *Case) fired(f *Fault) bool {
	return slices.ContainsFunc(f.Alerts, func(a Alert) bool { return slices.Contains(c.Alerts, a.Fingerprint.String()) })
}

// shareCause reports whether the first signal of one, its cause, is among the
// signals of the other.
func shareCause(a, b []Signal) bool {
	return len(a) > 0 && len(b) > 0 && (slices.Contains(b, a[0]) || slices.Contains(a, b[0]))
}

func sameFactors(a, b []Factor) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f Factor) bool { return !slices.Contains(b, f) })
}

// contradict reports whether a factor has different values in two sets.
func contradict(a, b []Factor) bool {
	return slices.ContainsFunc(a, func(f Factor) bool {
		return slices.ContainsFunc(b, func(g Factor) bool { return f.Name == g.Name && f.Value != g.Value })
	})
}

// nearer reports whether a fault belongs to a rather than b: an open case, one
// with the very same affected, one of the same alerts, the latest.
func nearer(a, b *Case, f *Fault) bool {
	return cmp.Or(
		trueFirst(a.Status == StatusOpen, b.Status == StatusOpen),
		trueFirst(sameFactors(a.Factors, f.Factors), sameFactors(b.Factors, f.Factors)),
		trueFirst(a.fired(f), b.fired(f)),
		b.LastSeen.Compare(a.LastSeen),
		cmp.Compare(b.Number, a.Number),
	) < 0
}

func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
