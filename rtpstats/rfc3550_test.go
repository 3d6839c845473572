package rtpstats

import (
	"math"
	"math/rand"
	"slices"
	"testing"
)

// rfcSource is RFC 3550 appendix A as its pseudo-code has it: A.1 update_seq
// after probation, A.3 counts, A.8 in floating point.
type rfcSource struct {
	maxSeq            uint16
	cycles            uint32
	baseSeq, badSeq   uint32
	received          uint32
	transit, jitter   float64
	begun             bool
	restarts, dropped int
}

func (s *rfcSource) initSeq(seq uint16) {
	s.baseSeq = uint32(seq)
	s.maxSeq = seq
	s.badSeq = 1<<16 + 1
	s.cycles, s.received = 0, 0
}

func (s *rfcSource) updateSeq(seq uint16) bool {
	udelta := seq - s.maxSeq
	switch {
	case udelta < 3000:
		if seq < s.maxSeq {
			s.cycles += 1 << 16
		}
		s.maxSeq = seq
	case uint32(udelta) <= 1<<16-100:
		if uint32(seq) != s.badSeq {
			s.badSeq = uint32(seq+1) & (1<<16 - 1)
			s.dropped++
			return false
		}
		s.initSeq(seq)
		s.restarts++
	}
	s.received++
	return true
}

func (s *rfcSource) update(p *Packet, clock float64) {
	if !s.begun {
		s.initSeq(p.Seq)
	}
	if !s.updateSeq(p.Seq) {
		return
	}
	arrival := float64(p.At%1e15) * clock / 1e9 // timestamp units
	transit := arrival - float64(p.Timestamp)
	if s.begun {
		d := math.Mod(transit-s.transit, 1<<32)
		if d > 1<<31 {
			d -= 1 << 32
		}
		if d < -1<<31 {
			d += 1 << 32
		}
		s.jitter += (math.Abs(d) - s.jitter) / 16
	}
	s.transit = transit
	s.begun = true
}

func (s *rfcSource) expected() uint32 { return s.cycles + uint32(s.maxSeq) - s.baseSeq + 1 }

// network is a sent stream after loss, duplication and reordering, with what
// it did to it.
type network struct {
	packets          []Packet
	lost, duplicates uint64
}

// impair sends n packets with the given rates; neighbours are swapped, copies
// come right behind. The first and the last packets are left alone.
func impair(rng *rand.Rand, n int, loss, dup, swap float64) network {
	p := testPacket(uint16(rng.Uint32()))
	p.Timestamp = rng.Uint32()
	var out network
	for i := range n {
		p.At += 20e6 + rng.Int63n(4e6) - 2e6
		p.Seq++
		p.Timestamp += 160
		edge := i < 4 || i >= n-4
		switch {
		case !edge && rng.Float64() < loss:
			out.lost++
			continue
		case !edge && rng.Float64() < swap:
			last := &out.packets[len(out.packets)-1]
			q := *last
			*last = p
			last.At = q.At
			q.At = p.At
			out.packets = append(out.packets, q)
			continue
		}
		out.packets = append(out.packets, p)
		if rng.Float64() < dup {
			out.duplicates++
			q := p
			q.At += 1e6
			out.packets = append(out.packets, q)
		}
	}
	return out
}

// testPacket is a PCMU packet of a fixed source and destination.
func testPacket(seq uint16) Packet {
	p := Packet{At: 1_700_000_000e9, SSRC: 0x1234, Seq: seq, WireLen: 218, PayloadLen: 160, TTL: 64, TOS: 0xb8, SrcPort: 4000, DstPort: 4002}
	copy(p.Src[10:], []byte{0xff, 0xff, 192, 0, 2, 1})
	copy(p.Dst[10:], []byte{0xff, 0xff, 192, 0, 2, 2})
	return p
}

func TestAgainstRFC3550(t *testing.T) {
	rng := rand.New(rand.NewSource(3550))
	for round := range 200 {
		n := impair(rng, 100+rng.Intn(3000), 0.1*rng.Float64(), 0.05*rng.Float64(), 0.05*rng.Float64())
		final, intervals := run(t, Config{}, n.packets)
		if len(final) != 1 {
			t.Fatalf("round %d: got %d streams", round, len(final))
		}
		r := final[0]
		checkIntervals(t, &r, intervals[0])
		var ref rfcSource
		for i := range n.packets {
			ref.update(&n.packets[i], 8000)
		}
		if r.Expected != uint64(ref.expected()) || r.Packets != uint64(ref.received) ||
			r.CumulativeLost != int64(ref.expected())-int64(ref.received) {
			t.Errorf("round %d: expected %d packets %d, RFC 3550 A.3 %d and %d", round, r.Expected, r.Packets, ref.expected(), ref.received)
		}
		if r.Lost != n.lost || r.Duplicates != n.duplicates || r.Restarts != 0 || r.Strays != 0 {
			t.Errorf("round %d: lost %d duplicates %d restarts %d strays %d, sent with %d and %d", round, r.Lost, r.Duplicates, r.Restarts, r.Strays, n.lost, n.duplicates)
		}
		if want := ref.jitter / 8; !near(r.Jitter.Last, want, 1e-3) { // the reference works on absolute times
			t.Errorf("round %d: jitter %v, RFC 3550 A.8 %v", round, r.Jitter.Last, want)
		}
	}
}

// TestSequence holds the definitions where they go beyond RFC 3550 A.1.
func TestSequence(t *testing.T) {
	upTo := func(a, b int) (s []int) {
		for ; a <= b; a++ {
			s = append(s, a)
		}
		return s
	}
	join := func(parts ...[]int) (s []int) {
		for _, p := range parts {
			s = append(s, p...)
		}
		return s
	}
	tests := []struct {
		name                                       string
		seqs                                       []int
		expected, lost, dup, reorder, restart, odd uint64
	}{
		{"in order", upTo(10, 19), 10, 0, 0, 0, 0, 0},
		{"wrap", join(upTo(65530, 65535), upTo(0, 5)), 12, 0, 0, 0, 0, 0},
		{"wrap with the seam lost", join(upTo(65530, 65534), upTo(2, 5)), 12, 3, 0, 0, 0, 0},
		{"wrap reordered", join(upTo(65530, 65534), []int{0, 65535}, upTo(1, 5)), 12, 0, 0, 1, 0, 0},
		{"first packet overtaken", []int{11, 10, 12, 13, 14}, 5, 0, 0, 1, 0, 0},
		{"first packet overtaken at the wrap", []int{0, 65535, 1, 2, 3}, 5, 0, 0, 1, 0, 0},
		{"late arrival repairs", join(upTo(10, 14), upTo(16, 90), []int{15}), 81, 0, 0, 1, 0, 0},
		{"duplicate hides no loss", join(upTo(10, 14), []int{14, 14}, upTo(16, 20)), 11, 1, 2, 0, 0, 0},
		{"late duplicate is not reordered", join(upTo(10, 50), []int{20}, upTo(51, 60)), 51, 0, 1, 0, 0, 0},
		{"dropout of 2999", join(upTo(10, 20), upTo(3019, 3025)), 3016, 2998, 0, 0, 0, 0},
		{"dropout of 3000 is a jump", join(upTo(10, 20), upTo(3020, 3025)), 17, 0, 0, 0, 1, 0},
		{"misorder of 99", join(upTo(10, 20), upTo(22, 120), []int{21}), 111, 0, 0, 1, 0, 0},
		{"restart counts its first packet", join(upTo(10, 20), upTo(40000, 40009)), 21, 0, 0, 0, 1, 0},
		{"restart with loss behind the first", join(upTo(10, 20), []int{40000, 40002, 40003}), 15, 1, 0, 0, 1, 0},
		{"restart reordered", join(upTo(10, 20), []int{40001, 40000, 40002}), 14, 0, 0, 1, 1, 0},
		{"one stray", join(upTo(10, 20), []int{40000}, upTo(21, 30)), 21, 0, 0, 0, 0, 1},
		{"older than the beginning", join(upTo(1000, 1150), []int{995 + 60}, []int{999 + 60}, upTo(1151, 1160)), 161, 0, 2, 0, 0, 0},
		{"before the beginning, too late to count", join(upTo(1050, 1148), []int{1049}, upTo(1149, 1160)), 112, 0, 0, 1, 0, 0},
		{"before the beginning, far too late", join(upTo(1050, 1150), []int{1049}, upTo(1151, 1160)), 111, 0, 0, 0, 0, 1},
		{"an echo of the past is no restart", join(upTo(1000, 1299), []int{1000}, upTo(1300, 1303), []int{1001}, upTo(1304, 1307)), 308, 0, 0, 0, 0, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var ps []Packet
			for i, seq := range tt.seqs {
				p := testPacket(uint16(seq))
				p.At += int64(i) * 20e6
				p.Timestamp = uint32(i) * 160
				ps = append(ps, p)
			}
			final, intervals := run(t, Config{}, ps, pcmuHint())
			if len(final) != 1 {
				t.Fatalf("got %d streams", len(final))
			}
			r := final[0]
			checkIntervals(t, &r, intervals[0])
			if r.Packets != uint64(len(ps)) || r.Expected != tt.expected || r.Lost != tt.lost || r.Duplicates != tt.dup ||
				r.Reordered != tt.reorder || r.Restarts != tt.restart || r.Strays != tt.odd {
				t.Errorf("got expected %d lost %d dup %d reordered %d restarts %d strays %d, want %d %d %d %d %d %d", r.Expected, r.Lost,
					r.Duplicates, r.Reordered, r.Restarts, r.Strays, tt.expected, tt.lost, tt.dup, tt.reorder, tt.restart, tt.odd)
			}
			if n := r.LossRuns; tt.lost > 0 && n.Runs == 0 || tt.lost == 0 && n.Runs != 0 {
				t.Errorf("loss runs %+v with %d lost", n, tt.lost)
			}
		})
	}
}

// TestStartInAnyOrder: however the first packets are shuffled, the counts are
// those of the ordered stream.
func TestStartInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewSource(39))
	for round := range 100 {
		s := newScript(uint16(65536-rng.Intn(60))).send(300, 20, 8000)
		ps := slices.Delete(slices.Clone(s.ps), 40, 43)
		rng.Shuffle(30, func(i, j int) {
			ps[i], ps[j] = ps[j], ps[i]
			ps[i].At, ps[j].At = ps[j].At, ps[i].At
		})
		final, _ := run(t, Config{}, ps, pcmuHint())
		if r := final[0]; len(final) != 1 || r.Expected != 300 || r.Lost != 3 || r.Restarts != 0 || r.Duplicates != 0 {
			t.Fatalf("round %d: %d streams, expected %d lost %d restarts %d duplicates %d", round, len(final), r.Expected, r.Lost, r.Restarts, r.Duplicates)
		}
	}
}

// pcmuHint announces testPacket's destination for PCMU and telephone-events.
func pcmuHint() Hint {
	p := testPacket(0)
	return Hint{
		At: p.At, Endpoint: p.Destination(), Owner: 1, Kind: MediaAudio, PTimeMS: 20,
		Formats: []Format{{PayloadType: 0, Encoding: "PCMU", ClockRate: 8000}, {PayloadType: 101, Encoding: "telephone-event", ClockRate: 8000}},
	}
}
