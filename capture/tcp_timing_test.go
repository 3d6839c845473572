package capture

import "testing"

// BenchmarkStreams measures a segment of one of 1,000 connections that nobody
// wants, and of one of 1,000 that are followed.
func BenchmarkStreams(b *testing.B) {
	const connections = 1000
	for _, wanted := range []bool{false, true} {
		name := "unwanted"
		if wanted {
			name = "followed"
		}
		b.Run(name, func(b *testing.B) {
			s := NewStreams(StreamsConfig{Want: func([]byte) bool { return wanted }})
			dg := testSegment(0, 0, 0x10, "OPTIONS sip:example.net SIP/2.0\r\n\r\n")
			octets := 0
			emit := func(c Chunk) { octets += len(c.Data) }
			b.ReportAllocs()
			b.SetBytes(int64(dg.Length))
			segments := 0
			for b.Loop() {
				dg.SrcPort = uint16(segments % connections)
				dg.Seq = uint32(segments / connections * dg.Length)
				s.Push(dg, emit)
				segments++
			}
			if wanted && octets != segments*dg.Length || !wanted && octets != 0 {
				b.Fatalf("got %d octets of %d segments", octets, segments)
			}
		})
	}
}
