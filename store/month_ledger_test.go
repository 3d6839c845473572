package store

import (
	"maps"
	"testing"
	"time"
)

// What was made is known to the next who opens the file, and to readers; what
// is forgotten is not, and nothing else of the file is touched.
func TestReportsMade(t *testing.T) {
	dir := t.TempDir()
	c := openCases(t, dir)
	steps := []struct {
		made, forget []string
		at           time.Time
	}{
		{[]string{"monthly acme 2026-09", "final 17"}, nil, noon},
		{[]string{"final 17", "monthly Büro \uffff"}, []string{"monthly acme 2026-09", "never made"}, noon.Add(time.Hour)},
	}
	for _, s := range steps {
		if err := c.ReportMade(s.at, s.made, s.forget); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]time.Time{"final 17": noon.Add(time.Hour), "monthly Büro \uffff": noon.Add(time.Hour)}
	if got, err := c.ReportsMade(t.Context()); err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = openCases(t, dir)
	if got, err := c.ReportsMade(t.Context()); err != nil || !maps.Equal(got, want) {
		t.Errorf("opened again: got %v, %v, want %v", got, err, want)
	}
	if m, err := c.Load(noon); err != nil || m.NextCase != 1 {
		t.Errorf("the rest of the file: %+v, %v", m, err)
	}
}
