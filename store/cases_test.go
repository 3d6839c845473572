package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/alerting"
)

func openCases(t testing.TB, dir string) *Cases {
	t.Helper()
	c, err := OpenCases(dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// makeCase makes an open case with as many updates of its timeline.
func makeCase(number, updates int) *alerting.Case {
	c := &alerting.Case{
		Number: number, Tenant: "acme", Service: "voice", Environment: "production", Type: alerting.TypeSupport, SubType: alerting.SubTypeProblem,
		Severity: alerting.High, Subject: "Loss on trunk-a", Description: "4 % of the packets from the carrier are lost.",
		Impact:  alerting.Impact{Calls: 12, CallsTotal: 40, Streams: 12, Sites: []string{"berlin"}, Share: 0.3},
		Segment: "trunk-a", Owner: "Carrier A", Contact: "noc@carrier.example", Factors: []alerting.Factor{{Name: alerting.FactorSegment, Value: "trunk-a"}},
		Status: alerting.StatusOpen, SubStatus: alerting.SubNew, FirstSeen: noon.Add(-time.Minute), LastSeen: noon,
		Opened: noon, Faults: []alerting.FaultID{"f1"}, Signals: []alerting.Signal{alerting.SignalLoss},
	}
	for i := 1; i <= updates; i++ {
		c.Modified = noon.Add(time.Duration(i) * time.Minute)
		c.Updates = append(c.Updates, alerting.Update{Seq: i, At: c.Modified, Author: "ann", Kind: alerting.UpdateAnswered, Text: fmt.Sprintf("note %d of case %d", i, number)})
	}
	return c
}

func commit(t testing.TB, c *Cases, j *alerting.Journal) {
	t.Helper()
	if err := c.Commit(j, nil); err != nil {
		t.Fatal(err)
	}
}

// asJSON is what a case is, without regard to how empty lists are held.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What was committed is there when the file is opened again, and beside the
// writer.
func TestCasesComeBack(t *testing.T) {
	dir := t.TempDir()
	c := openCases(t, dir)
	change := &alerting.NetworkChange{ID: 4, At: noon, Author: "ann", Text: "SBC 2 upgraded", Segment: "trunk-a"}
	entry := alerting.AuditEntry{Seq: 9, At: noon.Add(1), Who: "ann", What: "case.open", Case: 3, Detail: `{"subject":"Loss"}`}
	j := &alerting.Journal{Cases: []*alerting.Case{makeCase(3, 1)}, Changes: []*alerting.NetworkChange{change}, Audit: []alerting.AuditEntry{entry}}
	commit(t, c, j)
	commit(t, c, j) // twice is as once
	check := func(t *testing.T, r *CasesReader) {
		t.Helper()
		got, err := r.Case(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asJSON(t, makeCase(3, 1)), asJSON(t, got)); diff != "" {
			t.Error(diff)
		}
		audit, err := r.Audit(t.Context(), &AuditQuery{})
		if err != nil || len(audit) != 1 || audit[0] != entry {
			t.Errorf("audit: got %+v, %v", audit, err)
		}
		changes, err := r.Changes(t.Context(), &ChangeQuery{})
		if err != nil || len(changes) != 1 || *changes[0] != *change {
			t.Errorf("changes: got %+v, %v", changes, err)
		}
	}
	other, err := OpenCasesReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	check(t, other)
	if err := errors.Join(other.Close(), c.Close()); err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, CasesFile+"-*")); len(names) != 0 {
		t.Errorf("closed, it leaves %q beside the file", names)
	}
	c = openCases(t, dir)
	check(t, c.CasesReader)
	m, err := c.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	if m.NextCase != 4 || m.NextChange != 5 || m.NextAudit != 10 || len(m.Cases) != 1 || len(m.Changes) != 1 {
		t.Errorf("got %+v", m)
	}
	if _, err := c.Case(t.Context(), 4); !errors.Is(err, ErrNoCase) {
		t.Errorf("case 4: got %v", err)
	}
}

// A desk begins at 1, and is told of open cases, however old, and of those
// closed within three months.
func TestCasesLoad(t *testing.T) {
	c := openCases(t, t.TempDir())
	m, err := c.Load(noon)
	if err != nil || m.NextCase != 1 || m.NextChange != 1 || m.NextAudit != 1 || len(m.Cases)+len(m.Changes) != 0 {
		t.Fatalf("an empty store: got %+v, %v", m, err)
	}
	var j alerting.Journal
	for i, days := range []int{500, 1, 91, 93} { // before noon they were closed
		one := makeCase(i+1, 1)
		if i > 0 {
			one.Status, one.SubStatus, one.Closed = alerting.StatusClosed, alerting.SubResolved, noon.AddDate(0, 0, -days)
		}
		one.Opened = noon.AddDate(0, 0, -500)
		j.Cases = append(j.Cases, one)
		j.Changes = append(j.Changes, &alerting.NetworkChange{ID: int64(i + 1), At: noon.AddDate(0, 0, -days)})
	}
	commit(t, c, &j)
	m, err = c.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	var numbers, changes []int
	for _, one := range m.Cases {
		numbers = append(numbers, one.Number)
	}
	for _, one := range m.Changes {
		changes = append(changes, int(one.ID))
	}
	if !slices.Equal(numbers, []int{1, 2, 3}) || !slices.Equal(changes, []int{2, 3}) || m.NextCase != 5 {
		t.Errorf("got cases %v, changes %v, next %d", numbers, changes, m.NextCase)
	}
}

// What comes late takes nothing back; two entries with one number are refused,
// with everything that came with them.
func TestCasesCommitOrder(t *testing.T) {
	c := openCases(t, t.TempDir())
	entry := func(seq int64, who string) []alerting.AuditEntry {
		return []alerting.AuditEntry{{Seq: seq, At: noon, Who: who, What: "case.update", Case: 1}}
	}
	early := &alerting.Journal{Cases: []*alerting.Case{makeCase(1, 1)}, Audit: entry(1, "ann")}
	commit(t, c, early)
	late := makeCase(1, 3)
	late.Modified = noon.Add(-time.Hour) // the clock was put back
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{late}, Audit: entry(2, "ann")})
	commit(t, c, early)
	// Figures move on without an update.
	moved := *late
	moved.Impact.Calls, moved.FiguresAt = 99, noon.Add(time.Minute)
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{&moved}})
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{late}})
	got, err := c.Case(t.Context(), 1)
	if err != nil || len(got.Updates) != 3 || got.Impact.Calls != 99 {
		t.Errorf("got %+v, %v", got, err)
	}
	err = c.Commit(&alerting.Journal{Cases: []*alerting.Case{makeCase(2, 1)}, Audit: entry(2, "bob")}, nil)
	if !errors.Is(err, ErrConflict) {
		t.Errorf("another entry 2: got %v", err)
	}
	if _, err := c.Case(t.Context(), 2); !errors.Is(err, ErrNoCase) {
		t.Errorf("the case that came with it: got %v", err)
	}
	err = c.Commit(&alerting.Journal{Changes: []*alerting.NetworkChange{{ID: 1, Text: "a"}, {ID: 1, Text: "b"}}}, nil)
	if !errors.Is(err, ErrConflict) {
		t.Errorf("another change 1: got %v", err)
	}
}

// The audit log is not changed, nor deleted from but by retention.
func TestAuditStays(t *testing.T) {
	c := openCases(t, t.TempDir())
	commit(t, c, &alerting.Journal{Audit: []alerting.AuditEntry{{Seq: 1, At: noon, Who: "ann", What: "case.close"}}})
	for _, statement := range []string{"UPDATE audit SET who = 'bob'", "DELETE FROM audit"} {
		_, _ = c.conn.ExecContext(t.Context(), statement)
		if list, err := c.Audit(t.Context(), &AuditQuery{}); err != nil || len(list) != 1 || list[0].Who != "ann" {
			t.Errorf("%s: left are %+v, %v", statement, list, err)
		}
	}
}

func TestCasesFind(t *testing.T) {
	c := openCases(t, t.TempDir())
	var j alerting.Journal
	for i := 1; i <= 10; i++ {
		one := makeCase(i, 1)
		one.Opened = noon.AddDate(0, 0, i-10) // the last at noon
		one.Modified = one.Opened
		j.Cases = append(j.Cases, one)
	}
	closed := j.Cases[1]
	closed.Status, closed.SubStatus, closed.Closed = alerting.StatusClosed, alerting.SubResolved, noon.AddDate(0, 0, -3)
	j.Cases[2].Tenant, j.Cases[2].Owner, j.Cases[2].Assignee, j.Cases[2].Segment = "globex", "Globex IT", "cid", "lan"
	j.Cases[3].Severity, j.Cases[3].Subject = alerting.Low, "Straße: 100% JITTER"
	commit(t, c, &j)
	for _, tt := range []struct {
		name string
		q    CaseQuery
		want []int
	}{
		{"all", CaseQuery{}, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{"a page", CaseQuery{Before: 9, Limit: 2}, []int{8, 7}},
		{"a number", CaseQuery{Number: 7}, []int{7}},
		{"closed", CaseQuery{Status: alerting.StatusClosed}, []int{2}},
		{"resolved", CaseQuery{SubStatus: alerting.SubResolved}, []int{2}},
		{"open, a page", CaseQuery{Status: alerting.StatusOpen, Before: 4}, []int{3, 1}},
		{"a tenant", CaseQuery{Tenant: "globex"}, []int{3}},
		{"an owner", CaseQuery{Owner: "Globex IT"}, []int{3}},
		{"an assignee", CaseQuery{Assignee: "cid"}, []int{3}},
		{"a segment", CaseQuery{Segment: "lan"}, []int{3}},
		{"a severity", CaseQuery{Severities: []alerting.Severity{alerting.Low}}, []int{4}},
		{"either severity", CaseQuery{Severities: []alerting.Severity{alerting.Low, alerting.High}, Limit: 2}, []int{10, 9}},
		{"text in the subject", CaseQuery{Text: "straße: 100% j"}, []int{4}},
		{"text of the timeline", CaseQuery{Text: "NOTE 1 of case 10"}, []int{10}},
		{"text that is a pattern elsewhere", CaseQuery{Text: "100_ jitter"}, nil},
		{"opened since", CaseQuery{OpenedSince: noon.AddDate(0, 0, -1)}, []int{10, 9}},
		{"opened until", CaseQuery{OpenedUntil: noon.AddDate(0, 0, -8)}, []int{1}},
		{"closed since", CaseQuery{ClosedSince: noon.AddDate(0, 0, -3)}, []int{2}},
		{"closed until", CaseQuery{ClosedUntil: noon.AddDate(0, 0, -3)}, nil},
		{"modified since", CaseQuery{ModifiedSince: noon}, []int{10}},
		{"both", CaseQuery{Tenant: "globex", Severities: []alerting.Severity{alerting.Low}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, err := c.Find(t.Context(), &tt.q)
			if err != nil {
				t.Fatal(err)
			}
			var got, matching []int
			for _, one := range list {
				got = append(got, one.Number)
			}
			for _, one := range slices.Backward(j.Cases) {
				if tt.q.Matches(one) && (tt.q.Limit == 0 || len(matching) < tt.q.Limit) {
					matching = append(matching, one.Number)
				}
			}
			if !slices.Equal(got, tt.want) || !slices.Equal(matching, tt.want) {
				t.Errorf("found %v, matching are %v, want %v", got, matching, tt.want)
			}
		})
	}
	for _, q := range []CaseQuery{{Status: "shut"}, {Severities: []alerting.Severity{alerting.High, 5}}, {Limit: -1}} {
		if _, err := c.Find(t.Context(), &q); err == nil {
			t.Errorf("%+v: got no error", q)
		}
	}
}

func TestAuditAndChangesFind(t *testing.T) {
	c := openCases(t, t.TempDir())
	var j alerting.Journal
	for i, what := range []string{"case.open", "case.close", "change.add", "case.open"} {
		j.Audit = append(j.Audit, alerting.AuditEntry{Seq: int64(i + 1), At: noon.Add(time.Duration(i) * time.Hour), Who: []string{"ann", "bob"}[i%2], What: what, Case: i % 2 * 7})
		j.Changes = append(j.Changes, &alerting.NetworkChange{ID: int64(i + 1), At: noon.Add(time.Duration(i) * time.Hour), Tenant: []string{"", "acme", "globex", ""}[i], Segment: []string{"", "lan", "wan", "wan"}[i]})
	}
	commit(t, c, &j)
	for _, tt := range []struct {
		q    AuditQuery
		want string
	}{
		{AuditQuery{}, "4321"}, {AuditQuery{Who: "ann"}, "31"}, {AuditQuery{What: "case.open"}, "41"}, {AuditQuery{What: "case."}, "421"}, {AuditQuery{What: "case"}, ""},
		{AuditQuery{Case: 7}, "42"}, {AuditQuery{Before: 4, Limit: 2}, "32"}, {AuditQuery{Since: noon.Add(time.Hour), Until: noon.Add(3 * time.Hour)}, "32"},
	} {
		list, err := c.Audit(t.Context(), &tt.q)
		got := ""
		for _, e := range list {
			got += fmt.Sprint(e.Seq)
		}
		if err != nil || got != tt.want {
			t.Errorf("%+v: got %s, %v, want %s", tt.q, got, err, tt.want)
		}
	}
	for _, tt := range []struct {
		q    ChangeQuery
		want string
	}{
		{ChangeQuery{}, "4321"}, {ChangeQuery{Tenant: "acme"}, "421"}, {ChangeQuery{Segment: "wan"}, "431"}, {ChangeQuery{Tenant: "acme", Segment: "lan"}, "21"},
		{ChangeQuery{Before: 3, Limit: 1}, "2"}, {ChangeQuery{Since: noon.Add(time.Hour), Until: noon.Add(3 * time.Hour)}, "32"},
	} {
		list, err := c.Changes(t.Context(), &tt.q)
		got, matching := "", ""
		for _, e := range list {
			got += fmt.Sprint(e.ID)
		}
		for _, n := range slices.Backward(j.Changes) {
			if tt.q.Matches(n) && (tt.q.Limit == 0 || len(matching) < tt.q.Limit) {
				matching += fmt.Sprint(n.ID)
			}
		}
		if err != nil || got != tt.want || matching != tt.want {
			t.Errorf("%+v: got %s, %v, matching are %s, want %s", tt.q, got, err, matching, tt.want)
		}
	}
}

// The alerts and faults of the last moment come back in their order, those that
// are gone do not, and what did not change is not written again.
func TestCasesState(t *testing.T) {
	dir := t.TempDir()
	c := openCases(t, dir)
	if at, alerts, faults, err := c.LoadState(); at != 0 || len(alerts)+len(faults) != 0 || err != nil {
		t.Errorf("nothing was saved: got %d, %v, %v, %v", at, alerts, faults, err)
	}
	alert := func(f alerting.Fingerprint) alerting.Alert {
		return alerting.Alert{Fingerprint: f, Rule: "loss", Signal: alerting.SignalLoss, State: alerting.Firing, Severity: alerting.High, Started: noon, Fired: noon}
	}
	fault := func(id alerting.FaultID) alerting.Fault {
		return alerting.Fault{ID: id, Severity: alerting.High, Began: noon}
	}
	for at, s := range map[int64]struct {
		alerts []alerting.Alert
		faults []alerting.Fault
	}{
		1: {[]alerting.Alert{alert(9), alert(2), alert(9)}, []alerting.Fault{fault("b"), fault("a")}},
		2: {[]alerting.Alert{alert(2)}, []alerting.Fault{fault("a"), fault("b"), fault("c")}},
		3: {nil, nil},
	} {
		if err := c.SaveState(at, s.alerts, s.faults); err != nil {
			t.Fatal(err)
		}
		gotAt, alerts, faults, err := c.LoadState()
		if err != nil || gotAt != at {
			t.Fatalf("got %d, %v, want %d", gotAt, err, at)
		}
		if diff := cmp.Diff(asJSON(t, s.alerts), asJSON(t, alerts)) + cmp.Diff(asJSON(t, s.faults), asJSON(t, faults)); diff != "" {
			t.Errorf("%d: %s", at, diff)
		}
	}
}

// Only one writes cases; another is told what to do. Who reads is let in.
func TestOneWriterOfCases(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenCasesReader(dir); !errors.Is(err, ErrNoCases) {
		t.Errorf("an empty folder: got %v", err)
	}
	c := openCases(t, dir)
	if _, err := OpenCases(dir, noon); !errors.Is(err, ErrInUse) {
		t.Errorf("a second writer: got %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	openCases(t, dir)
}

// A file that is no file of cases is not touched, and the error says what helps.
func TestCasesDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, CasesFile)
	text := strings.Repeat("no database\n", 1000)
	writeFile(t, path, text)
	if _, err := OpenCases(dir, noon); err == nil || !strings.Contains(err.Error(), "store restore") {
		t.Errorf("got %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("the file was changed, %v", err)
	}
	// A day's file under its name.
	s := openTest(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dayPath(dir, DayOf(noon)), path); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenCases(dir, noon); err == nil || !strings.Contains(err.Error(), "is no file of Earshot") {
		t.Errorf("got %v", err)
	}
}

// Others read, and a backup is made, while cases are committed: each sees a
// journal whole or not at all. Every journal moves all five cases on.
func TestCasesReadWhileWritten(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	c := openCases(t, dir)
	move := func(updates int) {
		var j alerting.Journal
		for n := 1; n <= 5; n++ {
			j.Cases = append(j.Cases, makeCase(n, updates))
		}
		commit(t, c, &j)
	}
	move(1)
	done := make(chan error)
	go func() {
		for range 50 {
			list, err := c.Find(t.Context(), &CaseQuery{})
			if err == nil && (len(list) != 5 || slices.ContainsFunc(list, func(one *alerting.Case) bool { return len(one.Updates) != len(list[0].Updates) })) {
				err = fmt.Errorf("found a part of a journal")
			}
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	go func() {
		r, err := OpenCasesReader(dir)
		for i := 0; i < 5 && err == nil; i++ {
			if err = r.Backup(t.Context(), to); err == nil {
				err = checkCases(t.Context(), filepath.Join(to, CasesFile))
			}
		}
		done <- errors.Join(err, r.Close())
	}()
	for i, left := 2, 2; left > 0; i++ {
		select {
		case err := <-done:
			if left--; err != nil {
				t.Error(err)
			}
		default:
			move(min(i, 200))
		}
	}
}

// On a full disk a journal is kept as a whole later, and not in part before.
func TestCasesDiskFull(t *testing.T) {
	c := openCases(t, t.TempDir())
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{makeCase(1, 1)}})
	limit := func(pages int) {
		t.Helper()
		if _, err := c.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // SQLite takes as many as there are
	big := makeCase(2, 1000)
	j := &alerting.Journal{Cases: []*alerting.Case{makeCase(1, 2), big}, Audit: []alerting.AuditEntry{{Seq: 1, At: noon, Case: 2}}}
	if err := c.Commit(j, nil); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("on a full disk: got %v", err)
	}
	if one, err := c.Case(t.Context(), 1); err != nil || len(one.Updates) != 1 {
		t.Errorf("a part of the journal was kept: %+v, %v", one, err)
	}
	limit(1 << 20)
	commit(t, c, j)
	if checked, err := c.Check(t.Context()); err != nil || checked.Cases != 2 || checked.Audit != 1 {
		t.Errorf("with room again: got %+v, %v", checked, err)
	}
}
