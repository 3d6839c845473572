package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// faultResult is what one fault came to: its case and what is wrong with it.
type faultResult struct {
	want    *faultWant
	truth   *truthFault
	c       *alerting.Case
	wrong   []string
	lacking int // the bits 1 to 8 are answers that are wrong
}

func (x *faultResult) wrongf(format string, args ...any) {
	x.wrong = append(x.wrong, fmt.Sprintf(format, args...))
}

// check compares every labelled fault of a scenario with the cases it made.
func (r *siteRun) check(t *testing.T) []*faultResult {
	t.Helper()
	var results []*faultResult
	cases := r.cases()
	for i := range faultWants {
		w := &faultWants[i]
		if w.scenario != r.name {
			continue
		}
		x := &faultResult{want: w, truth: r.truth.fault(w.fault)}
		results = append(results, x)
		if x.c = x.pick(cases); x.c == nil {
			if !w.mayMiss {
				x.wrongf("no case")
			}
			continue
		}
		cases = slices.DeleteFunc(cases, func(c *alerting.Case) bool { return c == x.c })
		x.place(r)
		x.times(r)
		x.traffic(r)
		x.examples(r)
		x.timeline()
		x.answers()
	}
	for _, c := range cases {
		t.Errorf("case %d of no labelled fault: %s %q, segment %q, owner %q, factors %v, opened %s", c.Number, c.Severity, c.Subject, c.Segment, c.Owner, c.Factors, hms(c.Opened))
	}
	for _, x := range results {
		for _, w := range x.wrong {
			t.Errorf("%s: %s", x.want.fault, w)
		}
	}
	return results
}

func (x *faultsTruth) fault(name string) *truthFault {
	for _, f := range x.faults {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// pick takes the case that fits best: at the fault's place, else at its time.
func (x *faultResult) pick(cases []*alerting.Case) *alerting.Case {
	var best *alerting.Case
	points := 0
	for _, c := range cases {
		p := 0
		if slices.Contains(x.truth.Segments, c.Segment) {
			p += 4
		}
		if c.Owner == x.truth.Owner {
			p += 2
		}
		if !c.Opened.Before(*x.truth.First) && c.Opened.Before(x.truth.Last.Add(time.Hour)) {
			p++
		}
		if p > points {
			best, points = c, p
		}
	}
	return best
}

// place checks where the fault is said to arise, whose it is, what the affected
// have in common, and the severity.
func (x *faultResult) place(r *siteRun) {
	f, c := x.truth, x.c
	if len(f.Segments) == 1 && c.Segment != f.Segments[0] || len(f.Segments) > 1 && c.Segment != "" {
		x.wrongf("segment %q, want one of %v alone", c.Segment, f.Segments)
	}
	if c.Owner != f.Owner {
		x.wrongf("owner %q, want %q", c.Owner, f.Owner)
	}
	if f.Severity != x.want.severity.String() {
		x.wrongf("the scenario wants severity %q, this table %s", f.Severity, x.want.severity)
	}
	if c.Severity != x.want.severity {
		x.wrongf("severity %s, want %s: %s", c.Severity, x.want.severity, x.want.why)
	}
	for _, factor := range c.Factors {
		if !f.has(factor) && !r.truth.all(f, factor) {
			x.wrongf("factor %s=%s is not the fault's", factor.Name, factor.Value)
		}
	}
	for name, value := range map[alerting.FactorName]string{alerting.FactorCodec: f.Codec, alerting.FactorAgent: agentMake(f.UserAgent)} {
		if value != "" && !slices.ContainsFunc(c.Factors, func(y alerting.Factor) bool { return y.Name == name && strings.Contains(y.Value, value) }) {
			x.wrongf("factor %s=%s is missing: %v", name, value, c.Factors)
		}
	}
	if n := f.Affected.Calls; n > 0 && (len(c.Faults) == 1 && x.want.notBefore == "" && float64(c.Impact.Calls) < 0.6*float64(n) || float64(c.Impact.Calls) > 1.15*float64(n)) {
		x.wrongf("%d calls affected, want about %d", c.Impact.Calls, n)
	}
}

// has reports whether something in common is true of the fault.
func (f *truthFault) has(factor alerting.Factor) bool {
	switch factor.Name {
	case alerting.FactorSegment:
		return slices.Contains(f.Segments, factor.Value)
	case alerting.FactorPeer:
		return slices.Contains(f.Peers, factor.Value)
	case alerting.FactorDirection:
		return f.Direction == factor.Value || f.Direction == "both"
	case alerting.FactorCodec:
		return f.Codec == factor.Value || f.does("codec_mismatch") // a law for a law: G.711 calls alone
	case alerting.FactorAgent:
		return f.UserAgent != "" && strings.Contains(f.UserAgent, factor.Value)
	case alerting.FactorOwner:
		return f.Owner == factor.Value
	}
	return false
}

// all reports whether everything that a fault touched was sent from, or to, a
// network.
func (x *faultsTruth) all(f *truthFault, factor alerting.Factor) bool {
	network, err := netip.ParsePrefix(factor.Value)
	if err != nil || factor.Name != alerting.FactorSource && factor.Name != alerting.FactorSink {
		return false
	}
	for _, s := range x.streams {
		end := s.Src
		if factor.Name == alerting.FactorSink {
			end = s.Dst
		}
		if s.Route.Faults[f.Name] > 0 && !network.Contains(netip.MustParseAddrPort(end).Addr()) {
			return false
		}
	}
	return true
}

// agentMake is a user agent without its version.
func agentMake(agent string) string {
	name, _, _ := strings.Cut(agent, "/")
	return name
}

// times checks when the case was opened and restored.
func (x *faultResult) times(r *siteRun) {
	f, c := x.truth, x.c
	var after time.Time
	if x.want.notBefore != "" {
		after, _ = time.Parse(time.RFC3339, x.want.notBefore)
	}
	x.alertTimes(r)
	if c.Opened.Before(*f.First) {
		x.wrongf("opened %s, before the first impaired packet at %s", hms(c.Opened), hms(*f.First))
	}
	if begun := c.FirstSeen.Sub(*f.First); begun < -30*time.Second || begun > 3*time.Minute && !x.want.mayMiss && x.want.notBefore == "" {
		x.wrongf("first seen %s, the first impaired packet was at %s", hms(c.FirstSeen), hms(*f.First))
	}
	rule := ruleNamed(r.rules, x.want.rule)
	if rule.Measure.Kind != alerting.MeasureShare || strings.HasPrefix(x.want.rule, "registration") {
		return
	}
	o := oracle(r.truth, f, rule, after)
	if c.Opened.Before(after) {
		x.wrongf("opened %s, within the maintenance window", hms(c.Opened))
	}
	if c.Opened.After(o.opened.Add(openSlack)) {
		x.wrongf("opened %s, the rule %s holds by the truth at %s", hms(c.Opened), rule.Name, hms(o.opened))
	}
	if x.want.stays {
		if !c.Restored.IsZero() || c.SubStatus == alerting.SubRestored {
			x.wrongf("restored %s, and nothing proved that", hms(c.Restored))
		}
		return
	}
	switch {
	case c.Restored.IsZero() && o.resolved.IsZero(): // the scenario ends too soon
	case c.Restored.IsZero():
		x.wrongf("never restored, the rule %s is over by the truth at %s", rule.Name, hms(o.resolved))
	case o.resolved.IsZero():
		if c.Restored.Before(f.Last.Add(rule.ResolveFor)) {
			x.wrongf("restored %s, too early: the last impaired packet was at %s", hms(c.Restored), hms(*f.Last))
		}
	case c.Restored.Before(o.resolved.Add(-restoreSlack)), c.Restored.After(o.resolved.Add(restoreSlack)):
		x.wrongf("restored %s, the rule %s is over by the truth at %s", hms(c.Restored), rule.Name, hms(o.resolved))
	}
}

// timeline checks that a case was restored, and hurt again, as it should.
func (x *faultResult) timeline() {
	want := x.want.history
	for _, u := range x.c.Updates {
		if len(want) > 0 && u.Kind == want[0] {
			want = want[1:]
		}
	}
	if len(want) > 0 {
		x.wrongf("the timeline lacks %v", want)
	}
}

// alertTimes checks that the case follows its first alert at once, and that alert
// its rule's "for".
func (x *faultResult) alertTimes(r *siteRun) {
	var first *alerting.Alert
	for _, id := range x.c.Faults {
		f := r.faults[id]
		for i := range f.Alerts {
			if a := &f.Alerts[i]; first == nil || a.Fired.Before(first.Fired) {
				first = a
			}
		}
	}
	if first == nil {
		x.wrongf("no alert")
		return
	}
	// An alert that fired again has a later time now: the case may be older.
	if late := x.c.Opened.Sub(first.Fired); late > alertSlack && x.want.notBefore == "" {
		x.wrongf("opened %s after its first alert", late)
	}
	// Time in which there was too little traffic does not count towards "for".
	if held, rule := first.Fired.Sub(first.Started), ruleNamed(r.rules, first.Rule); held < rule.For || held > rule.For+rule.Window {
		x.wrongf("its first alert, %s, fired %s after it was pending", first.Rule, held)
	}
}

func ruleNamed(set *alerting.RuleSet, name string) *alerting.Rule {
	for i := range set.Rules {
		if set.Rules[i].Name == name {
			return &set.Rules[i]
		}
	}
	return nil
}

func hms(t time.Time) string { return t.UTC().Format("15:04:05") }
