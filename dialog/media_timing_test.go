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

// BenchmarkFinish is a call's end: two streams with RTCP become records, and
// are searched for what was wrong.
func BenchmarkFinish(b *testing.B) {
	s := &scene{m: newMedia(&Config{Codecs: sceneCodecs})}
	ab, ba := rtp(phoneA, phoneB, 0xa, 0.1, 60), rtp(phoneB, phoneA, 0xb, 0.1, 60)
	ab.Final, ba.Final = true, true
	rr := receiverReport(0xb, block{ssrc: 0xa, lost: 3})
	b.ReportAllocs()
	for b.Loop() {
		l := &leg{}
		l.call = &call{id: "c", legs: []*leg{l}, answer: clock(0), end: clock(60)}
		for who, r := range [2]*rtpstats.Report{ba, ab} {
			line := l.media.line(l, side(who), 0)
			line.kind, line.turns = rtpstats.MediaAudio, []turn{{at: clock(0), sends: true, receives: true}}
			s.m.announce(clock(0), line, appendAddr(nil, r.Dst), false)
		}
		s.say(30, rtcpB, rtcpA, rr)
		s.m.report(ab)
		s.m.report(ba)
		var rec CallRecord
		if s.m.finish(l.call, &rec); len(rec.Media) != 2 || len(rec.Findings) != 0 {
			b.Fatalf("%d streams, findings %v", len(rec.Media), rec.Findings)
		}
	}
}
