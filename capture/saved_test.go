package capture

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestSaved: of a stretch exactly its packets are read, as often as one likes,
// although the writer goes on, and deletes the files meanwhile.
func TestSaved(t *testing.T) {
	const sec = 1_000_000_000
	dir := t.TempDir()
	full := int64(rotatedHead + 10*rotatedPacket)
	r := NewRotating(RotatingConfig{Dir: dir, FileBytes: full, TotalBytes: 8 * full, MinFree: 1})
	at := func(from, until int64) (list []int64) {
		for i := from; i <= until; i++ {
			list = append(list, i*sec)
		}
		return list
	}
	write(t, r, at(100, 145)...) // files begin with 100, 110, 120, 130 and 140; the last is not full
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"notes.txt", "earshot-19700101T000144.000000000Z-99.pcapng.part"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("not saved packets"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		from, until int64 // s
		files       int
		want        []int64
	}{
		{115, 127, 2, at(115, 127)},
		{105, 105, 1, at(105, 105)},
		{142, 999, 1, at(142, 145)},
		{0, 999, 5, at(100, 145)},
		{0, 99, 0, nil},
	} {
		s, err := OpenSaved(dir, tt.from*sec, tt.until*sec)
		if err != nil {
			t.Fatal(err)
		}
		if s.Files() != tt.files {
			t.Errorf("%d to %d s: %d files, want %d", tt.from, tt.until, s.Files(), tt.files)
		}
		if tt.files > 0 {
			if got := timesOf(t, s); !slices.Equal(got, tt.want) {
				t.Errorf("%d to %d s: packets of %v, want %v", tt.from, tt.until, got, tt.want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	s, err := OpenSaved(dir, 112*sec, 125*sec)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write(t, r, at(146, 300)...) // the files with 112 to 125 s are gone now
	if _, err := os.Stat(filepath.Join(dir, "earshot-19700101T000150.000000000Z-2.pcapng")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("file 2 of 110 to 119 s should have been deleted: %v", err)
	}
	for range 2 {
		if got := timesOf(t, s); !slices.Equal(got, at(112, 125)) {
			t.Errorf("packets of %v, want 112 to 125 s", got)
		}
	}
	if _, err := OpenSaved(filepath.Join(dir, "nowhere"), 0, 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want an error that there is no such folder", err)
	}
}

// timesOf reads a stretch.
func timesOf(t *testing.T, s *Saved) (times []int64) {
	t.Helper()
	src, err := s.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var f Frame
	for {
		switch err := src.Next(&f); {
		case errors.Is(err, io.EOF):
			return times
		case err != nil:
			t.Fatal(err)
		}
		times = append(times, f.At)
	}
}
