package capture

import (
	"bytes"
	"errors"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// compressors write each format in one go.
var compressors = []struct {
	name string
	open func(io.Writer) (io.WriteCloser, error)
}{
	{"gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil }},
	{"zstd", func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) }},
	{"xz", func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) }},
}

func compressed(t *testing.T, format int, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := compressors[format].open(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noisePcap holds n packets of lengths and octets that don't compress away.
func noisePcap(t *testing.T, n int) ([]byte, []Frame) {
	t.Helper()
	random := rand.New(rand.NewSource(2))
	content := append([]byte(nil), pcapLE...)
	var all []Frame
	for i := range n {
		data := make([]byte, random.Intn(1600))
		random.Read(data)
		f := Frame{At: int64(i) * 1000, Data: data, OrigLen: len(data), Link: LinkEthernet}
		content = append(content, byte(0), 0, 0, 0, byte(i), byte(i>>8), byte(i>>16), 0,
			byte(len(data)), byte(len(data)>>8), 0, 0, byte(len(data)), byte(len(data)>>8), 0, 0)
		content = append(content, data...)
		all = append(all, f)
	}
	return content, all
}

func TestCompressed(t *testing.T) {
	content, want := noisePcap(t, 3000)
	for i, c := range compressors {
		file := compressed(t, i, content)
		if c.name == "gzip" { // members after each other are one file (RFC 1952 2.2)
			file = append(compressed(t, i, content[:10_001]), compressed(t, i, content[10_001:])...)
		}
		checkFile(t, file, want, "")

		cut := file[:len(file)*2/3]
		got, warnings := readStream(t, cut)
		if len(got) < len(want)/2 || len(got) >= len(want) {
			t.Errorf("%s cut off: got %d frames of %d", c.name, len(got), len(want))
		}
		sameFrames(t, got, want[:len(got)])
		warning := errors.Join(warnings...)
		if warning == nil || !strings.Contains(warning.Error(), "the "+c.name+" data is cut off") {
			t.Errorf("%s cut off: warning %v", c.name, warning)
		}
	}
}

// TestCompressedChecksum: octets that don't match their checksum are told.
func TestCompressedChecksum(t *testing.T) {
	content, want := noisePcap(t, 1000) // more than a decoder holds back for its checksum
	for i, c := range compressors {
		file := compressed(t, i, content)
		end := len(file) - 5 // in the CRC32, the length or the footer
		file[end] ^= 0x55
		got, warnings := readStream(t, file)
		if len(got) < len(want)/2 || len(warnings) != 1 || !strings.Contains(warnings[0].Error(), "bad "+c.name+" data") {
			t.Errorf("%s: got %d packets, warnings %v", c.name, len(got), warnings)
		}
	}
}

func readStream(t *testing.T, file []byte) ([]Frame, []error) {
	t.Helper()
	s, err := Open([]string{"-"}, Options{Stdin: bytes.NewReader(file)})
	if err != nil {
		t.Fatal(err)
	}
	return frames(t, s), s.Warnings()
}

// TestCompressedByTools reads what the formats' own programs write.
func TestCompressedByTools(t *testing.T) {
	content, want := noisePcap(t, 500)
	for _, command := range [][]string{{"gzip", "-9"}, {"zstd", "-q", "-19"}, {"zstd", "-q", "--long=27"}, {"xz", "-6"}, {"xz", "-T2", "--block-size=100KiB"}} {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Logf("no %s: skipped", command[0])
			continue
		}
		run := exec.Command(command[0], append(command[1:], "-c")...)
		run.Stdin = bytes.NewReader(content)
		file, err := run.Output()
		if err != nil {
			t.Fatalf("%v: %v", command, err)
		}
		checkFile(t, file, want, "")
	}
}

// TestDecoderMemory: a header that asks for more memory than maxDictionary is refused.
func TestDecoderMemory(t *testing.T) {
	tests := []struct{ name, file string }{
		{"zstd window of 2 GiB", "\x28\xB5\x2F\xFD" + // magic
			"\x00" + // frame header descriptor: no content size, no checksum
			"\xA8" + // window descriptor: exponent 21, 2^31 octets
			"\x01\x00\x00"}, // last block, raw, empty
		{"xz dictionary of 4 GiB", "\xFD7zXZ\x00\x00\x01\x69\x22\xDE\x36" + // stream header, CRC32
			"\x02\x00\x21\x01\x28\x00\x00\x00" + // block header: LZMA2, dictionary size 40
			"\x00\x00\x00\x00"},
	}
	for _, tt := range tests {
		_, err := Open([]string{"-"}, Options{Stdin: strings.NewReader(tt.file)})
		if err == nil || strings.Contains(err.Error(), "cut off") {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestXZDictionary(t *testing.T) {
	header := "\xFD7zXZ\x00\x00\x01\x69\x22\xDE\x36"
	tests := []struct {
		stream string
		want   uint64
	}{
		{header + "\x02\x00\x21\x01\x16\x00\x00\x00", 8 << 20},   // xz -6
		{header + "\x02\x00\x21\x01\x1C\x00\x00\x00", 64 << 20},  // xz -9
		{header + "\x02\x00\x21\x01\x17\x00\x00\x00", 12 << 20},  // an odd size is 3 * 2^n
		{header + "\x04\xC0\x80\x01\x05\x21\x01\x28", 1<<32 - 1}, // after both sizes
		{header + "\x00", 0}, // no blocks
		{header, 0},
		{header + "\x02\xC0\xFF\xFF\xFF", 0},
		{header + "\x02\x00\x04\x00\x16", 0}, // a filter that is not LZMA2
	}
	for _, tt := range tests {
		if got := xzDictionary([]byte(tt.stream)); got != tt.want {
			t.Errorf("% x: got %d, want %d", tt.stream[12:], got, tt.want)
		}
	}
}

// TestCompressedProgress counts the octets on disk, not those behind them.
func TestCompressedProgress(t *testing.T) {
	content, want := noisePcap(t, 2000)
	path := filepath.Join(t.TempDir(), "x.pcap.gz")
	file := compressed(t, 0, content)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	got, s := readAll(t, path)
	if len(got) != len(want) || s.Size() != int64(len(file)) || s.Offset() != s.Size() {
		t.Errorf("got %d packets, offset %d of %d, the file has %d octets", len(got), s.Offset(), s.Size(), len(file))
	}
}
