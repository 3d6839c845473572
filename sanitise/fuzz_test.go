package sanitise

import (
	"bytes"
	"testing"

	"earshot/capture"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// FuzzFrame: no frame makes the sanitiser panic, what comes out is decoded to the
// same kind of thing, and no 8 octets of a payload that is nobody's business
// come through.
func FuzzFrame(f *testing.F) {
	p := &planter{list: map[string][]byte{}}
	for _, frame := range plantPackets(p).frames {
		f.Add(frame.Data, uint16(1), uint16(0))
		f.Add(frame.Data[:len(frame.Data)*2/3], uint16(1), uint16(len(frame.Data)/3))
		f.Add(frame.Data[14:], uint16(101), uint16(0))
	}
	for _, link := range []uint16{0, 9, 51, 108, 113, 197, 276, 999} {
		f.Add(make([]byte, 64), link, uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, link, cut uint16) {
		var s testFrames
		s.addFrame(capture.Frame{Data: data, OrigLen: len(data) + int(cut), Link: capture.LinkType(link)})
		frames, _, summary := sanitised(t, &s, Options{})
		if len(frames) != 1 || summary.Packets != 1 {
			t.Fatalf("one frame became %d", len(frames))
		}
		before, was := decodeOne(&s.frames[0])
		after, is := decodeOne(&frames[0])
		if was != is {
			t.Fatalf("got %+v, want %+v", is, was)
		}
		if before == nil || !opaque(before, was) {
			return
		}
		for i := 0; i+8 <= len(before); i++ {
			if piece := before[i : i+8]; !uniform(piece) && bytes.Contains(frames[0].Data, piece) && !bytes.Contains(data[:len(data)-len(before)+i], piece) {
				t.Fatalf("octets %d to %d of %q came through: %q (%q)", i, i+8, before, piece, after)
			}
		}
	})
}

// outcome is what a frame decodes to.
type outcome struct {
	ok       bool
	protocol uint8
	srcPort  uint16
	dstPort  uint16
	kind     string
	cut      bool
}

func decodeOne(f *capture.Frame) (payload []byte, o outcome) {
	decoder := capture.NewDecoder(capture.DecoderConfig{})
	var dg capture.Datagram
	if o.ok = decoder.Decode(f, &dg); !o.ok {
		return nil, o
	}
	o.protocol, o.srcPort, o.dstPort, o.cut = dg.Protocol, dg.SrcPort, dg.DstPort, dg.Truncated
	o.kind = kindOf(&dg)
	return dg.Payload, o
}

// kindOf tells datagrams apart as the pipeline does.
func kindOf(dg *capture.Datagram) string {
	p := dg.Payload
	switch {
	case dg.Protocol != protocolUDP && !dg.Message:
		return "segment"
	case len(p) == 0:
		return "nothing"
	case p[0]>>6 == 2 && len(p) > 1 && isRTCPType(p[1]) && rtpstats.LooksRTCP(p, dg.Length):
		return "RTCP"
	case p[0]>>6 == 2 && len(p) > 1 && isRTCPType(p[1]):
		return "something in the range of RTP"
	}
	if _, ok := rtpstats.ReadHeader(p, dg.Length); ok {
		return "RTP"
	}
	switch first := p[0]; {
	case sipparse.Looks(p):
		return "SIP"
	case first < 4 && len(p) >= 20 && (be32(p[4:]) == stunCookie || len(p)%4 == 0):
		return "STUN"
	case first >= 16 && first < 20 && len(p) >= 8 && be32(p[4:]) == zrtpCookie:
		return "ZRTP"
	case first >= 20 && first < 64 && len(p) > 1 && p[1] == dtlsMajor:
		return "DTLS"
	case first >= 64 && first < 80 && len(p) >= 4 && len(p) >= 4+be16(p[2:]):
		return "TURN"
	case first>>6 == 2:
		return "something in the range of RTP"
	}
	return "something else"
}

// opaque reports whether nothing of a payload should come through.
func opaque(payload []byte, o outcome) bool {
	return o.kind == "something else" || o.kind == "something in the range of RTP" || o.kind == "segment" && !sipparse.Wants(payload)
}

// uniform reports whether all octets are one: zeros are zeros everywhere.
func uniform(b []byte) bool {
	for _, c := range b {
		if c != b[0] {
			return false
		}
	}
	return true
}
