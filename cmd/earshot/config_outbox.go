package main

import (
	"fmt"
	"net/url"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// outboxConfig is what all destinations have in common.
type outboxConfig struct {
	// Hosts are the only ones that destinations may speak to; none: those that
	// the destinations name.
	Hosts []word `yaml:"hosts"`
	// PublicURL is where people reach the probe's web server.
	PublicURL word `yaml:"public_url"`
}

// intakeConfig says how alerts of other systems are understood.
type intakeConfig struct {
	SeverityLabel word            `yaml:"severity_label"`
	TenantLabel   word            `yaml:"tenant_label"`
	SegmentLabel  word            `yaml:"segment_label"`
	Severities    map[string]word `yaml:"severities"`
	Close         toggle          `yaml:"close"`
	MaxNew        number          `yaml:"max_new"`
}

// presetForeignNew is how many cases other systems' alerts may open in a minute.
const presetForeignNew = 30

func (i *intakeConfig) bounds() []bound {
	return []bound{{"alerting.alertmanager.max_new", &i.MaxNew, 1, 10_000, presetForeignNew, true}}
}

// intake is how alerts of other systems are understood.
func (c *config) intake() *alerting.Intake {
	i := &c.Alerting.Alertmanager
	in := &alerting.Intake{
		SeverityLabel: i.SeverityLabel.text, TenantLabel: i.TenantLabel.text, SegmentLabel: i.SegmentLabel.text,
		Severities: map[string]alerting.Severity{},
	}
	for word, name := range i.Severities {
		in.Severities[word], _ = alerting.ParseSeverity(name.text) // found right by now
	}
	return in
}

// foreign bounds the cases of other systems' alerts, and says whether they stay
// open when those are over.
func (c *config) foreign() (maxNew int, stay bool) {
	i := &c.Alerting.Alertmanager
	return int(i.MaxNew.or(presetForeignNew)), !i.Close.or(true)
}

// wrongOutbox checks what destinations have in common, and what comes in.
func (c *config) wrongOutbox() []problem {
	var wrong []problem
	if u := c.Outbox.PublicURL; u.text != "" {
		if parsed, err := url.Parse(u.text); err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.User != nil || parsed.RawQuery != "" {
			wrong = append(wrong, problem{u.line, fmt.Sprintf("outbox.public_url is %q, want https://host/ as people type it", u.text)})
		}
	}
	for name, severity := range c.Alerting.Alertmanager.Severities {
		if _, err := alerting.ParseSeverity(severity.text); err != nil {
			wrong = append(wrong, problem{severity.line, fmt.Sprintf("alerting.alertmanager.severities: %q: %v", name, err)})
		}
	}
	return wrong
}

// destinations reads where cases go, with the secrets that they name. The error
// joins everything that is wrong.
func (c *config) destinations() ([]*outbox.Setting, error) {
	return outbox.DecodeDestinations(&c.Destinations, &outbox.House{
		Path: c.path, Hosts: texts(c.Outbox.Hosts), Public: c.Outbox.PublicURL.text, Version: version,
		Secret: func(file, env string) (string, error) { return secret(c.path(file), env) },
	})
}
