package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"

	"go.yaml.in/yaml/v3"

	"earshot/evidence"
	"earshot/store"
)

// evidenceConfig says how the proof of cases is made and kept.
type evidenceConfig struct {
	// KeyFile holds what pseudonyms follow from; without it the store has one.
	KeyFile    word   `yaml:"key_file"`
	Make       toggle `yaml:"make"`
	SettleS    number `yaml:"settle_s"`
	MaxPackets number `yaml:"max_packets"`
	CaseMB     number `yaml:"case_mb"`
	TotalMB    number `yaml:"total_mb"`
	KeepDays   number `yaml:"keep_days"`
}

// What holds where the configuration of evidence says nothing.
const (
	presetSettle   = 60
	presetCaseMB   = 1024
	presetFilesMB  = 10_240
	presetKeepDays = 30
)

func (e *evidenceConfig) bounds() []bound {
	return []bound{
		{"evidence.settle_s", &e.SettleS, 0, 3600, presetSettle, false},
		{"evidence.max_packets", &e.MaxPackets, 1000, most, evidence.DefaultMaxPackets, true},
		{"evidence.case_mb", &e.CaseMB, 1, mostMB, presetCaseMB, true},
		{"evidence.total_mb", &e.TotalMB, 1, mostMB, presetFilesMB, true},
		{"evidence.keep_days", &e.KeepDays, 1, mostStoreDays, presetKeepDays, true},
	}
}

// attachmentLimits bounds the files of cases.
func (c *config) attachmentLimits() store.AttachmentLimits {
	e := &c.Evidence
	return store.AttachmentLimits{Case: int64(e.CaseMB.or(presetCaseMB)) * mebibyte, All: int64(e.TotalMB.or(presetFilesMB)) * mebibyte}
}

// attachmentRetention says how long the files of closed cases are kept.
func (c *config) attachmentRetention() *store.AttachmentRetention {
	return &store.AttachmentRetention{
		Closed:  store.Period{Days: int(c.Evidence.KeepDays.or(presetKeepDays))},
		Tenants: c.tenantRetention(),
	}
}

// measuringKeys are the keys of a configuration that change what is measured.
var measuringKeys = []string{"leg_headers", "declared_delay_ms", "codecs", "limits", "findings"}

// measuringSettings is that part of the configuration which changes what is measured, as a
// configuration of its own without comments; nil where it changes nothing.
func (c *config) measuringSettings() ([]byte, error) {
	if c.file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration again: %w", err)
	}
	var whole map[string]any
	if err := yaml.Unmarshal(text, &whole); err != nil {
		return nil, fmt.Errorf("cannot read the configuration again: %w", err)
	}
	part := map[string]any{}
	for _, key := range measuringKeys {
		if value, there := whole[key]; there && !reflect.ValueOf(value).IsZero() {
			part[key] = value
		}
	}
	if len(part) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(part); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}
