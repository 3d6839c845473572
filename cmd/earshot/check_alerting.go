package main

import (
	"fmt"
	"io"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/topology"
)

// describeAlerting says who answers for what and by which rules cases open, as
// of a time.
func (c *config) describeAlerting(w io.Writer, p *alertingParts, now time.Time) {
	fmt.Fprintf(w, "rules\t%s\t%s\n", c.rulesOrigin(), describeRules(p.rules))
	switch {
	case !c.Alerting.Cases.or(true):
		fmt.Fprint(w, "cases\tnone\talerts open no cases\n")
	case c.keepsCases():
		fmt.Fprint(w, "cases\tkept\tin the store\n")
		fmt.Fprintf(w, "evidence\t%s\n", c.describeEvidence())
	default:
		fmt.Fprint(w, "cases\tin memory\tlost when the probe ends, without a store.dir\n")
	}
	if len(c.Tenants) == 0 {
		describeTenant(w, p.directory.Default)
	}
	for i := range c.Tenants {
		describeTenant(w, p.directory.Tenants[c.Tenants[i].Name.text])
	}
	calendars, _ := alerting.DecodeCalendars(&c.Calendars) // found right by now
	for _, name := range slices.Sorted(maps.Keys(calendars)) {
		fmt.Fprintf(w, "calendar\t%s\t%s\n", name, describeCalendar(calendars[name], now))
	}
	for _, o := range p.maintenance.Coming(now) {
		fmt.Fprintf(w, "maintenance\t%s\t%s\n", o.Window, describeOccurrence(o, now))
	}
	if a := &c.Alerting; a.Operator.text != "" {
		fmt.Fprintf(w, "operator\t%s\t%s\n", a.Operator.text, a.Contact.text)
	}
}

// rulesOrigin says where the rules come from.
func (c *config) rulesOrigin() string {
	switch n := &c.Alerting.Rules; {
	case c.rulesFile() != "":
		return c.rulesFile()
	case n.Kind == yaml.MappingNode || n.Kind == yaml.AliasNode:
		return "as written here"
	}
	return "shipped"
}

func describeRules(set *alerting.RuleSet) string {
	var profiles []string
	for _, p := range set.Profiles {
		profiles = append(profiles, p.Name)
	}
	word := "profile"
	if len(profiles) > 1 {
		word = "profiles"
	}
	return fmt.Sprintf("%d rules, %s %s", len(set.Rules), word, strings.Join(profiles, ", "))
}

func describeTenant(w io.Writer, t *alerting.Tenant) {
	name := t.Name
	if name == "" {
		name = "(without a name)"
	}
	text := fmt.Sprintf("%s, %s; plan %s; calendar %s", t.Service, t.Environment, t.Plan.Name, t.Calendar.Name())
	if len(t.Contacts) > 0 {
		text += "; contacts " + strings.Join(t.Contacts, ", ")
	}
	if t.Users > 0 {
		text += fmt.Sprintf("; %d users", t.Users)
	}
	fmt.Fprintf(w, "tenant\t%s\t%s\n", name, text)
}

// holidaySearch is for how many days the next holiday is looked for.
const holidaySearch = 400

// describeCalendar says what time it is there, and when nobody works next.
func describeCalendar(c *alerting.Calendar, now time.Time) string {
	now = now.In(c.Zone())
	text := fmt.Sprintf("%s, working now", c.Zone())
	if opening := c.NextOpening(now); !opening.Equal(now) {
		text = fmt.Sprintf("%s, next open %s", c.Zone(), opening.Format("Mon 2006-01-02 15:04"))
	}
	for i := range holidaySearch {
		day := time.Date(now.Year(), now.Month(), now.Day()+i, 12, 0, 0, 0, c.Zone())
		if name := c.Holiday(day); name != "" {
			return text + fmt.Sprintf("; next holiday %s, %s", day.Format("Mon 2006-01-02"), name)
		}
	}
	return text + "; no holidays"
}

func describeOccurrence(o alerting.Occurrence, now time.Time) string {
	const form = "Mon 2006-01-02 15:04 MST"
	if !now.Before(o.Start) {
		return "on until " + o.End.Format(form)
	}
	return fmt.Sprintf("next %s to %s", o.Start.Format(form), o.End.Format(form))
}

// advice lists what is allowed and seldom meant.
func (c *config) advice(p *alertingParts) []string {
	var list []string
	var ownerless, tenantless []string
	for i := range c.Segments {
		s := &c.Segments[i]
		if s.Owner.text == "" {
			ownerless = append(ownerless, s.Name.text)
		}
		if s.Tenant.text == "" && p.directory.Default.Name == "" {
			tenantless = append(tenantless, s.Name.text)
		}
	}
	if len(ownerless) > 0 {
		list = append(list, fmt.Sprintf("cases about %s will name nobody who answers for them: give each segment an owner", strings.Join(ownerless, ", ")))
	}
	if len(tenantless) > 0 && len(c.Tenants) > 0 {
		list = append(list, fmt.Sprintf("cases about %s will belong to no tenant: give each segment a tenant, or alerting a tenant for all that have none", strings.Join(tenantless, ", ")))
	}
	for i := range c.Tenants {
		list = append(list, c.Tenants[i].contactAdvice()...)
	}
	if c.keepsCases() && c.Alerting.Operator.text == "" {
		list = append(list, "cases about the probe itself will name nobody who answers for it: set alerting.operator")
	}
	return append(list, c.unreached(p)...)
}

// designatedContacts is how many a tenant names at least.
const designatedContacts = 2

// contactAdvice finds a tenant without enough designated contacts, each a
// person with a mail address.
func (t *tenantConfig) contactAdvice() []string {
	var list []string
	people := map[string]bool{}
	for _, w := range t.Contacts {
		people[strings.ToLower(w.text)] = true
		if _, err := mail.ParseAddress(w.text); err != nil {
			list = append(list, fmt.Sprintf("contact %q of tenant %s is no mail address", w.text, t.Name.text))
		}
	}
	if n := len(people); n < designatedContacts {
		list = append(list, fmt.Sprintf("tenant %s names %d of the %d designated contacts that it should have", t.Name.text, n, designatedContacts))
	}
	return list
}

// unreached finds names in rules that nothing has: such a filter lets nothing through.
func (c *config) unreached(p *alertingParts) []string {
	segments, peers := append(c.segmentNames(), topology.OtherName), append(c.peerNames(), topology.OtherName)
	var list []string
	look := func(rule, what string, names, known []string) {
		for _, name := range names {
			if !slices.Contains(known, name) {
				list = append(list, fmt.Sprintf("rule %s asks for the %s %q, and there is none", rule, what, name))
			}
		}
	}
	for i := range p.rules.Rules {
		r := &p.rules.Rules[i]
		look(r.Name, "segment", r.Where.Segments, segments)
		look(r.Name, "segment", r.Where.NotSegments, segments)
		look(r.Name, "peer", r.Where.Peers, peers)
		look(r.Name, "peer", r.Where.NotPeers, peers)
	}
	return list
}
