package main

import (
	"io"
	"testing"
)

// BenchmarkRun measures packets per second with 1,000 concurrent calls and every
// impairment of the benchmark profile.
func BenchmarkRun(b *testing.B) {
	var size countWriter
	args := []string{"-profile", "bench-1k", "-ramp", "200ms", "-duration", "2s", "-o", "-"}
	b.ReportAllocs()
	for b.Loop() {
		size = 0
		if err := run(args, &size, io.Discard); err != nil {
			b.Fatal(err)
		}
		if size < 40_000_000 { // 2,000 streams of 100 packets
			b.Fatalf("%d bytes written", size)
		}
	}
	b.SetBytes(int64(size))
}

type countWriter int64

func (w *countWriter) Write(p []byte) (int, error) {
	*w += countWriter(len(p))
	return len(p), nil
}
