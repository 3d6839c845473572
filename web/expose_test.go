package web

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// written returns a page as text.
func written(t testing.TB, m *Metrics, f Format) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// samples reads a page of Prometheus text with Prometheus' own parser: value by
// "name{labels}", labels sorted by name.
func samples(t testing.TB, text string) map[string]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus' parser: %v", err)
	}
	got := map[string]float64{}
	decoded, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, values(families)...)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range decoded {
		name := s.Metric.String()
		if _, twice := got[name]; twice {
			t.Errorf("%s is there twice", name)
		}
		got[name] = float64(s.Value)
	}
	return got
}

func values[K comparable, V any](m map[K]V) []V {
	var list []V
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

// TestPromtool has Prometheus' linter read a page.
func TestPromtool(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed (apt-get install prometheus)")
	}
	cmd := exec.Command(promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(written(t, populated(t), Text))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

func TestLabels(t *testing.T) {
	tests := []struct{ value, want string }{
		{"plain", `a="plain"`},
		{`back\slash`, `a="back\\slash"`},
		{`quo"te`, `a="quo\"te"`},
		{"two\nlines", `a="two\nlines"`},
		{"\xff", "a=\"\uFFFD\""},
	}
	for _, tt := range tests {
		if got := labels("a", tt.value); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.value, got, tt.want)
		}
	}
	if got, want := labels("a", "1", "b", "2"), `a="1",b="2"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestEveryValueSurvives writes label values that a careless writer breaks on.
func TestEveryValueSurvives(t *testing.T) {
	for _, v := range []string{`a"b`, `a\b`, "a\nb", `\"`, "{}", `le="1"`, "é"} {
		p := page{}
		p.family("x", gauge, "Help.")
		p.count(labels("l", v), 1)
		got := samples(t, string(p.b))
		if want := fmt.Sprintf("x{l=%q}", v); got[want] != 1 {
			t.Errorf("%q: got %v", v, got)
		}
	}
}
