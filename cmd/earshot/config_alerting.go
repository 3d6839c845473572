package main

import (
	"errors"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// alertingConfig is what alerts and cases need beside who answers for what.
type alertingConfig struct {
	// Rules is the name of a file of rules, or what would stand in one.
	Rules      yaml.Node `yaml:"rules"`
	Cases      toggle    `yaml:"cases"`
	Operator   word      `yaml:"operator"`
	Contact    word      `yaml:"contact"`
	Tenant     word      `yaml:"tenant"`
	MaxSets    number    `yaml:"max_sets"`
	MaxStreams number    `yaml:"max_streams"`
	MaxUnits   number    `yaml:"max_units"`

	Alertmanager intakeConfig `yaml:"alertmanager"`
}

func (a *alertingConfig) bounds() []bound {
	return []bound{
		{"alerting.max_sets", &a.MaxSets, 100, 1_000_000, alerting.DefaultMaxSets, true},
		{"alerting.max_streams", &a.MaxStreams, 1000, most, alerting.DefaultMaxStreams, true},
		{"alerting.max_units", &a.MaxUnits, 1000, most, alerting.DefaultMaxUnits, true},
	}
}

// keepsCases reports whether alerts open cases that are kept: in the store,
// where there is one and nobody said otherwise.
func (c *config) keepsCases() bool { return c.Store.Dir.text != "" && c.Alerting.Cases.or(true) }

// rulesFile is the file of rules that the configuration names, "" for none.
func (c *config) rulesFile() string {
	if n := &c.Alerting.Rules; n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		return c.path(n.Value)
	}
	return ""
}

// ruleSet is the rules in force: the shipped ones where the configuration says
// nothing.
func (c *config) ruleSet() (*alerting.RuleSet, error) {
	switch n := &c.Alerting.Rules; {
	case c.rulesFile() != "":
		return loadRules(c.rulesFile())
	case n.IsZero() || n.Tag == "!!null":
		return alerting.DefaultRules()
	default:
		set, err := alerting.DecodeRules(n)
		if err != nil {
			return nil, configError(c.file, problemsOf("alerting.rules: ", err))
		}
		return set, nil
	}
}

// loadRules reads a file of rules; the error names everything that is wrong.
func loadRules(name string) (*alerting.RuleSet, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError("cannot read the rules: %v", err)
	}
	set, err := alerting.ParseRules(text)
	if err != nil {
		return nil, usageError("cannot use the rules %q:%s", name, joinProblems(problemsOf("", err)))
	}
	return set, nil
}

// problemsOf takes apart what the decoders of alerting say.
func problemsOf(prefix string, err error) []problem {
	if err == nil {
		return nil
	}
	var list []problem
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		for _, e := range joined.Unwrap() {
			list = append(list, problemsOf(prefix, e)...)
		}
		return list
	}
	var p alerting.Problem
	if errors.As(err, &p) {
		return []problem{{p.Line, prefix + p.Text}}
	}
	return []problem{{text: prefix + fmt.Sprint(err)}}
}
