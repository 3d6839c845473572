package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
)

// What is kept comes back octet by octet: a call after its streams, a stream
// of no call alone, and nothing else.
func TestKeptComesBack(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	call := makeCall(500, noon, testPlan(t))
	loose := makeStream(call, 7, true)
	loose.Call, loose.ID = nil, "00000000000000aa"
	list := []dialog.Record{call.Media[0], call.Media[1], call, loose, &dialog.TransactionRecord{Type: "transaction", Method: "OPTIONS"}}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	if got := s.Stats().Written; got != 2 {
		t.Errorf("got %d records written, want the call and the stream of no call", got)
	}
	line := func(r dialog.Record) string { return string(dialog.AppendJSON(nil, r, dialog.JSONOptions{})) + "\n" }
	want := []string{line(loose), line(call.Media[0]) + line(call.Media[1]) + line(call)}

	r, err := OpenReader(dir) // while the writer is open
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var got []string
	if err := r.Find(t.Context(), &Query{Streams: true}, func(f *Found) error {
		got = append(got, f.Lines)
		rec, err := f.Record()
		if err != nil {
			return err
		}
		if c, is := rec.(*dialog.CallRecord); is && len(c.Media) != 2 {
			t.Errorf("got %d streams with the call, want 2", len(c.Media))
		}
		if again := line(rec); !strings.HasSuffix(f.Lines, again) {
			t.Errorf("read and written again it is %s, was %s", again, f.Lines)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Closed, the day is one file: no log beside it.
	if names, _ := filepath.Glob(filepath.Join(dir, "calls-*")); len(names) != 1 || filepath.Base(names[0]) != "calls-2026-11-22.db" {
		t.Errorf("got files %q", names)
	}
	if got := found(t, dir, &Query{}); !slices.Equal(got, []string{call.ID}) {
		t.Errorf("after closing: got %q, want the call alone", got)
	}
}

// A call of very many streams is kept, with as many of them as fit.
func TestManyStreams(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	call := makeCall(500, noon, nil)
	for i := range 8000 { // of more than a thousand octets each
		call.Media = append(call.Media, makeStream(call, uint64(i), i%2 == 0))
	}
	if err := s.Write(noon, []dialog.Record{call}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Find(t.Context(), &Query{}, func(f *Found) error {
		rec, err := f.Record()
		if err != nil {
			return err
		}
		got := rec.(*dialog.CallRecord)
		if n := len(got.Media); n < 1000 || n >= 8000 || len(f.Lines) > mostStreamText+10_000 {
			t.Errorf("got %d streams in %d octets", n, len(f.Lines))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A record lies in the UTC day of its end, and is found from any of the days it touches.
func TestMidnight(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	before, across := makeCall(1, midnight.Add(-time.Nanosecond), nil), makeCall(2, midnight.Add(time.Minute), nil)
	if err := s.Write(noon, []dialog.Record{across, before}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		q    Query
		want []string
	}{
		{"all, the newest day first", Query{}, []string{across.ID, before.ID}},
		{"one", Query{Limit: 1}, []string{across.ID}},
		{"before midnight", Query{Before: midnight}, []string{across.ID, before.ID}}, // makeCall's calls last three minutes
		{"from two minutes before", Query{After: midnight.Add(-2 * time.Minute)}, []string{across.ID}},
		{"from midnight", Query{After: midnight}, nil},
	} {
		if got := found(t, dir, &tt.q); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, name := range []string{"calls-2026-11-21.db", "calls-2026-11-22.db"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm()&0o007 != 0 {
			t.Errorf("%s: %v, mode %v; want a file that not everybody reads", name, err, info.Mode())
		}
	}
}

// Days that would be deleted at once, and days to come, make no files.
func TestRefusesOtherDays(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	defer s.Close()
	var list []dialog.Record
	for _, d := range []int{-91, -90, 0, 1, 2} { // 90 days are kept, and a clock may be a little ahead
		list = append(list, makeCall(200+d, noon.AddDate(0, 0, d), nil))
	}
	list = append(list, &dialog.CallRecord{Type: "call", ID: "no times"})
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Written != 3 || st.Refused != 3 {
		t.Errorf("got %+v, want 3 written and 3 refused", st)
	}
}

// Only one writes into a folder; who ends gives it free.
func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	if _, err := Open(Config{Dir: dir, Days: 1}, noon); err == nil || !strings.Contains(err.Error(), "another Earshot") {
		t.Errorf("a second writer got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := openTest(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
}

// A damaged file is set aside, at the start and while writing, and a new one
// begins; the calls of other days stay.
func TestDamagedIsSetAside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "calls-2026-11-22.db")
	for i, damage := range []string{strings.Repeat("no database ", 1000), "SQLite format 3\x00 and no more"} {
		if err := os.WriteFile(path, []byte(damage), 0o640); err != nil {
			t.Fatal(err)
		}
		var told []Notice
		s, err := Open(Config{Dir: dir, Days: 90, TotalBytes: 1 << 40, Notice: func(n Notice) { told = append(told, n) }}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(noon, []dialog.Record{makeCall(i, noon, nil)}); err != nil {
			t.Error(err)
		}
		aside := fmt.Sprintf("%s.damaged-%d", path, i+1)
		if text, err := os.ReadFile(aside); err != nil || string(text) != damage {
			t.Errorf("the damaged file is not what it was: %v", err)
		}
		if len(told) != 1 || told[0].File != aside || told[0].Err == nil || s.Stats().SetAside != 1 {
			t.Errorf("got notices %+v, stats %+v", told, s.Stats())
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if got := found(t, dir, &Query{}); len(got) != 1 {
			t.Errorf("got %d calls in the new file, want 1", len(got))
		}
	}
}

// A file damaged under the writer: the batch is not lost, it goes into a new file.
func TestDamagedWhileWriting(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	var list []dialog.Record
	for i := range 3000 {
		list = append(list, makeCall(i, noon, nil))
	}
	if err := s.Write(noon, list); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := dayPath(dir, DayOf(noon))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 5 * 8192; i < len(text); i++ { // the first pages, the schema among them, stay
		text[i] = 0xa5
	}
	if err := os.WriteFile(path, text, 0o640); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, dir)
	defer s.Close()
	if err := s.Write(noon, list[:10]); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Written != 10 || st.SetAside != 1 {
		t.Errorf("got %+v, want 10 written into a new file", st)
	}
	if got := found(t, dir, &Query{}); len(got) != 10 {
		t.Errorf("got %d calls, want 10", len(got))
	}
}

// A file of a newer version is left alone.
func TestNewerVersion(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	if _, err := s.open[0].conn.ExecContext(context.Background(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Config{Dir: dir, Days: 90}, noon)
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Got != 99 {
		t.Errorf("writing: got %v", err)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Find(t.Context(), &Query{}, func(*Found) error { return nil }); !errors.As(err, &newer) {
		t.Errorf("reading: got %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*damaged*")); len(names) > 0 {
		t.Errorf("it was set aside: %q", names)
	}
}

// Where the disk is full a batch is not kept at all, and counted; the next one
// is, as soon as there is room.
func TestNoRoom(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir)
	defer s.Close()
	limit := func(pages int) {
		if _, err := s.open[0].conn.ExecContext(context.Background(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	var list []dialog.Record
	for i := range 1000 { // more than half a mebibyte
		list = append(list, makeCall(i, noon, nil))
	}
	limit(64) // a quarter
	if err := s.Write(noon, list); err == nil || !strings.Contains(err.Error(), "full") {
		t.Fatalf("got %v, want that the disk is full", err)
	}
	limit(1 << 30)
	if err := s.Write(noon, list[:10]); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Failed != 1000 || st.Written != 10 || st.SetAside != 0 {
		t.Errorf("got %+v, want 1000 failed and 10 written", st)
	}
	if got := len(found(t, dir, &Query{})); got != 10 {
		t.Errorf("got %d calls, want the 10 of the second batch", got)
	}
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Check(t.Context(), func(c Checked) {
		if c.Err != nil {
			t.Error(c.Err)
		}
	}); err != nil {
		t.Fatal(err)
	}
}

// Timelines are kept where they are wanted, and come back.
func TestIntervalsAreKept(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		dir := t.TempDir()
		s, err := Open(Config{Dir: dir, Days: 1, TotalBytes: 1 << 40, Intervals: wanted}, noon)
		if err != nil {
			t.Fatal(err)
		}
		call := makeCall(1, noon, nil)
		call.Media[0].Timeline = []dialog.IntervalRecord{{Packets: 250}, {Packets: 240, Lost: 10}}
		if err := errors.Join(s.Write(noon, []dialog.Record{call}), s.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := OpenReader(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var got []dialog.IntervalRecord
		if err := r.Find(t.Context(), &Query{}, func(f *Found) error {
			rec, err := f.Record()
			if err == nil {
				got = rec.(*dialog.CallRecord).Media[0].Timeline
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if wanted && (len(got) != 2 || got[1].Lost != 10) || !wanted && got != nil {
			t.Errorf("wanted is %v: got %+v", wanted, got)
		}
	}
}
