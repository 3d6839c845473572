package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/mos"
)

// config is the YAML file that --config names. Every key is optional;
// docs/configuration.md explains them.
type config struct {
	// LegHeaders join the two sides of a B2BUA: headers whose value is the
	// other side's Call-ID, or the same on both sides.
	LegHeaders []string `yaml:"leg_headers"`
	// DeclaredDelayMS is the one-way network delay, ms, to assume for MOS-CQ where none was measured.
	DeclaredDelayMS number `yaml:"declared_delay_ms"`
	// Codecs replaces and adds rows of the codec table.
	Codecs   yaml.Node `yaml:"codecs"`
	Limits   limits    `yaml:"limits"`
	Findings findings  `yaml:"findings"`
}

// limits caps the tables; what is left out keeps its default.
type limits struct {
	Calls        number `yaml:"calls"`
	Transactions number `yaml:"transactions"`
	Streams      number `yaml:"streams"`
	Candidates   number `yaml:"candidates"`
}

// defaultLegHeaders are the headers that common B2BUAs put the other leg's Call-ID into.
var defaultLegHeaders = []string{"X-Call-ID", "X-CID", "X-Original-Call-ID", "X-Leg-Call-ID"}

func defaultConfig() *config { return &config{LegHeaders: defaultLegHeaders} }

// loadConfig reads a file; an empty name gives the defaults.
func loadConfig(name string) (*config, error) {
	c := defaultConfig()
	if name == "" {
		return c, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError("cannot read the configuration: %v", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil && len(bytes.TrimSpace(data)) > 0 {
		return nil, usageError("cannot use the configuration %q: %s", name, explainYAML(err))
	}
	if wrong := c.outOfBounds(); len(wrong) > 0 {
		return nil, usageError("cannot use the configuration %q: %s", name, strings.Join(wrong, "; "))
	}
	return c, nil
}

// codecs returns the built-in codec table with the file's rows merged in.
func (c *config) codecs(name string) (*mos.CodecTable, error) {
	if c.Codecs.IsZero() || c.Codecs.Tag == "!!null" {
		return mos.DefaultCodecs(), nil
	}
	table, err := mos.DecodeCodecs(&c.Codecs)
	if err != nil {
		return nil, usageError("cannot use the configuration %q: codecs: %v", name, err)
	}
	return table, nil
}

var (
	unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)
	wrongKind    = regexp.MustCompile("cannot unmarshal !!(\\w+)(?: `(.*)`)? into (\\S+)")
)

// explainYAML turns the decoder's words into the operator's: line, key, what is near it.
func explainYAML(err error) string {
	var lines []string
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	for _, e := range typed.Errors {
		e = unknownField.ReplaceAllStringFunc(e, func(m string) string {
			key := unknownField.FindStringSubmatch(m)[1]
			return fmt.Sprintf("unknown key %q%s", key, suggest(key, keys(reflect.TypeFor[config]())))
		})
		lines = append(lines, wrongKind.ReplaceAllStringFunc(e, func(m string) string {
			part := wrongKind.FindStringSubmatch(m)
			return fmt.Sprintf("got %s, want %s", foundKind(part[1], part[2]), wantedKind(part[3]))
		}))
	}
	return strings.Join(lines, "; ")
}

// foundKind names a YAML value for people.
func foundKind(tag, value string) string {
	switch tag {
	case "seq":
		return "a list"
	case "map":
		return "a mapping"
	}
	return fmt.Sprintf("%q", value)
}

// wantedKind names a Go type for people.
func wantedKind(name string) string {
	switch {
	case strings.HasPrefix(name, "float"):
		return "a number"
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case strings.HasPrefix(name, "main."):
		return "a mapping of keys to values"
	}
	return "a text"
}

// keys lists the YAML keys of a configuration struct and of those inside it.
func keys(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		names = append(names, f.Tag.Get("yaml"))
		if isSection(f.Type) {
			names = append(names, keys(f.Type)...)
		}
	}
	return names
}

// isSection reports a field that holds keys of its own.
func isSection(t reflect.Type) bool {
	return t == reflect.TypeFor[limits]() || t == reflect.TypeFor[findings]()
}
