package rtpstats

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pion/rtcp"
)

func TestParseRTCP(t *testing.T) {
	rr := &rtcp.ReceiverReport{
		SSRC: 1,
		Reports: []rtcp.ReceptionReport{{
			SSRC: 2, FractionLost: 64, TotalLost: 0xfffffe, LastSequenceNumber: 65546,
			Jitter: 40, LastSenderReport: 0xb7052000, Delay: 0x54000,
		}},
		ProfileExtensions: []byte{},
	}
	sdes := &rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{
		Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "a@bc"}},
	}}}
	bye := &rtcp.Goodbye{Sources: []uint32{1}}
	longSDES := withByte(join(sdesPart, make([]byte, 8)), 3, 5) // two words of zeros too many
	tests := []struct {
		name    string
		b       []byte
		want    []rtcp.Packet
		damaged bool
	}{
		{name: "nothing"},
		{name: "compound", b: join(rrPart, sdesPart, byePart), want: []rtcp.Packet{rr, sdes, bye}},
		{name: "padding", b: join(rrPart, paddedBye), want: []rtcp.Packet{rr, bye}},
		{name: "stray zeros", b: join(rrPart, sdesPart, []byte{0, 0}), want: []rtcp.Packet{rr, sdes}},
		{name: "too many zeros in SDES", b: join(rrPart, longSDES), want: []rtcp.Packet{rr, sdes}},
		{name: "SRTCP", b: join(rrPart[:8], ciphertext, srtcpTail)},

		// RC says two blocks, there is one: the SDES behind is good.
		{name: "bad part in between", b: join(withByte(rrPart, 0, 0x82), sdesPart), want: []rtcp.Packet{sdes}, damaged: true},
		{name: "noise after a part", b: join(sdesPart, rrPart, []byte{9, 9, 9, 9}), want: []rtcp.Packet{sdes}, damaged: true},
		{name: "cut in the second part", b: join(rrPart, sdesPart[:10]), want: []rtcp.Packet{rr}, damaged: true},
		{name: "noise", b: []byte{1, 2, 3, 4, 5, 6, 7, 8}, damaged: true},
		{name: "padding of 3", b: withByte(paddedBye, 11, 3), want: []rtcp.Packet{&rtcp.Goodbye{Sources: []uint32{1}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, damaged := ParseRTCP(tt.b)
			if damaged != tt.damaged {
				t.Errorf("damaged: got %v, want %v", damaged, tt.damaged)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("packets (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRTCPIsBounded(t *testing.T) {
	if pkts, damaged := ParseRTCP(manyParts(maxRTCPParts)); len(pkts) != maxRTCPParts || damaged {
		t.Errorf("%d parts: got %d, damaged %v", maxRTCPParts, len(pkts), damaged)
	}
	if pkts, damaged := ParseRTCP(manyParts(16000)); len(pkts) != maxRTCPParts || !damaged {
		t.Errorf("16000 parts: got %d, damaged %v; want %d and damage", len(pkts), damaged, maxRTCPParts)
	}
	if pkts, damaged := ParseRTCP(manyBlocks(maxXRBlocks)); len(pkts) != 1 || damaged {
		t.Errorf("%d blocks: got %d packets, damaged %v", maxXRBlocks, len(pkts), damaged)
	}
	if pkts, damaged := ParseRTCP(manyBlocks(maxXRBlocks + 1)); len(pkts) != 0 || !damaged {
		t.Errorf("%d blocks: got %d packets, damaged %v; want damage", maxXRBlocks+1, len(pkts), damaged)
	}
}

func TestReportBlock(t *testing.T) {
	tests := []struct {
		wire uint32 // 24 bits
		want int32
	}{
		{0, 0}, {1, 1}, {0x7fffff, 8388607}, {0x800000, -8388608}, {0xffffff, -1}, {0xfffffe, -2},
	}
	for _, tt := range tests {
		if got := CumulativeLost(&rtcp.ReceptionReport{TotalLost: tt.wire}); got != tt.want {
			t.Errorf("cumulative lost %#x: got %d, want %d", tt.wire, got, tt.want)
		}
	}
	if got := FractionLost(&rtcp.ReceptionReport{FractionLost: 64}); got != 0.25 {
		t.Errorf("fraction lost 64: got %v, want 0.25", got)
	}
}
