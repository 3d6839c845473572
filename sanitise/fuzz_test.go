package sanitise

import (
	"bytes"
	"testing"

	"earshot/capture"
	"earshot/capture/wire"
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
	case dg.Protocol != wire.ProtocolUDP && !dg.Message:
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

// FuzzSequence: whatever comes over several frames, as segments of TCP and as
// fragments, in any order: nothing panics, every frame comes out, and its
// headers are sound. The octets of steps say where each piece begins, how long it
// is, and which kind it has.
func FuzzSequence(f *testing.F) {
	message := streamMessage(1, 100)
	f.Add(message, []byte{0, 200, 0, 200, 255, 0})
	f.Add(cat([]byte("\r\n\r\n"), message, message), []byte{0, 90, 0, 45, 255, 0, 250, 255, 0})
	f.Add(testUDP(5060, 5060, message), []byte{0, 128, 1, 16, 255, 2})
	f.Add(cat([]byte("GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"), []byte{0x81, 126, 1, 0}, message), []byte{0, 255, 0, 255, 255, 0})
	f.Fuzz(func(t *testing.T, octets, steps []byte) {
		var s testFrames
		for ; len(steps) >= 3 && len(s.frames) < 200; steps = steps[3:] {
			from := min(int(steps[0]), len(octets))
			to := min(from+int(steps[1]), len(octets))
			switch steps[2] % 4 {
			case 0:
				s.add(testEther(wire.EtherIPv4, testIP(len(s.frames), 0, wire.ProtocolTCP, nil, testTCP(5060, 40000, uint32(from), 1, steps[2]>>2&0x17, nil, octets[from:to]))))
			case 1:
				s.add(testEther(wire.EtherIPv4, testIP(9, 0x2000|from/8, wire.ProtocolUDP, nil, octets[from/8*8:max(from/8*8, to/8*8)])))
			case 2:
				s.add(testEther(wire.EtherIPv4, testIP(9, from/8, wire.ProtocolUDP, nil, octets[from/8*8:to])))
			case 3:
				s.add(testEther(wire.EtherIPv4, testIP(9, 0x2000|from/8, wire.ProtocolTCP, nil, octets[from/8*8:max(from/8*8, to/8*8)])))
			}
		}
		frames, _, _ := sanitised(t, &s, Options{})
		if len(frames) != len(s.frames) {
			t.Fatalf("%d frames became %d", len(s.frames), len(frames))
		}
		for i := range frames {
			ip := frames[i].Data[ethernetHeader:]
			if slowSum(ip[:20]) != 0xffff || be16(ip[2:]) != len(ip) || frames[i].OrigLen != len(frames[i].Data) {
				t.Fatalf("frame %d: %x", i, ip)
			}
		}
	})
}
