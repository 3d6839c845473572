package main

import (
	_ "time/tzdata" // calendars need time zones on machines without a database of them

	"earshot/alerting"
)

// tenantConfig is a customer with an account of its own.
type tenantConfig struct {
	Name        word   `yaml:"name"`
	Service     word   `yaml:"service"`
	Environment word   `yaml:"environment"`
	Plan        word   `yaml:"plan"`
	Calendar    word   `yaml:"calendar"`
	Contacts    []word `yaml:"contacts"`
	Users       number `yaml:"users"`
	RecordsDays number `yaml:"records_days"`
	CasesMonths number `yaml:"cases_months"`
	Left        word   `yaml:"left"`
	// UptimeTarget is what was agreed on, percent.
	UptimeTarget number `yaml:"uptime_target"`
}

// Words of tenants, the default first.
var environments = []string{"production", "development"}

const (
	presetService = "voice"
	presetPlan    = alerting.Care
	mostTenants   = 1000
)

// directory says who answers for what.
func (c *config) directory() (*alerting.Directory, error) {
	calendars, err := alerting.DecodeCalendars(&c.Calendars)
	if err != nil {
		return nil, configError(c.file, problemsOf("", err))
	}
	plans, err := alerting.DecodePlans(&c.Plans)
	if err != nil {
		return nil, configError(c.file, problemsOf("", err))
	}
	d := &alerting.Directory{
		Tenants: map[string]*alerting.Tenant{}, Segments: map[string]*alerting.SegmentFacts{}, Peers: map[string]*alerting.PeerFacts{},
		Operator: c.Alerting.Operator.text, OperatorContact: c.Alerting.Contact.text,
	}
	for i := range c.Tenants {
		t := c.Tenants[i].tenant(plans, calendars)
		d.Tenants[t.Name] = t
	}
	d.Default = d.Tenants[c.defaultTenant()]
	if d.Default == nil {
		d.Default = new(tenantConfig).tenant(plans, calendars)
	}
	for i := range c.Peers {
		p := &c.Peers[i]
		d.Peers[p.Name.text] = &alerting.PeerFacts{Name: p.Name.text, Owner: p.Owner.text, Contact: p.Contact.text}
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		d.Segments[s.Name.text] = &alerting.SegmentFacts{
			Name: s.Name.text, Owner: s.Owner.text, Contact: s.Contact.text, Site: s.Site.text,
			Tenant: s.Tenant.text, Plan: plans[s.Plan.text],
		}
	}
	return d, nil
}

// defaultTenant is that of segments that name none, and of the probe: the only
// one where there is one.
func (c *config) defaultTenant() string {
	if len(c.Tenants) == 1 {
		return c.Tenants[0].Name.text
	}
	return c.Alerting.Tenant.text
}

// calendar is the one that a tenant names, or the only one where there is one.
func (t *tenantConfig) calendar(calendars map[string]*alerting.Calendar) *alerting.Calendar {
	if t.Calendar.text == "" && len(calendars) == 1 {
		for _, only := range calendars {
			return only
		}
	}
	return calendars[t.Calendar.text]
}

// tenant is a tenant with its plan and calendar.
func (t *tenantConfig) tenant(plans map[string]*alerting.Plan, calendars map[string]*alerting.Calendar) *alerting.Tenant {
	return &alerting.Tenant{
		Name: t.Name.text, Service: t.Service.or(presetService), Environment: t.Environment.or(environments[0]),
		Plan: plans[t.Plan.or(presetPlan)], Calendar: t.calendar(calendars), Contacts: texts(t.Contacts), Users: t.Users.whole(),
	}
}

// maintenance is the list of planned windows.
func (c *config) maintenance() (*alerting.Maintenance, error) {
	m, err := alerting.DecodeMaintenance(&c.Maintenance, c.tenantNames(), c.segmentNames())
	if err != nil {
		return nil, configError(c.file, problemsOf("", err))
	}
	return m, nil
}

func (c *config) tenantNames() []string {
	var names []string
	for i := range c.Tenants {
		names = append(names, c.Tenants[i].Name.text)
	}
	return names
}

func (c *config) segmentNames() []string {
	var names []string
	for i := range c.Segments {
		names = append(names, c.Segments[i].Name.text)
	}
	return names
}

func (c *config) peerNames() []string {
	var names []string
	for i := range c.Peers {
		names = append(names, c.Peers[i].Name.text)
	}
	return names
}
