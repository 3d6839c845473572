package web

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"earshot/dialog"
)

// shown is what a page, or the documentation, says of a metric.
type shown struct {
	kind   string
	labels string // sorted, space-separated
}

// documented reads the tables of docs/metrics.md.
func documented(t *testing.T) map[string]shown {
	t.Helper()
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| (counter|gauge|histogram) \\|([^|]*)\\|")
	found := map[string]shown{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if _, twice := found[m[1]]; twice {
			t.Errorf("docs/metrics.md: %s is there twice", m[1])
		}
		names := strings.Fields(strings.ReplaceAll(m[3], "`", ""))
		slices.Sort(names)
		found[m[1]] = shown{m[2], strings.Join(names, " ")}
	}
	return found
}

// exported reads a page.
func exported(t *testing.T, page string) map[string]shown {
	t.Helper()
	label := regexp.MustCompile(`([a-z_]+)="`)
	sample := regexp.MustCompile(`^([a-z0-9_]+)(?:\{(.*)\})? `)
	found := map[string]shown{}
	for line := range strings.Lines(page) {
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(strings.TrimSpace(name), " ")
			found[name] = shown{kind: kind}
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := m[1]
		if _, known := found[name]; !known {
			name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		}
		var names []string
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "le" {
				names = append(names, l[1])
			}
		}
		slices.Sort(names)
		got := shown{found[name].kind, strings.Join(names, " ")}
		if have := found[name]; have.labels != "" && have != got {
			t.Errorf("%s has series with labels %q and %q", name, have.labels, got.labels)
		}
		found[name] = got
	}
	return found
}

// TestDocumented: docs/metrics.md lists what there is, and nothing else.
func TestDocumented(t *testing.T) {
	docs, page := documented(t), exported(t, written(t, populated(t), Text))
	for name, got := range page {
		if want, ok := docs[name]; !ok {
			t.Errorf("%s (%s, labels %q) is not in docs/metrics.md", name, got.kind, got.labels)
		} else if got != want {
			t.Errorf("%s: the page says %v, docs/metrics.md %v", name, got, want)
		}
	}
	for name := range docs {
		if _, ok := page[name]; !ok {
			t.Errorf("%s is in docs/metrics.md and is not exported", name)
		}
	}
}

// TestHelp: every family says what it is, in a sentence.
func TestHelp(t *testing.T) {
	page := written(t, populated(t), Text)
	types, helps := strings.Count(page, "# TYPE "), regexp.MustCompile(`(?m)^# HELP \S+ [A-Z0-9][^\n]*\.$`).FindAllString(page, -1)
	if len(helps) != types {
		t.Errorf("%d families, %d sentences", types, len(helps))
	}
}

// TestLabelNames: labels added to pushed metrics cannot hide the metrics' own.
func TestLabelNames(t *testing.T) {
	for name, m := range exported(t, written(t, populated(t), Text)) {
		for _, label := range strings.Fields(m.labels) {
			if !slices.Contains(ownLabels, label) {
				t.Errorf("%s has label %q, which ownLabels lacks", name, label)
			}
		}
	}
}

// TestBudgetDocumented: the formula on the page is the one that is reckoned.
func TestBudgetDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	b := WorstCase(site(t, 50, "a"), MetricsConfig{Interfaces: 1, Shards: 1, Senders: 1})
	for _, item := range b.Items[:6] {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(item.Name) + ` \| .* \| ` + fmt.Sprint(item.Each) + `\b`)
		if !row.Match(text) {
			t.Errorf("docs/metrics.md has no row for %q with %d series of each", item.Name, item.Each)
		}
	}
	if codecs := fmt.Sprintf("W · C · %d and", len(codecNames)+2); !strings.Contains(string(text), codecs) {
		t.Errorf("docs/metrics.md lacks %q", codecs)
	}
	for _, label := range append(values(methodNames), append(dialog.Reasons, anomalyNames[:]...)...) {
		if !strings.Contains(string(text), "`"+label+"`") {
			t.Errorf("docs/metrics.md lacks the label value %q", label)
		}
	}
}
