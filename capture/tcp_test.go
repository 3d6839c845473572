package capture

import (
	"bytes"
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"earshot/capture/wire"
)

const testStart = int64(1_700_000_000_000_000_000)

// testSegment is a segment from 10.0.0.1:5060 to 10.0.0.2:5070 whose stream
// began with sequence number 1000, at an offset of that stream.
func testSegment(ms int, offset int, flags uint8, data string) *Datagram {
	return &Datagram{
		At:       testStart + int64(ms)*int64(time.Millisecond),
		SrcAddr:  netip.MustParseAddr("10.0.0.1").As16(),
		DstAddr:  netip.MustParseAddr("10.0.0.2").As16(),
		SrcPort:  5060,
		DstPort:  5070,
		Protocol: wire.ProtocolTCP,
		Seq:      uint32(1000 + offset),
		Flags:    flags,
		Length:   len(data),
		Payload:  []byte(data),
	}
}

// back turns a segment around.
func back(dg *Datagram) *Datagram {
	dg.SrcAddr, dg.DstAddr = dg.DstAddr, dg.SrcAddr
	dg.SrcPort, dg.DstPort = dg.DstPort, dg.SrcPort
	return dg
}

// cut is a segment of which the snap length left so many octets.
func cut(dg *Datagram, left int) *Datagram {
	dg.Payload = dg.Payload[:left]
	dg.Truncated = true
	return dg
}

func copied(dg *Datagram) *Datagram {
	dg.Copy = true
	return dg
}

// transcript writes chunks down: "time:data", "~" before data after a gap, "$"
// at the end, "<" in front for the other direction.
type transcript []string

func (tr *transcript) emit(c Chunk) {
	line := fmt.Sprintf("%d:", (c.At-testStart)/int64(time.Millisecond))
	if c.Src.Port() == 5070 {
		line = "<" + line
	}
	if c.Gap {
		line += "~"
	}
	line += string(c.Data)
	if c.End {
		line += "$"
	}
	*tr = append(*tr, line)
}

func TestStreams(t *testing.T) {
	type ticks int // a Tick at so many ms
	const fin, syn, rst, ack = FlagFIN, FlagSYN, FlagRST, 0x10
	segment := testSegment
	tests := []struct {
		name  string
		input []any
		want  []string
	}{
		{"a connection from its beginning to its end", []any{
			segment(0, -1, syn, ""), back(segment(1, -1, syn|ack, "")), segment(2, 0, ack, ""),
			segment(3, 0, ack, "INVITE"), back(segment(4, 0, ack, "SIP/2.0 200")),
			segment(5, 6, fin|ack, ""), back(segment(6, 11, fin|ack, "")),
		}, []string{"3:INVITE", "<4:SIP/2.0 200", "5:$", "<6:$"}},
		{"the middle of a connection", []any{segment(0, 500, ack, "BYE"), segment(1, 503, ack, " sip:")},
			[]string{"0:BYE", "1: sip:"}},
		{"out of order", []any{segment(0, -1, syn, ""), segment(1, 4, ack, "ef"), segment(2, 2, ack, "cd"), segment(3, 0, ack, "ab")},
			[]string{"3:ab", "3:cd", "3:ef"}},
		{"sent again", []any{segment(0, 0, ack, "ab"), segment(1, 0, ack, "ab"), segment(2, 0, ack, "abcd"), segment(3, 1, ack, "bcd")},
			[]string{"0:ab", "2:cd"}},
		{"overlapping while waiting", []any{segment(0, -1, syn, ""), segment(1, 3, ack, "DEF"), segment(2, 2, ack, "cdef"), segment(3, 5, ack, "fgh"), segment(4, 0, ack, "ab")},
			[]string{"4:ab", "4:cdef", "4:gh"}},
		{"a hole that stays open", []any{segment(0, 0, ack, "ab"), segment(10, 4, ack, "ef"), ticks(2010), ticks(2011), segment(2020, 6, ack, "gh")},
			[]string{"0:ab", "10:~ef", "2020:gh"}},
		{"a hole that another connection's time closes", []any{segment(0, 0, ack, "ab"), segment(10, 4, ack, "ef"), back(segment(2011, 0, ack, "SIP"))},
			[]string{"0:ab", "10:~ef", "<2011:SIP"}},
		{"a hole that old segments do not keep open", []any{segment(0, 0, ack, "ab"), segment(10, 4, ack, "ef"), segment(1500, 0, ack, "ab"), ticks(2011)},
			[]string{"0:ab", "10:~ef"}},
		{"one damaged time stamp closes no hole", []any{segment(0, 0, ack, "ab"), segment(10, 4, ack, "ef"), back(segment(999_999_999, 0, ack, "SIP")), segment(20, 2, ack, "cd")},
			[]string{"0:ab", "<999999999:SIP", "20:cd", "20:ef"}},
		{"two holes", []any{segment(0, 0, ack, "ab"), segment(10, 4, ack, "ef"), segment(20, 8, ack, "ij"), segment(30, 6, ack, "gh"), segment(40, 12, ack, "mn"), ticks(2041), ticks(9000)},
			[]string{"0:ab", "10:~ef", "30:gh", "30:ij", "40:~mn"}},
		{"holes for more segments than are held", []any{segment(0, 0, ack, "a"), segment(1, 2, ack, "c"), segment(2, 4, ack, "e"), segment(3, 6, ack, "g"), segment(4, 8, ack, "i"), segment(5, 9, ack, "j")},
			[]string{"0:a", "1:~c"}},
		{"end with octets missing", []any{segment(0, 0, ack, "ab"), segment(1, 4, fin|ack, "ef"), segment(2, 2, ack, "cd")},
			[]string{"0:ab", "2:cd", "2:ef", "2:$"}},
		{"reset with octets waiting", []any{segment(0, 0, ack, "ab"), back(segment(1, 0, ack, "xy")), segment(2, 4, ack, "ef"), back(segment(3, 2, rst, ""))},
			[]string{"0:ab", "<1:xy", "<3:$", "2:~ef", "3:$"}},
		{"nothing after the end", []any{segment(0, 0, ack, "ab"), segment(1, 2, fin|ack, "c"), segment(2, 0, ack, "abc"), segment(3, 2, fin|ack, "c")},
			[]string{"0:ab", "1:c", "1:$"}},
		{"the same ports again, with a SYN", []any{segment(0, 0, ack, "ab"), segment(1, 900_000, syn, ""), segment(2, 900_001, ack, "cd")},
			[]string{"0:ab", "1:$", "2:cd"}},
		{"the same ports again, the SYN lost", []any{segment(0, 0, ack, "ab"), segment(1, 900_000_000, ack, "cd")},
			[]string{"0:ab", "1:$", "1:cd"}},
		{"a SYN again", []any{segment(0, -1, syn, ""), segment(1, -1, syn, ""), segment(2, 0, ack, "ab"), segment(3, -1, syn, ""), segment(4, 2, ack, "cd")},
			[]string{"2:ab", "4:cd"}},
		{"a SYN with data", []any{segment(0, -1, syn, "ab"), segment(1, 2, ack, "cd")}, []string{"0:ab", "1:cd"}},
		{"cut by the snap length", []any{cut(segment(0, 0, ack, "abcdef"), 2), segment(1, 6, ack, "gh")}, []string{"0:ab", "1:~gh"}},
		{"a keep-alive probe", []any{segment(0, 0, ack, "ab"), segment(1, 1, ack, "?"), segment(2, 2, ack, "cd")}, []string{"0:ab", "2:cd"}},
		{"a copy that the capture made", []any{segment(0, 2, ack, "ab"), copied(segment(0, 0, ack, "zz"))}, []string{"0:ab"}},
		{"time that goes back", []any{segment(5, 0, ack, "ab"), segment(3, 2, ack, "cd")}, []string{"5:ab", "5:cd"}},
		{"idle", []any{segment(0, 0, ack, "ab"), ticks(60_000), ticks(60_001), segment(60_002, 2, ack, "cd")}, []string{"0:ab", "60001:$", "60002:cd"}},
		{"unwanted", []any{segment(0, -1, syn, ""), segment(1, 0, ack, "\x16\x03\x01"), segment(2, 3, ack, "\x17")}, nil},
		{"wanted behind a hole", []any{segment(0, -1, syn, ""), segment(1, 1, ack, "\x17"), segment(2, 4, ack, "INVITE"), segment(3, 10, fin|ack, ""), ticks(2002), ticks(4100)},
			[]string{"2:~INVITE", "3:$"}},
		{"wanted after all", []any{segment(0, -1, syn, ""), segment(1, 0, ack, "\x16\x03\x01"), segment(2, 3, ack, "INVITE")}, []string{"2:INVITE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewStreams(StreamsConfig{
				Want:      func(first []byte) bool { return first[0] > 0x20 },
				Segments:  4,
				HoldFor:   2e9,
				IdleAfter: 60e9,
			})
			var got transcript
			for _, in := range tt.input {
				switch in := in.(type) {
				case *Datagram:
					s.Push(in, got.emit)
				case ticks:
					s.Tick(testStart+int64(in)*int64(time.Millisecond), got.emit)
				}
			}
			if !slices.Equal(got, transcript(tt.want)) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Property: however a stream is cut into segments, shuffled, repeated and
// overlapped, its octets come out in order and once.
func TestStreamsShuffled(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for n := range 300 {
		octets := make([]byte, 1+random.Intn(5000))
		random.Read(octets)
		base := random.Uint32() // wraps now and then
		if n%3 == 0 {
			base = -uint32(random.Intn(5000))
		}
		var segments []*Datagram
		add := func(from, to int) {
			dg := testSegment(0, 0, 0x10, string(octets[from:to]))
			dg.Seq = base + uint32(from)
			if to == len(octets) && random.Intn(2) == 0 {
				dg.Flags |= FlagFIN
			}
			segments = append(segments, dg)
		}
		for from := 0; from < len(octets); {
			to := min(from+1+random.Intn(400), len(octets))
			add(from, to)
			from = to
		}
		for range random.Intn(10) {
			from := random.Intn(len(octets))
			add(from, from+1+random.Intn(len(octets)-from))
		}
		random.Shuffle(len(segments), func(i, j int) { segments[i], segments[j] = segments[j], segments[i] })
		last := testSegment(0, 0, FlagFIN|0x10, "")
		last.Seq = base + uint32(len(octets))
		segments = append(segments, last)

		s := NewStreams(StreamsConfig{Segments: 10_000})
		var got []byte
		ends := 0
		emit := func(c Chunk) {
			if c.Gap {
				t.Errorf("stream %d: a gap", n)
			}
			if c.End {
				ends++
			}
			got = append(got, c.Data...)
		}
		syn := testSegment(0, 0, FlagSYN, "")
		syn.Seq = base - 1
		s.Push(syn, emit)
		for _, dg := range segments {
			s.Push(dg, emit)
		}
		if !bytes.Equal(got, octets) || ends != 1 {
			t.Fatalf("stream %d: got %d octets and %d ends, want %d and 1", n, len(got), ends, len(octets))
		}
		if c := s.Counters(); c.HeldBytes != 0 || c.Gaps != 0 {
			t.Errorf("stream %d: got %+v", n, c)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	s := NewStreams(StreamsConfig{Directions: 10, Opening: 5, DirectionBytes: 1000, TotalBytes: 3000})
	ends := 0
	emit := func(c Chunk) {
		if c.End {
			ends++
		}
	}
	for port := range uint16(100) {
		syn := testSegment(0, -1, FlagSYN, "")
		syn.SrcPort = port
		s.Push(syn, emit)
	}
	if c := s.Counters(); c.Evicted != 95 || ends != 0 || len(s.index) != 5 {
		t.Errorf("SYN flood: got %+v, %d ends, %d entries", c, ends, len(s.index))
	}
	for port := range uint16(100) {
		first, late := testSegment(1, 0, 0, "a"), testSegment(1, 2, 0, string(make([]byte, 400)))
		first.SrcPort, late.SrcPort = 1000+port, 1000+port
		s.Push(first, emit)
		for range 5 {
			s.Push(late, emit)
			late.Seq += 500
			if s.held > 3000 {
				t.Fatalf("got %d octets held, want at most 3000", s.held)
			}
		}
	}
	if c := s.Counters(); c.Followed != 10 || ends != 90 || len(s.index) != 15 || c.Overflows == 0 {
		t.Errorf("got %+v, %d ends, %d entries", c, ends, len(s.index))
	}
	s.Close(emit)
	if c := s.Counters(); c.Followed != 0 || c.HeldBytes != 0 || ends != 100 || len(s.index) != 0 {
		t.Errorf("after Close: got %+v, %d ends", c, ends)
	}
}

// What nobody wants leaves nothing behind.
func TestUnwantedStreamsCostNothing(t *testing.T) {
	s := NewStreams(StreamsConfig{Want: func([]byte) bool { return false }})
	dg := testSegment(0, 0, 0x10, "GET / HTTP/1.1\r\n")
	allocs := testing.AllocsPerRun(1000, func() {
		dg.SrcPort++
		s.Push(dg, nil)
	})
	if allocs != 0 || len(s.slab) != 0 || s.Counters().Unwanted != 1001 {
		t.Errorf("got %v allocations, %d directions, %+v", allocs, len(s.slab), s.Counters())
	}
}
