package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/dialog"
)

// Sums of batches leave nothing out: whatever order calls come in, and however
// they are written, a time is found as the columns say.
func TestBatches(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var calls []*dialog.CallRecord
	write := func(n int) {
		t.Helper()
		var list []dialog.Record
		for range n {
			i := len(calls)
			c := makeCall(i, noon, nil)
			c.ID, c.Media, c.Findings = fmt.Sprintf("%016x", i), nil, nil
			c.End = at(noon.Add(time.Duration(i-5000) * time.Second))
			c.Start = c.End - dialog.Time(time.Duration(mixed(i)%7200)*time.Second) // up to two hours long
			calls, list = append(calls, c), append(list, c)
		}
		if err := s.Write(noon, list); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []int{1, 700, 1, 1299, 1500, 3} {
		write(n)
	}
	s.close(DayOf(noon)) // what follows is a batch of its own
	write(400)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, _, err := (&Reader{dir: dir}).openDay(t.Context(), DayOf(noon))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// Of 1+700+1+1299 = 2001 rows, 1500+3, and 400.
	var sums string
	if err := db.QueryRowContext(t.Context(), "SELECT group_concat(first || '-' || last, ' ') FROM batches").Scan(&sums); err != nil || sums != "1-2001 2002-3504 3505-3904" {
		t.Errorf("got the batches %s, %v", sums, err)
	}
	for h := -5 * time.Hour; h < 30*time.Minute; h += 17 * time.Minute {
		for _, q := range []Query{{After: noon.Add(h)}, {Before: noon.Add(h)}, {After: noon.Add(h), Before: noon.Add(h + 9*time.Minute)}, {After: noon.Add(h), Disposition: dialog.Busy}} {
			var want []string
			for _, c := range slices.Backward(calls) {
				start := c.Start.Timestamp()
				if !start.Before(q.After) && (q.Before.IsZero() || start.Before(q.Before)) && (q.Disposition == "" || c.Disposition == q.Disposition) {
					want = append(want, c.ID)
				}
			}
			if got := found(t, dir, &q); !slices.Equal(got, want) {
				t.Errorf("%+v: got %d, want %d", q, len(got), len(want))
			}
		}
	}
}
