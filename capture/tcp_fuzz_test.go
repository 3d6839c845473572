package capture

import "testing"

// FuzzTCP reads its input as segments of one stream, five octets each: offset,
// length, flags, and the time since the one before. What comes out must be
// octets of the stream, in order and each once, and where some are missing it
// must say so.
func FuzzTCP(f *testing.F) {
	f.Add([]byte{0, 0, 50, 0, 1, 0, 50, 50, 0, 1, 0, 100, 9, 1, 1})
	f.Add([]byte{0, 50, 50, 0, 1, 0, 0, 60, 0, 1, 0, 20, 90, 0, 1})
	f.Add([]byte{0, 0, 10, 0, 1, 0, 30, 10, 0, 1, 0, 50, 10, 0, 255, 0, 70, 10, 0, 255})
	f.Add([]byte{0, 0, 10, 0, 1, 0, 30, 10, 0, 1, 0, 0, 0, 4, 0, 0, 40, 10, 0, 0})
	octets := make([]byte, 1<<16+256)
	for i := range octets {
		octets[i] = byte(i ^ i>>8*31)
	}
	f.Fuzz(func(t *testing.T, program []byte) {
		const limit = 600
		s := NewStreams(StreamsConfig{Segments: 6, DirectionBytes: 400, TotalBytes: limit, HoldFor: 1e9, IdleAfter: 20e9})
		key := flow{}
		at, next, last := testStart, -1, int64(0)
		emit := func(c Chunk) {
			if c.At < last {
				t.Fatalf("time goes back from %d to %d", last, c.At)
			}
			last = c.At
			if c.End {
				next = -1
				return
			}
			to := int(s.slab[s.index[key]].next) - 1000
			from := to - len(c.Data)
			if next >= 0 && (c.Gap && from <= next || !c.Gap && from != next) {
				t.Fatalf("octets %d to %d after %d, gap %v", from, to, next, c.Gap)
			}
			if string(c.Data) != string(octets[from:to]) {
				t.Fatalf("octets %d to %d differ", from, to)
			}
			next = to
		}
		for ; len(program) >= 5; program = program[5:] {
			offset := be16(program)
			dg := testSegment(0, offset, program[3]&^FlagSYN, string(octets[offset:offset+int(program[2])]))
			key = flow{dg.SrcAddr, dg.DstAddr, dg.SrcPort, dg.DstPort}
			at += int64(program[4]) * 1e7
			dg.At = at
			if program[3] == 0xff {
				s.Tick(at, emit)
			} else {
				s.Push(dg, emit)
			}
			if c := s.Counters(); c.HeldBytes > limit || c.Followed > 1 {
				t.Fatalf("%+v", c)
			}
		}
		s.Close(emit)
		if c := s.Counters(); c.HeldBytes != 0 || c.Followed != 0 || len(s.index) != 0 || s.lists[holes].count != 0 {
			t.Fatalf("after Close: %+v", c)
		}
	})
}
