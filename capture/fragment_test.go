package capture

import (
	"bytes"
	"math/rand"
	"slices"
	"testing"
	"time"

	"earshot/capture/wire"
)

// testDatagram is a UDP datagram with a payload in which every octet tells its place.
func testDatagram(octets int) (udp, payload []byte) {
	payload = make([]byte, octets)
	for i := range payload {
		payload[i] = byte(i ^ i>>8)
	}
	return testUDP(5060, 5062, payload), payload
}

// part is the octets of a datagram that a fragment holds.
type part struct{ from, to int }

func fragment4(id uint16, udp []byte, p part) *Frame {
	return testFrame(LinkEthernet, testEthernet(wire.EtherIPv4,
		testIPv4Fragment(id, p.from, p.to < len(udp), wire.ProtocolUDP, udp[p.from:p.to])))
}

func fragment6(id uint32, udp []byte, p part) *Frame {
	offset := uint16(p.from)
	if p.to < len(udp) {
		offset |= 1
	}
	return testFrame(LinkEthernet, testEthernet(wire.EtherIPv6,
		testIPv6(wire.ProtocolFragment, bytesOf(wire.ProtocolUDP, 0, offset, id, udp[p.from:p.to]))))
}

func TestFragments(t *testing.T) {
	const size = 3000 // with the UDP header
	tests := []struct {
		name      string
		pieces    []part
		duplicate uint64
		refused   uint64
	}{
		{"in order", []part{{0, 1480}, {1480, 2960}, {2960, size}}, 0, 0},
		{"the last first", []part{{2960, size}, {1480, 2960}, {0, 1480}}, 0, 0},
		{"the middle last", []part{{0, 1480}, {2960, size}, {1480, 2960}}, 0, 0},
		{"one of them twice", []part{{0, 1480}, {0, 1480}, {1480, 2960}, {2960, size}}, 1, 0},
		{"overlapping", []part{{0, 1480}, {800, 2400}, {2000, 2960}, {2960, size}}, 0, 0},
		{"one bridges two", []part{{0, 800}, {1600, 2400}, {400, 2000}, {2400, size}}, 0, 0},
		{"one inside another", []part{{0, 1480}, {160, 320}, {1480, size}}, 1, 0},
		{"all of it covered before its end is known", []part{{0, 2992}, {1480, size}}, 0, 0},
		{"one that goes past the end", []part{{0, 1480}, {2960, size}, {1480, 3008}, {1480, 2960}}, 0, 1},
	}
	frames := map[string]func(id uint32, udp []byte, p part) *Frame{
		"IPv4": func(id uint32, udp []byte, p part) *Frame { return fragment4(uint16(id), udp, p) },
		"IPv6": fragment6,
	}
	for version, frame := range frames {
		for _, tt := range tests {
			t.Run(version+", "+tt.name, func(t *testing.T) {
				udp, payload := testDatagram(size - 8)
				d := NewDecoder(DecoderConfig{})
				var dg Datagram
				wireLen := 0
				for i, p := range tt.pieces {
					whole := udp
					if p.to > size {
						whole = append(slices.Clone(udp), make([]byte, 16)...)
					}
					f := frame(7, whole, p)
					f.At += int64(i) * 1e6
					got := d.Decode(f, &dg)
					if got != (i == len(tt.pieces)-1) {
						t.Fatalf("fragment %d: got %v", i, got)
					}
					wireLen += f.OrigLen + 4
					if got && dg.At != f.At {
						t.Errorf("got time %d, want that of the last fragment", dg.At)
					}
				}
				if !bytes.Equal(dg.Payload, payload) || dg.Length != len(payload) || !dg.Fragmented || dg.Truncated {
					t.Errorf("got %d octets, want %d; %+v", len(dg.Payload), len(payload), dg.Length)
				}
				if dg.SrcPort != 5060 || dg.TOS != 0xb8 {
					t.Errorf("got %+v", dg)
				}
				c := d.Counters()
				if c.Passed[PassedFragmentDuplicate] != tt.duplicate || c.Passed[PassedFragmentRefused] != tt.refused {
					t.Errorf("got %v", c.Passed)
				}
				if c.Fragments.Reassembled != 1 || c.Fragments.Pending != 0 {
					t.Errorf("got %+v", c.Fragments)
				}
				if tt.duplicate+tt.refused == 0 && dg.WireLen != wireLen {
					t.Errorf("got %d octets on the wire, want %d", dg.WireLen, wireLen)
				}
			})
		}
	}
}

// What overlaps with something that came before does not change it.
func TestFirstFragmentWins(t *testing.T) {
	udp, payload := testDatagram(1592)
	forged := bytes.Repeat([]byte{0xff}, len(udp))
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	d.Decode(fragment4(1, udp, part{800, 1200}), &dg)
	d.Decode(fragment4(1, forged, part{792, 1208}), &dg)
	d.Decode(fragment4(1, udp, part{0, 800}), &dg)
	if !d.Decode(fragment4(1, udp, part{1200, 1600}), &dg) {
		t.Fatalf("not whole: %+v", d.Counters())
	}
	want := slices.Clone(payload)
	copy(want[792-8:], forged[792:800])
	copy(want[1200-8:], forged[1200:1208])
	if !bytes.Equal(dg.Payload, want) {
		t.Error("the later fragment changed what the earlier brought")
	}
}

// Property: however a datagram is cut up, shuffled and repeated, it comes out
// once and whole.
func TestFragmentsShuffled(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	d := NewDecoder(DecoderConfig{})
	for n := range 300 {
		udp, payload := testDatagram(8 + random.Intn(20000))
		var pieces []part
		for from := 0; from < len(udp); {
			to := min(from+8*(1+random.Intn(300)), len(udp))
			pieces = append(pieces, part{from, to})
			from = to
		}
		if len(pieces) > fragmentIslands || len(pieces) < 2 {
			continue
		}
		for range random.Intn(4) {
			pieces = append(pieces, pieces[random.Intn(len(pieces))])
		}
		random.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		whole := 0
		for _, p := range pieces {
			f := fragment4(uint16(n), udp, p)
			var dg Datagram
			if d.Decode(f, &dg) {
				whole++
				if !bytes.Equal(dg.Payload, payload) {
					t.Fatalf("datagram %d: got %d octets that differ from %d", n, len(dg.Payload), len(payload))
				}
			}
		}
		if whole != 1 {
			t.Fatalf("datagram %d came out %d times of %v", n, whole, pieces)
		}
	}
}

// A datagram whose first fragment alone was captured gives nothing, in bounded
// time and memory.
func TestFragmentsThatStayAlone(t *testing.T) {
	udp, _ := testDatagram(3000)
	d := NewDecoder(DecoderConfig{FragmentSets: 10})
	var dg Datagram
	for id := range 25 {
		f := fragment4(uint16(id), udp, part{0, 1480})
		f.At += int64(id)
		if d.Decode(f, &dg) {
			t.Fatalf("decoded %+v", dg)
		}
	}
	want := FragmentCounters{Evicted: 15, Pending: 10}
	if got := d.Counters().Fragments; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// Years later: the first fragment takes a place, and the second the time.
	for _, p := range []part{{0, 1480}, {1480, 3008}} {
		f := fragment4(100, udp, p)
		f.At += int64(10 * 365 * 24 * time.Hour)
		if got := d.Decode(f, &dg); got != (p.from > 0) {
			t.Errorf("fragment from %d: got %v", p.from, got)
		}
	}
	want = FragmentCounters{Evicted: 16, TimedOut: 9, Reassembled: 1}
	if got := d.Counters().Fragments; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFragmentBytesAreBounded(t *testing.T) {
	const limit = 256 << 10
	udp, _ := testDatagram(60000)
	d := NewDecoder(DecoderConfig{FragmentBytes: limit})
	var dg Datagram
	for id := range 100 {
		d.Decode(fragment4(uint16(id), udp, part{48000, 49480}), &dg)
		if d.fragments.held > limit {
			t.Fatalf("got %d octets held, want at most %d", d.fragments.held, limit)
		}
	}
	c := d.Counters().Fragments
	if c.Pending != 4 || c.Evicted != 96 { // 64 KiB each
		t.Errorf("got %+v", c)
	}
}

// The identification comes again as soon as a host has sent 65,536 datagrams.
func TestIdentificationIsUsedAgain(t *testing.T) {
	udp, payload := testDatagram(2000)
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	for round := range int64(3) {
		var got []byte
		for _, p := range []part{{0, 1480}, {0, 1480}, {1480, 2008}, {1480, 2008}} {
			f := fragment4(9, udp, p)
			f.At += round * int64(time.Second)
			if d.Decode(f, &dg) {
				got = slices.Clone(dg.Payload)
			}
		}
		if !bytes.Equal(got, payload) {
			t.Errorf("round %d: got %d octets, want %d", round, len(got), len(payload))
		}
	}
	c := d.Counters()
	if c.Fragments.Reassembled != 3 || c.Passed[PassedFragmentDuplicate] != 6 || c.Fragments.Pending != 0 {
		t.Errorf("got %+v", c)
	}
}

// A snap length cuts fragments too: what lies before the first cut is given.
func TestFragmentsCutBySnapLength(t *testing.T) {
	udp, payload := testDatagram(2992)
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	for _, p := range []part{{1480, 2960}, {0, 1480}} {
		f := fragment4(3, udp, p)
		f.Data = f.Data[:14+20+96]
		d.Decode(f, &dg)
	}
	if !d.Decode(fragment4(3, udp, part{2960, 3000}), &dg) {
		t.Fatal("not whole")
	}
	if !dg.Truncated || dg.Length != len(payload) || !bytes.Equal(dg.Payload, payload[:96-8]) {
		t.Errorf("got %d octets of %d", len(dg.Payload), dg.Length)
	}
}

// VXLAN between hosts with the same MTU fragments outside; a large SIP message
// may be fragmented inside as well.
func TestFragmentsInsideFragments(t *testing.T) {
	udp, payload := testDatagram(2992)
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	var got []byte
	id := uint16(100)
	for _, inner := range []part{{0, 1480}, {1480, 2960}, {2960, 3000}} {
		frame := fragment4(3, udp, inner).Data
		outer := testUDP(40000, wire.PortVXLAN, bytesOf(uint32(0x08000000), uint32(42<<8), frame))
		id++
		for _, p := range []part{{len(outer) / 16 * 8, len(outer)}, {0, len(outer) / 16 * 8}} {
			if d.Decode(fragment4(id, outer, p), &dg) {
				got = slices.Clone(dg.Payload)
			}
		}
	}
	if !bytes.Equal(got, payload) {
		t.Errorf("got %d octets, want %d", len(got), len(payload))
	}
	if c := d.Counters().Fragments; c.Reassembled != 4 || c.Pending != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestFragmentsDoNotAllocateForLong(t *testing.T) {
	udp, _ := testDatagram(2992)
	d := NewDecoder(DecoderConfig{})
	first, last := fragment4(1, udp, part{0, 1480}), fragment4(1, udp, part{1480, 3000})
	var dg Datagram
	allocs := testing.AllocsPerRun(1000, func() {
		first.At += 1e9
		last.At += 1e9
		d.Decode(first, &dg)
		if !d.Decode(last, &dg) {
			t.Fatal("not whole")
		}
	})
	if allocs != 0 {
		t.Errorf("got %v allocations for a datagram, want 0", allocs)
	}
}
