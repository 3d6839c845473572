package rtpstats

import (
	"encoding/binary"
	"testing"

	"github.com/pion/rtp"
)

func TestReadHeader(t *testing.T) {
	fixed := []byte{
		0x80, 0xe0, 0x12, 0x34, // V=2, M=1 PT=96, sequence number 4660
		0x00, 0x00, 0x0f, 0xa0, // timestamp 4000
		0xde, 0xad, 0xbe, 0xef, // SSRC
	}
	with := func(first byte, rest ...byte) []byte {
		b := append(append([]byte(nil), fixed...), rest...)
		b[0] = first
		return b
	}
	tests := []struct {
		name       string
		b          []byte
		claimed    int // 0: all of it
		ok         bool
		headerLen  uint16
		payloadLen uint16
		head       [2]uint8
	}{
		{name: "bare header", b: with(0x80), ok: true, headerLen: 12},
		{name: "one octet", b: with(0x80, 7), ok: true, headerLen: 12, payloadLen: 1, head: [2]uint8{7, 0}},
		{name: "payload", b: with(0x80, 7, 8, 9), ok: true, headerLen: 12, payloadLen: 3, head: [2]uint8{7, 8}},
		{name: "version 1", b: with(0x40, 7, 8)},
		{name: "too short", b: fixed[:11]},
		{name: "too short by claim", b: with(0x80), claimed: 11},

		{name: "two CSRCs", b: with(0x82, 0, 0, 0, 1, 0, 0, 0, 2, 7, 8), ok: true, headerLen: 20, payloadLen: 2, head: [2]uint8{7, 8}},
		{name: "CSRCs beyond the end", b: with(0x82, 0, 0, 0, 1)},

		// Profile 0xbede, one word of extension.
		{name: "extension", b: with(0x90, 0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0, 7, 8), ok: true, headerLen: 20, payloadLen: 2, head: [2]uint8{7, 8}},
		{name: "empty extension", b: with(0x90, 0xbe, 0xde, 0, 0, 7), ok: true, headerLen: 16, payloadLen: 1, head: [2]uint8{7, 0}},
		{name: "extension beyond the end", b: with(0x90, 0xbe, 0xde, 0, 2, 0x10, 0xff, 0, 0)},
		{name: "extension header beyond the end", b: with(0x90, 0xbe, 0xde)},

		{name: "padding", b: with(0xa0, 7, 8, 0, 2), ok: true, headerLen: 12, payloadLen: 2, head: [2]uint8{7, 8}},
		{name: "only padding", b: with(0xa0, 0, 0, 0, 4), ok: true, headerLen: 12},
		{name: "padding of none", b: with(0xa0, 7, 0)},
		{name: "padding beyond the payload", b: with(0xa0, 7, 3)},
		{name: "padding without payload", b: with(0xa0)},

		// Cut by a snap length: what is seen is checked, the claim gives the length.
		{name: "cut payload", b: with(0x80, 7), claimed: 172, ok: true, headerLen: 12, payloadLen: 160, head: [2]uint8{7, 0}},
		{name: "cut before the payload", b: with(0x80), claimed: 172, ok: true, headerLen: 12, payloadLen: 160},
		{name: "cut padding", b: with(0xa0, 7, 8), claimed: 172, ok: true, headerLen: 12, payloadLen: 160, head: [2]uint8{7, 8}},
		{name: "cut CSRC list", b: with(0x82, 0, 0), claimed: 180, ok: true, headerLen: 20, payloadLen: 160},
		{name: "cut extension", b: with(0x90, 0xbe, 0xde, 0, 1), claimed: 180, ok: true, headerLen: 20, payloadLen: 160},
		{name: "cut before the extension's length", b: with(0x90), claimed: 180, ok: true, headerLen: 12, payloadLen: 168},
		{name: "cut, CSRCs beyond the claim", b: with(0x8f), claimed: 60},
		{name: "cut, extension beyond the claim", b: with(0x90, 0xbe, 0xde, 1, 0), claimed: 180},

		// A claim shorter than the capture: what follows (Ethernet padding) isn't looked at.
		{name: "captured beyond the claim", b: with(0xa0, 7, 1, 9, 9), claimed: 14, ok: true, headerLen: 12, payloadLen: 1, head: [2]uint8{7, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claimed := tt.claimed
			if claimed == 0 {
				claimed = len(tt.b)
			}
			h, ok := ReadHeader(tt.b, claimed)
			if ok != tt.ok {
				t.Fatalf("ok: got %v, want %v", ok, tt.ok)
			}
			if !ok {
				return
			}
			want := Header{
				SSRC: 0xdeadbeef, Timestamp: 4000, Seq: 4660, MarkerPT: 0xe0,
				HeaderLen: tt.headerLen, PayloadLen: tt.payloadLen, Head: tt.head,
			}
			if h != want {
				t.Errorf("got %+v\nwant %+v", h, want)
			}
		})
	}
}

// FuzzHeader holds ReadHeader to pion/rtp on whole packets, and on any cut to
// reading no more than there is.
func FuzzHeader(f *testing.F) {
	f.Add([]byte("\x80\x00\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44payload"), 0)
	f.Add([]byte("\x91\x60\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44\x00\x00\x00\x09\xbe\xde\x00\x01\x10\xff\x00\x00payload"), 3)
	f.Add([]byte("\xa0\x08\x00\x01\x00\x00\x00\xa0\x11\x22\x33\x44pay\x00\x00\x00\x04"), 20)
	f.Fuzz(func(t *testing.T, b []byte, cut int) {
		if len(b) > 0xffff {
			return
		}
		h, ok := ReadHeader(b, len(b))
		compareWithPion(t, b, h, ok)
		if cut < 0 || cut > len(b) {
			return
		}
		c, cutOK := ReadHeader(b[:cut:cut], len(b))
		switch {
		case ok && cut >= fixedHeaderLen && !cutOK:
			t.Fatal("a cut made a good packet bad")
		case cutOK && int(c.HeaderLen)+int(c.PayloadLen) > len(b):
			t.Fatalf("header %d and payload %d exceed the packet's %d", c.HeaderLen, c.PayloadLen, len(b))
		case ok && cutOK && (c.Seq != h.Seq || c.Timestamp != h.Timestamp || c.SSRC != h.SSRC || c.MarkerPT != h.MarkerPT):
			t.Fatalf("cut to %d: got %+v, whole %+v", cut, c, h)
		}
	})
}

func compareWithPion(t *testing.T, b []byte, h Header, ok bool) {
	t.Helper()
	var p rtp.Packet
	if err := p.Unmarshal(b); err != nil || p.Version != 2 {
		// Pion also reads the elements of an extension, whose inner lengths
		// don't concern us; everything else that it refuses must be refused.
		if ok && p.Version == 2 && b[0]&extensionBit == 0 {
			t.Fatalf("got %+v for what pion refuses: %v", h, err)
		}
		return
	}
	if !ok {
		t.Fatalf("refused what pion reads as %+v", p.Header)
	}
	want := Header{
		SSRC: p.SSRC, Timestamp: p.Timestamp, Seq: p.SequenceNumber, MarkerPT: b[1],
		HeaderLen: uint16(len(b) - len(p.Payload) - int(p.PaddingSize)), PayloadLen: uint16(len(p.Payload)),
	}
	copy(want.Head[:], p.Payload)
	if h != want {
		t.Fatalf("got %+v\nwant %+v", h, want)
	}
	if binary.BigEndian.Uint16(b[2:]) != h.Seq {
		t.Fatalf("sequence number %d", h.Seq)
	}
}
