package main

import (
	"go.yaml.in/yaml/v3"

	"earshot/dialog"
)

// number is a configured figure and the line that says it, 0 where none does.
type number struct {
	value float64
	line  int
}

// UnmarshalYAML keeps the line for messages about the value.
func (n *number) UnmarshalYAML(node *yaml.Node) error {
	n.line = node.Line
	return node.Decode(&n.value)
}

// MarshalYAML gives the value alone, so that two configurations compare by what they say.
func (n number) MarshalYAML() (any, error) { return n.value, nil }

// whole is the value of a number that outOfBounds found to have no fraction.
func (n number) whole() int { return int(n.value) }

// or is the value where the configuration has one, else the preset.
func (n number) or(preset float64) float64 {
	if n.line == 0 {
		return preset
	}
	return n.value
}

// word is a configured name and the line that says it.
type word struct {
	text string
	line int
}

// UnmarshalYAML keeps the line for messages about the value.
func (w *word) UnmarshalYAML(node *yaml.Node) error {
	w.line = node.Line
	return node.Decode(&w.text)
}

// MarshalYAML gives the text alone.
func (w word) MarshalYAML() (any, error) { return w.text, nil }

// or is the text where the configuration has one, else the preset.
func (w word) or(preset string) string {
	if w.text == "" {
		return preset
	}
	return w.text
}

// toggle is true or false as configured, and the line that says it.
type toggle struct {
	value bool
	line  int
}

// UnmarshalYAML keeps the line for messages about the value.
func (t *toggle) UnmarshalYAML(node *yaml.Node) error {
	t.line = node.Line
	return node.Decode(&t.value)
}

// MarshalYAML gives the value alone, nothing where the configuration has none.
func (t toggle) MarshalYAML() (any, error) {
	if t.line == 0 {
		return nil, nil
	}
	return t.value, nil
}

// or is the value where the configuration has one, else the preset.
func (t toggle) or(preset bool) bool {
	if t.line == 0 {
		return preset
	}
	return t.value
}

// texts are the words without their lines.
func texts(words []word) []string {
	var list []string
	for _, w := range words {
		list = append(list, w.text)
	}
	return list
}

// findings are the bounds beyond which something is a finding; what is left out
// keeps its default, the voip-ready profile.
type findings struct {
	LossRatio       number `yaml:"loss_ratio"`
	JitterMS        number `yaml:"jitter_ms"`
	OneWayDelayMS   number `yaml:"one_way_delay_ms"`
	DSCP            number `yaml:"dscp"`
	SignallingDSCP  number `yaml:"signalling_dscp"`
	MOSLQ           number `yaml:"mos_lq"`
	LossRunMS       number `yaml:"loss_run_ms"`
	LateMediaMS     number `yaml:"late_media_ms"`
	MediaAfterByeMS number `yaml:"media_after_bye_ms"`
	FellSilentMS    number `yaml:"fell_silent_ms"`
	MediaDueMS      number `yaml:"media_due_ms"`
	SkewPPM         number `yaml:"skew_ppm"`
	DuplicateRatio  number `yaml:"duplicate_ratio"`
	ReorderedRatio  number `yaml:"reordered_ratio"`
	RemoteLossRatio number `yaml:"remote_loss_ratio"`

	// Ignore names findings that are not made.
	Ignore []word `yaml:"ignore"`
}

// limits gives the configured bounds to the correlator.
func (f *findings) limits() dialog.Limits {
	return dialog.Limits{
		LossRatio:       f.LossRatio.value,
		JitterMS:        f.JitterMS.value,
		OneWayMS:        f.OneWayDelayMS.value,
		DSCP:            f.DSCP.whole(),
		SignallingDSCP:  f.SignallingDSCP.whole(),
		MOS:             f.MOSLQ.value,
		LossRunMS:       f.LossRunMS.value,
		LateMediaMS:     f.LateMediaMS.value,
		AfterByeMS:      f.MediaAfterByeMS.value,
		StoppedMS:       f.FellSilentMS.value,
		DueMS:           f.MediaDueMS.value,
		SkewPPM:         f.SkewPPM.value,
		DuplicateRatio:  f.DuplicateRatio.value,
		ReorderedRatio:  f.ReorderedRatio.value,
		RemoteLossRatio: f.RemoteLossRatio.value,
	}
}
