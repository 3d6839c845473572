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

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

// oldDays puts files of 1,000 octets into the folder for days before noon's.
func oldDays(t *testing.T, dir string, names ...string) {
	for _, name := range names {
		writeFile(t, filepath.Join(dir, name), strings.Repeat("x", 1000))
	}
}

// left lists what is there beside today's file and the lock.
func left(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "calls-2026-11-22.db") && e.Name() != "lock" {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestSweep(t *testing.T) {
	const (
		d18, d19 = "calls-2026-11-18.db", "calls-2026-11-19.db"
		d20, d21 = "calls-2026-11-20.db", "calls-2026-11-21.db"
		log20    = "calls-2026-11-20.db-wal"
		broken19 = "calls-2026-11-19.db.damaged-1"
		alien    = "calls-2026-11-18.db.bak"
	)
	room := func(octets int64) Config { return Config{Days: 90, TotalBytes: octets} }
	for _, tt := range []struct {
		name    string
		cfg     Config
		hold    string
		there   []string
		want    []string
		deleted uint64
		full    bool
	}{
		{"all fits", room(1 << 40), "", []string{d18, d19}, []string{d18, d19}, 0, false},
		// On the 22nd, two days back is the 20th.
		{"two days", Config{Days: 2, TotalBytes: 1 << 40}, "", []string{alien, d18, d19, broken19, d20, d21}, []string{alien, d20, d21}, 2, false},
		{"two days, one held", Config{Days: 2, TotalBytes: 1 << 40}, "# tenant 7\n2026-11-18\n", []string{d18, d19, d20}, []string{d18, d20, HoldFile}, 1, false},
		{"two days, all held", Config{Days: 2, TotalBytes: 1 << 40}, "all", []string{d18, d19, d20}, []string{d18, d19, d20, HoldFile}, 0, false},
		// Today's file takes more than the 2,500 octets; so everything older goes.
		{"today's alone is too much", room(2500), "", []string{d20, log20, d21}, nil, 2, false},
		{"held is more than fits", room(2500), "2026-11-20..2026-11-21", []string{d19, d20, log20, d21}, []string{d20, log20, d21, HoldFile}, 1, false},
		{"no free space", Config{Days: 90, TotalBytes: 1 << 40, MinFree: 1 << 60}, "", []string{d20, d21}, nil, 2, true},
		{"no free space, held", Config{Days: 90, TotalBytes: 1 << 40, MinFree: 1 << 60}, "2026-11-20", []string{d20, d21}, []string{d20, HoldFile}, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			oldDays(t, dir, tt.there...)
			if tt.hold != "" {
				writeFile(t, filepath.Join(dir, HoldFile), tt.hold)
			}
			tt.cfg.Dir = dir
			s, err := Open(tt.cfg, noon)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := left(t, dir); !slices.Equal(got, tt.want) {
				t.Errorf("left: got %q, want %q", got, tt.want)
			}
			if st := s.Stats(); st.Deleted != tt.deleted || st.Full != tt.full {
				t.Errorf("got %+v, want %d deleted, full %v", st, tt.deleted, tt.full)
			}
			err = s.Write(noon, []dialog.Record{makeCall(1, noon, nil)})
			if errors.Is(err, ErrFull) != tt.full {
				t.Errorf("writing: got %v, full is %v", err, tt.full)
			}
			if _, err := os.Stat(dayPath(dir, DayOf(noon))); err != nil {
				t.Errorf("today's file: %v", err)
			}
		})
	}
}

// The oldest go first, and no more than must.
func TestSweepOldestFirst(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	defer s.Close()
	days, err := listDays(dir)
	if err != nil || len(days) != 1 {
		t.Fatalf("got %v, %v", days, err)
	}
	oldDays(t, dir, "calls-2026-11-18.db", "calls-2026-11-19.db", "calls-2026-11-20.db", "calls-2026-11-21.db")
	s.cfg.TotalBytes = days[0].bytes + 2999 // room for two of the four
	if err := s.Sweep(noon); err != nil {
		t.Fatal(err)
	}
	if got, want := left(t, dir), []string{"calls-2026-11-20.db", "calls-2026-11-21.db"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if st := s.Stats(); st.Oldest.String() != "2026-11-20" || st.Days != 3 || st.Bytes != days[0].bytes+2000 {
		t.Errorf("got %+v", st)
	}
	// Time goes on: the 22nd is over, and may go.
	s.cfg.TotalBytes = 1
	if err := s.Sweep(noon.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	if entries, _ := filepath.Glob(filepath.Join(dir, "calls-*")); len(entries) != 0 {
		t.Errorf("got %q, want nothing", entries)
	}
	if err := s.Write(noon.AddDate(0, 0, 1), []dialog.Record{makeCall(1, noon.AddDate(0, 0, 1), nil)}); err != nil {
		t.Errorf("after the open day was deleted: %v", err)
	}
}

// Cases count against the size, and are never deleted for it.
func TestSweepKeepsCases(t *testing.T) {
	dir := t.TempDir()
	c := openCases(t, dir)
	commit(t, c, &alerting.Journal{Cases: []*alerting.Case{makeCase(1, 1)}})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	cases := fileOctets(filepath.Join(dir, CasesFile))
	s := openTest(t, dir)
	defer s.Close()
	days, err := listDays(dir)
	if err != nil || len(days) != 1 || cases == 0 {
		t.Fatalf("got %v, %v, %d octets of cases", days, err, cases)
	}
	oldDays(t, dir, "calls-2026-11-20.db", "calls-2026-11-21.db")
	s.cfg.TotalBytes = days[0].bytes + cases + 1000 // room for one of the two
	if err := s.Sweep(noon); err != nil {
		t.Fatal(err)
	}
	if got, want := left(t, dir), []string{"calls-2026-11-21.db", CasesFile, casesLock}; !slices.Equal(got, want) {
		t.Errorf("left: got %q, want %q", got, want)
	}
	s.cfg.TotalBytes = 1
	if err := s.Sweep(noon); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, 0, 1)
}

func TestHold(t *testing.T) {
	day := func(s string) Day {
		d, err := ParseDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	h, err := parseHold("2026-02-28 # audit\n\n2026-03-01 .. 2026-03-03\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"2026-02-27": false, "2026-02-28": true, "2026-03-01": true, "2026-03-02": true, "2026-03-03": true, "2026-03-04": false,
	} {
		if h.keeps(day(name)) != want {
			t.Errorf("%s: kept is %v", name, !want)
		}
	}
	for _, wrong := range []string{"2026-02-30", "yesterday", "2026-03-03..2026-03-01", "2026-03-01..", "all of them", "tenant", "tenant a b"} {
		if _, err := parseHold("all\n" + wrong); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: got %v", wrong, err)
		}
	}
}

// A hold that cannot be understood holds everything, and says so.
func TestWrongHoldHoldsAll(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	defer s.Close()
	oldDays(t, dir, "calls-2020-01-01.db")
	writeFile(t, filepath.Join(dir, HoldFile), "2026-13-01")
	if err := s.Sweep(noon); err == nil || !strings.Contains(err.Error(), "nothing is deleted") {
		t.Errorf("got %v", err)
	}
	if got := left(t, dir); !slices.Contains(got, "calls-2020-01-01.db") {
		t.Errorf("got %q", got)
	}
}

func FuzzHold(f *testing.F) {
	f.Add("2026-11-22\nall # x\n2026-11-01..2026-11-22")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHold(text)
		for _, s := range h.spans {
			if err == nil && (s[1] < s[0] || !h.keeps(s[0]) || !h.keeps(s[1])) {
				t.Errorf("%q: span %v is not kept", text, s)
			}
		}
	})
}

func TestDayOfName(t *testing.T) {
	for name, want := range map[string]bool{
		"calls-2026-11-22.db": true, "calls-2026-11-22.db-wal": true, "calls-2026-11-22.db-shm": true, "calls-2026-11-22.db.damaged-12": true,
		"calls-2026-11-22.db.part": false, "calls-2026-11-31.db": false, "calls-.db": false, "calls-2026-11-22": false, "cases.db": false, "hold": false,
	} {
		if _, _, ok := dayOfName(name); ok != want {
			t.Errorf("%s: got %v", name, ok)
		}
	}
	// 1969-12-31 is day -1: it takes rounding down, not towards zero.
	if d := DayOf(noon.AddDate(-57, 1, 9)); d.String() != "1969-12-31" || d != -1 {
		t.Errorf("got day %d, %s", d, d)
	}
}
