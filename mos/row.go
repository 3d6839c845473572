package mos

import (
	"fmt"
	"slices"
	"strings"
)

// minStateBpl is the Bpl from which on G.113 takes concealment to keep state,
// so that BurstR may be applied.
const minStateBpl = 16

// codec checks a row and fills in what it left out.
func (r *row) codec() (Codec, error) {
	c := Codec{
		Name: r.Name, ClockRate: r.ClockRate, Model: r.Model, MinKbps: r.MinKbps, Bandwidth: r.Bandwidth, FrameType: -1,
		PLC: r.PLC, LookaheadMS: r.LookaheadMS, Source: r.Source, IeConfidence: r.IeConfidence, BplConfidence: r.BplConfidence,
	}
	if err := r.checkNames(); err != nil {
		return c, err
	}
	if err := r.checkValues(); err != nil {
		return c, err
	}
	c.Ie, c.Bpl = *r.Ie, *r.Bpl
	if r.FrameType != nil {
		c.FrameType = *r.FrameType
	}
	stateful := c.Model == G107 && c.Bpl >= minStateBpl
	c.BurstAware = stateful
	if r.BurstAware != nil {
		c.BurstAware = *r.BurstAware
	}
	if c.BurstAware && !stateful {
		return c, fmt.Errorf("burst_aware needs model %q and a bpl of at least %d (G.113)", G107, minStateBpl)
	}
	c.PLC = orElse(c.PLC, "native")
	c.Source = orElse(c.Source, "configuration")
	c.IeConfidence = orElse(c.IeConfidence, "C")
	c.BplConfidence = orElse(c.BplConfidence, "C")
	c.Confidence = max(c.IeConfidence, c.BplConfidence) // "C" is the weakest and the greatest
	return c, nil
}

func (r *row) checkNames() error {
	switch {
	case r.Name == "":
		return fmt.Errorf("name is missing")
	case len(r.Encodings) == 0:
		return fmt.Errorf("encodings is missing for %q", r.Name)
	case slices.ContainsFunc(r.Encodings, func(s string) bool { return strings.TrimSpace(s) == "" }):
		return fmt.Errorf("an encoding of %q is empty", r.Name)
	}
	return oneOf(
		choice{"model", string(r.Model), []string{string(G107), string(G1071), string(G1072)}},
		choice{"bandwidth", r.Bandwidth, []string{"", "NB", "MB", "WB", "SWB", "FB"}},
		choice{"ie_confidence", r.IeConfidence, []string{"", "A", "B", "C"}},
		choice{"bpl_confidence", r.BplConfidence, []string{"", "A", "B", "C"}},
	)
}

func (r *row) checkValues() error {
	limit := r.Model.scale().loss
	switch {
	case r.Ie == nil:
		return fmt.Errorf("ie is missing for %q", r.Name)
	case r.Bpl == nil:
		return fmt.Errorf("bpl is missing for %q", r.Name)
	case !(*r.Ie >= 0 && *r.Ie < limit):
		return fmt.Errorf("ie is %v, want 0 to below %v on the scale of %s", *r.Ie, limit, r.Model)
	case !(*r.Bpl > 0 && *r.Bpl <= 1000):
		return fmt.Errorf("bpl is %v, want above 0, for loss in percent", *r.Bpl)
	case !(r.MinKbps >= 0) || r.ClockRate < 0 || !(r.LookaheadMS >= 0):
		return fmt.Errorf("min_kbps, clock_rate and lookahead_ms of %q cannot be negative", r.Name)
	case r.FrameType != nil && (*r.FrameType < 0 || *r.FrameType > 15):
		return fmt.Errorf("frame_type is %d, want 0 to 15", *r.FrameType)
	}
	return nil
}

// choice is a field with a closed set of values.
type choice struct {
	key, got string
	want     []string
}

func oneOf(choices ...choice) error {
	for _, c := range choices {
		if !slices.Contains(c.want, c.got) {
			return fmt.Errorf("%s is %q, want one of %q", c.key, c.got, slices.DeleteFunc(c.want, func(s string) bool { return s == "" }))
		}
	}
	return nil
}

func orElse(s, absent string) string {
	if s == "" {
		return absent
	}
	return s
}
