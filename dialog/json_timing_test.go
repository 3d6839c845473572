package dialog

import "testing"

// sample is a call with both its streams, with RTCP and a finding each.
func sample(tb testing.TB) []Record {
	tb.Helper()
	s := &scene{m: newMedia(&Config{})}
	c := &call{id: "0123456789abcdef", start: clock(0), answer: clock(0)}
	c.legs = []*leg{{call: c}}
	a, b := rtp(phoneA, phoneB, 0xa, 0.1, 20), rtp(phoneB, phoneA, 0xb, 0.1, 20)
	a.Lost, b.Jitter.Mean = 60, 42.123456
	c.legs[0].media.line(c.legs[0], caller, 0)
	s.m.announce(clock(0), c.legs[0].media.line(c.legs[0], callee, 0), appendAddr(nil, b.Src), false)
	s.say(5, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: 3}))
	s.m.report(a)
	s.m.report(b)
	rec := &CallRecord{Type: "call", ID: c.id, CallIDs: []string{"call@example.org"}, From: "100", To: "200"}
	records := []Record{rec}
	for _, r := range s.m.finish(c, rec) {
		records = append(records, r)
	}
	if len(records) != 3 {
		tb.Fatalf("%d records, want a call and two streams", len(records))
	}
	return records
}

// Writing records costs no allocation once the buffer has grown.
func TestAppendJSONAllocs(t *testing.T) {
	records := sample(t)
	var b []byte
	if n := testing.AllocsPerRun(100, func() {
		b = b[:0]
		for _, r := range records {
			b = AppendJSON(b, r, JSONOptions{Intervals: true})
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	records := sample(b)
	b.ReportAllocs()
	var line []byte
	for b.Loop() {
		line = line[:0]
		for _, r := range records {
			line = AppendJSON(line, r, JSONOptions{})
		}
	}
	if len(line) < 1000 {
		b.Fatalf("%d octets", len(line))
	}
	b.SetBytes(int64(len(line)))
}
