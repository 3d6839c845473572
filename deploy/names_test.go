package deploy

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	metricName   = regexp.MustCompile(`\b(?:earshot|process|go)_[a-z0-9_]+\b`)
	recordedName = regexp.MustCompile(`\b[a-z]+:[a-z0-9_]+:[a-z0-9_]+\b`)
)

// TestNames: rules and dashboard use only metrics that docs/metrics.md
// documents (which web's tests hold against the code), and series that the
// recording rules make.
func TestNames(t *testing.T) {
	b, err := os.ReadFile("../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	recorded := map[string]bool{}
	queries := readDashboard(t).queries()
	for _, file := range []string{"rules-recording.yml", "rules-alerting.yml"} {
		for _, r := range readRules(t, file) {
			if r.Record != "" {
				recorded[r.Record] = true
			}
			queries = append(queries, promQuery{r.name(), r.Expr})
		}
	}
	for _, q := range queries {
		for _, name := range recordedName.FindAllString(q.expr, -1) {
			if !recorded[name] {
				t.Errorf("%s uses %s, which no rule records", q.from, name)
			}
		}
		for _, name := range metricName.FindAllString(recordedName.ReplaceAllString(q.expr, ""), -1) {
			base := name
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				base = strings.TrimSuffix(base, suffix)
			}
			if !strings.Contains(page, "`"+base+"`") {
				t.Errorf("%s uses %s, which docs/metrics.md does not have", q.from, name)
			}
		}
	}
}
