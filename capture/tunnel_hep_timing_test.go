package capture

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"earshot/capture/wire"
)

// benchINVITE is an INVITE of the usual size, about 900 octets.
func benchINVITE(number int) string {
	return fmt.Sprintf("INVITE sip:+4930123456@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK%08d\r\n", number) +
		"Max-Forwards: 70\r\nFrom: <sip:alice@example.org>;tag=1928301774\r\nTo: <sip:+4930123456@example.org>\r\n" +
		fmt.Sprintf("Call-ID: %08d@10.0.0.1\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@10.0.0.1:5060>\r\n", number) +
		"Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY\r\nSupported: replaces, timer\r\nUser-Agent: bench\r\n" +
		"Content-Type: application/sdp\r\nContent-Length: 250\r\n\r\n" +
		"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 9 101\r\n" +
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
}

// hepCases are the packets that come most.
func hepCases() map[string]func(number int) []byte {
	e := newHEPEncoder(HEPSenderConfig{Node: 2001, Key: "secret"})
	z := newHEPEncoder(HEPSenderConfig{Node: 2001, Key: "secret", Compress: true})
	encoded := func(e *hepEncoder, m *HEPMessage) []byte {
		packet, ok := e.encode(m)
		if !ok {
			panic("cannot encode")
		}
		return append([]byte(nil), packet...)
	}
	rtcp := func(number int) []byte {
		m := testMessage(string(testReport()))
		m.Kind, m.At = wire.HEPRTCP, 1700000000e9+int64(number)*1e6
		return encoded(&e, m)
	}
	sip := func(e *hepEncoder) func(int) []byte {
		return func(number int) []byte {
			m := testMessage(benchINVITE(number))
			m.At, m.Correlation = 1700000000e9+int64(number)*1e3, fmt.Sprintf("%08d@10.0.0.1", number)
			return encoded(e, m)
		}
	}
	return map[string]func(int) []byte{"SIP": sip(&e), "SIPCompressed": sip(&z), "RTCPJSON": rtcp}
}

func TestHEPDecodeDoesNotAllocate(t *testing.T) {
	for name, packet := range hepCases() {
		d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Keys: []string{"secret"}, Nodes: map[uint32]uint16{2001: 3}}})
		f := hepFrame(1700000000e9, packet(0))
		var dg Datagram
		allocs := testing.AllocsPerRun(1000, func() {
			if !d.Decode(f, &dg) || dg.Point != 3 {
				t.Fatal("not decoded")
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations for each packet, want 0", name, allocs)
		}
	}
}

// The listener, from the socket to the frame, allocates nothing for a packet.
func TestHEPListenDoesNotAllocate(t *testing.T) {
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0"})
	conn, err := net.Dial("udp", h.Addr("udp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	packet := hepSIPPacket("x")
	var f Frame
	allocs := testing.AllocsPerRun(1000, func() {
		if _, err := conn.Write(packet); err != nil {
			t.Fatal(err)
		}
		if err := h.Next(&f); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for each packet, want 0", allocs)
	}
}

// Encoding, with everything that a message may have.
func TestHEPEncodeDoesNotAllocate(t *testing.T) {
	e := newHEPEncoder(HEPSenderConfig{Node: 2001, Name: "probe", Key: "secret", Compress: true})
	m := testMessage(strings.Repeat("x", 1000))
	m.Correlation = "abc"
	rtcp := testMessage(string(testReport()))
	rtcp.Kind = wire.HEPRTCP
	for _, m := range []*HEPMessage{m, rtcp} {
		allocs := testing.AllocsPerRun(1000, func() {
			if _, ok := e.encode(m); !ok {
				t.Fatal("not encoded")
			}
		})
		if allocs != 0 {
			t.Errorf("kind %d: %v allocations for each message, want 0", m.Kind, allocs)
		}
	}
}

func BenchmarkHEPDecode(b *testing.B) {
	for name, packet := range hepCases() {
		b.Run(name, func(b *testing.B) {
			const count = 4096
			frames := make([]*Frame, count)
			octets := 0
			for i := range frames {
				frames[i] = hepFrame(1700000000e9, packet(i))
				octets += len(frames[i].Data)
			}
			d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Keys: []string{"secret"}, Nodes: map[uint32]uint16{2001: 3}}})
			var dg Datagram
			b.ReportAllocs()
			b.SetBytes(int64(octets / count))
			for i := 0; b.Loop(); i++ {
				if !d.Decode(frames[i%count], &dg) || !dg.Message || dg.Length < 100 {
					b.Fatalf("got %+v", dg)
				}
			}
		})
	}
}

func BenchmarkHEPEncode(b *testing.B) {
	e := newHEPEncoder(HEPSenderConfig{Node: 2001})
	m := testMessage(benchINVITE(1))
	b.ReportAllocs()
	b.SetBytes(int64(len(m.Payload)))
	for b.Loop() {
		if _, ok := e.encode(m); !ok {
			b.Fatal("not encoded")
		}
	}
}

// BenchmarkHEPListen takes SIP from the loopback and decodes it. The sender
// runs on another processor and never waits, so the figure is what the listener
// takes; what it could not take is told beside it.
func BenchmarkHEPListen(b *testing.B) {
	for _, network := range []string{"udp", "tcp"} {
		b.Run(network, func(b *testing.B) {
			h := listenHEP(b, HEPConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
			conn, err := net.Dial(network, h.Addr(network).String())
			if err != nil {
				b.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				sip := hepCases()["SIP"]
				var packets [][]byte
				for i := range 1024 {
					packets = append(packets, sip(i))
				}
				for i := 0; ; i++ {
					if _, err := conn.Write(packets[i%len(packets)]); err != nil {
						return
					}
				}
			}()
			d := NewDecoder(DecoderConfig{})
			var f Frame
			var dg Datagram
			b.ReportAllocs()
			for b.Loop() {
				for h.Next(&f) != nil {
				}
				if !d.Decode(&f, &dg) || !dg.Message {
					b.Fatalf("got %+v", dg)
				}
			}
			lost, _ := h.Drops()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64(lost)/b.Elapsed().Seconds(), "dropped/s")
			conn.Close()
			<-done
		})
	}
}

// BenchmarkHEPSend sends SIP to a receiver on the loopback that reads and
// forgets.
func BenchmarkHEPSend(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	s := NewHEPSender(HEPSenderConfig{Network: "tcp", Address: l.Addr().String()})
	for !s.Stats().Connected {
		s.Idle()
	}
	m := testMessage(benchINVITE(1))
	b.ReportAllocs()
	b.SetBytes(int64(len(m.Payload)))
	for b.Loop() {
		s.Send(m)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	got := s.Stats()
	if got.Sent+got.Dropped != uint64(b.N) {
		b.Fatalf("sent %d messages, counted %+v", b.N, got)
	}
	b.ReportMetric(float64(got.Dropped)/float64(b.N), "dropped/op")
}
