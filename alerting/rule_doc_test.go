package alerting

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rulesPage is the page on the language of rules.
func rulesPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// docTable returns the cells of a section's table, its head left out.
func docTable(t *testing.T, heading string) [][]string {
	t.Helper()
	_, rest, found := strings.Cut(rulesPage(t), "\n"+heading+"\n")
	if !found {
		t.Fatalf("there is no heading %q", heading)
	}
	section, _, _ := strings.Cut(rest, "\n#")
	var rows [][]string
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var cells []string
		for _, c := range strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|") {
			cells = append(cells, strings.TrimSpace(c))
		}
		rows = append(rows, cells)
	}
	return rows
}

var docWord = regexp.MustCompile("`([^`]+)`")

// docWords lists the code words of a cell.
func docWords(cell string) []string {
	var words []string
	for _, m := range docWord.FindAllStringSubmatch(cell, -1) {
		words = append(words, m[1])
	}
	return words
}

// sameWords compares the first cells of a table with names of the code.
func sameWords(t *testing.T, heading string, want []string) {
	t.Helper()
	var got []string
	for _, row := range docTable(t, heading) {
		got = append(got, docWords(row[0])...)
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: the page has %q, the code %q", heading, got, want)
	}
}

// Every key, signal, figure, limit and placeholder is on the page, and no other.
func TestRulesDocNames(t *testing.T) {
	sameWords(t, "## The file", fileKeys)
	sameWords(t, "## A rule", ruleKeys)
	sameWords(t, "## Signals", signalNames())
	sameWords(t, "### Figures of the probe", figureNames)
	var limits []string
	for _, k := range limitKeys {
		limits = append(limits, k.name)
	}
	sameWords(t, "## Profiles", limits)
	page := rulesPage(t)
	for _, name := range placeholderNames {
		if !strings.Contains(page, "`{"+name+"}`") {
			t.Errorf("the placeholder %s is not on the page", name)
		}
	}
	for _, row := range docTable(t, "## A rule") {
		for key, names := range map[string][]string{"where": whereKeys, "min": sampleKeys} {
			for _, name := range names {
				if docWords(row[0])[0] == key && !slices.Contains(docWords(row[3]), name) {
					t.Errorf("%s: %q is not on the page", key, name)
				}
			}
		}
	}
}

// What a signal judges and its limit, and what voip-ready says.
func TestRulesDocSignals(t *testing.T) {
	judged := [...]string{fromIntervals: "intervals", fromStreams: "streams", fromCalls: "calls", fromRegistrations: "registrations", fromProbe: "seconds"}
	for _, row := range docTable(t, "## Signals") {
		name := Signal(docWords(row[0])[0])
		info := (&Rule{Signal: name}).info()
		limit := ""
		if info.limit != "" {
			limit = "`" + info.limit + "`"
		}
		if row[1] != judged[info.source] || row[2] != limit {
			t.Errorf("%s: the page has %q and %q, want %q and %q", name, row[1], row[2], judged[info.source], limit)
		}
	}
	for _, row := range docTable(t, "## Profiles") {
		k := limitKeyOf(docWords(row[0])[0])
		if preset, span := fmt.Sprintf("%g", k.preset), fmt.Sprintf("%g to %g", k.least, k.largest); row[1] != preset || row[2] != span {
			t.Errorf("%s: the page has %q and %q, want %q and %q", k.name, row[1], row[2], preset, span)
		}
	}
}

// The table of measures says which signals can be measured so: each signal is
// tried with each measure.
func TestRulesDocMeasures(t *testing.T) {
	extra := map[Signal]string{SignalFinding: "codes: [loss], ", SignalSIPCause: "statuses: [503], "}
	for _, s := range signals {
		figures := []string{""}
		if s.name == SignalProbe {
			figures = figureNames
		}
		for _, figure := range figures {
			say := extra[s.name]
			if figure != "" {
				say = "figure: " + figure + ", "
			}
			percentile := s.limit != "" && s.name != SignalBurstLoss && s.name != SignalDSCP && s.name != SignalShortCalls || figure == figureLag
			share := s.name != SignalRegistrationRate && (s.name != SignalProbe || figure == figureLost || figure == figureShed)
			count := figure != figureLag
			factor := s.source == fromStreams || s.source == fromCalls || s.source == fromRegistrations
			for measure, want := range map[string]bool{"share": share, "count": count, "factor": factor, "p95": percentile} {
				bound := "above"
				if s.below && measure == "p95" {
					bound = "below"
				}
				_, err := ParseRules(fmt.Appendf(nil, "rules: [{name: r, signal: %s, %smeasure: %s, %s: 0.5}]", s.name, say, measure, bound))
				if (err == nil) != want {
					t.Errorf("%s %s by %s: %v, the page says %t", s.name, figure, measure, err, want)
				}
			}
		}
	}
}

// The presets that the page tells are those of a rule that says next to nothing.
func TestRulesDocPresets(t *testing.T) {
	set, err := ParseRules([]byte("defaults: false\nrules: [{name: r, signal: loss, above: 0.1}, {name: p, signal: mos, measure: p5, below: 3}, {name: q, signal: jitter, measure: p95, above: 50}, {name: c, signal: pdd, measure: count, above: 5}]"))
	if err != nil {
		t.Fatal(err)
	}
	r := &set.Rules[0]
	presets := map[string]string{}
	for _, row := range docTable(t, "## A rule") {
		presets[docWords(row[0])[0]] = row[2]
	}
	for key, got := range map[string]string{
		"window": FormatSpan(r.Window), "for": FormatSpan(r.For), "resolve_for": FormatSpan(r.ResolveFor),
		"profile": "`" + r.Profile + "`", "severity": r.Severity.String(), "measure": "`share`",
		"min": fmt.Sprintf("%d units, %d affected", r.MinUnits, r.MinAffected), "baseline": "1h",
	} {
		if presets[key] != got {
			t.Errorf("%s: the page has %q, the code %q", key, presets[key], got)
		}
	}
	if r.Measure.Kind != MeasureShare || r.Resolve != 0.05 || set.Rules[1].Resolve != 3.1 || set.Rules[2].Resolve != 45 || set.Rules[3].MinUnits != 1 {
		t.Errorf("got %+v: the page says half, a tenth of a MOS, nine tenths, one unit", set.Rules)
	}
}
