package web

import (
	"slices"

	"earshot/alerting"
)

// presetRules is how many rules have series of their own where the
// configuration does not say how many it has; the rest is other.
const presetRules = 50

// ruleCap is how many rules have series of their own.
func (c *MetricsConfig) ruleCap() int {
	if c.Rules > 0 {
		return c.Rules
	}
	return presetRules
}

// alertStates are the states that alerts are counted in.
var alertStates = [...]alerting.State{alerting.Pending, alerting.Firing}

// alertSeries are those of one rule.
const alertSeries = len(alertStates) * (int(alerting.Severities) - 1)

// alertCounts counts alerts by rule, state and severity.
type alertCounts map[string]*[len(alertStates)][alerting.Severities]uint64

// rules writes the alerts there are and what their engine does.
func (p *page) rules(m *Metrics, probe *Probe) {
	if probe.Rules == nil {
		return
	}
	names, counts := m.countAlerts(probe)
	p.family("earshot_alerts", gauge, "Alerts that are pending or firing.")
	for _, name := range names {
		for i, state := range alertStates {
			for s := alerting.Critical; s < alerting.Severities; s++ {
				p.count(labels("rule", name, "severity", s.String(), "state", state.String()), counts[name][i][s])
			}
		}
	}
	if probe.Watch != nil {
		p.engine(probe.Watch())
	}
}

// countAlerts counts alerts by the rules in force; those beyond the cap are other.
func (m *Metrics) countAlerts(probe *Probe) (names []string, counts alertCounts) {
	counts = alertCounts{}
	if set := probe.Rules(); set != nil {
		for i := range set.Rules[:min(len(set.Rules), m.cfg.ruleCap())] {
			names = append(names, set.Rules[i].Name)
		}
	}
	if !slices.Contains(names, other) {
		names = append(names, other)
	}
	for _, name := range names {
		counts[name] = new([len(alertStates)][alerting.Severities]uint64)
	}
	if probe.Alerts == nil {
		return names, counts
	}
	for _, a := range probe.Alerts() {
		c := counts[a.Rule]
		if c == nil {
			c = counts[other]
		}
		if i := slices.Index(alertStates[:], a.State); i >= 0 && a.Severity.Valid() {
			c[i][a.Severity]++
		}
	}
	return names, counts
}

// engine writes what the engine of rules did.
func (p *page) engine(s alerting.Stats) {
	p.one("earshot_rules", gauge, "Rules in force.", float64(s.Rules))
	p.family("earshot_rules_tracked", gauge, "What rules watch now: sets of labels, and streams.")
	p.count(`what="sets"`, uint64(max(0, s.Sets)))
	p.count(`what="streams"`, uint64(max(0, s.Streams)))
	p.family("earshot_rules_judged_total", counter, "What came to be judged: intervals of streams, and records.")
	p.count(`what="observations"`, s.Observations)
	p.count(`what="records"`, s.Records)
	p.family("earshot_rules_passed_over_total", counter, "Intervals and records that rules passed over: the capture or the probe lost packets, or maintenance was planned.")
	p.count(`reason="suspect"`, s.Suspect)
	p.count(`reason="maintenance"`, s.Maintained)
	p.family("earshot_rules_refused_total", counter, "What found no room in the tables of rules: sets of labels, streams, names of segments, peers and codecs.")
	p.count(`what="sets"`, s.RefusedSets)
	p.count(`what="streams"`, s.RefusedStreams)
	p.count(`what="names"`, s.FoldedNames)
}

// engineSeries are those that engine writes.
const engineSeries = 10
