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

// config is the YAML file that --config names. Every key is optional.
type config struct {
	// LegHeaders join the two sides of a B2BUA: headers whose value is the
	// other side's Call-ID, or the same on both sides.
	LegHeaders []string `yaml:"leg_headers"`
	// DeclaredDelayMS is the one-way network delay, ms, to assume for MOS-CQ where none was measured.
	DeclaredDelayMS float64 `yaml:"declared_delay_ms"`
	// Codecs replaces and adds rows of the codec table.
	Codecs yaml.Node `yaml:"codecs"`
	Limits limits    `yaml:"limits"`
}

// limits caps the tables; 0 keeps the default.
type limits struct {
	Calls        int `yaml:"calls"`
	Transactions int `yaml:"transactions"`
	Streams      int `yaml:"streams"`
	Candidates   int `yaml:"candidates"`
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
	if c.DeclaredDelayMS < 0 || c.DeclaredDelayMS > 10000 {
		return nil, usageError("cannot use the configuration %q: declared_delay_ms: got %g, want 0 to 10000", name, c.DeclaredDelayMS)
	}
	return c, nil
}

// codecs returns the built-in codec table with the file's rows merged in.
func (c *config) codecs(name string) (*mos.CodecTable, error) {
	if c.Codecs.IsZero() {
		return mos.DefaultCodecs(), nil
	}
	text, err := yaml.Marshal(map[string]*yaml.Node{"codecs": &c.Codecs})
	if err != nil {
		return nil, err
	}
	table, err := mos.LoadCodecs(bytes.NewReader(text))
	if err != nil {
		return nil, usageError("cannot use the codecs of %q (the list begins at line %d): %v", name, c.Codecs.Line, err)
	}
	return table, nil
}

var unknownField = regexp.MustCompile(`field (\S+) not found in type \S+`)

// explainYAML turns the decoder's words into the operator's: line, key, what is near it.
func explainYAML(err error) string {
	var lines []string
	var typed *yaml.TypeError
	if !errors.As(err, &typed) {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	for _, e := range typed.Errors {
		lines = append(lines, unknownField.ReplaceAllStringFunc(e, func(m string) string {
			key := unknownField.FindStringSubmatch(m)[1]
			return fmt.Sprintf("unknown key %q%s", key, suggest(key, keys(reflect.TypeFor[config]())))
		}))
	}
	return strings.Join(lines, "; ")
}

// keys lists the YAML keys of a configuration struct and of those inside it.
func keys(t reflect.Type) []string {
	var names []string
	for f := range fields(t) {
		names = append(names, f.Tag.Get("yaml"))
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[yaml.Node]() {
			names = append(names, keys(f.Type)...)
		}
	}
	return names
}

func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}
