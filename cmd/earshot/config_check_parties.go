package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/spelling"
)

// longestText is the longest owner, contact or site, octets.
const longestText = 200

// wrongAlerting checks who answers for what, and the rules where they stand in
// the configuration itself.
func (c *config) wrongAlerting() []problem {
	calendars, err := alerting.DecodeCalendars(&c.Calendars)
	wrong := problemsOf("", err)
	plans, err := alerting.DecodePlans(&c.Plans)
	wrong = append(wrong, problemsOf("", err)...)
	_, err = alerting.DecodeMaintenance(&c.Maintenance, c.tenantNames(), c.segmentNames())
	wrong = append(wrong, problemsOf("", err)...)
	if n := &c.Alerting.Rules; !n.IsZero() && n.Kind == yaml.MappingNode {
		_, err = alerting.DecodeRules(n)
		wrong = append(wrong, problemsOf("alerting.rules: ", err)...)
	} else if n.Tag != "!!null" && !n.IsZero() && c.rulesFile() == "" {
		wrong = append(wrong, problem{n.Line, "alerting.rules: want the name of a file, or a mapping of what would stand in it"})
	}
	if calendars == nil || plans == nil {
		return wrong // which of them there are is not known
	}
	calendarNames, planNames := slices.Sorted(maps.Keys(calendars)), slices.Sorted(maps.Keys(plans))
	wrong = append(wrong, c.wrongTenants(calendarNames, planNames)...)
	for i := range c.Peers {
		wrong = append(wrong, wrongText("peers.owner", c.Peers[i].Owner)...)
		wrong = append(wrong, wrongText("peers.contact", c.Peers[i].Contact)...)
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		wrong = append(wrong, wrongText("segments.owner", s.Owner)...)
		wrong = append(wrong, wrongText("segments.contact", s.Contact)...)
		wrong = append(wrong, wrongText("segments.site", s.Site)...)
		wrong = append(wrong, wrongChoice("segments.tenant", s.Tenant, "tenant", c.tenantNames())...)
		wrong = append(wrong, wrongChoice("segments.plan", s.Plan, "plan", planNames)...)
	}
	a := &c.Alerting
	wrong = append(wrong, wrongText("alerting.operator", a.Operator)...)
	wrong = append(wrong, wrongText("alerting.contact", a.Contact)...)
	return append(wrong, wrongChoice("alerting.tenant", a.Tenant, "tenant", c.tenantNames())...)
}

// wrongTenants checks each tenant and that no two have one name.
func (c *config) wrongTenants(calendars, plans []string) []problem {
	var wrong []problem
	if len(c.Tenants) > mostTenants {
		wrong = append(wrong, problem{text: fmt.Sprintf("tenants has %d entries, want at most %d", len(c.Tenants), mostTenants)})
	}
	seen := map[string]bool{}
	for i := range c.Tenants {
		t := &c.Tenants[i]
		switch name := t.Name.text; {
		case name == "":
			wrong = append(wrong, problem{t.Name.line, fmt.Sprintf("tenants: entry %d has no name", i+1)})
		case !pointName.MatchString(name):
			wrong = append(wrong, problem{t.Name.line, fmt.Sprintf("tenants.name %q: want 1 to 64 letters, digits and _ . : -", name)})
		case seen[name]:
			wrong = append(wrong, problem{t.Name.line, fmt.Sprintf("tenants: %q is there twice", name)})
		}
		seen[t.Name.text] = true
		if _, err := time.Parse(time.DateOnly, t.Left.text); err != nil && t.Left.text != "" {
			wrong = append(wrong, problem{t.Left.line, fmt.Sprintf("tenants.left is %q, want a date such as 2026-11-22", t.Left.text)})
		}
		wrong = append(wrong, wrongText("tenants.service", t.Service)...)
		for _, w := range t.Contacts {
			wrong = append(wrong, wrongText("tenants.contacts", w)...)
		}
		if e := t.Environment; e.text != "" && !slices.Contains(environments, e.text) {
			wrong = append(wrong, problem{e.line, fmt.Sprintf("tenants.environment is %q, want one of %s%s", e.text, strings.Join(environments, ", "), spelling.Hint(e.text, environments))})
		}
		wrong = append(wrong, wrongChoice("tenants.plan", t.Plan, "plan", plans)...)
		wrong = append(wrong, wrongChoice("tenants.calendar", t.Calendar, "calendar", calendars)...)
	}
	return wrong
}

// wrongChoice complains of a name that nothing declared has.
func wrongChoice(key string, w word, what string, known []string) []problem {
	if w.text == "" || slices.Contains(known, w.text) {
		return nil
	}
	return []problem{{w.line, fmt.Sprintf("%s: no %s is called %q%s", key, what, w.text, spelling.Hint(w.text, known))}}
}

// wrongText complains of what fits on no line.
func wrongText(key string, w word) []problem {
	switch {
	case len(w.text) > longestText:
		return []problem{{w.line, fmt.Sprintf("%s has %d octets, want at most %d", key, len(w.text), longestText)}}
	case strings.ContainsFunc(w.text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return []problem{{w.line, fmt.Sprintf("%s %q: want one line without control characters", key, w.text)}}
	}
	return nil
}
