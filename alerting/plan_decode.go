package alerting

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// MaxPlans is how many plans settings may declare.
const MaxPlans = 100

var (
	planKeys       = []string{"name", "based_on", "critical", "high", "medium", "low", "warn", "met", "escalation", "follow_up"}
	escalationKeys = []string{"critical", "high", "medium", "root_cause"}
	followUpKeys   = []string{"every", "reminders", "close", "reopen"}
)

// DecodePlans reads a list of plans strictly and adds them to the built-in
// ones. What a plan leaves out is that of the plan it is based on, an earlier
// or a built-in one, else there are no targets, and the timers are the usual:
//
//   - name: gold
//     based_on: care
//     critical: {response: 10 min, restoration: 2 h}
//     low: {response: none}
//     warn: 75 %
//     met: 99 %
//     escalation: {high: 8 h, medium: 2 bd, root_cause: 5 bd}
//     follow_up: {every: 2 bd, reminders: 3, close: 10 bd, reopen: 30 d}
//
// The error joins a Problem for everything that is wrong.
func DecodePlans(n *yaml.Node) (map[string]*Plan, error) {
	s := &settings{}
	plans := BuiltinPlans()
	if absent(n) {
		return plans, nil
	}
	s.list(n, "plans", MaxPlans, func(entry *yaml.Node) {
		p := s.plan(entry, plans)
		if p.Name == "" {
			return
		}
		if plans[p.Name] != nil {
			s.errorf(entry, "plan %q is there already: take another name", p.Name)
		}
		plans[p.Name] = p
	})
	if err := s.err(); err != nil {
		return nil, err
	}
	return plans, nil
}

func (s *settings) plan(n *yaml.Node, plans map[string]*Plan) *Plan {
	p := builtin("", [Severities]Targets{})
	named := false
	before := len(s.wrong)
	s.mapping(n, "a plan", planKeys, func(key string, v *yaml.Node) bool {
		if key == "based_on" { // first, wherever it stands
			s.basedOn(v, p, plans)
		}
		return slices.Contains(planKeys, key)
	})
	if len(s.wrong) > before {
		return p // told already
	}
	s.mapping(n, "a plan", planKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "name":
			p.Name, named = s.name(v, "name of a plan"), true
		case "critical", "high", "medium", "low":
			severity := Severity(slices.Index(severityNames[:], key))
			s.targets(v, key, &p.BySeverity[severity])
		case "warn":
			s.percent(v, key, &p.WarnPercent)
		case "met":
			s.percent(v, key, &p.MetPercent)
		case "escalation":
			s.escalation(v, &p.Escalation)
		case "follow_up":
			s.followUp(v, &p.FollowUp)
		}
		return true
	})
	if !named {
		s.errorf(n, "a plan has no name")
	}
	return p
}

func (s *settings) basedOn(n *yaml.Node, p *Plan, plans map[string]*Plan) {
	name, ok := s.text(n, "based_on")
	if !ok {
		return
	}
	if base := plans[name]; base != nil {
		*p = *base
		p.Name = ""
		return
	}
	known := make([]string, 0, len(plans))
	for k := range plans {
		known = append(known, k)
	}
	slices.Sort(known)
	s.errorf(n, "based_on: no plan before this one is called %q: want one of %s%s", name, strings.Join(known, ", "), spelling.Hint(name, known))
}

func (s *settings) targets(n *yaml.Node, what string, t *Targets) {
	s.mapping(n, what, goalNames[:], func(key string, v *yaml.Node) bool {
		goal := slices.Index(goalNames[:], key)
		if goal >= 0 {
			s.amount(v, what+": "+key, &t[goal])
		}
		return goal >= 0
	})
}

func (s *settings) escalation(n *yaml.Node, e *Escalation) {
	s.mapping(n, "escalation", escalationKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "critical", "high", "medium":
			s.amount(v, "escalation: "+key, &e.Silence[slices.Index(severityNames[:], key)])
		case "root_cause":
			s.amount(v, "escalation: "+key, &e.RootCause)
		case "low":
			s.errorf(v, "escalation: a low case is never escalated: raise its severity first")
		default:
			return false
		}
		return true
	})
}

func (s *settings) followUp(n *yaml.Node, f *FollowUp) {
	s.mapping(n, "follow_up", followUpKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "every":
			s.amount(v, "follow_up: every", &f.Every)
		case "reminders":
			s.whole(v, "follow_up: reminders", 0, 20, &f.Reminders)
		case "close":
			s.amount(v, "follow_up: close", &f.CloseAfter)
		case "reopen":
			s.amount(v, "follow_up: reopen", &f.Reopen)
		default:
			return false
		}
		return true
	})
}

func (s *settings) amount(n *yaml.Node, what string, into *Amount) {
	text, ok := s.text(n, what)
	if !ok {
		return
	}
	a, err := ParseAmount(text)
	if err != nil {
		s.errorf(n, "%s: %v", what, err)
		return
	}
	*into = a
}

// percent reads "80" or "80 %".
func (s *settings) percent(n *yaml.Node, what string, into *int) {
	if n.Kind == yaml.ScalarNode {
		bare := *n
		bare.Value = strings.TrimSpace(strings.TrimSuffix(n.Value, "%"))
		n = &bare
	}
	s.whole(n, what, 1, 100, into)
}

func (s *settings) whole(n *yaml.Node, what string, low, high int, into *int) {
	text, ok := s.text(n, what)
	if !ok {
		return
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < low || value > high {
		s.errorf(n, "%s is %q, want a whole number from %d to %d", what, text, low, high)
		return
	}
	*into = value
}
