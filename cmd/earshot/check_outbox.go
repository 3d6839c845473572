package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// describeDestinations says where cases go.
func describeDestinations(w io.Writer, list []*outbox.Setting) {
	for _, s := range list {
		fmt.Fprintf(w, "destination\t%s\t%s; %s\n", s.Name, s.Kind, describeFilter(&s.Filter))
	}
}

// describeFilter says which cases a destination is told of.
func describeFilter(f *outbox.Filter) string {
	var parts []string
	for _, x := range []struct {
		of    string
		names []string
	}{{"of tenant", f.Tenants}, {"about", f.Segments}, {"owned by", f.Owners}} {
		if len(x.names) > 0 {
			parts = append(parts, x.of+" "+strings.Join(x.names, ", "))
		}
	}
	what := "all cases"
	if f.MaxSeverity.Valid() && f.MaxSeverity != alerting.Low {
		what = "cases of severity " + f.MaxSeverity.String() + " and worse"
	}
	if !f.Probe {
		parts = append(parts, "but those about the probe")
	}
	return strings.Join(append([]string{what}, parts...), ", ")
}

// outboxAdvice lists what is allowed of destinations and seldom meant.
func (c *config) outboxAdvice(list []*outbox.Setting) []string {
	var advice []string
	if len(list) > 0 && !c.keepsCases() {
		advice = append(advice, "destinations are told of cases that a restart forgets: keep them with store.dir")
	}
	if len(list) > 0 && !c.Alerting.Cases.or(true) {
		advice = append(advice, "destinations are told of nothing: alerting.cases is false")
	}
	if len(list) > 0 && c.Outbox.PublicURL.text == "" {
		advice = append(advice, "tickets will have no link to their case: set outbox.public_url")
	}
	for _, s := range list {
		for _, x := range []struct {
			what         string
			names, known []string
		}{{"segment", s.Filter.Segments, c.segmentNames()}, {"tenant", s.Filter.Tenants, c.tenantNames()}} {
			for _, name := range x.names {
				if !slices.Contains(x.known, name) {
					advice = append(advice, fmt.Sprintf("destination %s asks for the %s %q, and there is none", s.Name, x.what, name))
				}
			}
		}
	}
	return advice
}
