package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

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

	// What follows is for live monitoring only.
	Captures []captureConfig `yaml:"captures"`
	Lanes    number          `yaml:"lanes"`
	RingMB   number          `yaml:"ring_mb"`
	Shards   number          `yaml:"shards"`
	User     word            `yaml:"user"`
	HEP      hepConfig       `yaml:"hep"`
	HEPOut   []hepOutConfig  `yaml:"hep_out"`
	Peers    []peerConfig    `yaml:"peers"`
	Segments []segmentConfig `yaml:"segments"`

	// Who answers for what, and how cases live; replay --rules reads them too.
	Tenants     []tenantConfig `yaml:"tenants"`
	Calendars   yaml.Node      `yaml:"calendars"`
	Plans       yaml.Node      `yaml:"plans"`
	Maintenance yaml.Node      `yaml:"maintenance"`
	Alerting    alertingConfig `yaml:"alerting"`

	// Where cases go, and with what proof.
	Destinations yaml.Node      `yaml:"destinations"`
	Outbox       outboxConfig   `yaml:"outbox"`
	Evidence     evidenceConfig `yaml:"evidence"`

	// Reports are made by themselves.
	Reports []reportConfig `yaml:"reports"`

	Web     webConfig     `yaml:"web"`
	Metrics metricsConfig `yaml:"metrics"`
	Save    saveConfig    `yaml:"save"`
	Records recordsConfig `yaml:"records"`
	Store   storeConfig   `yaml:"store"`
	Log     logConfig     `yaml:"log"`

	file string // its name; "" for the defaults
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

// loadConfig reads a file; an empty name gives the defaults. An error names
// everything that is wrong, in the order of lines.
func loadConfig(name string) (*config, error) {
	c := defaultConfig()
	if name == "" {
		return c, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError("cannot read the configuration: %v", err)
	}
	c.file = name
	wrong, err := c.decode(data)
	if err != nil {
		return nil, configError(name, []problem{{text: explainSyntax(err)}})
	}
	// What was not understood leaves holes; the rest is judged without what depends on them.
	whole := len(wrong) == 0
	wrong = append(wrong, c.problems(whole)...)
	if len(wrong) > 0 {
		return nil, configError(name, wrong)
	}
	return c, nil
}

// decode fills c and returns what does not fit it; the error is for a text that
// is no YAML.
func (c *config) decode(data []byte) ([]problem, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	err := d.Decode(c)
	var typed *yaml.TypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil // empty, or only comments
	case errors.As(err, &typed):
		return explainTypes(typed), nil
	case err != nil:
		return nil, err
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return []problem{{text: `there is more than one document ("---"), and only the first would be read`}}, nil
	}
	return nil, nil
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

// path is a file that the configuration names: relative to the configuration.
func (c *config) path(name string) string {
	if name == "" || name == "-" || c.file == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.file), name)
}
