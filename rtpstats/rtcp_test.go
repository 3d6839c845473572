package rtpstats

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// The parts that the tests build datagrams from.
var (
	rrPart = []byte{
		0x81, 0xc9, 0x00, 0x07, // V=2, RC=1, PT=201 RR, length 7: 32 octets
		0x00, 0x00, 0x00, 0x01, // sender's SSRC
		0x00, 0x00, 0x00, 0x02, // the block's SSRC
		0x40, 0xff, 0xff, 0xfe, // fraction lost 64/256, cumulative -2
		0x00, 0x01, 0x00, 0x0a, // extended highest sequence number: cycle 1, 10
		0x00, 0x00, 0x00, 0x28, // jitter 40
		0xb7, 0x05, 0x20, 0x00, // LSR
		0x00, 0x05, 0x40, 0x00, // DLSR 5.25 s
	}
	emptyRR  = []byte{0x80, 0xc9, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01} // RC=0, 8 octets
	sdesPart = []byte{
		0x81, 0xca, 0x00, 0x03, // SC=1, PT=202 SDES, 16 octets
		0x00, 0x00, 0x00, 0x01, // chunk's SSRC
		0x01, 0x04, 'a', '@', 'b', 'c', 0x00, 0x00, // CNAME, end and pad
	}
	byePart    = []byte{0x81, 0xcb, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01}                         // SC=1, PT=203
	pliPart    = []byte{0x81, 0xce, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02} // PSFB, FMT=1
	paddedBye  = []byte{0xa1, 0xcb, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x04} // P=1, 4 octets of padding
	srtcpTail  = []byte{0x80, 0x00, 0x00, 0x05, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}                  // E, index 5, tag of HMAC-SHA1-80
	ciphertext = []byte{0x3a, 0x51, 0xc2, 0x07, 0x99, 0xe0, 0x18, 0x6d, 0x3a, 0x51, 0xc2, 0x07, 0x99, 0xe0, 0x18, 0x6d, 0x3a, 0x51, 0xc2, 0x07, 0x99, 0xe0, 0x18, 0x6d}
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// withByte returns b with one octet changed.
func withByte(b []byte, at int, value byte) []byte {
	b = bytes.Clone(b)
	b[at] = value
	return b
}

func TestClassifyRTCP(t *testing.T) {
	compound := join(rrPart, sdesPart)
	encrypted := join(rrPart[:8], ciphertext, srtcpTail)
	tests := []struct {
		name    string
		b       []byte
		claimed int // 0: all of it
		want    RTCPKind
	}{
		{name: "compound", b: compound, want: RTCPCompound},
		{name: "three parts", b: join(rrPart, sdesPart, byePart), want: RTCPCompound},
		{name: "RR alone", b: emptyRR, want: RTCPCompound},
		{name: "reduced size BYE", b: byePart, want: RTCPReduced},
		{name: "reduced size PLI", b: pliPart, want: RTCPReduced},
		{name: "padding", b: join(rrPart, paddedBye), want: RTCPCompound},
		{name: "two stray zeros", b: join(compound, []byte{0, 0}), want: RTCPCompound},

		{name: "nothing"},
		{name: "too short", b: rrPart[:4]},
		{name: "version 1", b: withByte(compound, 0, 0x41)},
		{name: "RTP of payload type 73 with marker", b: withByte(rrPart, 3, 0x63)},
		{name: "unknown type", b: withByte(emptyRR, 1, 0xdf)},
		{name: "stray octets", b: join(compound, []byte{0, 1})},
		{name: "length beyond the end", b: withByte(emptyRR, 3, 2)},
		{name: "second part isn't RTCP", b: join(rrPart, []byte{0, 0, 0, 0, 0, 0, 0, 0})},
		{name: "second part beyond the end", b: join(rrPart, withByte(sdesPart, 3, 9))},

		{name: "cut in the first part", b: compound[:20], claimed: len(compound), want: RTCPCompound},
		{name: "cut in the second part", b: compound[:40], claimed: len(compound), want: RTCPCompound},
		{name: "cut in the second header", b: compound[:34], claimed: len(compound), want: RTCPCompound},
		{name: "cut, first part beyond the end", b: withByte(compound, 3, 40)[:20], claimed: len(compound)},
		{name: "cut, no room for the second part", b: rrPart[:20], claimed: len(rrPart) + 3},
		{name: "captured beyond the claim", b: join(emptyRR, []byte{9, 9, 9}), claimed: len(emptyRR), want: RTCPCompound},
		{name: "nonsense claim", b: emptyRR, claimed: -5},

		{name: "SRTCP", b: encrypted, want: RTCPEncrypted},
		{name: "SRTCP of a compound", b: join(rrPart[:8], ciphertext, ciphertext, srtcpTail), want: RTCPEncrypted},
		{name: "SRTCP with a tag of 4", b: join(rrPart[:8], ciphertext, srtcpTail[:8]), want: RTCPEncrypted},
		{name: "SRTCP with AES-GCM", b: join(rrPart[:8], ciphertext, make([]byte, 16), srtcpTail[:4]), want: RTCPEncrypted},
		{name: "SRTCP, E flag off", b: withByte(encrypted, len(encrypted)-14, 0)},
		{name: "SRTCP, wild index", b: withByte(encrypted, len(encrypted)-14, 0xc0)},
		{name: "SRTCP without room", b: join(rrPart[:8], srtcpTail[:4])},
		{name: "SRTCP, cut before the index", b: join(rrPart[:8], ciphertext, ciphertext)[:40], claimed: 70},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claimed := tt.claimed
			if claimed == 0 {
				claimed = len(tt.b)
			}
			if got := ClassifyRTCP(tt.b, claimed); got != tt.want {
				t.Errorf("kind: got %d, want %d", got, tt.want)
			}
			if got, want := LooksRTCP(tt.b, claimed), tt.want != NotRTCP; got != want {
				t.Errorf("LooksRTCP: got %v, want %v", got, want)
			}
			if got, want := IsSRTCP(tt.b, claimed), tt.want == RTCPEncrypted; got != want {
				t.Errorf("IsSRTCP: got %v, want %v", got, want)
			}
		})
	}
}

// FuzzRTCP: reading never fails hard, keeps within its bounds, and agrees with
// the classification.
func FuzzRTCP(f *testing.F) {
	f.Add(join(rrPart, sdesPart, paddedBye))
	f.Add(join(rrPart[:8], ciphertext, srtcpTail))
	f.Add(pliPart)
	f.Add(xrDatagram())
	f.Fuzz(func(t *testing.T, b []byte) {
		kind := ClassifyRTCP(b, len(b))
		pkts, damaged := ParseRTCP(b)
		switch {
		case len(pkts) > maxRTCPParts || len(pkts) > len(b)/rtcpHeaderLen:
			t.Fatalf("%d packets out of %d octets", len(pkts), len(b))
		case kind == RTCPEncrypted && (pkts != nil || damaged):
			t.Fatalf("read %v from ciphertext", pkts)
		case kind == NotRTCP && len(b) >= rtcpSSRCEnd && !damaged:
			t.Fatalf("read all of %v from what isn't RTCP", pkts)
		}
		for cut := range min(len(b), 64) {
			seen := ClassifyRTCP(b[:cut:cut], len(b))
			if cut >= rtcpSSRCEnd && (kind == RTCPCompound || kind == RTCPReduced) && seen != kind && len(b)%4 == 0 {
				t.Fatalf("cut to %d: kind %d, whole %d", cut, seen, kind)
			}
		}
		for _, p := range pkts {
			p.DestinationSSRC()
		}
	})
}

func TestClassifyRTCPDoesNotAllocate(t *testing.T) {
	b := join(rrPart, sdesPart)
	if n := testing.AllocsPerRun(100, func() { ClassifyRTCP(b, len(b)) }); n != 0 {
		t.Errorf("ClassifyRTCP allocates %v times, want 0", n)
	}
}

// manyParts is a datagram of n empty BYEs.
func manyParts(n int) []byte { return bytes.Repeat([]byte{0x80, 0xcb, 0x00, 0x00}, n) }

// manyBlocks is an extended report with n empty blocks of type 99.
func manyBlocks(n int) []byte {
	b := join([]byte{0x80, 0xcf, 0, 0, 0, 0, 0, 1}, bytes.Repeat([]byte{99, 0, 0, 0}, n))
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)/4-1))
	return b
}
