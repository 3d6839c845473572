package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// caseTime is when the cases of these tests were opened.
var caseTime = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// keepCases keeps as many cases, each a day after the one before, with an entry
// of the audit log and a change each. Every other is globex's.
func keepCases(t *testing.T, dir string, n int) {
	t.Helper()
	c, err := store.OpenCases(dir, caseTime)
	if err != nil {
		t.Fatal(err)
	}
	var j alerting.Journal
	for i := 1; i <= n; i++ {
		at, tenant := caseTime.AddDate(0, 0, i-1), []string{"acme", "globex"}[i%2]
		j.Cases = append(j.Cases, &alerting.Case{
			Number: i, Tenant: tenant, Segment: "trunk-a", Owner: "Carrier A", Severity: alerting.High, Status: alerting.StatusOpen, SubStatus: alerting.SubNew,
			Subject: fmt.Sprintf("=Loss, \"%d\"", i), Opened: at, Modified: at, Updates: []alerting.Update{{Seq: 1, At: at, Kind: alerting.UpdateOpened}},
		})
		j.Audit = append(j.Audit, alerting.AuditEntry{Seq: int64(i), At: at, Who: "ann", What: "case.open", Case: i, Detail: `{"a":"<b>"}`})
		j.Changes = append(j.Changes, &alerting.NetworkChange{ID: int64(i), At: at, Author: "ann", Text: "SBC upgraded", Tenant: tenant, Segment: "trunk-a"})
	}
	if err := c.Commit(&j, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}

// exported runs an export and returns its lines.
func exported(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	status, out, errs := earshot(t, append([]string{"store", "export", "--dir", dir}, args...)...)
	if status != exitOK || errs != "" {
		t.Fatalf("%q: got %d, %s", args, status, errs)
	}
	return strings.Split(strings.TrimSuffix(out, "\n"), "\n")
}

// Cases, the audit log and changes go out whole, over several pages, as JSON
// and as a table, and as the flags choose.
func TestStoreExportCases(t *testing.T) {
	dir := t.TempDir()
	const n = exportPage + 10
	keepCases(t, dir, n)
	for _, kind := range []string{"cases", "audit", "changes"} {
		lines := exported(t, dir, kind)
		if len(lines) != n {
			t.Errorf("%s: got %d lines, want %d", kind, len(lines), n)
		}
		for i, line := range lines {
			var one struct{ Number, Seq, ID int }
			if err := json.Unmarshal([]byte(line), &one); err != nil || one.Number+one.Seq+one.ID != n-i {
				t.Fatalf("%s, line %d: got %s, %v", kind, i+1, line, err)
			}
		}
		table := strings.Join(exported(t, dir, kind, "--format", "csv"), "\n")
		rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
		if err != nil || len(rows) != n+1 || rows[1][0] != fmt.Sprint(n) {
			t.Errorf("%s as a table: got %d rows, %v", kind, len(rows), err)
		}
		for want, args := range map[int][]string{
			7:     {"--limit", "7"},
			n / 2: {"--tenant", "globex"},
			3:     {"--before", "2026-01-08T00:00:00Z"},
			n - 3: {"--after", "2026-01-08T00:00:00Z"},
		} {
			if got := len(exported(t, dir, append([]string{kind}, args...)...)); got != want {
				t.Errorf("%s %q: got %d, want %d", kind, args, got, want)
			}
		}
	}
	if got := exported(t, dir, "audit", "--case", "17", "--format", "csv"); len(got) != 2 || !strings.Contains(got[1], `,17,"{""a"":""<b>""}"`) {
		t.Errorf("the audit log of case 17: got %q", got)
	}
	if got := exported(t, dir, "cases", "--case", "17", "--format", "csv"); len(got) != 2 || !strings.Contains(got[1], `"'=Loss, ""17"""`) {
		t.Errorf("case 17, whose subject looks like a formula: got %q", got)
	}
}

// A backup with cases is checked, and restored into an empty store and into
// the one that it was made of; a running probe is not touched.
func TestStoreRestore(t *testing.T) {
	config, _ := keepDemo(t)
	dir := filepath.Join(filepath.Dir(config), "kept")
	keepCases(t, dir, 3)
	backup, fresh := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "fresh")
	if status, _, errs := earshot(t, "store", "backup", backup, "--config", config); status != exitOK || !strings.HasSuffix(errs, "cases copied\n") {
		t.Fatalf("backup: %d, %s", status, errs)
	}
	if status, out, errs := earshot(t, "store", "check", "--dir", backup); status != exitOK || !strings.Contains(out, "3 cases (open: 3), 3 changes, audit log of 3") {
		t.Errorf("check: %d\n%s%s", status, out, errs)
	}
	want := exported(t, dir)
	status, _, errs := earshot(t, "store", "restore", backup, "--dir", fresh)
	if status != exitOK || !strings.Contains(errs, "cases.db restored\n") {
		t.Fatalf("restore: %d, %s", status, errs)
	}
	if got := exported(t, fresh); len(got) != len(want) || len(exported(t, fresh, "cases")) != 3 {
		t.Errorf("restored: got %d lines of calls, want %d", len(got), len(want))
	}
	if status, _, errs := earshot(t, "store", "restore", backup, "--config", config); status != exitOK || !strings.Contains(errs, "what was there is now cases.db.replaced-1") {
		t.Errorf("over the store itself: %d, %s", status, errs)
	}
	running, err := store.OpenCases(dir, caseTime)
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if status, _, errs := earshot(t, "store", "restore", backup, "--config", config); status != exitFailure || !strings.Contains(errs, "stop the probe first") {
		t.Errorf("with a probe running: %d, %s", status, errs)
	}
	if err := os.WriteFile(filepath.Join(backup, "cases.db"), []byte("nothing of a database, but long enough to look like one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, errs := earshot(t, "store", "check", "--dir", backup); status != exitFailure || !strings.Contains(errs, "damaged: 1") {
		t.Errorf("damaged cases: got %d\n%s%s", status, out, errs)
	}
}

func TestStoreExportUsage(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"restore"}, "one folder to restore from"},
		{[]string{"export", "case"}, `did you mean "cases"?`},
		{[]string{"export", "cases", "audit"}, "one kind"},
		{[]string{"export", "cases", "--number", "4711"}, "--number belongs to export calls"},
		{[]string{"export", "cases", "--streams", "--format", "csv"}, "--streams belongs to --format csv"},
		{[]string{"export", "--case", "4"}, "--case belongs to"},
		{[]string{"export", "changes", "--case", "4"}, "--case belongs to export cases and audit"},
		{[]string{"export", "audit", "--segment", "lan", "--dir", dir}, "entries have none"},
	} {
		status, _, errs := earshot(t, append([]string{"store"}, tt.args...)...)
		if status != exitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("%q: got %d, %q; want %q", tt.args, status, errs, tt.want)
		}
	}
	if status, _, errs := earshot(t, "store", "export", "cases", "--dir", dir); status != exitFailure || !strings.Contains(errs, "no cases are kept there") {
		t.Errorf("without cases: got %d, %q", status, errs)
	}
}
