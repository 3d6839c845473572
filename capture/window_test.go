package capture

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// TestWindowSizes reads through buffers of every size, fed octet by octet and
// with errors beside data: what is parsed is the same.
func TestWindowSizes(t *testing.T) {
	ng := cat(section, ngEthernet, ngPacket('a'), ngUnknown, ngPacket('b'), ngPacket('c'))
	for size := 1; size < 100; size++ {
		for _, wrap := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader,
		} {
			r, err := identify(newStream("x", wrap(bytes.NewReader(ng)), size, nil), nil)
			if err != nil {
				t.Fatalf("size %d: %v", size, err)
			}
			var f Frame
			for i, want := range []byte("abc") {
				if err := r.next(&f); err != nil || string(f.Data) != string(want) {
					t.Fatalf("size %d: packet %d: got %q, %v", size, i, f.Data, err)
				}
			}
			if err := r.next(&f); err != io.EOF {
				t.Errorf("size %d: got %v at the end", size, err)
			}
		}
	}
}

func TestReadError(t *testing.T) {
	file := timed(1, 'a', 1, 2, 3)
	r := io.MultiReader(bytes.NewReader(file[:len(file)-17]), iotest.ErrReader(os.ErrDeadlineExceeded))
	s, err := Open([]string{"-"}, Options{Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(frames(t, s)); got != 2 {
		t.Errorf("got %d packets, want 2", got)
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), "i/o timeout; kept the 2 before it") {
		t.Errorf("got warnings %v", w)
	}
}

// TestReaderThatGivesNothing does not hang on a reader that breaks the rules.
func TestReaderThatGivesNothing(t *testing.T) {
	r := io.MultiReader(bytes.NewReader(pcapLE), nothing{})
	s, err := Open([]string{"-"}, Options{Stdin: r})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(frames(t, s)); got != 0 || len(s.Warnings()) != 1 {
		t.Errorf("got %d packets, warnings %v", got, s.Warnings())
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

// TestFileShrinks cuts a file while it is read: what is still there, and at
// most the block that was in memory already, is given; the rest is a warning.
func TestFileShrinks(t *testing.T) {
	content := pcapOf(20_000) // 230 octets each, many blocks
	path := writeFile(t, "x.pcap", content)
	for _, size := range []int64{0, 24, 3_000_000} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open([]string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var f Frame
		if err := s.Next(&f); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		n := 1
		for s.Next(&f) == nil {
			n++
		}
		if least := int(size-24) / 230; n < least || n > max(least, streamBlock/230)+1 {
			t.Errorf("cut to %d octets: got %d packets, want %d or those of the first block", size, n, least)
		}
		if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), "kept the") {
			t.Errorf("cut to %d octets: got warnings %v", size, w)
		}
		s.Close()
	}
}
