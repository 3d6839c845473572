package dialog

import (
	"net/netip"
	"testing"

	"earshot/sipparse"
)

// BenchmarkView is a picture of 10,000 calls with 20,000 streams, each of
// which had a report since the last one.
func BenchmarkView(b *testing.B) {
	const calls = 10_000
	table, reports := crowd(b, calls, Config{})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		for _, r := range reports {
			r.Interval = interval(i, 1, 0)
			table.Report(r)
		}
		b.StartTimer()
		if v := table.View(); len(v.Calls) != calls || len(v.Streams) != 2*calls {
			b.Fatalf("got %d calls, %d streams", len(v.Calls), len(v.Streams))
		}
	}
}

// BenchmarkObserve is an interval's report of one of 20,000 bound streams with
// its observation, and RTCP about it. BenchmarkReport is the same without.
func BenchmarkObserve(b *testing.B) {
	var last Observation
	table, reports := crowd(b, 10_000, Config{Observe: func(o *Observation) { last = *o }})
	for _, r := range reports {
		table.RTCP(clock(4), r.Dst, r.Src, "", receiverReport(1, block{ssrc: r.SSRC, highest: 1}))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r := reports[i%len(reports)]
		r.Interval = interval(i/len(reports), 1, 0)
		table.Report(r)
		if last.SSRC != r.SSRC || last.Call == "" {
			b.Fatalf("got %+v", last)
		}
		i++
	}
}

// TestObserveDoesNotAllocate: neither does telling of an interval, nor
// counting a message.
func TestObserveDoesNotAllocate(t *testing.T) {
	observed := 0
	table, reports := crowd(t, 1, Config{Observe: func(*Observation) { observed++ }})
	r := reports[0]
	table.RTCP(clock(4), r.Dst, r.Src, "", receiverReport(1, block{ssrc: r.SSRC, highest: 1}))
	s := table.media.streams[(&streamKey{src: r.Src, dst: r.Dst, ssrc: r.SSRC}).pack()]
	i := interval(1, 2, 3)
	if n := testing.AllocsPerRun(100, func() { table.media.observe(s, &i, false) }); n != 0 || observed < 100 {
		t.Errorf("%v allocations for an observation, %d seen", n, observed)
	}
	hop, m := messageToCount()
	if n := testing.AllocsPerRun(100, func() { table.sipCounts.message(&hop, table.media.plan, m) }); n != 0 {
		t.Errorf("%v allocations for a message counted", n)
	}
}

func messageToCount() (Hop, *sipparse.Message) {
	hop := Hop{Src: netip.MustParseAddrPort("192.0.2.1:5060"), Dst: netip.MustParseAddrPort("192.0.2.2:5060"), Transport: "udp"}
	return hop, &sipparse.Message{StatusCode: 200, CSeqMethod: "INVITE"}
}

func BenchmarkSIPCounts(b *testing.B) {
	n, plan := newSIPCounts(), sitePlan(b)
	for peer := range plan.Peers() {
		for _, status := range registeredStatuses {
			n.registered[status] = true
			for method := range methodNames {
				for transport := range 2 {
					n.add(sipKey(peer)<<32|sipKey(method)<<16|sipKey(status)<<4|sipKey(transport), 1)
				}
			}
		}
	}
	hop, m := messageToCount()
	b.ReportAllocs()
	for b.Loop() {
		n.message(&hop, plan, m)
	}
}

// BenchmarkSIPCountsCopy is what a snapshot costs: 1,000 kinds.
func BenchmarkSIPCountsCopy(b *testing.B) {
	n := newSIPCounts()
	for k := range sipKey(1000) {
		n.add(k/75<<32|k%75<<4, 1)
	}
	var dst []SIPCount
	b.ReportAllocs()
	for b.Loop() {
		if dst = n.appendTo(dst[:0]); len(dst) != 1000 {
			b.Fatalf("got %d", len(dst))
		}
	}
}
