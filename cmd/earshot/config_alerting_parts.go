package main

import (
	"time"

	"earshot/alerting"
)

// alertingParts is what alerts and cases go by. SIGHUP replaces all of it at
// once, or nothing where a part of it cannot be used.
type alertingParts struct {
	rules       *alerting.RuleSet
	directory   *alerting.Directory
	maintenance *alerting.Maintenance
}

// alertingParts reads what alerts and cases go by, the file of rules included.
func (c *config) alertingParts() (*alertingParts, error) {
	rules, err := c.ruleSet()
	if err != nil {
		return nil, err
	}
	directory, err := c.directory()
	if err != nil {
		return nil, err
	}
	maintenance, err := c.maintenance()
	if err != nil {
		return nil, err
	}
	return &alertingParts{rules, directory, maintenance}, nil
}

// inMaintenance reports whether a segment, or its tenant, is being worked on.
func (p *alertingParts) inMaintenance(at time.Time, segment string) bool {
	return p.maintenance.Covers(at, alerting.Where{Tenant: p.directory.TenantOf(segment).Name, Segment: segment})
}
