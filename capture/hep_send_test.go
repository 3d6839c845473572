package capture

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"earshot/capture/wire"
)

// testMessage is SIP from 10.0.0.1:5060 to 10.0.0.2:5062.
func testMessage(text string) *HEPMessage {
	return &HEPMessage{
		At: 1700000000_123456789, SrcAddr: netip.MustParseAddr("10.0.0.1").As16(), DstAddr: netip.MustParseAddr("10.0.0.2").As16(),
		SrcPort: 5060, DstPort: 5062, Protocol: 17, Kind: wire.HEPSIP, Payload: []byte(text),
	}
}

// The octets of a packet, chunk by chunk.
func TestHEPEncode(t *testing.T) {
	e := newHEPEncoder(HEPSenderConfig{Node: 2001, Name: "probe", Key: "secret"})
	m := testMessage("BYE sip:a SIP/2.0\r\n\r\n")
	m.Correlation = "abc@host"
	want := hep3(
		testChunk(0x01, 2), testChunk(0x02, 17), testChunk(0x03, "\x0a\x00\x00\x01"), testChunk(0x04, "\x0a\x00\x00\x02"),
		testChunk(0x07, uint16(5060)), testChunk(0x08, uint16(5062)),
		testChunk(0x09, uint32(1700000000)), testChunk(0x0a, uint32(123456)),
		testChunk(0x0b, 1), testChunk(0x0c, uint32(2001)), testChunk(0x0e, "secret"),
		testChunk(0x0f, "BYE sip:a SIP/2.0\r\n\r\n"), testChunk(0x11, "abc@host"), testChunk(0x13, "probe"),
	)
	if got, ok := e.encode(m); !ok || !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}

	m.SrcAddr, m.DstAddr = netip.MustParseAddr("2001:db8::1").As16(), netip.MustParseAddr("2001:db8::2").As16()
	e = newHEPEncoder(HEPSenderConfig{})
	m.Correlation = ""
	want = hep3(
		testChunk(0x01, 10), testChunk(0x02, 17), testChunk(0x05, string(m.SrcAddr[:])), testChunk(0x06, string(m.DstAddr[:])),
		testChunk(0x07, uint16(5060)), testChunk(0x08, uint16(5062)),
		testChunk(0x09, uint32(1700000000)), testChunk(0x0a, uint32(123456)),
		testChunk(0x0b, 1), testChunk(0x0c, uint32(0)), testChunk(0x0f, "BYE sip:a SIP/2.0\r\n\r\n"),
	)
	if got, ok := e.encode(m); !ok || !bytes.Equal(got, want) {
		t.Errorf("got  % x\nwant % x", got, want)
	}
}

func TestHEPEncodeCompressed(t *testing.T) {
	e := newHEPEncoder(HEPSenderConfig{Compress: true})
	text := strings.Repeat("Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK\r\n", 50)
	packet, ok := e.encode(testMessage(text))
	if !ok || len(packet) > len(text)/2 {
		t.Fatalf("got %d octets of %d", len(packet), len(text))
	}
	at := bytes.Index(packet, []byte("\x1f\x8b\x08"))
	if at < 6 || packet[at-3] != 0x10 {
		t.Fatalf("no gzip in chunk 0x10: % x", packet)
	}
	r, err := gzip.NewReader(bytes.NewReader(packet[at:]))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != text {
		t.Errorf("got %d octets, %v", len(got), err)
	}
	if packet, ok = e.encode(testMessage("x")); !ok || !bytes.HasSuffix(packet, []byte("\x00\x0f\x00\x07x")) {
		t.Errorf("what does not become shorter stays as it is: % x", packet)
	}
}

// The longest message fills the packet; one octet more cannot be said.
func TestHEPEncodeLimit(t *testing.T) {
	e := newHEPEncoder(HEPSenderConfig{})
	empty, _ := e.encode(testMessage(""))
	room := maxHEPPacket - len(empty)
	if packet, ok := e.encode(testMessage(strings.Repeat("x", room))); !ok || len(packet) != maxHEPPacket || be16(packet[4:]) != maxHEPPacket {
		t.Errorf("got %d octets, %v", len(packet), ok)
	}
	for _, n := range []int{room + 1, maxHEPPacket, 1 << 20} {
		if _, ok := e.encode(testMessage(strings.Repeat("x", n))); ok {
			t.Errorf("a message of %d octets was encoded", n)
		}
	}
}

func TestHEPQueueBound(t *testing.T) {
	q := hepQueue{limit: 1000}
	packet := func(i int) []byte { return hep3(testChunk(0x0f, fmt.Sprintf("%088d", i))) } // 100 octets
	dropped := uint64(0)
	for i := range 25 {
		dropped += q.push(packet(i))
	}
	if q.octets != 1000 || dropped != 15 {
		t.Fatalf("got %d octets and %d dropped", q.octets, dropped)
	}
	if got := q.take(nil, 299); !bytes.Equal(got, cat(packet(15), packet(16))) {
		t.Errorf("got %q", got)
	}
	if got := q.pop(); !bytes.Equal(got, packet(17)) {
		t.Errorf("got %q", got)
	}
	if got := q.take(nil, 0); !bytes.Equal(got, packet(18)) {
		t.Errorf("got %q", got)
	}
	if n := q.clear(); n != 6 || q.octets != 0 {
		t.Errorf("cleared %d, left %d", n, q.octets)
	}

	q = hepQueue{limit: 3 * hepBlockSize} // order over several blocks
	next := 0
	for i := range 20000 {
		q.push(packet(i))
		if i%3 == 0 {
			if got := q.pop(); !bytes.Equal(got, packet(next)) {
				t.Fatalf("got %q, want number %d", got, next)
			}
			next++
		}
		if held := q.octets; held > q.limit {
			t.Fatalf("%d octets held", held)
		}
		if i == 5000 {
			next += int(q.push(make([]byte, 0))) // nothing, and nothing happens
		}
		if q.octets+100 > q.limit {
			break
		}
	}
	if len(q.blocks) > 4 {
		t.Errorf("%d blocks for %d octets", len(q.blocks), q.octets)
	}
}

// collector is a HEP receiver that counts what comes, in order.
type collector struct {
	t       *testing.T
	secure  *tls.Config
	address string
	l       net.Listener
	conns   chan net.Conn
	numbers chan int
}

func newCollector(t *testing.T, secure *tls.Config) *collector {
	c := &collector{t: t, secure: secure, address: "127.0.0.1:0", numbers: make(chan int, 1<<20)}
	c.start()
	t.Cleanup(c.kill)
	return c
}

// start listens, on the same port as before.
func (c *collector) start() {
	c.t.Helper()
	var err error
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if c.l, err = net.Listen("tcp", c.address); err == nil {
			break
		}
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.address = c.l.Addr().String()
	c.conns = make(chan net.Conn, 100)
	go func(l net.Listener, conns chan net.Conn) {
		defer close(conns)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns <- conn
			go c.read(conn)
		}
	}(c.l, c.conns)
}

// kill closes the listener and resets its connections, as when the process dies.
func (c *collector) kill() {
	c.l.Close()
	for conn := range c.conns {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

func (c *collector) read(conn net.Conn) {
	if c.secure != nil {
		conn = tls.Server(conn, c.secure)
	}
	d := NewDecoder(DecoderConfig{})
	var head [6]byte
	for {
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		packet := make([]byte, be16(head[4:]))
		copy(packet, head[:])
		if _, err := io.ReadFull(conn, packet[6:]); err != nil {
			return
		}
		var dg Datagram
		if !d.Decode(hepFrame(1700000000e9, packet), &dg) {
			c.t.Errorf("cannot read what the sender wrote: %v", d.Counters().Passed)
			return
		}
		number, _, _ := strings.Cut(string(dg.Payload), " ")
		n, err := strconv.Atoi(number)
		if err != nil {
			c.t.Error(err)
		}
		c.numbers <- n
	}
}

// driveUntil drives the sender until the condition holds.
func driveUntil(t *testing.T, s *HEPSender, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come about: %+v", what, s.Stats())
		}
		s.Idle()
	}
}

func testSecure(t *testing.T) (server, client *tls.Config) {
	certificate, pool := testCertificate(t)
	return &tls.Config{Certificates: []tls.Certificate{certificate}}, &tls.Config{RootCAs: pool}
}

// A receiver that dies and comes back has lost what was on its way at that
// moment, and nothing else; the order stays.
func TestHEPSenderOutage(t *testing.T) {
	for _, network := range []string{"tcp", "tls"} {
		t.Run(network, func(t *testing.T) {
			server, client := testSecure(t)
			if network == "tcp" {
				server = nil
			}
			c := newCollector(t, server)
			var notices []bool
			s := NewHEPSender(HEPSenderConfig{Network: network, Address: c.address, TLSConfig: client, Notice: func(up bool, err error) {
				if up == (err != nil) {
					t.Errorf("up %v with %v", up, err)
				}
				notices = append(notices, up)
			}})
			text := strings.Repeat("x", 500)
			next := 0
			send := func(n int) {
				for range n {
					s.Send(testMessage(fmt.Sprintf("%d %s", next, text)))
					next++
				}
			}
			received := func(n int) func() bool { return func() bool { return len(c.numbers) >= n } }

			send(1000) // before there is a connection
			driveUntil(t, s, "the first part", received(1000))
			c.kill()
			send(5000) // some of them to a dead socket
			driveUntil(t, s, "the end of the connection", func() bool { return !s.Stats().Connected })
			send(5000)
			if got := s.Stats(); got.Buffered < 5000*500 || got.Dropped != 0 {
				t.Errorf("got %+v", got)
			}
			c.start()
			driveUntil(t, s, "the second connection", func() bool { return s.Stats().Connected && s.Stats().Buffered == 0 })
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			got := map[int]bool{}
			for last := -1; last < next-1; {
				select {
				case n := <-c.numbers:
					if n <= last {
						t.Fatalf("%d came after %d", n, last)
					}
					last = n
					got[n] = true
				case <-time.After(20 * time.Second):
					t.Fatalf("nothing comes after %d of %d", last, next)
				}
			}
			lost := 0
			for n := range next {
				if !got[n] {
					lost++
					if n < 1000 || n >= 6000 {
						t.Errorf("%d was lost, which was sent while the receiver was known to be there or away", n)
					}
				}
			}
			if octets := lost * 500; octets > 2*hepSendBuffer {
				t.Errorf("%d messages were lost, more than a socket holds", lost)
			}
			t.Logf("%d of %d messages were in the socket that died", lost, next)
			if len(notices) < 3 || !notices[0] || notices[1] || !notices[len(notices)-1] {
				t.Errorf("got notices %v", notices)
			}
		})
	}
}

// The buffer is bounded: what is oldest goes, and is counted.
func TestHEPSenderBuffer(t *testing.T) {
	s := NewHEPSender(HEPSenderConfig{Network: "tcp", Address: "127.0.0.1:1", BufferBytes: 100 << 10})
	for n := range 1000 {
		s.Send(testMessage(fmt.Sprintf("%d %s", n, strings.Repeat("x", 1000))))
	}
	got := s.Stats()
	if got.Buffered > 100<<10 || got.Buffered < 98<<10 || got.Dropped < 890 || got.Dropped > 910 || got.Sent != 0 || got.Connected {
		t.Errorf("got %+v", got)
	}
	driveUntil(t, s, "a refused connection", func() bool { return s.Stats().Retries > 1 })
	s.cancel() // or Close would try for a second
	if err := s.Close(); err != nil || s.Stats().Buffered != 0 || s.Stats().Dropped != 1000 {
		t.Errorf("got %v, %+v", err, s.Stats())
	}
}

// A receiver that does not read holds up nobody.
func TestHEPSenderStall(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := NewHEPSender(HEPSenderConfig{Network: "tcp", Address: l.Addr().String(), BufferBytes: 1 << 20})
	driveUntil(t, s, "the connection", func() bool { return s.Stats().Connected })
	begin := time.Now()
	for n := range 20000 {
		s.Send(testMessage(fmt.Sprintf("%d %s", n, strings.Repeat("x", 1000))))
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("20,000 messages took %v", took)
	}
	if got := s.Stats(); !got.Connected || got.Dropped == 0 || got.Buffered > 1<<20+hepUnit {
		t.Errorf("got %+v", got)
	}
}

// Nobody listens: the system says so for one datagram in two at most, and a
// datagram that brought the news of another is sent again.
func TestHEPSenderRefused(t *testing.T) {
	s := NewHEPSender(HEPSenderConfig{Network: "udp", Address: "127.0.0.1:1"})
	driveUntil(t, s, "a socket", func() bool { return s.Stats().Connected })
	for n := range 100 {
		s.Send(testMessage(strconv.Itoa(n)))
	}
	if got := s.Stats(); got.Sent != 100 || got.Refused == 0 || got.Buffered != 0 {
		t.Errorf("got %+v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What the sender sends, the listener takes: by every transport, plain and
// compressed, SIP and RTCP.
func TestHEPSenderToListener(t *testing.T) {
	server, client := testSecure(t)
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0", TLSConfig: server})
	for _, network := range []string{"udp", "tcp", "tls"} {
		for _, compress := range []bool{false, true} {
			s := NewHEPSender(HEPSenderConfig{Network: network, Address: h.Addr(network).String(), TLSConfig: client, Node: 7, Key: "k", Compress: compress})
			sip := testMessage("INVITE sip:a SIP/2.0\r\n" + strings.Repeat("Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK\r\n", 20))
			sip.Correlation = "abc@host"
			rtcp := testMessage(string(testReport()))
			rtcp.Kind = wire.HEPRTCP
			long := testMessage(strings.Repeat("\x00", 65530)) // too long by a few octets, unless compressed
			s.Send(sip)
			s.Send(rtcp)
			s.Send(long)
			want := 2
			if compress {
				want = 3
			}
			driveUntil(t, s, "everything sent", func() bool { return s.Stats().Sent == uint64(want) })
			if got := s.Stats(); got.Unsendable != uint64(3-want) {
				t.Errorf("%s: got %+v", network, got)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Keys: []string{"k"}, Nodes: map[uint32]uint16{7: 70}}})
			for i, m := range []*HEPMessage{sip, rtcp, long}[:want] {
				var f Frame
				var dg Datagram
				nextHEP(t, h, &f)
				f.At = m.At + 1e9
				ok := d.Decode(&f, &dg)
				if !ok || !bytes.Equal(dg.Payload, m.Payload) || dg.At != m.At/1000*1000 || dg.SrcAddr != m.SrcAddr || dg.DstPort != m.DstPort || dg.Point != 70 || string(dg.Correlation) != m.Correlation {
					t.Errorf("%s, message %d: got %+v, passed %v", network, i, dg, d.Counters().Passed)
				}
			}
		}
	}
}
