package main

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/topology"
)

// reload reads the configuration again and applies what can be applied without
// losing a packet. What cannot be used changes nothing.
func (p *probe) reload() {
	cfg, err := p.load()
	if err == nil {
		err = p.apply(cfg)
	}
	if err != nil {
		p.metrics.Reloaded(p.cfg.hash(), err)
		p.log.Error("cannot reload; the old configuration goes on", "error", err)
		return
	}
	p.metrics.Reloaded(cfg.hash(), nil)
	args := []any{"peers", len(cfg.Peers), "segments", len(cfg.Segments), "rules", len(p.ruleSet.Load().Rules), "log_level", p.level.Level()}
	if later := p.cfg.needRestart(cfg); len(later) > 0 {
		p.log.Warn("changed in the configuration, but not until a restart: "+strings.Join(later, ", "), "hint", "restart to apply")
	}
	p.log.Info("configuration reloaded", args...)
}

// apply puts a new configuration in force, as far as that can be while running.
func (p *probe) apply(cfg *config) error {
	plan, err := topology.New(cfg.topology(), p.points)
	if err != nil {
		return fmt.Errorf("%w (with the capture points of now: a restart takes new ones)", err)
	}
	terms, err := cfg.terms(plan, nil)
	if err != nil {
		return err
	}
	settings, err := cfg.destinations()
	if err != nil {
		return configError(cfg.file, problemsOf("", err))
	}
	plans, err := cfg.plannedReports(settings)
	if err != nil {
		return err
	}
	if err := p.metrics.SetPlan(plan); err != nil {
		return err
	}
	p.pipe.SetPlan(plan)
	p.plan = plan
	p.retell(cfg, terms, settings)
	if p.reports != nil {
		p.reports.retell(cfg, terms, plans)
	}
	if p.store != nil {
		kept := cfg.store()
		p.store.store.SetTenants(kept.Tenant, kept.Tenants)
	}
	p.level.Set(cfg.Log.level())

	// The rest is read from files that may be broken each on their own.
	var errs []error
	errs = append(errs, p.server.Reload())
	if p.hepCert != nil {
		errs = append(errs, p.hepCert.load())
	}
	if p.records != nil {
		errs = append(errs, p.records.reopen())
	}
	return errors.Join(errs...)
}

// needRestart names the sections in which two configurations differ and that
// a reload does not apply.
func (c *config) needRestart(other *config) []string {
	was, is := c.fixed(), other.fixed()
	var changed []string
	for i := range was {
		if was[i].text != is[i].text {
			changed = append(changed, was[i].key)
		}
	}
	return changed
}

type fixedPart struct{ key, text string }

// fixed renders what holds from start to end.
func (c *config) fixed() []fixedPart {
	var parts []fixedPart
	add := func(key string, value any) {
		text, err := yaml.Marshal(value)
		if err != nil {
			text = []byte(err.Error()) // cannot be: every value came from YAML
		}
		parts = append(parts, fixedPart{key, string(text)})
	}
	add("leg_headers", c.LegHeaders)
	add("declared_delay_ms", c.DeclaredDelayMS)
	add("codecs", &c.Codecs)
	add("limits", c.Limits)
	add("findings", c.Findings)
	add("captures", c.Captures)
	add("lanes", c.Lanes)
	add("ring_mb", c.RingMB)
	add("shards", c.Shards)
	add("user", c.User)
	add("hep", c.HEP)
	add("hep_out", c.HEPOut)
	add("alerting.cases", c.Alerting.Cases)
	add("alerting.max_sets", c.Alerting.MaxSets)
	add("alerting.max_streams", c.Alerting.MaxStreams)
	add("alerting.max_units", c.Alerting.MaxUnits)
	add("web", c.Web)
	add("metrics", c.Metrics)
	add("save", c.Save)
	add("records", c.Records)
	kept := c.Store
	kept.CasesMonths, kept.AuditMonths = number{}, number{} // at once
	add("store", kept)
	add("log.format", c.Log.Format)
	return parts
}
