package deploy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// ruleFile is a Prometheus rule file.
type ruleFile struct {
	Groups []struct {
		Name  string
		Rules []rule
	}
}

// rule is a recording or an alerting rule.
type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

func (r rule) name() string { return r.Record + r.Alert }

// readRules reads the rules of a file in prometheus/.
func readRules(t *testing.T, name string) []rule {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("prometheus", name))
	if err != nil {
		t.Fatal(err)
	}
	var f ruleFile
	if err := yaml.Unmarshal(b, &f); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var list []rule
	for _, g := range f.Groups {
		list = append(list, g.Rules...)
	}
	if len(list) == 0 {
		t.Fatalf("%s has no rules", name)
	}
	return list
}

func TestPromtool(t *testing.T) {
	need(t, "promtool")
	run(t, "promtool", "check", "rules", "prometheus/rules-recording.yml", "prometheus/rules-alerting.yml")
	run(t, "promtool", "check", "config", "prometheus/scrape.yml")
	tests, err := filepath.Glob("prometheus/tests/*.yml")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests of rules: %v", err)
	}
	for _, name := range tests {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			run(t, "promtool", "test", "rules", name)
		})
	}
}

// TestVictoriaMetrics: its tools take the same files.
func TestVictoriaMetrics(t *testing.T) {
	need(t, "vmalert", "victoria-metrics")
	run(t, "vmalert", "-dryRun", "-rule=prometheus/rules-recording.yml", "-rule=prometheus/rules-alerting.yml")
	run(t, "victoria-metrics", "-promscrape.config=prometheus/scrape.yml", "-promscrape.config.strictParse=false", "-promscrape.config.dryRun")
}

// TestWindows: a rule of several windows is the same rule.
func TestWindows(t *testing.T) {
	byName := map[string]string{}
	for _, r := range readRules(t, "rules-recording.yml") {
		byName[r.Record] = r.Expr
	}
	for name, expr := range byName {
		base, ok := strings.CutSuffix(name, "5m")
		if !ok {
			continue
		}
		for _, window := range []string{"1m", "1h"} {
			want := strings.ReplaceAll(expr, "5m", window)
			if got := byName[base+window]; got != want {
				t.Errorf("%s is\n%s\nwant\n%s", base+window, got, want)
			}
		}
	}
}

// TestAlertsSayWhatToDo: every alert tells how bad it is, what it means, and
// what to do; and has a test with generated series.
func TestAlertsSayWhatToDo(t *testing.T) {
	var tests strings.Builder
	names, err := filepath.Glob("prometheus/tests/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests.Write(b)
	}
	for _, r := range readRules(t, "rules-alerting.yml") {
		if r.Alert == "" {
			continue
		}
		if s := r.Labels["severity"]; !slices.Contains([]string{"critical", "warning", "info"}, s) {
			t.Errorf("%s has severity %q, want critical, warning or info", r.Alert, s)
		}
		for _, key := range []string{"summary", "description", "action"} {
			if r.Annotations[key] == "" {
				t.Errorf("%s has no %s", r.Alert, key)
			}
		}
		if !strings.Contains(tests.String(), `alertname="`+r.Alert+`"`) {
			t.Errorf("%s has no test in prometheus/tests", r.Alert)
		}
		// What the capture itself lost must never accuse the network.
		if strings.Contains(r.Expr, "earshot_rtp_impaired_seconds_total") && !strings.Contains(r.Expr, `trust="ok"`) {
			t.Errorf("%s stands on seconds that are not trusted", r.Alert)
		}
	}
}
