package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// timed returns a ns pcap with a one-octet packet for each time.
func timed(link LinkType, mark byte, times ...int64) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, pcapNano)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0)
	b = le.AppendUint32(b, uint32(link))
	for _, at := range times {
		b = le.AppendUint32(b, uint32(at/1e9))
		b = le.AppendUint32(b, uint32(at%1e9))
		b = append(b, 1, 0, 0, 0, 1, 0, 0, 0, mark)
	}
	return b
}

// order reads files and writes what came as mark and time, "a1 b2".
func order(t *testing.T, paths ...string) string {
	t.Helper()
	all, _ := readAll(t, paths...)
	var b strings.Builder
	for _, f := range all {
		b.WriteByte(f.Data[0])
		b.WriteString(digit(f.At))
	}
	return strings.TrimSpace(b.String())
}

func digit(at int64) string { return string(rune('0'+at)) + " " }

func TestMergeOrder(t *testing.T) {
	tests := []struct {
		name  string
		files [][]byte
		want  string
	}{
		{"interleaved", [][]byte{timed(1, 'a', 1, 3, 5), timed(1, 'b', 2, 4, 6)}, "a1 b2 a3 b4 a5 b6"},
		{"ties: the file that began first, then the one named first",
			[][]byte{timed(1, 'a', 2, 3, 4), timed(1, 'b', 1, 2, 3), timed(1, 'c', 2, 4)}, "b1 b2 a2 c2 b3 a3 a4 c4"},
		{"a file's own order is kept", [][]byte{timed(1, 'a', 1, 5, 2, 6), timed(1, 'b', 3, 4)}, "a1 b3 b4 a5 a2 a6"},
		{"rotated pieces, named backwards", [][]byte{timed(1, 'b', 4, 5), timed(1, 'a', 1, 2, 4)}, "a1 a2 a4 b4 b5"},
		{"a file without packets", [][]byte{timed(1, 'a'), timed(1, 'b', 1)}, "b1"},
		{"three at once", [][]byte{timed(1, 'a', 1, 4, 7), timed(1, 'b', 2, 5, 8), timed(1, 'c', 3, 6, 9)},
			"a1 b2 c3 a4 b5 c6 a7 b8 c9"},
	}
	for _, tt := range tests {
		var paths []string
		for i, file := range tt.files {
			paths = append(paths, writeFile(t, string(rune('p'+i)), file))
		}
		if got := order(t, paths...); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestMergeSplit deals the packets of a file out to several, which must merge
// to the file again: by pieces in time, and by chance.
func TestMergeSplit(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for round := range 30 {
		times := make([]int64, 200)
		for i := range times {
			times[i] = int64(i) * 1000
		}
		whole, _ := readAll(t, writeFile(t, "whole.pcap", timed(1, 'x', times...)))
		parts := make([][]int64, 1+random.Intn(6))
		for i, at := range times {
			part := i * len(parts) / len(times)
			if round%2 == 1 {
				part = random.Intn(len(parts))
			}
			parts[part] = append(parts[part], at)
		}
		var paths []string
		for _, part := range parts {
			paths = append(paths, writeFile(t, "part.pcap", timed(1, 'x', part...)))
		}
		random.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		got, _ := readAll(t, paths...)
		if round%2 == 0 && !reflect.DeepEqual(got, whole) {
			t.Errorf("round %d: pieces in time differ from the whole", round)
		}
		for i := range got {
			if got[i].At != whole[i].At {
				t.Fatalf("round %d: packet %d has time %d, want %d", round, i, got[i].At, whole[i].At)
			}
		}
	}
}

func TestMergePoints(t *testing.T) {
	points := func(paths ...string) string {
		all, _ := readAll(t, paths...)
		var b strings.Builder
		for _, f := range all {
			b.WriteByte(f.Data[0])
			b.WriteByte('0' + byte(f.Point))
		}
		return b.String()
	}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a1, a2 := write("a-1.pcap", timed(1, 'a', 1, 4)), write("a-2.pcap", timed(1, 'A', 5, 8))
	b1, b2 := write("b-1.pcap", timed(1, 'b', 2, 3)), write("b-2.pcap", timed(1, 'B', 6, 9))
	raw := write("raw.pcap", timed(101, 'r', 7))
	// Two probes that rotate at almost the same time keep their points apart.
	if got, want := points(a1, a2, b1, b2, raw), "a0b1b1a0A0B1r2A0B1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s, err := Open([]string{raw, a1}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	frames(t, s)
	if got := s.PointName(0) + " " + s.PointName(1) + " " + s.PointName(2); got != "a-1.pcap raw.pcap " {
		t.Errorf("points are named %q", got)
	}
}

// TestMergeGoesOn: damage in one file is told, and takes nothing from the others.
func TestMergeGoesOn(t *testing.T) {
	damaged := timed(1, 'a', 1, 3, 5)
	a := writeFile(t, "a.pcap", damaged[:len(damaged)-1])
	b := writeFile(t, "b.pcap", timed(1, 'b', 2, 4, 6))
	text := writeFile(t, "notes.txt", []byte("hello\n"))
	first := timed(1, 'c', 1)
	c := writeFile(t, "c.pcap", first[:len(first)-1])
	s, err := Open([]string{text, a, b, c}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := len(frames(t, s)); got != 5 {
		t.Errorf("got %d packets, want 5", got)
	}
	warnings := s.Warnings()
	if len(warnings) != 3 {
		t.Fatalf("got warnings %v, want 3", warnings)
	}
	for i, want := range []string{
		`cannot read packet 1 at offset 24 of "` + c,
		`not a capture file: it begins with the text "hello"`,
		`cannot read packet 3 at offset 58 of "` + a,
	} {
		if !slices.ContainsFunc(warnings, func(err error) bool { return strings.Contains(err.Error(), want) }) {
			t.Errorf("warning %d: %q is not in %v", i, want, warnings)
		}
	}
	if s.Offset() != s.Size() {
		t.Errorf("offset %d at the end of %d", s.Offset(), s.Size())
	}
}

func TestOpenErrors(t *testing.T) {
	good := writeFile(t, "a.pcap", timed(1, 'a', 1))
	if _, err := Open([]string{good, good + ".gone"}, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a path that is not there: got %v", err)
	}
	if _, err := Open([]string{t.TempDir()}, Options{}); !errors.Is(err, ErrNoCapture) {
		t.Errorf("an empty directory: got %v", err)
	}
	empty := writeFile(t, "empty.pcap", nil)
	if _, err := Open([]string{empty}, Options{}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty file: got %v", err)
	}
	if got := order(t, good, good, filepath.Dir(good)); got != "a1" {
		t.Errorf("one file by three names: got %s", got)
	}
	if _, err := Open(nil, Options{}); err == nil {
		t.Error("no paths: no error")
	}
}

func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"x.pcap10":      timed(1, 'c', 5),
		"x.pcap9":       timed(1, 'b', 5),
		"sub/x.pcap":    timed(1, 'a', 5),
		".hidden.pcap":  timed(1, 'h', 1),
		".git/x.pcap":   timed(1, 'h', 1),
		"README":        []byte("about\n"),
		"notes.txt":     []byte("about\n"),
		"list1.tsv":     []byte("about\n"),
		"list2.tsv":     []byte("about\n"),
		"list3.tsv":     []byte("about\n"),
		"list4.tsv":     []byte("about\n"),
		"not-a.capture": nil,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open([]string{dir}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var marks []byte
	for _, f := range frames(t, s) {
		marks = append(marks, f.Data...)
	}
	if string(marks) != "abc" {
		t.Errorf("got packets %q, want abc", marks)
	}
	var names []string
	for _, name := range s.Names() {
		names = append(names, strings.TrimPrefix(name, dir+"/"))
	}
	if want := []string{"sub/x.pcap", "x.pcap9", "x.pcap10"}; !slices.Equal(names, want) {
		t.Errorf("got names %q, want %q", names, want)
	}
	// Seven files are passed over: five by name, and how many more.
	if got := s.Warnings(); len(got) != 6 || !strings.Contains(got[5].Error(), "2 more files") {
		t.Errorf("got warnings %v", got)
	}
}

func TestCompareNatural(t *testing.T) {
	sorted := []string{"", "a", "a1", "a2", "a2b", "a10", "a10b", "b", "x.pcap", "x.pcap1", "x.pcap2", "x.pcap10",
		"x_00001_2024", "x_00002_2023"}
	for i := range sorted {
		for j := range sorted {
			got, want := compareNatural(sorted[i], sorted[j]), 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got != want {
				t.Errorf("%q, %q: got %d, want %d", sorted[i], sorted[j], got, want)
			}
		}
	}
}

// TestStdinAmongFiles: the standard input can be merged too.
func TestStdinAmongFiles(t *testing.T) {
	path := writeFile(t, "a.pcap", timed(1, 'a', 1, 3))
	s, err := Open([]string{"-", path, "-"}, Options{Stdin: bytes.NewReader(timed(1, 's', 2, 4))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var marks []byte
	for _, f := range frames(t, s) {
		marks = append(marks, f.Data...)
	}
	if string(marks) != "asas" {
		t.Errorf("got %q, want asas", marks)
	}
}
