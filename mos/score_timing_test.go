package mos

import "testing"

func TestScoreDoesNotAllocate(t *testing.T) {
	in := Input{Codec: DefaultCodecs().Rows()[0], Ppl: 3, BurstR: 2, Ta: 180}
	if n := testing.AllocsPerRun(100, func() { LQ(in); CQ(in) }); n != 0 {
		t.Errorf("LQ and CQ allocate %v times, want 0", n)
	}
}

func BenchmarkLQ(b *testing.B) {
	in := Input{Codec: DefaultCodecs().Rows()[0], Ppl: 5, BurstR: 2}
	b.ReportAllocs()
	for b.Loop() {
		if s := LQ(in); s.MOS < 3.86 || s.MOS > 3.87 {
			b.Fatalf("MOS %v, want 3.864123", s.MOS)
		}
	}
}

func BenchmarkCQ(b *testing.B) {
	in := Input{Codec: DefaultCodecs().Rows()[0], Ppl: 1, BurstR: 1, Ta: 200}
	b.ReportAllocs()
	for b.Loop() {
		if s := CQ(in); s.MOS < 4.24 || s.MOS > 4.25 {
			b.Fatalf("MOS %v, want 4.244768", s.MOS)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	table := DefaultCodecs()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := table.Lookup(Query{Encoding: "opus", ClockRate: 48000, Kbps: 30, Bandwidth: "SWB", FrameType: -1}); err != nil {
			b.Fatal(err)
		}
	}
}
