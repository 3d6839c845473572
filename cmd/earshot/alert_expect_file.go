package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/spelling"
)

// expectation is a file that says which alerts and cases captures must make.
type expectation struct {
	None   toggle          `yaml:"none"` // no alert fires and no case opens
	Total  expectedTotal   `yaml:"total"`
	Alerts []expectedAlert `yaml:"alerts"`
	Cases  []expectedCase  `yaml:"cases"`
}

// expectedTotal is how many there are, whatever they are.
type expectedTotal struct {
	Alerts number `yaml:"alerts"`
	Cases  number `yaml:"cases"`
}

// expectedAlert is an alert that fires. What is left out may be anything.
type expectedAlert struct {
	Rule     word            `yaml:"rule"`
	Labels   map[string]word `yaml:"labels"` // that it must have; it may have more
	Severity word            `yaml:"severity"`
	Fires    when            `yaml:"fires"`
	Resolved when            `yaml:"resolved"`
	Count    number          `yaml:"count"` // exactly so many are like this; left out: one, that no other entry means
}

// expectedCase is a case that opens. What is left out may be anything.
type expectedCase struct {
	Tenant   word            `yaml:"tenant"`
	Segment  word            `yaml:"segment"`
	Owner    word            `yaml:"owner"`
	Severity word            `yaml:"severity"`
	Signals  []word          `yaml:"signals"` // that it must have among its own
	Factors  map[string]word `yaml:"factors"` // all of them, and no other
	Subject  word            `yaml:"subject"` // a part of it
	Opened   when            `yaml:"opened"`
	Restored when            `yaml:"restored"`
	Count    number          `yaml:"count"`
}

// The most that an expectation may list, and the largest count.
const (
	mostExpected = 10_000
	mostCounted  = 1_000_000
)

// loadExpectation reads a file; the error names everything that is wrong.
func loadExpectation(name string, rules *alerting.RuleSet) (*expectation, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usageError("cannot read what is expected: %v; --write makes a file of what the captures make today", err)
	}
	x, wrong := parseExpectation(text, rules)
	if len(wrong) > 0 {
		slices.SortStableFunc(wrong, func(a, b problem) int { return a.line - b.line })
		return nil, usageError("cannot use the expectation %q:%s", name, joinProblems(wrong))
	}
	return x, nil
}

// parseExpectation reads a text strictly.
func parseExpectation(text []byte, rules *alerting.RuleSet) (*expectation, []problem) {
	x := &expectation{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	err := d.Decode(x)
	var typed *yaml.TypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, []problem{{text: "it expects nothing: say \"none: true\" where nothing may fire"}}
	case errors.As(err, &typed):
		return nil, explainTypesOf(typed, sectionsOf[expectation]())
	case err != nil:
		return nil, []problem{{text: explainSyntax(err)}}
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, []problem{{text: `there is more than one document ("---"), and only the first would be read`}}
	}
	if wrong := x.wrong(rules); len(wrong) > 0 {
		return nil, wrong
	}
	return x, nil
}

// wrong says what cannot be expected.
func (x *expectation) wrong(rules *alerting.RuleSet) []problem {
	var wrong []problem
	if len(x.Alerts)+len(x.Cases) > mostExpected {
		return []problem{{text: fmt.Sprintf("there are %d entries, at most %d are possible", len(x.Alerts)+len(x.Cases), mostExpected)}}
	}
	nothing := x.Total.Alerts.line == 0 && x.Total.Cases.line == 0 && len(x.Alerts) == 0 && len(x.Cases) == 0
	switch {
	case x.None.value && !nothing:
		wrong = append(wrong, problem{x.None.line, "none: true says that nothing fires: leave the rest out"})
	case !x.None.value && nothing:
		wrong = append(wrong, problem{text: "it expects nothing: say \"none: true\" where nothing may fire"})
	}
	wrong = append(wrong, wrongCount("total.alerts", x.Total.Alerts)...)
	wrong = append(wrong, wrongCount("total.cases", x.Total.Cases)...)
	for i := range x.Alerts {
		wrong = append(wrong, x.Alerts[i].wrong(i, rules)...)
	}
	for i := range x.Cases {
		wrong = append(wrong, x.Cases[i].wrong(i)...)
	}
	return wrong
}

func (a *expectedAlert) wrong(i int, rules *alerting.RuleSet) []problem {
	var wrong []problem
	var names []string
	for j := range rules.Rules {
		names = append(names, rules.Rules[j].Name)
	}
	switch name := a.Rule.text; {
	case name != "" && !slices.Contains(names, name):
		wrong = append(wrong, problem{a.Rule.line, fmt.Sprintf("alerts: there is no rule %q%s", name, spelling.Hint(name, names))})
	case len(a.facts(time.Time{})) == 0:
		wrong = append(wrong, problem{a.line(), fmt.Sprintf("alerts: entry %d says nothing of its alert: name the rule", i+1)})
	}
	if a.Fires.never {
		wrong = append(wrong, problem{a.Fires.line, "alerts.fires is false: say \"count: 0\" for alerts that must not fire"})
	}
	wrong = append(wrong, wrongSeverity("alerts.severity", a.Severity)...)
	return append(wrong, wrongCount("alerts.count", a.Count)...)
}

func (c *expectedCase) wrong(i int) []problem {
	var wrong []problem
	if len(c.facts(time.Time{})) == 0 {
		wrong = append(wrong, problem{c.line(), fmt.Sprintf("cases: entry %d says nothing of its case", i+1)})
	}
	if c.Opened.never {
		wrong = append(wrong, problem{c.Opened.line, "cases.opened is false: say \"count: 0\" for cases that must not open"})
	}
	for name, w := range c.Factors {
		if !slices.Contains(factorNames, name) {
			wrong = append(wrong, problem{w.line, fmt.Sprintf("cases.factors: there is no factor %q, want one of %s%s", name, strings.Join(factorNames, ", "), spelling.Hint(name, factorNames))})
		}
	}
	wrong = append(wrong, wrongSeverity("cases.severity", c.Severity)...)
	return append(wrong, wrongCount("cases.count", c.Count)...)
}

func wrongSeverity(key string, w word) []problem {
	if w.text == "" {
		return nil
	}
	if _, err := alerting.ParseSeverity(w.text); err != nil {
		return []problem{{w.line, fmt.Sprintf("%s: %v", key, err)}}
	}
	return nil
}

func wrongCount(key string, n number) []problem {
	if n.value >= 0 && n.value <= mostCounted && n.value == float64(n.whole()) {
		return nil
	}
	return []problem{{n.line, fmt.Sprintf("%s is %v, want a whole number from 0 to %d", key, n.value, mostCounted)}}
}

// line is where an entry stands, as far as one of its keys tells.
func (a *expectedAlert) line() int {
	lines := []int{a.Rule.line, a.Severity.line, a.Fires.line, a.Resolved.line, a.Count.line}
	for _, w := range a.Labels {
		lines = append(lines, w.line)
	}
	return firstLine(lines)
}

func (c *expectedCase) line() int {
	lines := []int{c.Tenant.line, c.Segment.line, c.Owner.line, c.Severity.line, c.Subject.line, c.Opened.line, c.Restored.line, c.Count.line}
	for _, w := range c.Signals {
		lines = append(lines, w.line)
	}
	for _, w := range c.Factors {
		lines = append(lines, w.line)
	}
	return firstLine(lines)
}

// firstLine is the smallest of those that are known.
func firstLine(lines []int) int {
	lines = slices.DeleteFunc(lines, func(n int) bool { return n == 0 })
	if len(lines) == 0 {
		return 0
	}
	return slices.Min(lines)
}
