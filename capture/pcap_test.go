package capture

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cat joins the pieces that the tests write headers and records in.
func cat(pieces ...[]byte) []byte { return bytes.Join(pieces, nil) }

var (
	// pcapLE is the file header of a µs pcap, little endian.
	pcapLE = []byte{
		0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, // magic, version 2.4
		0, 0, 0, 0, 0, 0, 0, 0, // reserved (time zone, accuracy)
		0, 0, 4, 0, 1, 0, 0, 0, // snap length 262144, Ethernet
	}
	// pcapNanoBE is that of a ns pcap, big endian, raw IP.
	pcapNanoBE = []byte{
		0xA1, 0xB2, 0x3C, 0x4D, 0, 2, 0, 4,
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 96, 0, 0, 0, 101,
	}
)

func TestPcapFormats(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want []Frame
	}{
		{"microseconds, little endian", cat(pcapLE, []byte{
			0x10, 0x27, 0, 0, 7, 0, 0, 0, 3, 0, 0, 0, 60, 0, 0, 0, // 10000.000007 s, 3 of 60 octets
			'a', 'b', 'c',
			0x10, 0x27, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // earlier, empty
		}), []Frame{
			{At: 10_000_000_007_000, Data: []byte("abc"), OrigLen: 60, Link: LinkEthernet},
			{At: 10_000_000_006_000, Data: []byte{}, OrigLen: 0, Link: LinkEthernet},
		}},
		{"nanoseconds, big endian", cat(pcapNanoBE, []byte{
			0x80, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, // 2^31 s (after 2038) and 9 ns
			'x',
		}), []Frame{
			{At: 2147483648_000000009, Data: []byte("x"), OrigLen: 1, Link: LinkRaw},
		}},
		{"microseconds, big endian", []byte{
			0xA1, 0xB2, 0xC3, 0xD4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 113,
			0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 'x',
		}, []Frame{{At: 1_000_002_000, Data: []byte("x"), OrigLen: 1, Link: LinkLinuxSLL}}},
		{"nanoseconds, little endian, FCS of two 16-bit units", []byte{
			0x4D, 0x3C, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0,
			1, 0, 0, 0x24, // link type 1, bit 26 (FCS length given), 2 in the top four bits
			1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 'x', 1, 2, 3, 4,
		}, []Frame{{At: 1_000_000_002, Data: []byte("x\x01\x02\x03\x04"), OrigLen: 5, Link: LinkEthernet, FCS: 4}}},
		{"modified, record header of 24 octets", []byte{
			0x34, 0xCD, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 1, 0, 0, 0,
			1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
			3, 0, 0, 0, 0, 8, 4, 0, // interface 3, protocol, PACKET_OUTGOING, padding
			'x',
			1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
			3, 0, 0, 0, 0, 8, 0, 0, // PACKET_HOST
			'y',
		}, []Frame{
			{At: 1_000_002_000, Data: []byte("x"), OrigLen: 1, Link: LinkEthernet, Outgoing: true},
			{At: 1_000_002_000, Data: []byte("y"), OrigLen: 1, Link: LinkEthernet},
		}},
		{"no packets", pcapLE, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkFile(t, tt.file, tt.want, "") })
	}
}

// checkFile reads a file by its name and from standard input, and wants the
// frames and, unless empty, a warning with the given text.
func checkFile(t *testing.T, file []byte, want []Frame, warning string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{path, stdinName} {
		s, err := Open([]string{from}, Options{Stdin: bytes.NewReader(file)})
		if err != nil {
			t.Fatalf("Open(%q): %v", from, err)
		}
		got := frames(t, s)
		sameFrames(t, got, want)
		var text string
		if err := errors.Join(s.Warnings()...); err != nil {
			text = err.Error()
		}
		if (warning == "") != (text == "") || !strings.Contains(text, warning) {
			t.Errorf("%q: got warnings %q, want %q", from, text, warning)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func sameFrames(t *testing.T, got, want []Frame) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d frames, want %d", len(got), len(want))
	}
	for i := range got {
		g, w := got[i], want[i]
		if !bytes.Equal(g.Data, w.Data) {
			t.Errorf("frame %d: got data % x, want % x", i, g.Data, w.Data)
		}
		g.Data, w.Data = nil, nil
		if g.At != w.At || g.OrigLen != w.OrigLen || g.Link != w.Link || g.Point != w.Point ||
			g.Outgoing != w.Outgoing || g.FCS != w.FCS {
			t.Errorf("frame %d: got %+v, want %+v", i, g, w)
		}
	}
}

func TestPcapDamage(t *testing.T) {
	first := []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 'h', 'i'}
	kept := []Frame{{At: 1e9, Data: []byte("hi"), OrigLen: 2, Link: LinkEthernet}}
	tests := []struct {
		name, warning string
		tail          []byte
	}{
		{"cut in a record header", `cannot read packet 2 at offset 42 of "`, []byte{1, 0, 0}},
		{"cut in a record header", `the file ends after 3 of its 16 octets`, []byte{1, 0, 0}},
		{"cut in a packet", `the file ends after 17 of its 24 octets; kept the 1 before it`,
			[]byte{1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0, 0, 'x'}},
		{"absurd length", `captured length 4294967295 is over the limit of 524288`,
			[]byte{1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 8, 0, 0, 0, 'x'}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkFile(t, cat(pcapLE, first, tt.tail), kept, tt.warning) })
	}
}

// TestCutAnywhere cuts files at every octet: what is there is given, never more.
func TestCutAnywhere(t *testing.T) {
	pcap := cat(pcapLE,
		[]byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0}, []byte("hi"),
		[]byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0},
		[]byte{1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0}, []byte("there"))
	ng := cat(section, ngEthernet, ngPacket('a'), ngUnknown, ngPacket('b'), ngPacket('c'))
	tests := []struct {
		name   string
		file   []byte
		header int
		ends   []int // where packets end
		clean  []int // where else a file may end
	}{
		{"pcap", pcap, 24, []int{24 + 18, 24 + 34, 24 + 55}, []int{24}},
		{"pcapng", ng, 28, []int{28 + 20 + 36, 28 + 20 + 36 + 20 + 36, 28 + 20 + 36 + 20 + 72},
			[]int{28, 28 + 20, 28 + 20 + 36 + 20}},
	}
	for _, tt := range tests {
		for cut := range len(tt.file) + 1 {
			s, err := Open([]string{stdinName}, Options{Stdin: bytes.NewReader(tt.file[:cut])})
			if (err != nil) != (cut < tt.header) {
				t.Fatalf("%s cut at %d: Open: %v", tt.name, cut, err)
			}
			if err != nil {
				continue
			}
			want, clean := 0, false
			for _, end := range tt.ends {
				if cut >= end {
					want++
				}
				clean = clean || cut == end
			}
			for _, end := range tt.clean {
				clean = clean || cut == end
			}
			if got := frames(t, s); len(got) != want {
				t.Errorf("%s cut at %d: got %d packets, want %d", tt.name, cut, len(got), want)
			}
			if got := len(s.Warnings()); (got == 0) != clean || got > 1 {
				t.Errorf("%s cut at %d: warnings %v", tt.name, cut, s.Warnings())
			}
			for _, w := range s.Warnings() {
				var damage *DamageError
				if !errors.As(w, &damage) || damage.Packet != uint64(want+1) || !errors.Is(w, io.ErrUnexpectedEOF) {
					t.Errorf("%s cut at %d: warning %v", tt.name, cut, w)
				}
			}
		}
	}
}

func TestNotACapture(t *testing.T) {
	long := append(make([]byte, 257), "ustar\x0000"...)
	tests := []struct{ name, file, want string }{
		{"empty", "", "empty file"},
		{"three octets", "abc", `not a capture file: it begins with the text "abc"`},
		{"text", "INVITE sip:bob@example.com SIP/2.0\r\n", `begins with the text "INVITE sip:bob@example.c"; accepted are pcap and pcapng`},
		{"zip", "PK\x03\x04....", "like a zip archive"},
		{"tar", string(long), "like a tar archive"},
		{"octets", "\x00\x01\x02\x03\x04\x05\x06\x07\x08", "with 00 01 02 03 04 05 06 07;"},
		{"short header", string(pcapLE[:23]), "got 23 of its 24 octets"},
		{"pcap version 3", "\xD4\xC3\xB2\xA1\x03\x00\x00\x00" + string(make([]byte, 16)), "pcap version 3.0"},
		{"gzip of nothing", "\x1F\x8B\x08\x00", "gzip data is cut off"},
		{"bad gzip", "\x1F\x8B\x01\x00\x00\x00\x00\x00\x00\x00\x00", "gzip"},
		{"bad xz", "\xFD7zXZ\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "xz"},
		{"pcapng byte order", "\x0A\x0D\x0D\x0A\x1C\x00\x00\x00abcd" + string(make([]byte, 16)), "byte-order magic 61 62 63 64"},
	}
	for _, tt := range tests {
		path := filepath.Join(t.TempDir(), "x.pcap")
		if err := os.WriteFile(path, []byte(tt.file), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, from := range []string{path, stdinName} {
			_, err := Open([]string{from}, Options{Stdin: strings.NewReader(tt.file)})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), from) {
				t.Errorf("%s from %q: got %v, want %q", tt.name, from, err, tt.want)
			}
		}
	}
}
