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
			var rounds []Packet // several, so that the timer is not stopped all the time
			round := 0
			next := func() {
				rounds = rounds[:0]
				for len(rounds) < 8192 {
					round++
					advance(ps, round)
					rounds = append(rounds, ps...)
				}
			}
			for range 8 { // past probation
				next()
				t.UpdateBatch(rounds, nil)
			}
			if got := t.Counters().Streams; got != n {
				b.Fatalf("got %d streams, want %d", got, n)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for done := 0; done < b.N; done += len(rounds) {
				b.StopTimer()
				next()
				b.StartTimer()
				t.UpdateBatch(rounds[:min(len(rounds), b.N-done)], nil)
			}
		})
	}
}

// BenchmarkTick closes an interval of 20,000 streams: the time is per report.
func BenchmarkTick(b *testing.B) {
	t := NewTable(Config{})
	ps := roundRobin(20_000)
	round, reports := 0, 0
	emit := func(*Report) { reports++ }
	b.ReportAllocs()
	b.ResetTimer()
	for reports < b.N {
		b.StopTimer()
		for range 250 { // 5 s
			round++
			advance(ps, round)
		}
		t.UpdateBatch(ps, nil)
		b.StartTimer()
		t.Tick(ps[0].At, 0, emit)
		if round > 4*250 && reports == 0 {
			b.Fatal("no reports")
		}
	}
}
