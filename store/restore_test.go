package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/alerting"
	"earshot/dialog"
)

// keep writes calls of noon's day and cases, and leaves the store as a process
// that was killed would: with logs beside the files.
func keepAndDie(t *testing.T, dir string, calls []int, cases ...int) {
	t.Helper()
	work := t.TempDir()
	for _, e := range must(os.ReadDir(dir)) {
		if err := copyFile(filepath.Join(dir, e.Name()), filepath.Join(work, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	s, c := openTest(t, work), openCases(t, work)
	defer s.Close()
	var list []dialog.Record
	for _, i := range calls {
		list = append(list, makeCall(i, noon, nil))
	}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	var j alerting.Journal
	for _, n := range cases {
		j.Cases = append(j.Cases, makeCase(n, 1))
		j.Audit = append(j.Audit, alerting.AuditEntry{Seq: int64(n), At: noon, Case: n})
	}
	commit(t, c, &j)
	for _, e := range must(os.ReadDir(work)) {
		if err := copyFile(filepath.Join(work, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, CasesFile+"-wal")); err != nil {
		t.Fatal("there is no log, so that the test proves nothing")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// backUp copies a store as the command does.
func backUp(t *testing.T, dir, to string) {
	t.Helper()
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cases, err := OpenCasesReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer cases.Close()
	if err := errors.Join(r.Backup(t.Context(), to, func(Day) {}), cases.Backup(t.Context(), to)); err != nil {
		t.Fatal(err)
	}
}

// holds wants a store to hold so many calls and just these cases.
func holds(t *testing.T, dir string, calls int, cases ...int) {
	t.Helper()
	if got := len(found(t, dir, &Query{})); got != calls {
		t.Errorf("got %d calls, want %d", got, calls)
	}
	r, err := OpenCasesReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.Find(t.Context(), &CaseQuery{})
	var got []int
	for _, c := range slices.Backward(list) {
		got = append(got, c.Number)
	}
	if err != nil || !slices.Equal(got, cases) {
		t.Errorf("got cases %v, %v, want %v", got, err, cases)
	}
}

func restoreTest(t *testing.T, from, to string) map[string]string {
	t.Helper()
	put := map[string]string{}
	if err := Restore(t.Context(), from, to, func(name, replaced string) { put[name] = replaced }); err != nil {
		t.Fatal(err)
	}
	if parts, _ := filepath.Glob(filepath.Join(to, "*.part*")); len(parts) != 0 {
		t.Errorf("left over: %q", parts)
	}
	return put
}

// Into an empty folder a backup comes as it is, with its hold, and a probe goes on.
func TestRestore(t *testing.T) {
	dir, backup, to := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "new")
	keepAndDie(t, dir, []int{1, 2}, 1, 2)
	writeFile(t, filepath.Join(dir, HoldFile), "tenant acme\n")
	backUp(t, dir, backup)
	put := restoreTest(t, backup, to)
	if len(put) != 3 || put[CasesFile] != "" {
		t.Errorf("got %q", put)
	}
	holds(t, to, 2, 1, 2)
	if text, err := os.ReadFile(filepath.Join(to, HoldFile)); err != nil || string(text) != "tenant acme\n" {
		t.Errorf("the hold: got %q, %v", text, err)
	}
	c := openCases(t, to)
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{makeCase(3, 1)}})
	if err := openTest(t, to).Close(); err != nil {
		t.Error(err)
	}
	holds(t, to, 2, 1, 2, 3)
}

// In the place of a store that was killed and went on after the backup: its
// logs do not spoil what comes, what it had is set aside, and numbers that it
// gave are not given again.
func TestRestoreReplaces(t *testing.T) {
	dir, backup := t.TempDir(), t.TempDir()
	keepAndDie(t, dir, []int{1, 2}, 1, 2)
	backUp(t, dir, backup)
	keepAndDie(t, dir, []int{3}, 3, 4, 5)
	writeFile(t, filepath.Join(dir, "calls-2026-11-20.db"), "of another day")
	put := restoreTest(t, backup, dir)
	day := filepath.Base(dayPath(dir, DayOf(noon)))
	if put[CasesFile] != CasesFile+".replaced-1" || put[day] != day+".replaced-1" {
		t.Errorf("got %q", put)
	}
	if _, err := os.Stat(filepath.Join(dir, "calls-2026-11-20.db")); err != nil {
		t.Errorf("a day that the backup does not have: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "calls-2026-11-20.db")); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, 2, 1, 2)
	c := openCases(t, dir)
	if m, err := c.Load(noon); err != nil || m.NextCase != 6 || m.NextAudit != 6 {
		t.Errorf("the next numbers: got %+v, %v", m, err)
	}
	// What was set aside can be looked at.
	aside := t.TempDir()
	if err := copyFile(filepath.Join(dir, CasesFile+".replaced-1"), filepath.Join(aside, CasesFile)); err != nil {
		t.Fatal(err)
	}
	holds(t, aside, 0, 1, 2, 3, 4, 5)
}

// What cannot be restored changes nothing, and says why.
func TestRestoreRefuses(t *testing.T) {
	dir, backup := t.TempDir(), t.TempDir()
	keepAndDie(t, dir, []int{1, 2}, 1, 2)
	backUp(t, dir, backup)
	spoil := func(name string, change func([]byte) []byte) string {
		bad := t.TempDir()
		for _, e := range must(os.ReadDir(backup)) {
			if err := copyFile(filepath.Join(backup, e.Name()), filepath.Join(bad, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(bad, name)
		writeFile(t, path, string(change(must(os.ReadFile(path)))))
		return bad
	}
	day := filepath.Base(dayPath(dir, DayOf(noon)))
	half := func(b []byte) []byte { return b[:len(b)/2] }
	newer := func(b []byte) []byte { b[63] = 99; return b } // user_version, big-endian at 60
	for _, tt := range []struct{ name, from, to, want string }{
		{"half a file of cases", spoil(CasesFile, half), dir, "nothing was replaced"},
		{"half a day", spoil(day, half), dir, "nothing was replaced"},
		{"cases of a newer Earshot", spoil(CasesFile, newer), dir, "a newer Earshot made it"},
		{"a day of a newer Earshot", spoil(day, newer), dir, "a newer Earshot made it"},
		{"an empty day", spoil(day, func([]byte) []byte { return nil }), dir, "it is empty"},
		{"a day that is no day", spoil(day, func([]byte) []byte { return must(os.ReadFile(filepath.Join(backup, CasesFile))) }), dir, "is no file of Earshot"},
		{"an empty folder", t.TempDir(), dir, "holds no backup"},
		{"no folder", filepath.Join(dir, "none"), dir, "cannot read the backup"},
		{"itself", dir, dir, "from itself"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := Restore(t.Context(), tt.from, tt.to, func(name, _ string) { t.Errorf("%s was restored", name) })
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			holds(t, dir, 2, 1, 2)
			if parts, _ := filepath.Glob(filepath.Join(dir, "*.part*")); len(parts) != 0 {
				t.Errorf("left over: %q", parts)
			}
		})
	}
	t.Run("a running probe", func(t *testing.T) {
		c := openCases(t, dir)
		if err := Restore(t.Context(), backup, dir, func(string, string) {}); !errors.Is(err, ErrInUse) {
			t.Errorf("cases in use: got %v", err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		s := openTest(t, dir)
		defer s.Close()
		if err := Restore(t.Context(), backup, dir, func(string, string) {}); !errors.Is(err, ErrInUse) {
			t.Errorf("records in use: got %v", err)
		}
	})
}

// A restoration that was cut off, before and between its files, is done again.
func TestRestoreAgain(t *testing.T) {
	dir, backup := t.TempDir(), t.TempDir()
	keepAndDie(t, dir, []int{1, 2}, 1, 2)
	backUp(t, dir, backup)
	day := dayPath(dir, DayOf(noon))
	writeFile(t, day+".part", "half of a day")
	writeFile(t, day+".part-wal", "and its log")
	if _, err := moveAside(filepath.Join(dir, CasesFile), replacedSuffix); err != nil {
		t.Fatal(err)
	}
	put := restoreTest(t, backup, dir)
	if day := filepath.Base(day); put[CasesFile] != "" || put[day] != day+".replaced-1" {
		t.Errorf("got %q", put)
	}
	holds(t, dir, 2, 1, 2)
}
