package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"earshot/dialog"
)

// condition is one --fail-on test: a figure of a call, a comparison, a limit.
type condition struct {
	figure string
	op     string
	limit  float64
	text   string
}

// figures are what --fail-on can ask of a call; a call without the figure
// meets no condition on it.
var figures = map[string]func(*dialog.CallRecord) (float64, bool){
	"mos": func(c *dialog.CallRecord) (float64, bool) {
		if c.MOSWorst == nil {
			return 0, false
		}
		return *c.MOSWorst, true
	},
	"loss": func(c *dialog.CallRecord) (float64, bool) {
		return worst(c, func(s *dialog.StreamRecord) float64 { return s.LossRatio })
	},
	"jitter": func(c *dialog.CallRecord) (float64, bool) {
		return worst(c, func(s *dialog.StreamRecord) float64 { return s.JitterMS.Mean })
	},
	"findings": func(c *dialog.CallRecord) (float64, bool) { return float64(len(c.Findings)), true },
	"pdd": func(c *dialog.CallRecord) (float64, bool) {
		if c.PDDMS == nil {
			return 0, false
		}
		return *c.PDDMS, true
	},
}

const figureList = "mos, loss, jitter (ms), pdd (ms), findings"

func worst(c *dialog.CallRecord, of func(*dialog.StreamRecord) float64) (float64, bool) {
	value := 0.0
	for _, s := range c.Media {
		value = max(value, of(s))
	}
	return value, len(c.Media) > 0
}

var conditionSyntax = regexp.MustCompile(`^\s*([a-z]+)\s*(<=|>=|<|>|==|=)\s*([0-9.]+%?)\s*$`)

// conditions is the value of --fail-on: tests joined by commas; any of them fails the run.
type conditions []condition

func (cs *conditions) Set(s string) error {
	for _, part := range strings.Split(s, ",") {
		c, err := parseCondition(part)
		if err != nil {
			return err
		}
		*cs = append(*cs, c)
	}
	return nil
}

func (cs *conditions) String() string {
	if cs == nil {
		return ""
	}
	var parts []string
	for _, c := range *cs {
		parts = append(parts, c.text)
	}
	return strings.Join(parts, ",")
}

func parseCondition(s string) (condition, error) {
	m := conditionSyntax.FindStringSubmatch(s)
	if m == nil {
		return condition{}, usageError("want a condition like mos<3.6 or loss>1%%")
	}
	if figures[m[1]] == nil {
		return condition{}, usageError("unknown figure %q; known are %s", m[1], figureList)
	}
	number, percent := strings.CutSuffix(m[3], "%")
	limit, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return condition{}, usageError("%q is no number", m[3])
	}
	if percent {
		if m[1] != "loss" {
			return condition{}, usageError("only loss is a percentage")
		}
		limit /= 100
	}
	return condition{figure: m[1], op: m[2], limit: limit, text: strings.TrimSpace(s)}, nil
}

// met reports whether a call meets the condition.
func (c condition) met(call *dialog.CallRecord) bool {
	v, ok := figures[c.figure](call)
	if !ok {
		return false
	}
	switch c.op {
	case "<":
		return v < c.limit
	case "<=":
		return v <= c.limit
	case ">":
		return v > c.limit
	case ">=":
		return v >= c.limit
	}
	return v == c.limit
}

// verdict counts the calls that met a condition.
type verdict struct {
	conditions conditions
	calls      int
	first      string
}

func (v *verdict) take(call *dialog.CallRecord) {
	for _, c := range v.conditions {
		if c.met(call) {
			if v.calls == 0 {
				v.first = fmt.Sprintf("%s (call %s)", c.text, call.ID)
			}
			v.calls++
			return
		}
	}
}

// err is the exit status of the run.
func (v *verdict) err() error {
	if v.calls == 0 {
		return nil
	}
	return exitError{exitFailOn, fmt.Sprintf("--fail-on: %d calls, the first by %s", v.calls, v.first)}
}
