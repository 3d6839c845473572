package alerting

// Directory says who answers for what: the parties beside the network's names.
// It is immutable and safe for any goroutine; nil knows nobody.
type Directory struct {
	Tenants  map[string]*Tenant
	Segments map[string]*SegmentFacts // by name
	Peers    map[string]*PeerFacts    // by name
	Default  *Tenant                  // of segments without one; nil: a tenant without a name on the plan "care"

	Operator        string // the party that answers for the probe itself; "" unknown
	OperatorContact string
}

// Tenant is a customer with an account of its own.
type Tenant struct {
	Name        string
	Service     string // what is affected, as "contact centre voice"; "" is "voice"
	Environment string // "" is "production"
	Plan        *Plan
	Calendar    *Calendar
	Contacts    []string
	Users       int // configured; 0: unknown
}

// SegmentFacts are what is known of a segment beside its networks.
type SegmentFacts struct {
	Name    string
	Owner   string // the party that answers for it
	Contact string
	Site    string
	Tenant  string
	Plan    *Plan // nil: the tenant's
}

// PeerFacts are what is known of a peer beside its networks.
type PeerFacts struct {
	Name    string
	Owner   string // the party that runs it; "" unknown
	Contact string
}

// TenantOf returns the tenant of a segment, the default one where it names
// none. It is never nil.
func (d *Directory) TenantOf(segment string) *Tenant {
	if d == nil {
		return &Tenant{}
	}
	if s := d.Segments[segment]; s != nil {
		if t := d.Tenants[s.Tenant]; t != nil {
			return t
		}
	}
	if d.Default == nil {
		return &Tenant{}
	}
	return d.Default
}
