package capture

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestRotationOf(t *testing.T) {
	tests := []struct {
		name string
		want rotation
	}{
		{"d/x_00012_20240131120000.pcapng", rotation{"d/x.pcapng", 12, true}},
		{"d/x_20240131120000_00012.pcapng.gz", rotation{"d/x.pcapng.gz", 12, true}},
		{"x_00000_20240131120000", rotation{"./x", 0, true}},
		{"x.pcap", rotation{"./x.pcap", 0, false}},
		{"x.pcap10", rotation{"./x.pcap", 10, false}},
		{"x.pcap3.gz", rotation{"./x.pcap.gz", 3, false}},
		{"x.cap", rotation{"./x.cap", 0, false}},
		{"probe1.pcap", rotation{"./probe1.pcap", 0, false}}, // a set of its own
	}
	for _, tt := range tests {
		if got, ok := rotationOf(tt.name); !ok || got != tt.want {
			t.Errorf("%q: got %+v, %v, want %+v", tt.name, got, ok, tt.want)
		}
	}
	for _, name := range []string{"x", "x.1", "x_123_20240131120000.dat", "capture.txt", "-"} {
		if got, ok := rotationOf(name); ok {
			t.Errorf("%q: got %+v, want none", name, got)
		}
	}
}

// TestRotatedDisorder: around a cut, packets are out of order by time. The
// pieces of a set give them as the whole file would; other files are merged.
func TestRotatedDisorder(t *testing.T) {
	tests := []struct {
		name  string
		names []string
		want  string
	}{
		{"tcpdump -C", []string{"x.pcap", "x.pcap1", "x.pcap2"}, "a1 a5 b4 b3 b7 c6 c8"},
		{"dumpcap", []string{"x_00001_20240131120000.pcap", "x_00002_20240131120000.pcap", "x_00003_20240131120000.pcap"}, "a1 a5 b4 b3 b7 c6 c8"},
		{"others", []string{"1.pcap", "2.pcap", "3.pcap"}, "a1 b4 b3 a5 c6 b7 c8"},
		{"counted backwards", []string{"x.pcap2", "x.pcap1", "x.pcap"}, "a1 b4 b3 a5 c6 b7 c8"},
		{"two runs", []string{"x_00001_20240131120000.pcap", "x_00001_20240131130000.pcap", "x_00002_20240131120000.pcap"}, "a1 b4 b3 a5 c6 b7 c8"},
	}
	contents := [][]byte{timed(1, 'a', 1, 5), timed(1, 'b', 4, 3, 7), timed(1, 'c', 6, 8)}
	for _, tt := range tests {
		dir := t.TempDir()
		var paths []string
		for i, name := range tt.names {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, contents[i], 0o600); err != nil {
				t.Fatal(err)
			}
			paths = append(paths, path)
		}
		slices.Reverse(paths)
		if got := order(t, paths...); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestRotatedBesideAnother: a set is merged with another file as one.
func TestRotatedBesideAnother(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for name, content := range map[string][]byte{
		"x.pcap": timed(1, 'a', 1, 5), "x.pcap1": timed(1, 'b', 4, 7), "y.pcap": timed(1, 'y', 2, 3, 6, 9),
	} {
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := order(t, paths...), "a1 y2 y3 a5 b4 y6 b7 y9"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCorpusRotated lets editcap cut every real capture into pieces, also the
// one whose time jumps back by years.
func TestCorpusRotated(t *testing.T) {
	if _, err := exec.LookPath("editcap"); err != nil {
		t.Skip("no editcap")
	}
	for name, packets := range corpusFiles(t) {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil || packets < 4 || !strings.Contains(filepath.Ext(name), "cap") {
			continue
		}
		dir := t.TempDir()
		each := packets/4 + 1
		if out, err := exec.Command("editcap", "-c", strconv.Itoa(each), path, filepath.Join(dir, "piece.pcapng")).CombinedOutput(); err != nil {
			t.Fatalf("editcap %s: %v: %s", name, err, out)
		}
		whole, _ := readAll(t, path)
		pieces, s := readAll(t, dir)
		if want := (packets + each - 1) / each; len(s.Names()) != want {
			t.Errorf("%s: %d pieces, want %d", name, len(s.Names()), want)
		}
		sameFrames(t, pieces, whole)
		if t.Failed() {
			t.Fatalf("%s: the pieces differ from the whole", name)
		}
	}
}
