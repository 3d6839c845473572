package main

import (
	"bytes"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// generate runs callgen with flags and returns the capture's and truth's paths.
func generate(t *testing.T, name, flags string) (capture, truth string) {
	t.Helper()
	dir := t.TempDir()
	capture, truth = filepath.Join(dir, name), filepath.Join(dir, "truth.json")
	args := append(strings.Fields(flags), "-o", capture, "-truth", truth)
	if err := run(args, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	return capture, truth
}

func fileHash(t *testing.T, path string) [32]byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(b)
}

// TestSameSeedSameBytes: equal flags give equal captures and truths, another
// seed others; in every format.
func TestSameSeedSameBytes(t *testing.T) {
	for _, flags := range []string{
		"-profile mixed -calls 4", "-profile faults -calls 1 -format pcap-ns",
		"-profile mixed -calls 2 -format pcapng -interfaces 2 -encap vxlan -ipv6 0",
	} {
		c1, t1 := generate(t, "a.pcap.gz", flags+" -seed 11")
		c2, t2 := generate(t, "a.pcap.gz", flags+" -seed 11")
		c3, _ := generate(t, "a.pcap.gz", flags+" -seed 12")
		if fileHash(t, c1) != fileHash(t, c2) {
			t.Errorf("%s: two captures of one seed differ", flags)
		}
		if fileHash(t, t1) != fileHash(t, t2) {
			t.Errorf("%s: two truths of one seed differ", flags)
		}
		if fileHash(t, c1) == fileHash(t, c3) {
			t.Errorf("%s: two seeds give one capture", flags)
		}
	}
}

// heapWatch is an output that notes the largest live heap at its flushes.
type heapWatch struct{ peak uint64 }

func (w *heapWatch) Write(b []byte) (int, error) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	w.peak = max(w.peak, m.HeapInuse)
	return len(b), nil
}

// TestMemoryFlat: 10,000 concurrent calls hold their own state and nothing of
// the capture; three times the length costs nothing more.
func TestMemoryFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("writes two captures of millions of packets")
	}
	const limit = 320 << 20 // 32 kB per call, garbage included: two streams, their headers, a script
	peak := func(duration string) uint64 {
		var w heapWatch
		args := []string{"-profile", "bench-10k", "-ramp", "200ms", "-duration", duration, "-o", "-"}
		if err := run(args, &w, io.Discard); err != nil {
			t.Fatal(err)
		}
		return w.peak
	}
	short, long := peak("600ms"), peak("1800ms")
	if long > limit {
		t.Errorf("heap peak %d MB, want at most %d", long>>20, limit>>20)
	}
	if float64(long) > 1.5*float64(short) {
		t.Errorf("heap peak %d MB for 1.8 s against %d MB for 0.6 s", long>>20, short>>20)
	}
	t.Logf("heap peak %d MB and %d MB", short>>20, long>>20)
}

// TestErrorsReachTheCaller: a run that cannot go on, and files that cannot be made.
func TestErrorsReachTheCaller(t *testing.T) {
	for args, want := range map[string]string{
		"-o - -calls 5 -ramp 1s -gateways 1 -media-ports 2":        "every RTP port",
		"-o /nonexistent/x.pcap":                                   "cannot create the capture",
		"-o - -truth /nonexistent/x.json -calls 1 -duration 100ms": "cannot create the truth file",
	} {
		err := run(strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q in it", args, err, want)
		}
	}
}

// TestGzip: a compressed capture holds the same bytes.
func TestGzip(t *testing.T) {
	plain, _ := generate(t, "a.pcap", "-calls 2 -duration 1s")
	packed, _ := generate(t, "a.pcap.gz", "-calls 2 -duration 1s")
	want, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got := gunzip(t, packed); !bytes.Equal(got, want) {
		t.Errorf("%d bytes after decompression, want %d equal ones", len(got), len(want))
	}
}
