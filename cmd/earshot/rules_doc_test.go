package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

const (
	rulesPage  = "../../docs/rules.md"
	rulesTable = "|---|---|---|---|---|---|---|---|\n"
)

// The page lists the shipped rules as they are; -update writes them.
func TestShippedRulesOnPage(t *testing.T) {
	set, err := alerting.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range set.Rules {
		want.WriteString(ruleRow(&set.Rules[i]))
	}
	text, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), rulesTable)
	if !found {
		t.Fatal("the page has no table of shipped rules")
	}
	got, tail, _ := strings.Cut(rest, "\n## ")
	if *update {
		page := head + rulesTable + want.String() + "\n## " + tail
		if err := os.WriteFile(rulesPage, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.TrimSpace(got) != strings.TrimSpace(want.String()) {
		t.Errorf("the table is of other rules; run go test ./cmd/earshot -run ShippedRulesOnPage -update and review.\ngot:\n%s\nwant:\n%s", got, want.String())
	}
}

// ruleRow is one line of the table.
func ruleRow(r *alerting.Rule) string {
	var by []string
	for _, d := range r.By {
		by = append(by, string(d))
	}
	signal := string(r.Signal)
	if r.Figure != "" {
		signal += " " + r.Figure
	}
	for _, s := range r.Statuses {
		signal += fmt.Sprintf(" %d-%d", s.First, s.Last)
	}
	bound := "above"
	if r.Resolve > r.Bound {
		bound = "below"
	}
	needs := fmt.Sprintf("%d units, %d affected", r.MinUnits, r.MinAffected)
	if r.MinUnits == 1 {
		needs = fmt.Sprintf("1 unit, %d affected", r.MinAffected)
	}
	if r.MinTime > 0 {
		needs += ", " + plainSpan(r.MinTime)
	}
	steps := []string{}
	for _, s := range r.Steps {
		steps = append(steps, stepWords(s))
	}
	if last := len(r.Steps) - 1; last < 0 || r.Steps[last].Share > 0 || r.Steps[last].Affected > 0 {
		steps = append(steps, r.Severity.String())
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s %s %s (%s) | %s, %s, %s | %s | %s |\n", r.Name, signal, strings.Join(by, ", "), limitWord(r),
		measureWord(r), bound, plainNumber(r.Bound), plainNumber(r.Resolve), plainSpan(r.Window), plainSpan(r.For), plainSpan(r.ResolveFor), needs, strings.Join(steps, "; "))
}

// limitWord is the limit of signals that have one.
func limitWord(r *alerting.Rule) string {
	limitless := []alerting.Signal{
		alerting.SignalSIPDSCP, alerting.SignalOneWay, alerting.SignalNoMedia, alerting.SignalCodecMismatch, alerting.SignalFinding,
		alerting.SignalFailedCalls, alerting.SignalSIPCause, alerting.SignalRegistrationsFailed, alerting.SignalRegistrationRate, alerting.SignalProbe,
	}
	if slices.Contains(limitless, r.Signal) {
		return ""
	}
	switch r.Signal {
	case alerting.SignalMOS, alerting.SignalShortCalls:
		return "below " + plainNumber(r.Limit)
	case alerting.SignalDSCP:
		return "other than " + plainNumber(r.Limit)
	case alerting.SignalBurstLoss:
		return "from " + plainNumber(r.Limit)
	}
	return "above " + plainNumber(r.Limit)
}

func stepWords(s alerting.SeverityStep) string {
	words := s.Severity.String()
	if s.Share > 0 {
		words += fmt.Sprintf(" from %s %%", plainNumber(100*s.Share))
	}
	switch {
	case s.Affected > 0 && s.Share > 0:
		words += fmt.Sprintf(" and %d", s.Affected)
	case s.Affected > 0:
		words += fmt.Sprintf(" from %d", s.Affected)
	}
	for _, n := range []struct {
		many int
		what string
	}{{s.Users, "users"}, {s.Sites, "sites"}} {
		if n.many > 0 {
			words += fmt.Sprintf(" from %d %s", n.many, n.what)
		}
	}
	return words
}

func measureWord(r *alerting.Rule) string {
	switch r.Measure.Kind {
	case alerting.MeasurePercentile:
		return "p" + plainNumber(r.Measure.Percentile)
	case alerting.MeasureCount:
		return "count"
	case alerting.MeasureFactor:
		return fmt.Sprintf("factor (of %s)", plainSpan(r.Baseline))
	}
	return "share"
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// plainSpan writes a time without its zeros.
func plainSpan(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// The examples of the page can be used.
func TestRulesDocExamples(t *testing.T) {
	text, err := os.ReadFile(rulesPage)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Split(string(text), "```yaml\n")[1]
	example, _, _ := strings.Cut(first, "```")
	set, err := alerting.ParseRules([]byte(example))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(set.Rules, func(r alerting.Rule) bool { return r.Name == "loss" })
	if r := set.Rules[i]; r.Limit != 0.5 || r.Bound != 0.05 || slices.ContainsFunc(set.Rules, func(r alerting.Rule) bool { return r.Name == "marking-lost" }) {
		t.Errorf("got %+v", r)
	}
}

// The keys of an expectation are on the page, and its example can be used.
func TestExpectationDoc(t *testing.T) {
	var keys []string
	for _, s := range sectionsOf[expectation]() {
		for _, key := range ownKeys(s.typ) {
			if full := strings.TrimPrefix(s.path+"."+key, "."); full != "total" && full != "alerts" && full != "cases" {
				keys = append(keys, full)
			}
		}
	}
	sameNames(t, "expectation", rowNames(t, "rules.md", "## A test of rules"), keys)
	_, example, _ := strings.Cut(docSection(t, "rules.md", "## A test of rules"), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if x, wrong := parseExpectation([]byte(example), shipped(t)); len(wrong) > 0 || len(x.Alerts) != 3 || len(x.Cases) != 1 {
		t.Errorf("got %v, %v", x, wrong)
	}
}
