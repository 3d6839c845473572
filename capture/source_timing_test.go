package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// timedPackets is enough for a file that doesn't fit in any cache.
const timedPackets = 200_000

// pcapOf returns a µs pcap of n packets of the size of G.711 RTP with 20 ms.
func pcapOf(n int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, pcapMicro)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint32(b, 65535)
	b = le.AppendUint32(b, uint32(LinkEthernet))
	packet := make([]byte, 214)
	for i := range n {
		b = le.AppendUint32(b, uint32(1_700_000_000+i/50_000))
		b = le.AppendUint32(b, uint32(i%50_000*20))
		b = le.AppendUint32(b, uint32(len(packet)))
		b = le.AppendUint32(b, uint32(len(packet)))
		b = append(b, packet...)
	}
	return b
}

func timeFile(b *testing.B, name string, content []byte) {
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.Fatal(err)
	}
	timePaths(b, []string{path}, timedPackets)
}

func timePaths(b *testing.B, paths []string, want int) {
	var size int64
	b.ReportAllocs()
	for b.Loop() {
		s, err := Open(paths, Options{})
		if err != nil {
			b.Fatal(err)
		}
		size = s.Size()
		if got := drain(b, s); got != want {
			b.Fatalf("got %d packets, want %d", got, want)
		}
		s.Close()
	}
	b.SetBytes(size)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(want), "ns/packet")
}

func drain(b *testing.B, s Source) (n int) {
	var f Frame
	for {
		err := s.Next(&f)
		if err == io.EOF {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkPcap(b *testing.B) { timeFile(b, "x.pcap", pcapOf(timedPackets)) }

func BenchmarkPcapng(b *testing.B) {
	r, err := newPcap(newStream("x", bytes.NewReader(pcapOf(timedPackets)), streamBlock, nil))
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	w, err := NewWriter(&out)
	if err != nil {
		b.Fatal(err)
	}
	for f := (Frame{}); r.next(&f) == nil; {
		if err := w.WriteFrame(&f); err != nil {
			b.Fatal(err)
		}
	}
	w.Flush()
	timeFile(b, "x.pcapng", out.Bytes())
}

// BenchmarkPcapStream reads from standard input.
func BenchmarkPcapStream(b *testing.B) {
	content := pcapOf(timedPackets)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		s, err := Open([]string{"-"}, Options{Stdin: bytes.NewReader(content)})
		if err != nil {
			b.Fatal(err)
		}
		if got := drain(b, s); got != timedPackets {
			b.Fatalf("got %d packets", got)
		}
		s.Close()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/timedPackets, "ns/packet")
}

// BenchmarkMerge reads two files with the same times: the worst case, in which
// every packet comes from the other file.
func BenchmarkMerge(b *testing.B) {
	dir := b.TempDir()
	paths := []string{filepath.Join(dir, "a.pcap"), filepath.Join(dir, "b.pcap")}
	content := pcapOf(timedPackets)
	for _, path := range paths {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	timePaths(b, paths, 2*timedPackets)
}

// TestNextAllocatesNothing holds for a file and for standard input.
func TestNextAllocatesNothing(t *testing.T) {
	content := pcapOf(20_000)
	path := filepath.Join(t.TempDir(), "x.pcap")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{path, stdinName} {
		s, err := Open([]string{from}, Options{Stdin: bytes.NewReader(content)})
		if err != nil {
			t.Fatal(err)
		}
		var f Frame
		if err := s.Next(&f); err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(19_000, func() {
			if err := s.Next(&f); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%q: %v allocations per packet", from, n)
		}
		s.Close()
	}
}

// TestWriteFrameAllocatesNothing holds once an interface is known.
func TestWriteFrameAllocatesNothing(t *testing.T) {
	w, err := NewWriter(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	f := Frame{Data: make([]byte, 214), OrigLen: 214, Link: LinkEthernet, Outgoing: true}
	if n := testing.AllocsPerRun(1000, func() {
		if err := w.WriteFrame(&f); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per frame", n)
	}
}
