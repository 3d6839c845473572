package alerting

import (
	"fmt"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// busy is an engine with the shipped rules and 20,000 streams of 10,000 calls
// that it knows already: 4,000 intervals a second, over two trunks, in both
// directions, one of fifty lossy.
func busy(tb testing.TB) (*Engine, []dialog.Observation) {
	rules, err := DefaultRules()
	if err != nil {
		tb.Fatal(err)
	}
	s := &scene{plan: site(tb)}
	e := New(Config{Rules: rules, Plan: s.plan, Emit: func(Change) {}})
	list := make([]dialog.Observation, 20_000)
	for i := range list {
		list[i] = *s.interval(0, i, trunkA+topology.SegmentID(i%2), func(o *dialog.Observation) {
			o.Call = fmt.Sprintf("call-%d", i/2)
			o.Direction = topology.ToPeer + topology.Direction(i/2%2)
			if i%50 == 0 {
				lossy(o)
			}
		})
	}
	for second := range 1000 { // until the longest window of intervals is full
		step(e, list, second)
	}
	return e, list
}

// step plays one second: a tick and a fifth of the streams.
func step(e *Engine, list []dialog.Observation, second int) {
	at := ns(second)
	e.Tick(at, Health{Packets: 1_000_000})
	fifth := len(list) / 5
	for i := second % 5 * fifth; i < (second%5+1)*fifth; i++ {
		o := &list[i]
		o.Start, o.End = at-5*int64(time.Second), at
		e.Observe(o)
	}
}

// BenchmarkSecond is one second of 10,000 calls with the shipped rules: ns/op
// divided by 10^9 is the part of one processor that rules cost.
func BenchmarkSecond(b *testing.B) {
	e, list := busy(b)
	second := 1000
	b.ReportAllocs()
	for b.Loop() {
		step(e, list, second)
		second++
	}
	if got := e.Stats(); got.Streams != len(list) || got.Observations != uint64(second)*uint64(len(list))/5 {
		b.Fatalf("%+v; want %d streams, all of their intervals", got, len(list))
	}
}

// In a steady state rules cost no allocation.
func TestNoAllocations(t *testing.T) {
	e, list := busy(t)
	second := 1000
	if n := testing.AllocsPerRun(20, func() { step(e, list, second); second++ }); n != 0 {
		t.Errorf("%g allocations in a second of 4,000 intervals, want none", n)
	}
}
