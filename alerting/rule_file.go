package alerting

import (
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// The most that a file of rules may declare.
const (
	MaxRules    = 200
	MaxProfiles = 50
)

// shippedRules are the defaults, rules as a user would write them.
//
//go:embed defaults.yaml
var shippedRules []byte

// RuleSet is a checked set of rules and the profiles that they refer to, the
// built-in one first.
type RuleSet struct {
	Profiles []Profile
	Rules    []Rule
}

// DefaultRules returns the shipped rules.
func DefaultRules() (*RuleSet, error) {
	set, err := parseRules(shippedRules, nil)
	if err != nil {
		return nil, fmt.Errorf("alerting: cannot use the shipped rules: %w", err)
	}
	return set, nil
}

// ParseRules reads a file of rules: the shipped ones, less those that it
// disables or replaces by a rule of the same name, and its own. The error joins
// everything that is wrong, each part a Problem.
func ParseRules(text []byte) (*RuleSet, error) {
	shipped, err := DefaultRules()
	if err != nil {
		return nil, err
	}
	return parseRules(text, shipped.Rules)
}

// DecodeRules is ParseRules for a part of a larger file.
func DecodeRules(n *yaml.Node) (*RuleSet, error) {
	shipped, err := DefaultRules()
	if err != nil {
		return nil, err
	}
	return decodeRules(n, shipped.Rules)
}

func parseRules(text []byte, shipped []Rule) (*RuleSet, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("cannot read the rules: %w", err)
	}
	if len(doc.Content) == 0 {
		return &RuleSet{Profiles: []Profile{voipReady()}, Rules: shipped}, nil
	}
	return decodeRules(doc.Content[0], shipped)
}

func decodeRules(n *yaml.Node, shipped []Rule) (*RuleSet, error) {
	d := rulesDecoder{shipped: shipped, defaults: true, set: RuleSet{Profiles: []Profile{voipReady()}}}
	d.file(n)
	if err := d.err(); err != nil {
		return nil, err
	}
	return &d.set, nil
}

// rulesDecoder reads one file of rules.
type rulesDecoder struct {
	settings
	shipped  []Rule
	defaults bool
	disabled []string
	set      RuleSet
}

var fileKeys = []string{"defaults", "disable", "profiles", "rules"}

// file reads profiles before the rules that refer to them, whatever their order.
func (d *rulesDecoder) file(n *yaml.Node) {
	var rules *yaml.Node
	d.mapping(n, "the file of rules", fileKeys, func(key string, v *yaml.Node) bool {
		switch key {
		case "defaults":
			d.defaults = d.yes(v, "defaults")
		case "disable":
			d.list(v, "disable", MaxRules, d.disable)
		case "profiles":
			d.list(v, "profiles", MaxProfiles, d.profile)
		case "rules":
			rules = v
		default:
			return false
		}
		return true
	})
	var own []Rule
	if rules != nil {
		d.list(rules, "rules", MaxRules, func(n *yaml.Node) { own = append(own, d.rule(n, own)) })
	}
	if d.defaults {
		d.set.Rules = slices.DeleteFunc(slices.Clone(d.shipped), func(r Rule) bool {
			return slices.Contains(d.disabled, r.Name) || named(own, r.Name)
		})
	}
	d.set.Rules = append(d.set.Rules, own...)
}

func named(rules []Rule, name string) bool {
	return slices.ContainsFunc(rules, func(r Rule) bool { return r.Name == name })
}

func (d *rulesDecoder) disable(n *yaml.Node) {
	name, ok := d.text(n, "a rule to disable")
	if !ok {
		return
	}
	if !named(d.shipped, name) {
		var names []string
		for _, r := range d.shipped {
			names = append(names, r.Name)
		}
		d.errorf(n, "there is no shipped rule %q to disable%s", name, spelling.Hint(name, names))
	}
	d.disabled = append(d.disabled, name)
}

// profile reads one; what it leaves out is as in voip-ready.
func (d *rulesDecoder) profile(n *yaml.Node) {
	p := voipReady()
	p.Name = ""
	known := []string{"name"}
	for _, k := range limitKeys {
		known = append(known, k.name)
	}
	d.mapping(n, "a profile", known, func(key string, v *yaml.Node) bool {
		if key == "name" {
			p.Name = d.name(v, "a profile's name")
			return true
		}
		if !slices.Contains(known, key) {
			return false
		}
		k := limitKeyOf(key)
		p.Limits[key] = d.number(v, key, k.least, k.largest)
		if k.whole && p.Limits[key] != float64(int(p.Limits[key])) {
			d.errorf(v, "%s is %s, want a whole number", key, v.Value)
		}
		return true
	})
	switch {
	case p.Name == "":
		d.errorf(n, "a profile has no name")
	case d.profileNamed(p.Name) != nil:
		d.errorf(n, "profile %q is there already: give yours another name", p.Name)
	default:
		d.set.Profiles = append(d.set.Profiles, p)
	}
}

func (d *rulesDecoder) profileNamed(name string) *Profile {
	for i := range d.set.Profiles {
		if d.set.Profiles[i].Name == name {
			return &d.set.Profiles[i]
		}
	}
	return nil
}
