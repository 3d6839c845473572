package main

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"earshot/topology"
)

// withoutFile are the rules of a configuration, none where they are in a file.
func withoutFile(c *config) yaml.Node {
	if c.rulesFile() != "" {
		return yaml.Node{}
	}
	return c.Alerting.Rules
}

// Whatever a file says, it is taken or refused; what is taken can be used.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("captures:\n  - {name: eth0, point: edge, filter: udp}\nhep: {udp: ':9060', nodes: {1: a}}\n"))
	f.Add([]byte("peers:\n  - {name: a, networks: [10.0.0.0/8, '::1']}\nsegments:\n  - {name: s, near: [a], vlans: [7]}\n"))
	f.Add([]byte("web: {listen: none}\nmetrics: {max_series: 5000, push: {url: 'http://h/', labels: {a: b}}}\nsave: {rtp: full}\n"))
	f.Add([]byte("hep_out:\n  - {address: 'h:1', network: tls, node: 4294967295}\nfindings: {ignore: [loss]}\ncodecs: []\n"))
	f.Add([]byte("captures: &a [*a]\nlanes: .inf\nhep: {nodes: {-1: x}}\n"))
	f.Add([]byte(agreed))
	f.Add([]byte("calendars: &a [*a]\nplans: *a\nmaintenance: {<<: *a}\nalerting: {rules: &r {rules: *r}}\n"))
	f.Add([]byte("tenants: [{name: a, left: 9999-12-31, users: 1e7}]\nalerting: {rules: !!str {}}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := defaultConfig()
		wrong, err := c.decode(text)
		if err != nil || len(wrong) > 0 || len(c.problems(true)) > 0 {
			return
		}
		if _, err := topology.New(c.topology(), c.points()); err != nil {
			t.Errorf("accepted, and then refused: %v", err)
		}
		if _, err := c.interfaces(); err != nil {
			t.Errorf("a filter was accepted, and then refused: %v", err)
		}
		c.Alerting.Rules = withoutFile(c)
		if _, err := c.alertingParts(); err != nil {
			t.Errorf("accepted, and then refused: %v", err)
		}
		c.retention()
		if later := c.needRestart(c); len(later) > 0 {
			t.Errorf("a configuration differs from itself in %v", later)
		}
		c.keep()
		c.save()
	})
}
