package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// siteScenario is a YAML file of sites, an SBC and trunks, the calls between
// them over days, and what goes wrong when and where. Unknown keys are errors.
type siteScenario struct {
	Name         string            `yaml:"name"`
	Seed         *uint64           `yaml:"seed"`
	Start        string            `yaml:"start"`
	Length       string            `yaml:"length"`
	Calls        callsSpec         `yaml:"calls"`
	Media        mediaSpec         `yaml:"media"`
	SBC          sbcSpec           `yaml:"sbc"`
	Sites        []placeSpec       `yaml:"sites"`
	Trunks       []trunkSpec       `yaml:"trunks"`
	Quiet        []quietSpec       `yaml:"quiet"`
	Faults       []faultSpec       `yaml:"faults"`
	Maintenance  []maintenanceSpec `yaml:"maintenance"`
	Changes      []changeSpec      `yaml:"changes"`
	CaptureDrops []dropSpec        `yaml:"capture-drops"`
}

// callsSpec says how many calls there are, and what kind.
type callsSpec struct {
	PerHour  float64     `yaml:"per-hour"`
	Hours    hourProfile `yaml:"hours"`
	Weekdays []float64   `yaml:"weekdays"`
	Inbound  string      `yaml:"inbound"`
	Talk     string      `yaml:"talk"`
	Ring     string      `yaml:"ring"`
	Fail     string      `yaml:"fail"`
}

// mediaSpec says what the RTP of a call looks like while nothing is wrong.
type mediaSpec struct {
	PTime       string `yaml:"ptime"`
	HeadersOnly bool   `yaml:"headers-only"`
	RTCP        string `yaml:"rtcp"`
	Loss        string `yaml:"loss"`
	Jitter      string `yaml:"jitter"`
	Codecs      string `yaml:"codecs"`
}

// sbcSpec is the session border controller in the middle, beside the tap.
type sbcSpec struct {
	Network   string `yaml:"network"`
	Addresses int    `yaml:"addresses"`
	Owner     string `yaml:"owner"`
}

// placeSpec is a site with phones, or count alike.
type placeSpec struct {
	Name          string  `yaml:"name"`
	Count         int     `yaml:"count"`
	Group         string  `yaml:"group"`
	Network       string  `yaml:"network"`
	Phones        int     `yaml:"phones"`
	Weight        float64 `yaml:"weight"`
	Owner         string  `yaml:"owner"`
	Domain        string  `yaml:"domain"`
	Delay         string  `yaml:"delay"`
	UserAgents    string  `yaml:"user-agents"`
	Codecs        string  `yaml:"codecs"`
	RegisterEvery string  `yaml:"register-every"`
}

// trunkSpec is a SIP trunk of a carrier.
type trunkSpec struct {
	Name     string  `yaml:"name"`
	Carrier  string  `yaml:"carrier"`
	Network  string  `yaml:"network"`
	Gateways int     `yaml:"gateways"`
	Weight   float64 `yaml:"weight"`
	Owner    string  `yaml:"owner"`
	Domain   string  `yaml:"domain"`
	Delay    string  `yaml:"delay"`
	Codecs   string  `yaml:"codecs"`
}

// whenSpec is a time of the scenario, from its beginning; with on and off it flaps.
type whenSpec struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	On   string `yaml:"on"`
	Off  string `yaml:"off"`
}

// quietSpec is a time without new calls of a site or over a trunk, or of all.
type quietSpec struct {
	Site  string   `yaml:"site"`
	Trunk string   `yaml:"trunk"`
	When  whenSpec `yaml:"when"`
}

// maintenanceSpec is announced work on a segment.
type maintenanceSpec struct {
	Segment string   `yaml:"segment"`
	When    whenSpec `yaml:"when"`
}

// dropSpec is a time in which the probe itself loses a share of all frames.
type dropSpec struct {
	When  whenSpec `yaml:"when"`
	Share string   `yaml:"share"`
}

// faultSpec is one fault: what is wrong, where, when, and what a monitor should
// make of it.
type faultSpec struct {
	Name   string    `yaml:"name"`
	What   whatSpec  `yaml:"what"`
	Where  whereSpec `yaml:"where"`
	When   whenSpec  `yaml:"when"`
	Owner  string    `yaml:"owner"`
	Expect string    `yaml:"expect"`

	Severity string `yaml:"severity"`
}

// whatSpec lists what can go wrong; several may be given.
type whatSpec struct {
	Loss           string  `yaml:"loss" json:"loss,omitempty"`
	Jitter         string  `yaml:"jitter" json:"jitter,omitempty"`
	Late           string  `yaml:"late" json:"late,omitempty"`
	Delay          string  `yaml:"delay" json:"delay,omitempty"`
	OneWay         bool    `yaml:"one-way" json:"one_way,omitempty"`
	NoMedia        bool    `yaml:"no-media" json:"no_media,omitempty"`
	DSCP           *int    `yaml:"dscp" json:"dscp,omitempty"`
	CodecMismatch  bool    `yaml:"codec-mismatch" json:"codec_mismatch,omitempty"`
	Reject         int     `yaml:"reject" json:"reject,omitempty"`
	PDD            string  `yaml:"pdd" json:"pdd,omitempty"`
	ShortCalls     string  `yaml:"short-calls" json:"short_calls,omitempty"`
	RegisterStorm  float64 `yaml:"register-storm" json:"register_storm,omitempty"`
	RegisterReject int     `yaml:"register-reject" json:"register_reject,omitempty"`
}

// whereSpec is which part of the traffic a fault touches; all keys must fit.
type whereSpec struct {
	At        string `yaml:"at"`
	Site      names  `yaml:"site"`
	Group     string `yaml:"group"`
	Trunk     names  `yaml:"trunk"`
	Codec     string `yaml:"codec"`
	UserAgent string `yaml:"user-agent"`
	Direction string `yaml:"direction"`
	Share     string `yaml:"share"`
}

// names is one name or a list of them.
type names []string

// UnmarshalYAML takes a text for a list of one.
func (n *names) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*n = names{node.Value}
		return nil
	}
	var list []string
	if err := node.Decode(&list); err != nil {
		return err
	}
	*n = list
	return nil
}

// readSite reads and checks the site scenario that the options name.
func readSite(path string) (*siteWorld, *siteScenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the site scenario: %w", err)
	}
	w, s, err := parseSite(text)
	if err != nil {
		return nil, nil, fmt.Errorf("site scenario %q: %w", path, err)
	}
	return w, s, nil
}

// parseSite decodes one strictly.
func parseSite(text []byte) (*siteWorld, *siteScenario, error) {
	var s siteScenario
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		return nil, nil, explain(err)
	}
	w, err := s.compile()
	return w, &s, err
}

// oneOf reports an unknown name with those that are allowed.
func oneOf(what, name string, allowed []string) error {
	for _, a := range allowed {
		if a == name {
			return nil
		}
	}
	return fmt.Errorf("%s %q%s: want one of %s", what, name, spelling.Hint(name, allowed), strings.Join(allowed, ", "))
}
