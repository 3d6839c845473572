package store

import (
	"os"
	"slices"
	"strings"
	"testing"

	"earshot/dialog"
)

// A backup made while the writer is open is whole, and holds what was kept.
func TestBackup(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	s := openTest(t, dir)
	defer s.Close()
	yesterday := makeCall(1, noon.AddDate(0, 0, -1), nil)
	for _, c := range []*dialog.CallRecord{yesterday, makeCall(2, noon, nil), makeCall(3, noon, nil)} {
		if err := s.Write(noon, []dialog.Record{c}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 2 { // the second replaces the first
		var days []string
		if err := r.Backup(t.Context(), to, func(d Day) { days = append(days, d.String()) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(days, []string{"2026-11-21", "2026-11-22"}) {
			t.Errorf("got %q", days)
		}
	}
	if got, want := found(t, to, &Query{}), found(t, dir, &Query{}); len(got) != 3 || !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := found(t, to, &Query{Number: yesterday.From}); !slices.Contains(got, yesterday.ID) {
		t.Errorf("the copy's index does not know %s: %q", yesterday.From, got)
	}
	if err := r.Backup(t.Context(), dir, func(Day) {}); err == nil {
		t.Error("a backup into the store itself is done")
	}
	// A copy can be written on, where it takes the store's place.
	again := openTest(t, to)
	if err := again.Write(noon, []dialog.Record{makeCall(4, noon, nil)}); err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if got := len(found(t, to, &Query{})); got != 4 {
		t.Errorf("got %d calls, want 4", got)
	}
}

// A check finds a file whose pages are spoilt, and goes on to the others.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var list []dialog.Record
	for i := range 200 {
		list = append(list, makeCall(i, noon, nil), makeCall(i, noon.AddDate(0, 0, -1), nil))
	}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := dayPath(dir, DayOf(noon)-1)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(text[10*4096:], strings.Repeat("\xa5", 4096))
	if err := os.WriteFile(path, text, 0o640); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []Checked
	if err := r.Check(t.Context(), func(c Checked) { got = append(got, c) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Err == nil || got[1].Err != nil || got[1].Records != 200 {
		t.Errorf("got %+v, want yesterday's damaged and today's whole", got)
	}
}
