package alerting

import (
	"cmp"
	"maps"
	"slices"
)

// party is who answers for a place, and what was agreed on with its tenant.
type party struct {
	tenant   *Tenant
	owner    string
	contact  string
	plan     *Plan
	calendar *Calendar
}

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

// at returns the party of a segment as its tenant sees it, "" being that which
// the segment names. Nobody owns a segment that is not determined; its contact
// is the tenant's first.
func (d *Directory) at(tenant, segment string) party {
	t := d.TenantOf(segment)
	if tenant != "" {
		t = d.tenant(tenant)
	}
	p := party{tenant: t, plan: t.Plan, calendar: t.Calendar}
	if len(t.Contacts) > 0 {
		p.contact = t.Contacts[0]
	}
	if s := d.facts(segment); s != nil {
		p.owner, p.contact = s.Owner, cmp.Or(s.Contact, p.contact)
		p.plan = cmp.Or(s.Plan, t.Plan)
	}
	if p.plan == nil {
		p.plan = BuiltinPlans()[Care]
	}
	return p
}

// about returns the party of a fault: the operator of the probe for its own
// trouble, else that of the segment. Where none is determined, it is the tenant
// of all who suffer, if they have one in common.
func (d *Directory) about(f *Fault) party {
	if f.Probe {
		p := d.at("", "")
		if d != nil {
			p.owner, p.contact = d.Operator, cmp.Or(d.OperatorContact, p.contact)
		}
		return p
	}
	p := d.at("", f.Verdict.Segment)
	if f.Verdict.Segment == "" {
		p = d.at(d.sufferer(f), "")
		p.owner, p.contact = d.runs(&f.Verdict, p.contact)
	}
	p.owner = cmp.Or(f.Verdict.Owner, p.owner)
	return p
}

// runs returns who runs a place that is no segment: a peer, or several segments
// of one owner, and his contact.
func (d *Directory) runs(v *Verdict, preset string) (owner, contact string) {
	if d == nil {
		return "", preset
	}
	if peer := d.Peers[v.Peer]; peer != nil {
		return peer.Owner, cmp.Or(peer.Contact, preset)
	}
	for _, name := range v.Segments {
		if s := d.Segments[name]; s != nil && v.Owner != "" && s.Owner == v.Owner && s.Contact != "" {
			return s.Owner, s.Contact
		}
	}
	return "", preset
}

// sufferer is the only tenant of the places where a fault arises, or else of
// the affected segments and sites; "" where there are several or none is known.
func (d *Directory) sufferer(f *Fault) string {
	if d == nil {
		return ""
	}
	tenants := map[string]bool{}
	places := f.Verdict.Segments
	if len(places) == 0 {
		places = f.Impact.Sites
	}
	for _, s := range d.Segments {
		if slices.Contains(places, s.Name) || s.Site != "" && slices.Contains(places, s.Site) {
			tenants[d.TenantOf(s.Name).Name] = true
		}
	}
	if len(tenants) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(tenants))[0]
}

// of returns the party that a case goes by: what is agreed on now.
func (d *Directory) of(c *Case) party { return d.at(c.Tenant, c.Segment) }

// tenantNames and segmentNames are those that commands may name; none: any.
func (d *Directory) tenantNames() []string {
	if d == nil || len(d.Tenants) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(d.Tenants))
}

func (d *Directory) segmentNames() []string {
	if d == nil || len(d.Segments) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(d.Segments))
}
