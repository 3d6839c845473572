package capture

import (
	"bytes"
	"io"
	"os"
	"runtime"
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

// TestFileShrinks cuts a mapped file while it is read: what is still there is
// given, and the rest is a warning.
func TestFileShrinks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("files are mapped on Linux only")
	}
	content := pcapOf(20_000) // 230 octets each, more than four steps of 1 MiB
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
		// Whole packets that lie before the cut, and at most the step that was
		// in memory already.
		if least := int(size-24) / 230; n < least || n > max(least, (1<<20)/230)+1 {
			t.Errorf("cut to %d octets: got %d packets, want %d or those of the first step", size, n, least)
		}
		if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), "kept the") {
			t.Errorf("cut to %d octets: got warnings %v", size, w)
		}
		s.Close()
	}
}

// TestFaultInFrame cuts the file under a frame that was given already.
func TestFaultInFrame(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("files are mapped on Linux only")
	}
	path := writeFile(t, "x.pcap", pcapOf(2000))
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f Frame
	for range 1000 {
		if err := s.Next(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(path, 24); err != nil {
		t.Fatal(err)
	}
	if err := sum(f.Data); err == nil || !strings.Contains(err.Error(), "cut short while it was read") {
		t.Errorf("got %v", err)
	}
}

func sum(b []byte) (err error) {
	defer func() { err = AsFault(recover()) }()
	var n int
	for _, c := range b {
		n += int(c)
	}
	if n != 0 {
		panic("the file holds zeros only")
	}
	return nil
}

func TestAsFaultPanicsOn(t *testing.T) {
	defer func() {
		if r := recover(); r != "ours" {
			t.Errorf("recovered %v, want the panic again", r)
		}
	}()
	_ = AsFault("ours")
}

// TestResidentMemory: a long mapped file does not stay in memory.
func TestResidentMemory(t *testing.T) {
	before := resident(t)
	path := writeFile(t, "x.pcap", pcapOf(300_000)) // 69 MB
	runtime.GC()
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	most := 0
	var f Frame
	for i := 0; s.Next(&f) == nil; i++ {
		if i%50_000 == 0 {
			most = max(most, resident(t))
		}
	}
	if grown := most - before; grown > 40<<20 {
		t.Errorf("%d MiB of the file were resident", grown>>20)
	}
}

// resident returns the octets of mapped files in memory.
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc")
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); fields[0] == "RssFile:" {
			n := 0
			for _, c := range fields[1] {
				n = n*10 + int(c-'0')
			}
			return n << 10
		}
	}
	t.Skip("no RssFile in /proc/self/status")
	return 0
}
