package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// expectation writes an outcome as a file that it meets.
func (o *outcome) expectation() []byte {
	var b bytes.Buffer
	b.WriteString("# What these captures made when this file was written. It is what happened, not what\n" +
		"# should happen: go through it, correct what is wrong, and take out what does not matter.\n" +
		"# Times are after the first packet (" + o.first.Format(time.RFC3339) + "), within 5 s of what is\n" +
		"# said; 11m..12m is a span, true any time at all. What is left out may be anything.\n\n")
	if len(o.alerts) == 0 && len(o.cases) == 0 {
		b.WriteString("none: true\n")
		return b.Bytes()
	}
	fmt.Fprintf(&b, "total: {alerts: %d, cases: %d}\n", len(o.alerts), len(o.cases))
	if len(o.alerts) > 0 {
		b.WriteString("\nalerts:\n")
	}
	for i := range o.alerts {
		o.writeAlert(&b, &o.alerts[i])
	}
	if len(o.cases) > 0 {
		b.WriteString("\ncases:\n")
	}
	for _, c := range o.cases {
		o.writeCase(&b, c)
	}
	return b.Bytes()
}

func (o *outcome) writeAlert(b *bytes.Buffer, a *alerting.Alert) {
	fmt.Fprintf(b, "  - rule: %s\n", quoted(a.Rule))
	var labels []string
	for _, l := range ownLabels(a) {
		labels = append(labels, quoted(l.Name)+": "+quoted(l.Value))
	}
	if len(labels) > 0 {
		fmt.Fprintf(b, "    labels: {%s}\n", strings.Join(labels, ", "))
	}
	fmt.Fprintf(b, "    severity: %s\n    fires: %s\n    resolved: %s\n", a.Severity, afterFirst(a.Fired, o.first), o.written(a.Resolved))
}

func (o *outcome) writeCase(b *bytes.Buffer, c *alerting.Case) {
	fmt.Fprintf(b, "  # %s\n  - severity: %s\n", strings.ReplaceAll(c.Subject, "\n", " "), c.Severity)
	for _, x := range []struct{ key, text string }{{"tenant", c.Tenant}, {"segment", c.Segment}, {"owner", c.Owner}} {
		if x.text != "" {
			fmt.Fprintf(b, "    %s: %s\n", x.key, quoted(x.text))
		}
	}
	if len(c.Signals) > 0 {
		fmt.Fprintf(b, "    signals: [%s] # at least\n", quoted(string(c.Signals[0])))
	}
	var factors []string
	for _, f := range c.Factors {
		factors = append(factors, quoted(string(f.Name))+": "+quoted(f.Value))
	}
	fmt.Fprintf(b, "    factors: {%s} # all of them\n", strings.Join(factors, ", "))
	fmt.Fprintf(b, "    opened: %s\n    restored: %s\n", afterFirst(c.Opened, o.first), o.written(c.Restored))
}

// written is a time that may not have come.
func (o *outcome) written(at time.Time) string {
	if at.IsZero() {
		return "false"
	}
	return afterFirst(at, o.first)
}

// plainText needs no quotes, unless it is another thing to YAML, as "true" is.
var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// quoted writes a text as YAML reads it back.
func quoted(text string) string {
	var read any
	if plainText.MatchString(text) && yaml.Unmarshal([]byte(text), &read) == nil && read == any(text) {
		return text
	}
	return fmt.Sprintf("%q", text)
}
