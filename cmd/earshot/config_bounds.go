package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/dialog"
	"earshot/rtpstats"
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

// whole is the value of a number that outOfBounds found to have no fraction.
func (n number) whole() int { return int(n.value) }

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

// ignored lists the codes of findings that are not made.
func (f *findings) ignored() []string {
	var codes []string
	for _, w := range f.Ignore {
		codes = append(codes, w.text)
	}
	return codes
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

// bound is what a number may be. Bounds of findings begin above 0, since there
// 0 stands for the default.
type bound struct {
	key      string
	got      *number
	from, to float64
	preset   float64 // what holds where the key is left out
	whole    bool
}

const (
	smallestRatio = 0.0001
	longestMS     = 3_600_000
	most          = 10_000_000
)

// bounds lists every number of the configuration.
func (c *config) bounds() []bound {
	l, f, d := &c.Limits, &c.Findings, dialog.DefaultLimits()
	return []bound{
		{"declared_delay_ms", &c.DeclaredDelayMS, 0, 10_000, 0, false},
		{"limits.calls", &l.Calls, 1, most, dialog.DefaultMaxCalls, true},
		{"limits.transactions", &l.Transactions, 1, most, dialog.DefaultMaxTransactions, true},
		{"limits.streams", &l.Streams, 1, most, dialog.DefaultMaxStreams, true},
		{"limits.candidates", &l.Candidates, 1, most, rtpstats.DefaultMaxProbation, true},
		{"findings.loss_ratio", &f.LossRatio, smallestRatio, 1, d.LossRatio, false},
		{"findings.jitter_ms", &f.JitterMS, 1, 10_000, d.JitterMS, false},
		{"findings.one_way_delay_ms", &f.OneWayDelayMS, 1, 10_000, d.OneWayMS, false},
		{"findings.dscp", &f.DSCP, 1, 63, float64(d.DSCP), true},
		{"findings.signalling_dscp", &f.SignallingDSCP, 1, 63, float64(d.SignallingDSCP), true},
		{"findings.mos_lq", &f.MOSLQ, 1, 5, d.MOS, false},
		{"findings.loss_run_ms", &f.LossRunMS, 1, longestMS, d.LossRunMS, false},
		{"findings.late_media_ms", &f.LateMediaMS, 1, longestMS, d.LateMediaMS, false},
		{"findings.media_after_bye_ms", &f.MediaAfterByeMS, 1, longestMS, d.AfterByeMS, false},
		{"findings.fell_silent_ms", &f.FellSilentMS, 1, longestMS, d.StoppedMS, false},
		{"findings.media_due_ms", &f.MediaDueMS, 1, longestMS, d.DueMS, false},
		{"findings.skew_ppm", &f.SkewPPM, 1, 100_000, d.SkewPPM, false},
		{"findings.duplicate_ratio", &f.DuplicateRatio, smallestRatio, 1, d.DuplicateRatio, false},
		{"findings.reordered_ratio", &f.ReorderedRatio, smallestRatio, 1, d.ReorderedRatio, false},
		{"findings.remote_loss_ratio", &f.RemoteLossRatio, smallestRatio, 1, d.RemoteLossRatio, false},
	}
}

// maxLegHeaders is how many the parser looks for.
const maxLegHeaders = 16

// outOfBounds says which values cannot be, numbers with their lines.
func (c *config) outOfBounds() []string {
	var wrong []string
	if n := len(c.LegHeaders); n > maxLegHeaders {
		wrong = append(wrong, fmt.Sprintf("leg_headers has %d names, want at most %d", n, maxLegHeaders))
	}
	for _, name := range c.LegHeaders {
		if name == "" || strings.ContainsAny(name, ": \t\r\n") {
			wrong = append(wrong, fmt.Sprintf("leg_headers: %q is no header name", name))
		}
	}
	for _, w := range c.Findings.Ignore {
		if codes := dialog.FindingCodes(); !slices.Contains(codes, w.text) {
			wrong = append(wrong, fmt.Sprintf("line %d: there is no finding %q%s", w.line, w.text, suggest(w.text, codes)))
		}
	}
	for _, b := range c.bounds() {
		v := b.got.value
		switch {
		case b.got.line == 0:
		case !(v >= b.from && v <= b.to): // NaN is neither
			wrong = append(wrong, fmt.Sprintf("line %d: %s is %v, want %s", b.got.line, b.key, v, b.span()))
		case b.whole && v != math.Trunc(v):
			wrong = append(wrong, fmt.Sprintf("line %d: %s is %v, want a whole number", b.got.line, b.key, v))
		}
	}
	return wrong
}

// span is the allowed range for people.
func (b *bound) span() string { return decimal(b.from) + " to " + decimal(b.to) }

// decimal writes a number without an exponent.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
