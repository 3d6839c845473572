package main

import (
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// The oracle plays a shipped rule over the generator's truth instead of over
// packets: what a fault touched is bad, the rest is good. It tells when the rule
// holds, and with what impact, by another way than the engine's: no intervals, no
// buckets, no findings.

// oracleUnit is a stream, call or registration at one label set of a rule.
type oracleUnit struct {
	from, to time.Time // of what counts; equal for what counts as it ends
	bad      bool
	worse    [2]time.Time // the bad part of from to to
}

// oracleAnswer is what a rule should have done.
type oracleAnswer struct {
	opened   time.Time // began to fire; zero: never
	resolved time.Time // of the alert at the fault's own place, the last time; zero: never
	severity alerting.Severity
}

// oracleLinger is for how long a call that is over waits for stragglers before
// its record is made; the truth's end is its last BYE.
const oracleLinger = 6 * time.Second

// oracle plays a rule for one fault over all traffic of the scenario.
// Nothing counts that was before a time: a maintenance window lasted until then.
func oracle(x *faultsTruth, f *truthFault, rule *alerting.Rule, after time.Time) oracleAnswer {
	var answer oracleAnswer
	for place, units := range x.units(f, rule) {
		units = slices.DeleteFunc(units, func(u oracleUnit) bool { return u.to.Before(after) })
		for i := range units {
			u := &units[i]
			u.from, u.worse[0] = later(u.from, after), later(u.worse[0], after)
		}
		o := playRule(units, rule)
		if !o.opened.IsZero() {
			if answer.opened.IsZero() || o.opened.Before(answer.opened) {
				answer.opened = o.opened
			}
			if answer.severity == 0 || o.severity < answer.severity {
				answer.severity = o.severity
			}
		}
		segment, _, _ := strings.Cut(place, "|")
		if slices.Contains(f.Segments, segment) && o.resolved.After(answer.resolved) {
			answer.resolved = o.resolved
		}
	}
	return answer
}

// playRule walks through time in steps of a second.
func playRule(units []oracleUnit, rule *alerting.Rule) oracleAnswer {
	var answer oracleAnswer
	if len(units) == 0 {
		return answer
	}
	slices.SortFunc(units, func(a, b oracleUnit) int { return a.from.Compare(b.from) })
	begin, end := units[0].from.Truncate(time.Second), units[len(units)-1].to
	firing := false
	var held, healthy time.Duration
	var worst struct {
		share    float64
		affected int
	}
	for at := begin; at.Before(end); at = at.Add(time.Second) {
		share, total, affected, media := windowAt(units, rule, at)
		known := total >= rule.MinUnits && (rule.MinTime == 0 || media >= rule.MinTime)
		bad := known && share > rule.Bound && affected >= rule.MinAffected
		if bad {
			worst.share, worst.affected = max(worst.share, share), max(worst.affected, affected)
		}
		switch {
		case !firing && bad:
			if held += time.Second; held > rule.For {
				firing, healthy = true, 0
				if answer.opened.IsZero() {
					answer.opened = at
				}
			}
		case !firing && known:
			held = 0
		case firing && known && share <= rule.Resolve:
			if healthy += time.Second; healthy > rule.ResolveFor {
				firing, held = false, 0
				answer.resolved = at
			}
		case firing && known:
			healthy, answer.resolved = 0, time.Time{}
		}
	}
	if !answer.opened.IsZero() {
		answer.severity = rule.Severity
		for _, s := range rule.Steps {
			if worst.share >= s.Share && worst.affected >= s.Affected && s.Users == 0 && s.Sites == 0 { // sites: by hand, in faultWants
				answer.severity = s.Severity
				break
			}
		}
	}
	if firing {
		answer.resolved = time.Time{}
	}
	return answer
}

// windowAt sums what a window that ends at a time holds.
func windowAt(units []oracleUnit, rule *alerting.Rule, at time.Time) (share float64, total, affected int, media time.Duration) {
	since := at.Add(-rule.Window)
	var bad time.Duration
	badUnits := 0
	for i := range units {
		u := &units[i]
		if u.from.After(at) {
			break
		}
		if u.to.Before(since) || u.to.Equal(u.from) && !u.from.Before(at) {
			continue
		}
		if u.from.Equal(u.to) {
			total++
			if u.bad {
				badUnits++
			}
			continue
		}
		total++
		media += overlap(u.from, u.to, since, at)
		if hurt := overlap(u.worse[0], u.worse[1], since, at); u.bad && hurt > 0 {
			bad += hurt
			affected++
		}
	}
	switch {
	case media > 0:
		return float64(bad) / float64(media), total, affected, media
	case total > 0:
		return float64(badUnits) / float64(total), total, badUnits, 0
	}
	return 0, 0, 0, 0
}

// overlap is how long two spans have in common.
func overlap(a, b, c, d time.Time) time.Duration {
	if c.After(a) {
		a = c
	}
	if d.Before(b) {
		b = d
	}
	return max(0, b.Sub(a))
}
