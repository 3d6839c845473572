package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// siteRow is what a scenario came to, for the table of docs/alerts.md.
type siteRow struct {
	scenario string
	truth    *faultsTruth
	cases    int
	results  []*faultResult
	probe    *alerting.Case
}

// The page, and what encloses the table in it.
const (
	alertsPage = "../../docs/alerts.md"
	tableBegin = "<!-- table: go test ./cmd/earshot -run TestFaults -update -->\n"
	tableEnd   = "<!-- end of table -->\n"
)

// compareTable holds the page's table to what came of the scenarios.
func compareTable(t *testing.T, rows map[string]*siteRow) {
	t.Helper()
	text, err := os.ReadFile(alertsPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", alertsPage)
	}
	table := faultsTable(rows)
	if *update {
		if err := os.WriteFile(alertsPage, []byte(before+tableBegin+table+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != old {
		t.Errorf("the table of %s is another one now; look at the difference and run: go test ./cmd/earshot -run TestFaults -update", alertsPage)
		compareLines(t, table, old)
	}
}

// faultsTable writes the table.
func faultsTable(rows map[string]*siteRow) string {
	var b strings.Builder
	b.WriteString("| scenario | faults | cases | the case names | severity | opened after | restored after | answers right |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		rows[name].write(&b)
	}
	return b.String()
}

func (r *siteRow) write(b *strings.Builder) {
	faults := 0
	for _, f := range r.truth.faults {
		if f.Expect != "none" {
			faults++
		}
	}
	head := fmt.Sprintf("| %s | %d | %d |", r.scenario, faults, r.cases)
	switch {
	case r.probe != nil:
		from, _ := time.Parse(time.RFC3339, probeFrom)
		to, _ := time.Parse(time.RFC3339, probeTo)
		fmt.Fprintf(b, "%s the probe itself | %s | %s | %s | %d of 8 |\n", head, r.probe.Severity, seconds(r.probe.Opened.Sub(from)), seconds(r.probe.Restored.Sub(to)), answered(r.probe))
	case len(r.results) == 0:
		fmt.Fprintf(b, "%s – | – | – | – | – |\n", head)
	}
	for _, x := range r.results {
		if x.c == nil {
			fmt.Fprintf(b, "%s no case | – | – | – | – |\n", head)
			continue
		}
		restored := "not before the scenario ends"
		if x.want.stays {
			restored = "not: nothing proves it"
		}
		if !x.c.Restored.IsZero() {
			restored = seconds(x.c.Restored.Sub(*x.truth.Last))
		}
		fmt.Fprintf(b, "%s %s | %s | %s | %s | %d of 8 |\n", head, x.named(), x.c.Severity, seconds(x.c.Opened.Sub(*x.truth.First)), restored, x.right())
		head = "| | | |"
	}
}

// answered is how many of a case's answers are there: what cannot be known of the
// probe's own trouble says so.
func answered(c *alerting.Case) int {
	n := 0
	for _, q := range c.Questions {
		if q.Text != "" {
			n++
		}
	}
	return n
}

// named is what the case says of the place.
func (x *faultResult) named() string {
	place := x.c.Segment
	if place == "" {
		place = "no single segment"
	}
	if x.c.Owner != "" {
		place += " (" + x.c.Owner + ")"
	}
	var factors []string
	for _, f := range x.c.Factors {
		if f.Name != alerting.FactorSegment {
			factors = append(factors, string(f.Name)+" "+f.Value)
		}
	}
	return strings.Join(append([]string{place}, factors...), ", ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }
