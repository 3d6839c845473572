package sanitise

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"earshot/capture"
	"earshot/capture/wire"
	"earshot/dialog"
	"earshot/pipeline"
)

// planter plants canaries, and remembers them.
type planter struct {
	list map[string][]byte
}

func (p *planter) text(place string) string {
	s := fmt.Sprintf("Kanarie%02dQxVog", len(p.list))
	p.list[place] = []byte(s)
	return s
}

func (p *planter) octets(place string) []byte { return []byte(p.text(place)) }

// chunk3 is a chunk of HEP version 3.
func chunk3(vendor, kind int, value []byte) []byte {
	return cat(u16(vendor), u16(kind), u16(6+len(value)), value)
}

func hep3(chunks ...[]byte) []byte {
	b := cat(chunks...)
	return cat([]byte("HEP3"), u16(6+len(b)), b)
}

func hepAbout(kind byte) []byte {
	return cat(chunk3(0, 1, []byte{2}), chunk3(0, 2, []byte{17}), chunk3(0, 3, testSrc), chunk3(0, 4, testDst),
		chunk3(0, 7, u16(5060)), chunk3(0, 8, u16(5060)), chunk3(0, 9, u32(1_700_000_000)), chunk3(0, 0x0a, u32(5)), chunk3(0, 0x0b, []byte{kind}), chunk3(0, 0x0c, u32(7)))
}

func stunAttribute(kind int, value []byte) []byte {
	return cat(u16(kind), u16(len(value)), value, make([]byte, (4-len(value)%4)%4))
}

func stunMessage(kind int, attributes ...[]byte) []byte {
	b := cat(attributes...)
	return cat(u16(kind), u16(len(b)), u32(stunCookie), []byte("transaction!"), b)
}

func rtcpPart(count, kind byte, body []byte) []byte {
	body = cat(body, make([]byte, (4-len(body)%4)%4))
	return cat([]byte{0x80 | count, kind}, u16(len(body)/4), body)
}

func rtpPacket(pt byte, seq int, head, payload []byte) []byte {
	return cat([]byte{0x80, pt}, u16(seq), u32(uint32(seq)*160), u32(0xdecade), head, payload)
}

func testInvite(p *planter, where string) []byte {
	body := "v=0\r\no=" + p.text(where+" o=") + " 1 1 IN IP4 203.0.113.77\r\ns=" + p.text(where+" s=") + "\r\nc=IN IP4 203.0.113.77\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
	return []byte("INVITE sip:" + p.text(where+" Request-URI") + "@203.0.113.77 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.77:5060;branch=z9hG4bK776\r\nFrom: \"" + p.text(where+" From") +
		"\" <sip:+4930123456789@203.0.113.77>;tag=abc\r\nTo: <sip:bob@example.org>\r\nCall-ID: " + p.text(where+" Call-ID") + "@203.0.113.77\r\nCSeq: 1 INVITE\r\nSubject: " + p.text(where+" Subject") +
		"\r\nContent-Type: application/sdp\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body)
}

// plantPackets plants a canary wherever a packet has room for one, but for the
// places in text, which sip_test.go goes through.
func plantPackets(p *planter) *testFrames {
	var s testFrames
	udp := func(src, dst int, payload []byte) { s.add(datagramFrame(src, dst, payload)) }
	tcp := func(segment []byte) { s.add(testEther(wire.EtherIPv4, testIP(1, 0, wire.ProtocolTCP, nil, segment))) }

	s.add(cat(datagramFrame(1, 2, []byte{1}), p.octets("behind the packet")))
	s.add(testEther(wire.EtherIPv4, testIP(2, 0, wire.ProtocolUDP, append([]byte{0x44, 18}, append(p.octets("IP options"), 0, 0)...)[:20], testUDP(1, 2, []byte("ping")))))
	hop := p.octets("IPv6 options")
	s.add(testEther(wire.EtherIPv6, testIP6(0, cat([]byte{17, 2, 0x1e, byte(len(hop))}, hop, make([]byte, 24-4-len(hop)), testUDP(1, 2, []byte("ping"))))))
	s.add(testEther(0x1234, p.octets("an EtherType that nobody knows")))
	s.add(testEther(wire.EtherLLDP, cat([]byte{2, 7, 4}, testMACs[:6], []byte{0x0a, 15}, p.octets("the name of a switch"))))
	s.add(testEther(0x26, cat([]byte{0x42, 0x42, 3}, p.octets("spanning tree"), make([]byte, 20))))
	s.add(testEther(wire.EtherARP, cat(u16(1), u16(0x800), []byte{6, 4}, u16(1), testMACs[:6], testSrc, make([]byte, 6), testDst, p.octets("behind ARP"))))
	s.add(testEther(wire.EtherPPPoE, cat([]byte{0x11, 0}, u16(1), u16(24), u16(0xc023), []byte{1, 1}, u16(20), []byte{15}, p.octets("the password of PPP"))))
	for i, protocol := range []byte{50, 89, 132, 2, 253} {
		s.add(testEther(wire.EtherIPv4, testIP(3, 0, protocol, nil, cat(make([]byte, 8), p.octets(fmt.Sprint("IP protocol ", i, protocol))))))
	}
	s.add(testEther(wire.EtherIPv4, testIP(4, 0, wire.ProtocolICMP, nil, cat([]byte{8, 0, 0, 0, 0, 1, 0, 1}, p.octets("ping")))))
	quoted := testIP(5, 0, wire.ProtocolUDP, nil, testUDP(5060, 5060, testInvite(p, "quoted by ICMP")))
	s.add(testEther(wire.EtherIPv4, testIP(6, 0, wire.ProtocolICMP, nil, cat([]byte{3, 3, 0, 0, 0, 0, 0, 0}, quoted))))

	udp(5353, 5353, p.octets("unknown UDP"))
	udp(4000, 4002, cat([]byte{0x80, 0xc8, 0, 1}, p.octets("almost RTCP"), []byte{1}))
	udp(4000, 4002, cat([]byte{0x8f, 0}, p.octets("almost RTP")))
	udp(4000, 4002, rtpPacket(0, 1, nil, p.octets("an RTP payload")))
	udp(4000, 4002, rtpPacket(101, 2, nil, []byte{9, 10, 3, 32}))
	extended := rtpPacket(0, 3, cat(u16(0xbede), u16(4), []byte{0x1d}, p.octets("an RTP header extension"), make([]byte, 1)), make([]byte, 20))
	extended[0] = 0x90
	udp(4000, 4002, extended)
	padded := cat(rtpPacket(0, 4, nil, make([]byte, 20)), p.octets("RTP padding"), []byte{15})
	padded[0] = 0xa0
	udp(4000, 4002, padded)
	udp(4001, 4003, cat(
		rtcpPart(0, rtcpRR, cat(u32(1), p.octets("profile-specific RTCP"))),
		rtcpPart(1, rtcpSDES, cat(u32(1), []byte{1, 14}, p.octets("CNAME"), []byte{8, 14}, p.octets("PRIV"), []byte{0})),
		rtcpPart(1, rtcpBYE, cat(u32(1), []byte{14}, p.octets("why RTP ended"))),
		rtcpPart(0, 204, cat(u32(1), []byte("NAME"), p.octets("RTCP of an application"))),
		rtcpPart(3, rtcpPSFB, cat(u32(1), u32(2), p.octets("feedback of a codec"))),
		rtcpPart(0, rtcpXR, cat(u32(1), []byte{200, 0}, u16(4), p.octets("an XR block that nobody knows"), []byte{0, 0})),
		rtcpPart(5, 209, cat(u32(1), p.octets("receiver summaries")))))
	udp(4001, 4003, cat(rtcpPart(0, rtcpSR, make([]byte, 24)), p.octets("SRTCP"), []byte{0x80, 0, 0, 1}, make([]byte, 10)))
	masked := cat([]byte{0, 1}, u16(5000^stunCookie>>16), u32(binary.BigEndian.Uint32(testSrc)^stunCookie))
	udp(3478, 3479, stunMessage(0x0101, stunAttribute(6, p.octets("STUN USERNAME")), stunAttribute(0x8022, p.octets("STUN SOFTWARE")), stunAttribute(0x14, p.octets("STUN REALM")),
		stunAttribute(stunError, cat([]byte{0, 0, 4, 1}, p.octets("a STUN phrase"))), stunAttribute(stunXORMapped, masked), stunAttribute(stunMapped, cat([]byte{0, 1}, u16(9), testSrc)), stunAttribute(0x13, p.octets("TURN DATA"))))
	udp(5004, 5005, cat([]byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0}, u16(16), p.octets("DTLS"), []byte{0, 0}))
	udp(5004, 5005, cat([]byte{0x10, 0, 0, 1}, u32(zrtpCookie), p.octets("ZRTP")))
	udp(5004, 5005, cat(u16(0x4001), u16(14), p.octets("a TURN channel")))

	sip := testInvite(p, "SIP")
	udp(5060, 5060, sip)
	whole := testUDP(5060, 5060, testInvite(p, "fragmented"))
	s.add(testEther(wire.EtherIPv4, testIP(7, 0x2000, wire.ProtocolUDP, nil, whole[:256])))
	s.add(testEther(wire.EtherIPv4, testIP(7, 256/8, wire.ProtocolUDP, nil, whole[256:])))
	s.add(testEther(wire.EtherIPv4, testIP(8, 0x2000, wire.ProtocolUDP, nil, cat(testUDP(5060, 5060, nil), p.octets("a fragment alone"), []byte{0, 0}))))
	short := datagramFrame(5060, 5060, testInvite(p, "cut by the snap length"))
	s.addFrame(capture.Frame{Data: short[:len(short)-60], OrigLen: len(short), Link: capture.LinkEthernet})

	tcp(testTCP(80, 40000, 1, 1, 0x18, nil, cat([]byte("GET / HTTP/1.1\r\nAuthorization: Basic "), p.octets("other TCP"))))
	tcp(testTCP(40001, 80, 1, 1, 0x02, cat([]byte{34, 16}, p.octets("a TCP cookie")), nil))
	stream := testInvite(p, "SIP over TCP")
	tcp(testTCP(5060, 40002, 1000, 1, 0x18, nil, stream[:300]))
	tcp(testTCP(5060, 40002, 1300, 1, 0x18, nil, stream[300:]))
	tcp(testTCP(5060, 40002, 1000+uint32(len(stream)), 1, 0x18, nil, cat([]byte("\r\n"), p.octets("garbage in SIP over TCP"), []byte("\r\n"))))
	tcp(testTCP(40003, 80, 1, 1, 0x18, nil, cat([]byte("GET /"), p.octets("the path of a WebSocket"), []byte(" HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\nCookie: "), p.octets("a cookie"), []byte("\r\n\r\n"))))
	message := testInvite(p, "SIP in a WebSocket")
	at := uint32(1 + 128 + len("Kanarie00QxVog")*2 - 13)
	framed := cat([]byte{0x81, 126}, u16(len(message)), message, []byte{0x89, 14}, p.octets("a ping of a WebSocket"))
	tcp(testTCP(40004, 80, at, 1, 0x18, nil, framed))

	udp(9060, 9060, hep3(hepAbout(wire.HEPSIP), chunk3(0, 0x0e, p.octets("the key of HEP")), chunk3(0, 0x13, p.octets("the name of a HEP agent")),
		chunk3(0, 0x11, p.octets("a correlation id")), chunk3(7, 0x99, p.octets("a chunk of HEP that nobody knows")), chunk3(0, 0x0f, testInvite(p, "SIP in HEP"))))
	udp(9060, 9060, hep3(hepAbout(wire.HEPRTCP), chunk3(0, 0x0f, []byte(`{"ssrc":1,"type":200,"sender_information":{"packets":5,"octets":6},"sdes_ssrc":1,"sdes_information":[{"type":1,"text":"`+p.text("CNAME in JSON")+`"}]}`))))
	udp(9060, 9060, hep3(hepAbout(100), chunk3(0, 0x0f, p.octets("a log in HEP"))))
	udp(9060, 9060, cat([]byte{1, 16, 2, 17}, u16(5060), u16(5060), testSrc, testDst, testInvite(p, "SIP in HEP 1")))
	s.add(testEther(wire.EtherIPv4, testIP(9, 0, wire.ProtocolGRE, nil, cat(u16(0), u16(wire.EtherTEB), testEther(0x4321, p.octets("inside GRE"))))))
	option := p.octets("a Geneve option")
	udp(1111, wire.PortGeneve, cat([]byte{5, 0}, u16(wire.EtherTEB), u32(0), cat(u16(1), []byte{1, 4}, option, []byte{0, 0}), datagramFrame(1, 2, p.octets("inside Geneve"))))
	return &s
}

// zipped is a payload as HEP compresses it; its canary does not show in the file.
func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

func TestCanaries(t *testing.T) {
	for _, cut := range []bool{false, true} {
		p := &planter{list: map[string][]byte{}}
		s := plantPackets(p)
		var before []byte
		for _, f := range s.frames {
			before = append(before, f.Data...)
		}
		frames, file, summary := sanitised(t, s, Options{Cut: cut})
		if len(frames) != len(s.frames) || summary.Packets != uint64(len(s.frames)) {
			t.Fatalf("%d frames became %d", len(s.frames), len(frames))
		}
		p.list["the address"], p.list["the address of IPv6"], p.list["the address in text"] = testSrc, testSrc6[4:], []byte("203.0.113.77")
		p.list["the hardware address"], p.list["the number"] = testMACs[:6], []byte("30123456789")
		for place, canary := range p.list {
			if strings.HasPrefix(place, "fragmented") || strings.HasPrefix(place, "SIP over TCP") {
				continue // may be cut in two; that they are gone is checked below all the same
			}
			if !bytes.Contains(before, canary) && !strings.HasPrefix(place, "cut by") {
				t.Errorf("%s: %q was never planted", place, canary)
			}
		}
		for place, canary := range p.list {
			if how := found(file, string(canary)); how != "" {
				t.Errorf("cut %v: %s is in the result: %s", cut, place, how)
			}
		}
	}
}

// What HEP compresses is unpacked for it.
func TestCanaryInCompressedHEP(t *testing.T) {
	p := &planter{list: map[string][]byte{}}
	var s testFrames
	s.add(datagramFrame(9060, 9060, hep3(hepAbout(wire.HEPSIP), chunk3(0, 0x10, zipped(testInvite(p, "compressed"))))))
	frames, _, _ := sanitised(t, &s, Options{})
	decoder := capture.NewDecoder(capture.DecoderConfig{})
	var dg capture.Datagram
	if !decoder.Decode(&frames[0], &dg) || !bytes.HasPrefix(dg.Payload, []byte("INVITE sip:")) {
		t.Fatalf("got %q, counted %+v", dg.Payload, decoder.Counters())
	}
	for place, canary := range p.list {
		if how := found(dg.Payload, string(canary)); how != "" {
			t.Errorf("%s is in the result: %s", place, how)
		}
	}
}

// The digit of a telephone-event is gone, and all else of it is there (RFC 4733 2.3).
func TestDigit(t *testing.T) {
	got := single(t, datagramFrame(4000, 4002, rtpPacket(101, 2, nil, []byte{9, 0x8a, 3, 32})))
	if payload := got[len(got)-4:]; !bytes.Equal(payload, []byte{0, 0x8a, 3, 32}) {
		t.Errorf("got %x, want event 0 with end bit, volume 10 and duration 800", payload)
	}
}

// counting takes records and keeps none.
type counting struct{}

func (counting) Record(dialog.Record) {}

// The result is counted as the original is: each packet is still what it was.
func TestPlantedPacketsCountAlike(t *testing.T) {
	s := plantPackets(&planter{list: map[string][]byte{}})
	frames, _, _ := sanitised(t, s, Options{})
	before, after := summaryOf(t, s), summaryOf(t, &testFrames{frames: frames})
	before.Bytes, after.Bytes = 0, 0
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("got\n%v\nwant\n%v", after, before)
	}
}

func summaryOf(t *testing.T, s *testFrames) pipeline.Summary {
	t.Helper()
	source, _ := s.open()
	p := pipeline.New(pipeline.Config{}, []capture.Source{source}, counting{})
	if err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p.Summary()
}
