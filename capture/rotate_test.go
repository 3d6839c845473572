package capture

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// rotatedFrame is a frame of 100 octets: with the 28 of a packet block's fields and
// its length again, 132 octets of a file.
func rotatedFrame(at int64) *Frame {
	return &Frame{At: at, Data: make([]byte, 100), OrigLen: 1000, Link: LinkEthernet}
}

// Octets of a file: 28 for the section header, 32 for the interface, 132 for
// each packet of rotatedFrame.
const (
	rotatedHead   = 28 + 32
	rotatedPacket = 132
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func write(t *testing.T, r *Rotating, at ...int64) {
	t.Helper()
	for _, at := range at {
		if err := r.WriteFrame(rotatedFrame(at)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRotating: a file ends when it is full, the next one has the time of its
// own first packet, and the oldest go when there are too many octets.
func TestRotating(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "it")
	full := int64(rotatedHead + 2*rotatedPacket)
	r := NewRotating(RotatingConfig{Dir: dir, FileBytes: full, TotalBytes: 3 * full, MinFree: 1})
	const sec = 1_000_000_000
	for i := range int64(9) {
		write(t, r, i*sec)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{ // two packets each; the first two files are gone
		"earshot-19700101T000004.000000000Z-3.pcapng",
		"earshot-19700101T000006.000000000Z-4.pcapng",
		"earshot-19700101T000008.000000000Z-5.pcapng",
	}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	files, octets := r.Usage()
	if want := 2*full + rotatedHead + rotatedPacket; files != 3 || octets != want {
		t.Errorf("got %d files of %d octets, want 3 of %d", files, octets, want)
	}
	if got := readTimes(t, dir); !slices.Equal(got, []int64{4 * sec, 5 * sec, 6 * sec, 7 * sec, 8 * sec}) {
		t.Errorf("got packets of %v, want 4 to 8 s", got)
	}
}

// readTimes reads all packets of a folder.
func readTimes(t *testing.T, dir string) []int64 {
	t.Helper()
	src, err := Open([]string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var all []int64
	var f Frame
	for src.Next(&f) == nil {
		all = append(all, f.At)
	}
	if w := src.Warnings(); len(w) > 0 {
		t.Errorf("got %v, want whole files", w)
	}
	return all
}

// TestRotatingAdopts: files of an earlier run count as its own, and nothing
// else is ever touched.
func TestRotatingAdopts(t *testing.T) {
	dir := t.TempDir()
	keep := []string{
		"earshot-20260101T000000.000000000Z-1.pcapng.gz",
		"earshot-20260101T000000Z-1.pcapng",
		"earshot-20261301T000000.000000000Z-1.pcapng",
		"my-earshot-20260101T000000.000000000Z-1.pcapng",
		"earshot-20260101T000000.000000000Z-01.pcapng",
		"other.pcapng",
	}
	old := []string{"earshot-20260101T000000.000000000Z-7.pcapng", "earshot-20260101T000001.000000000Z-8.pcapng"}
	for _, name := range slices.Concat(keep, old) {
		if err := os.WriteFile(filepath.Join(dir, name), make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder := "earshot-20260101T000000.000000000Z-9.pcapng"
	if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
		t.Fatal(err)
	}
	r := NewRotating(RotatingConfig{Dir: dir, FileBytes: 500, TotalBytes: 1600, MinFree: 1})
	write(t, r, 0)
	if files, octets := r.Usage(); files != 2 || octets != 1000+28 {
		t.Errorf("got %d files of %d octets, want 2 of 1028: the first of 1000 is gone, the new one has its header", files, octets)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := append(keep, old[1], folder, "earshot-19700101T000000.000000000Z-9.pcapng")
	slices.Sort(want)
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestRotatingIsAlwaysWhole: what Flush has written can be read while the file
// is still open.
func TestRotatingIsAlwaysWhole(t *testing.T) {
	dir := t.TempDir()
	r := NewRotating(RotatingConfig{Dir: dir, MinFree: 1})
	write(t, r, 1, 2, 3)
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(t, dir); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("got %v, want 1 to 3", got)
	}
	write(t, r, 4)
	if got := readTimes(t, dir); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("got %v before the flush, want 1 to 3", got)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(t, dir); len(got) != 4 {
		t.Errorf("got %v, want 1 to 4", got)
	}
}

// TestRotatingKeepsPoints: a capture point has the same interface number in
// every file, also in one whose first packet is from another.
func TestRotatingKeepsPoints(t *testing.T) {
	dir := t.TempDir()
	r := NewRotating(RotatingConfig{Dir: dir, FileBytes: 1, MinFree: 1})
	want := []uint16{0, 1, 1, 0}
	for i, point := range want {
		f := rotatedFrame(int64(i))
		f.Point = point
		if err := r.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	src, err := Open([]string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var got []uint16
	var f Frame
	for src.Next(&f) == nil {
		got = append(got, f.Point)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got points %v, want %v", got, want)
	}
}

// TestRotatingMinFree: a disk with too little room costs the oldest files, and
// then gives an error that says what to do.
func TestRotatingMinFree(t *testing.T) {
	dir := t.TempDir()
	first := NewRotating(RotatingConfig{Dir: dir, FileBytes: 1, MinFree: 1})
	write(t, first, 1, 2, 3)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	free, err := freeOctets(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRotating(RotatingConfig{Dir: dir, MinFree: 2 * free})
	err = r.WriteFrame(rotatedFrame(4))
	if !errors.Is(err, ErrDiskFull) || !strings.Contains(err.Error(), "free some space or lower min_free") {
		t.Errorf("got %v, want ErrDiskFull and what to do", err)
	}
	if got := names(t, dir); len(got) != 0 {
		t.Errorf("got %v, want none left", got)
	}
}

// TestRotatingDiskFull: on a file system of 600 kB the file that did not fit
// ends with a whole packet, and saving works again when there is room.
func TestRotatingDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounts a small file system, which needs root")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=600k"); err != nil {
		t.Skipf("cannot mount a tmpfs here: %v", err)
	}
	defer syscall.Unmount(dir, 0)
	r := NewRotating(RotatingConfig{Dir: dir, MinFree: 1})
	var err error
	n := int64(0)
	for ; err == nil && n < 10_000; n++ { // 1.3 MB
		err = r.WriteFrame(rotatedFrame(n))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v after %d packets, want that the disk is full", err, n)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Fatalf("got %v, want one file", got)
	}
	readTimes(t, dir) // no warnings
	if err := r.WriteFrame(rotatedFrame(n)); err != nil {
		t.Fatalf("cannot begin anew: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if got := readTimes(t, dir); len(got) == 0 || got[len(got)-1] != n {
		t.Errorf("the last packet is missing")
	}
}

// FuzzSavedName: a name that is taken for one of ours is exactly what we give.
func FuzzSavedName(f *testing.F) {
	f.Add("earshot-20260105T080000.000000000Z-1.pcapng")
	f.Add("earshot-20260105T080000.000000000Z-01.pcapng")
	f.Add("earshot-20261399T080000.000000000Z-1.pcapng")
	f.Fuzz(func(t *testing.T, name string) {
		if n, ok := parseSavedName(name); ok && n.String() != name {
			t.Errorf("%q is taken for %q", name, n)
		}
	})
}
