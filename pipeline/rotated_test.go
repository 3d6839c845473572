package pipeline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"earshot/capture"
)

// TestRotated: a capture cut into pieces, as a ring of files is, gives the same
// bytes as the whole, however the pieces are named and in whatever order they
// are given.
func TestRotated(t *testing.T) {
	files, err := filepath.Glob("../testdata/*/input.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, f := range files {
		name := filepath.Base(filepath.Dir(f))
		t.Run(name, func(t *testing.T) {
			want, wantSummary := replay(t, Config{}, f)
			frames := readFrames(t, f)
			for _, n := range []int{2, 5} {
				r := rand.New(rand.NewPCG(uint64(n), uint64(len(frames))))
				for _, format := range []string{"pcap", "pcapng"} {
					pieces := cut(t, r, frames, n, format)
					got, summary := replay(t, Config{}, pieces...)
					if got != want {
						t.Errorf("%d pieces of %s: records differ\n%s", n, format, firstDifference(want, got))
					}
					if a, b := fmt.Sprint(wantSummary), fmt.Sprint(summary); a != b {
						t.Errorf("%d pieces of %s: summary differs: got %s, want %s", n, format, b, a)
					}
				}
			}
		})
	}
}

// readFrames reads a capture into memory.
func readFrames(t *testing.T, file string) []capture.Frame {
	t.Helper()
	src, err := capture.Open([]string{file}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var frames []capture.Frame
	for {
		var f capture.Frame
		err := src.Next(&f)
		if errors.Is(err, io.EOF) {
			return frames
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Data = bytes.Clone(f.Data)
		frames = append(frames, f)
	}
}

// cut writes frames as n files, cut anywhere, with names that say nothing of
// their order, and returns them shuffled.
func cut(t *testing.T, r *rand.Rand, frames []capture.Frame, n int, format string) []string {
	t.Helper()
	at := make([]int, n+1)
	for i := range n - 1 {
		at[i+1] = 1 + r.IntN(len(frames)-1)
	}
	at[n] = len(frames)
	slices.Sort(at)
	names := r.Perm(n)
	dir := t.TempDir()
	var files []string
	for i := range n {
		piece := frames[at[i]:at[i+1]]
		var b bytes.Buffer
		if format == "pcap" {
			writePCAP(&b, piece)
		} else {
			writePCAPNG(t, &b, piece)
		}
		file := filepath.Join(dir, fmt.Sprintf("piece-%d.%s", names[i], format))
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	r.Shuffle(n, func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files
}

// writePCAP writes a pcap file with nanoseconds; its frames have one link type.
func writePCAP(b *bytes.Buffer, frames []capture.Frame) {
	link := capture.LinkEthernet
	if len(frames) > 0 {
		link = frames[0].Link
	}
	put := func(values ...uint32) {
		for _, v := range values {
			b.Write(binary.LittleEndian.AppendUint32(nil, v))
		}
	}
	put(0xa1b23c4d, 2|4<<16, 0, 0, 262144, uint32(link))
	for _, f := range frames {
		put(uint32(f.At/1e9), uint32(f.At%1e9), uint32(len(f.Data)), uint32(f.OrigLen))
		b.Write(f.Data)
	}
}

func writePCAPNG(t *testing.T, b *bytes.Buffer, frames []capture.Frame) {
	t.Helper()
	w, err := capture.NewWriter(b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range frames {
		if err := w.WriteFrame(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}
