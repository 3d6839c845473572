package store

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"earshot/alerting"
	"earshot/dialog"
)

// copyOld puts a file that an older version made into a folder.
func copyOld(t *testing.T, name, to string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatalf("every version that was released needs a file that it made: %v", err)
	}
	writeFile(t, to, string(text))
}

// Files of calls of every older version are read as they are, and brought to
// the newest when they are written to: nothing is lost or doubled. Each was made
// by the program of its time, and holds a call of test scene 500 and a stream of no call.
func TestOldDays(t *testing.T) {
	call := makeCall(500, noon, testPlan(t))
	for version := 1; version < len(daySchema.versions); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			dir := t.TempDir()
			copyOld(t, fmt.Sprintf("calls-v%d.db", version), dayPath(dir, DayOf(noon)))
			questions := map[string]Query{
				"the index": {Number: call.From}, "columns": {MOSBelow: 3, LossAbove: 0.05}, "an id": {CallID: call.ID}, "a segment": {Segment: "trunk-a"},
			}
			look := func() {
				t.Helper()
				for name, q := range questions {
					if got := found(t, dir, &q); len(got) != 1 || got[0] != call.ID {
						t.Errorf("by %s: got %q, want %s", name, got, call.ID)
					}
				}
				if got := found(t, dir, &Query{Streams: true}); got[len(got)-1] != call.ID {
					t.Errorf("all: got %q", got)
				}
				if got := found(t, dir, &Query{Tenant: "acme"}); version < versionOfTenants && len(got) != 0 {
					t.Errorf("by a tenant that it cannot know: got %q", got)
				}
			}
			look()
			s := openTest(t, dir)
			s.cfg.Tenant = func(string) string { return "globex" }
			other := makeCall(1, noon, nil)
			if err := s.Write(noon, []dialog.Record{other}); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			look()
			if got := found(t, dir, &Query{Tenant: "globex"}); len(got) != 1 || got[0] != other.ID {
				t.Errorf("the new call: got %q", got)
			}
			pairs, err := readTenants(dir, DayOf(noon))
			if err != nil || len(pairs) != 2 {
				t.Errorf("tenants: got %q, %v", pairs, err)
			}
		})
	}
}

// Files of cases of every version are opened, brought to the newest and go on.
// Each holds case 1 as makeCase makes it, an entry of the audit log and a change.
func TestOldCases(t *testing.T) {
	for version := 1; version <= len(casesSchema.versions); version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			dir := t.TempDir()
			copyOld(t, fmt.Sprintf("cases-v%d.db", version), filepath.Join(dir, CasesFile))
			c := openCases(t, dir)
			one, err := c.Case(t.Context(), 1)
			if err != nil || one.Subject != "Loss on trunk-a" || len(one.Updates) != 2 || !one.Opened.Equal(noon) {
				t.Errorf("got %+v, %v", one, err)
			}
			m, err := c.Load(noon)
			if err != nil || m.NextCase != 2 || m.NextChange != 2 || m.NextAudit != 2 || len(m.Cases) != 1 || len(m.Changes) != 1 {
				t.Errorf("got %+v, %v", m, err)
			}
			commit(t, c, &alerting.Journal{Cases: []*alerting.Case{makeCase(1, 3), makeCase(2, 1)}})
			if checked, err := c.Check(t.Context()); err != nil || checked.Cases != 2 || checked.Audit != 1 || checked.Changes != 1 {
				t.Errorf("got %+v, %v", checked, err)
			}
		})
	}
}
