package alerting

import "cmp"

// party is who answers for a place, and what was agreed on with its tenant.
type party struct {
	tenant   *Tenant
	owner    string
	contact  string
	plan     *Plan
	calendar *Calendar
}

// carePlan is that of tenants without one.
func carePlan() *Plan { return BuiltinPlans()[Care] }

// tenant returns a tenant by name: the default one for "", and one that is
// known by its name alone where the directory has none.
func (d *Directory) tenant(name string) *Tenant {
	if d != nil {
		if t := d.Tenants[name]; t != nil {
			return t
		}
		if d.Default != nil && (name == "" || name == d.Default.Name) {
			return d.Default
		}
	}
	return &Tenant{Name: name}
}

// facts returns what is known of a segment, nil where that is nothing.
func (d *Directory) facts(segment string) *SegmentFacts {
	if d == nil || segment == "" {
		return nil
	}
	return d.Segments[segment]
}

// at returns the party of a segment of a tenant; of a segment that is not
// determined the tenant's.
func (d *Directory) at(tenant, segment string) party {
	facts := d.facts(segment)
	if tenant == "" && facts != nil {
		tenant = facts.Tenant
	}
	t := d.tenant(tenant)
	p := party{tenant: t, plan: t.Plan, calendar: t.Calendar}
	if len(t.Contacts) > 0 {
		p.contact = t.Contacts[0]
	}
	if facts != nil {
		p.owner, p.contact = facts.Owner, cmp.Or(facts.Contact, p.contact)
		if facts.Plan != nil {
			p.plan = facts.Plan
		}
	}
	if p.plan == nil {
		p.plan = carePlan()
	}
	return p
}
