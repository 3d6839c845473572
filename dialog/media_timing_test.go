package dialog

import (
	"fmt"
	"testing"

	"earshot/rtpstats"
)

// BenchmarkReport is an interval's report of one of 20,000 bound streams, as
// the shards send it every 5 s.
func BenchmarkReport(b *testing.B) {
	const calls = 10_000
	s := &scene{m: newMedia(&Config{Codecs: sceneCodecs})}
	reports := make([]*rtpstats.Report, 0, 2*calls)
	for i := range calls {
		l := &leg{}
		l.call = &call{legs: []*leg{l}}
		a, z := fmt.Sprintf("10.%d.%d.1:4000", i/250, i%250), fmt.Sprintf("10.%d.%d.2:4000", i/250, i%250)
		reports = append(reports, rtp(a, z, uint32(2*i), 1, 10), rtp(z, a, uint32(2*i+1), 1, 10))
		for who, r := range map[side]*rtpstats.Report{callee: reports[2*i], caller: reports[2*i+1]} {
			line := l.media.line(l, who, 0)
			line.kind = rtpstats.MediaAudio
			s.m.announce(clock(0), line, appendAddr(nil, r.Dst), false)
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := reports[i%len(reports)]
		r.Interval = interval(i/len(reports), 1, 0)
		s.m.report(r)
		i++
	}
	if n := len(s.m.waiting.at); i > 2*calls && n != 0 {
		b.Fatalf("%d addresses with unbound streams", n)
	}
}
