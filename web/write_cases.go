package web

import (
	"slices"
	"strings"

	"earshot/alerting"
)

// maxOwners is how many owners of cases have series of their own; the rest is
// other.
const maxOwners = 50

// openSubStates are those of open cases.
var openSubStates = [...]alerting.CaseSubStatus{
	alerting.SubNew, alerting.SubInvestigation, alerting.SubAwaiting, alerting.SubProposed, alerting.SubRestored,
}

// targetStates are the states of a target that somebody should hear of.
var targetStates = [...]string{alerting.ClockWarning.String(), alerting.ClockBreached.String()}

// cases writes the cases there are and what their desk does.
func (p *page) cases(probe *Probe) {
	if probe.Desk == nil {
		return
	}
	open, f := probe.Desk.Open(), probe.Desk.Figures()
	p.openCases(open)
	p.targets(open)
	p.family("earshot_cases_total", counter, "What happened to cases; one that closes again counts again.")
	p.count(`action="opened"`, f.Opened)
	p.count(`action="closed"`, f.ClosedTotal)
	p.count(`action="reopened"`, f.Reopened)
	p.family("earshot_case_targets_missed_total", counter, "Targets of cases that were missed.")
	for g := range alerting.Goals {
		p.count(labels("goal", g.String()), f.Breached[g])
	}
	p.one("earshot_cases_held_back", gauge, "Faults that open no case because of a maintenance window.", float64(f.InMaintenance))
	p.family("earshot_desk_dropped_total", counter, "What found no room at the desk: open cases, entries of timelines (summed up), changes of the network (the oldest).")
	p.count(`what="cases"`, f.Full)
	p.count(`what="updates"`, f.Summed)
	p.count(`what="changes"`, f.ChangesDropped)
	p.family("earshot_foreign_alerts_total", counter, "Alerts that other systems told of, by what became of them.")
	p.count(`outcome="new"`, f.ForeignNew)
	p.count(`outcome="known"`, f.ForeignKnown)
	p.count(`outcome="ended"`, f.ForeignEnded)
	p.count(`outcome="ours"`, f.ForeignOurs)
	p.one("earshot_foreign_alerts_waiting", gauge, "Alerts of other systems that wait for the end of a maintenance window.", float64(f.ForeignWaiting))
	p.total("earshot_desk_refused_commands_total", "Commands that were refused.", f.Refused)
	p.total("earshot_desk_journal_errors_total", "Failures to keep what changed: it waits until it can be kept.", f.Failed)
	p.one("earshot_desk_waiting", gauge, "Commands, and changes to be kept, that wait.", float64(f.Waiting))
}

// openCases writes open cases by severity, sub-state and owner.
func (p *page) openCases(open []*alerting.Case) {
	var counts [alerting.Severities][len(openSubStates)]uint64
	owners := map[string]uint64{}
	for _, c := range open {
		if i := slices.Index(openSubStates[:], c.SubStatus); i >= 0 && c.Severity.Valid() {
			counts[c.Severity][i]++
		}
		owners[c.Owner]++
	}
	p.family("earshot_cases_open", gauge, "Open cases.")
	for s := alerting.Critical; s < alerting.Severities; s++ {
		for i, sub := range openSubStates {
			p.count(labels("severity", s.String(), "sub_status", string(sub)), counts[s][i])
		}
	}
	p.family("earshot_cases_open_by_owner", gauge, "Open cases by the party that answers for them.")
	for _, o := range foldOwners(owners) {
		p.count(labels("owner", o.name), o.cases)
	}
}

// ownerCount is how many open cases a party has.
type ownerCount struct {
	name  string
	cases uint64
}

// foldOwners lists the owners with the most cases, the rest as other; who is
// not determined is unknown.
func foldOwners(owners map[string]uint64) []ownerCount {
	var list []ownerCount
	named := map[string]uint64{unknown: 0, other: 0}
	for name, n := range owners {
		switch name {
		case "":
			named[unknown] += n
		case unknown, other:
			named[name] += n
		default:
			list = append(list, ownerCount{name, n})
		}
	}
	slices.SortFunc(list, func(a, b ownerCount) int {
		if a.cases != b.cases {
			return int(b.cases) - int(a.cases)
		}
		return strings.Compare(a.name, b.name)
	})
	for _, o := range list[min(len(list), maxOwners):] {
		named[other] += o.cases
	}
	list = list[:min(len(list), maxOwners)]
	slices.SortFunc(list, func(a, b ownerCount) int { return strings.Compare(a.name, b.name) })
	return append(list, ownerCount{unknown, named[unknown]}, ownerCount{other, named[other]})
}

// targets writes how many open cases are about to miss a target, or have missed it.
func (p *page) targets(open []*alerting.Case) {
	var counts [alerting.Goals][alerting.Severities][len(targetStates)]uint64
	for _, c := range open {
		for i := range c.Clocks {
			goal, state := goalOf(c.Clocks[i].Goal), slices.Index(targetStates[:], c.Clocks[i].State)
			if goal < alerting.Goals && state >= 0 && c.Severity.Valid() {
				counts[goal][c.Severity][state]++
			}
		}
	}
	p.family("earshot_case_targets", gauge, "Targets of open cases that are about to be missed (warning), or are missed and go on (breached).")
	for g := range alerting.Goals {
		for s := alerting.Critical; s < alerting.Severities; s++ {
			for i, state := range targetStates {
				p.count(labels("goal", g.String(), "severity", s.String(), "state", state), counts[g][s][i])
			}
		}
	}
}

// goalOf returns the goal of a name, alerting.Goals where there is none.
func goalOf(name string) alerting.Goal {
	for g := range alerting.Goals {
		if g.String() == name {
			return g
		}
	}
	return alerting.Goals
}

// caseSeries are those that cases writes.
func caseSeries() int {
	const (
		owners  = maxOwners + 2     // unknown and other
		actions = 3                 // opened, closed, reopened
		desk    = 1 + 3 + 1 + 1 + 1 // held back, dropped, refused, errors, waiting
		foreign = 4 + 1             // outcomes, waiting
		level   = alerting.Severities - 1
	)
	return int(level)*len(openSubStates) + owners + int(alerting.Goals)*(int(level)*len(targetStates)+1) + actions + desk + foreign
}
