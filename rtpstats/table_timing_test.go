package rtpstats

import (
	"fmt"
	"testing"
)

// roundRobin makes n announced-by-number PCMU streams of 20 ms packets and
// returns one packet of each; next advances them all by one.
func roundRobin(n int) []Packet {
	ps := make([]Packet, n)
	for i := range ps {
		p := &ps[i]
		p.At = 1e18 + int64(i)*1000
		p.SSRC = uint32(i) * 2654435761
		p.Timestamp = uint32(i) * 7919
		p.Seq = uint16(i * 31)
		copy(p.Src[:], []byte{10: 0xff, 11: 0xff, 12: 198, 13: 18, 14: byte(i >> 8), 15: byte(i)})
		copy(p.Dst[:], []byte{10: 0xff, 11: 0xff, 12: 198, 13: 19, 14: byte(i >> 8), 15: byte(i)})
		p.SrcPort, p.DstPort = 10000+uint16(i>>16)*2, 20000
		p.WireLen, p.PayloadLen, p.TTL, p.TOS = 218, 160, 60, 0xb8
	}
	return ps
}

// advance moves every stream on by one packet, with up to 4 ms of jitter.
func advance(ps []Packet, round int) {
	for i := range ps {
		p := &ps[i]
		p.At += 20e6
		p.At += int64((i*7+round*13)%5-2) * 1e6 / 2
		p.Seq++
		p.Timestamp += 160
	}
}

func BenchmarkTable(b *testing.B) {
	for _, n := range []int{1, 2000, 20_000, 100_000} {
		b.Run(fmt.Sprintf("streams=%d", n), func(b *testing.B) {
			t := NewTable(Config{})
			ps := roundRobin(n)
			round := 0
			for ; round < 8; round++ { // past probation
				advance(ps, round)
				t.UpdateBatch(ps)
			}
			if got := t.Counters().Streams; got != n {
				b.Fatalf("got %d streams, want %d", got, n)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += len(ps) {
				b.StopTimer()
				round++
				advance(ps, round)
				b.StartTimer()
				t.UpdateBatch(ps[:min(len(ps), b.N-done)])
			}
		})
	}
}
