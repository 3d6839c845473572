package main

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// profiles are the ready scenarios.
//
//go:embed profiles/*.yaml
var profiles embed.FS

// scenario is a YAML file of groups of calls. Keys of groups are flag names;
// unknown keys are errors.
type scenario struct {
	Name     string            `yaml:"name"`
	Seed     *uint64           `yaml:"seed"`
	Defaults map[string]string `yaml:"defaults"`
	Groups   []scenarioGroup   `yaml:"groups"`
}

type scenarioGroup struct {
	Name  string            `yaml:"name"`
	Flags map[string]string `yaml:",inline"`
}

func profileNames() string {
	entries, err := profiles.ReadDir("profiles")
	if err != nil {
		panic("callgen: " + err.Error()) // embedded at build time
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}

// readScenario fills the groups from a file or profile; given are the flags of
// the command line, which win.
func (o *options) readScenario(given map[string]string) error {
	name, text, err := o.scenarioText()
	if err != nil {
		return err
	}
	var s scenario
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		return fmt.Errorf("cannot read scenario %q: %w", name, err)
	}
	if len(s.Groups) == 0 {
		return fmt.Errorf("scenario %q has no groups", name)
	}
	if s.Seed != nil && !o.seedIsFromTheCLI {
		o.seed = *s.Seed
	}
	o.groups = nil
	for i, g := range s.Groups {
		t, err := g.traffic(s.Defaults, given)
		if err != nil {
			return fmt.Errorf("scenario %q, group %d %q: %w", name, i+1, g.Name, err)
		}
		o.groups = append(o.groups, t)
	}
	return nil
}

func (o *options) scenarioText() (name string, text []byte, err error) {
	if o.scenario != "" {
		text, err = os.ReadFile(o.scenario)
		if err != nil {
			return "", nil, fmt.Errorf("cannot read the scenario: %w", err)
		}
		return o.scenario, text, nil
	}
	text, err = profiles.ReadFile("profiles/" + o.profile + ".yaml")
	if err != nil {
		return "", nil, fmt.Errorf("-profile %q: want one of %s", o.profile, profileNames())
	}
	return o.profile, text, nil
}

// traffic applies defaults, the group's keys and the command line, in this order.
func (g *scenarioGroup) traffic(defaults, given map[string]string) (*traffic, error) {
	t := newTraffic()
	t.name = g.Name
	fs := flag.NewFlagSet("", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	t.declare(fs)
	for _, layer := range []map[string]string{defaults, g.Flags} {
		for _, key := range sortedKeys(layer) {
			if fs.Lookup(key) == nil {
				return nil, fmt.Errorf("unknown key %q", key)
			}
			if err := fs.Set(key, layer[key]); err != nil {
				return nil, fmt.Errorf("%s: %q: %w", key, layer[key], err)
			}
		}
	}
	for _, key := range sortedKeys(given) {
		if fs.Lookup(key) == nil {
			continue // not a group's flag
		}
		if err := fs.Set(key, given[key]); err != nil {
			return nil, fmt.Errorf("-%s %q: %w", key, given[key], err)
		}
	}
	return t, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
