package main

import (
	"fmt"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// storeConfig is where finished calls and streams are kept to be found again,
// and cases.
type storeConfig struct {
	Dir         word   `yaml:"dir"`
	Days        number `yaml:"days"`
	TotalMB     number `yaml:"total_mb"`
	MinFreeMB   number `yaml:"min_free_mb"`
	Queue       number `yaml:"queue"`
	Intervals   bool   `yaml:"intervals"`
	CasesMonths number `yaml:"cases_months"`
	AuditMonths number `yaml:"audit_months"`
}

// What holds where the configuration of the store says nothing. The store has
// several times the room of the capture files: it is what is asked for last.
const (
	presetStoreDays   = 90
	mostStoreDays     = 1096 // 36 months
	presetStoreMB     = 20_480
	presetStoreQueue  = 16_384
	largestQueue      = 1_000_000
	presetCasesMonths = 13
	presetAuditMonths = 36
	mostMonths        = 36
)

func (s *storeConfig) bounds() []bound {
	return []bound{
		{"store.days", &s.Days, 1, mostStoreDays, presetStoreDays, true},
		{"store.total_mb", &s.TotalMB, 1, mostMB, presetStoreMB, true},
		{"store.min_free_mb", &s.MinFreeMB, 1, mostMB, presetMinFreeMB, true},
		{"store.queue", &s.Queue, 1, largestQueue, presetStoreQueue, true},
		{"store.cases_months", &s.CasesMonths, 1, mostMonths, presetCasesMonths, true},
		{"store.audit_months", &s.AuditMonths, 1, mostMonths, presetAuditMonths, true},
	}
}

// store says where records are kept; its Dir is empty where they are not.
func (c *config) store() store.Config {
	s := &c.Store
	return store.Config{
		Dir:        c.path(s.Dir.text),
		Days:       int(s.Days.or(presetStoreDays)),
		TotalBytes: int64(s.TotalMB.or(presetStoreMB)) * mebibyte,
		MinFree:    int64(s.MinFreeMB.or(presetMinFreeMB)) * mebibyte,
		Intervals:  c.Store.Intervals,
		Tenant:     c.tenantOfSegment(),
		Tenants:    c.tenantRetention(),
	}
}

// tenantOfSegment says whose a segment is.
func (c *config) tenantOfSegment() func(string) string {
	preset, own := c.defaultTenant(), map[string]string{}
	for i := range c.Segments {
		if s := &c.Segments[i]; s.Tenant.text != "" {
			own[s.Name.text] = s.Tenant.text
		}
	}
	return func(segment string) string {
		if name, known := own[segment]; known {
			return name
		}
		return preset
	}
}

// tenantRetention is what tenants have of their own, in a configuration that
// was checked.
func (c *config) tenantRetention() map[string]store.TenantRetention {
	calendars, _ := alerting.DecodeCalendars(&c.Calendars)
	own := map[string]store.TenantRetention{}
	for i := range c.Tenants {
		t := &c.Tenants[i]
		r := store.TenantRetention{
			Days: t.RecordsDays.whole(), Cases: store.Period{Months: t.CasesMonths.whole()}, Zone: t.calendar(calendars).Zone(),
		}
		if t.Left.text != "" {
			r.Left, _ = time.ParseInLocation(time.DateOnly, t.Left.text, r.Zone)
		}
		own[t.Name.text] = r
	}
	return own
}

// retention says how long cases, changes and the audit log are kept. A
// tenant's days are those of its calendar.
func (c *config) retention() *store.Retention {
	return &store.Retention{
		Cases:   store.Period{Months: int(c.Store.CasesMonths.or(presetCasesMonths))},
		Audit:   store.Period{Months: int(c.Store.AuditMonths.or(presetAuditMonths))},
		Tenants: c.tenantRetention(),
	}
}

// describeStore is the store's line of "earshot check".
func (c *config) describeStore() string {
	s, cases := c.store(), c.Store.CasesMonths.or(presetCasesMonths)
	return fmt.Sprintf("store\t%s\tcalls for %d days, closed cases for %g months, %d MiB in all\n", s.Dir, s.Days, cases, s.TotalBytes/mebibyte)
}
