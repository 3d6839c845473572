package alerting

import (
	"fmt"
	"testing"

	"earshot/dialog"
	"earshot/topology"
)

// busyWatch is a watch with the shipped rules, and 20,000 streams of 10,000 calls
// that it knows already: 4,000 intervals a second over two trunks, in both
// directions. What comes in over one of them is lossy where faulty says so.
func busyWatch(tb testing.TB, faulty bool) (*Watch, []dialog.Observation) {
	rules, err := DefaultRules()
	if err != nil {
		tb.Fatal(err)
	}
	s := &scene{plan: site(tb)}
	w := NewWatch(WatchConfig{Rules: rules, Plan: s.plan})
	list := make([]dialog.Observation, 20_000)
	for i := range list {
		list[i] = *s.interval(0, i, trunkA+topology.SegmentID(i/2%2), func(o *dialog.Observation) {
			o.Call = fmt.Sprintf("call-%d", i/2)
			o.Speaker = dialog.SpeakerCaller + dialog.Speaker(i%2)
			o.Direction = topology.ToPeer + topology.Direction(i%2)
			if faulty && i%4 == 3 {
				lossy(o)
			}
		})
	}
	for second := range 700 { // until most windows are full
		stepWatch(w, list, second)
	}
	return w, list
}

func stepWatch(w *Watch, list []dialog.Observation, second int) {
	at := ns(second)
	w.Tick(at, Health{Packets: 1_000_000})
	fifth := len(list) / 5
	for i := second % 5 * fifth; i < (second%5+1)*fifth; i++ {
		o := &list[i]
		o.Start, o.End = at-5e9, at
		w.Observe(o)
	}
}

// BenchmarkWatchSecond is one second of 10,000 calls with the shipped rules and
// the locator: ns/op divided by 10^9 is the part of one processor that they cost.
func BenchmarkWatchSecond(b *testing.B) {
	for name, faulty := range map[string]bool{"quiet": false, "fault": true} {
		b.Run(name, func(b *testing.B) {
			w, list := busyWatch(b, faulty)
			second := 700
			b.ReportAllocs()
			for b.Loop() {
				stepWatch(w, list, second)
				second++
			}
			if n := len(w.Faults()); n != 0 != faulty || n > 1 || w.Stats().Units < len(list) {
				b.Fatalf("%d faults, %+v; want one fault if faulty, and all units", n, w.Stats())
			}
		})
	}
}

// In a steady state without faults rules and locator cost no allocation.
func TestWatchNoAllocations(t *testing.T) {
	w, list := busyWatch(t, false)
	second := 700
	if n := testing.AllocsPerRun(20, func() { stepWatch(w, list, second); second++ }); n != 0 {
		t.Errorf("%g allocations in a second of 4,000 intervals, want none", n)
	}
}
