package capture

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testCertificate returns a certificate for 127.0.0.1 that signs itself, and a
// pool that trusts it.
func testCertificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// listenHEP opens listeners on free ports of 127.0.0.1.
func listenHEP(t testing.TB, cfg HEPConfig) *HEP {
	t.Helper()
	h, err := ListenHEP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// hepSIP is a packet of version 3 with a SIP message.
func hepSIPPacket(text string) []byte { return hep3(hepSIP4(), testChunk(0x0f, text)) }

// nextHEP waits for a frame.
func nextHEP(t testing.TB, h *HEP, f *Frame) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		err := h.Next(f)
		if err == nil {
			return
		}
		if !errors.Is(err, ErrIdle) {
			t.Fatal(err)
		}
	}
	t.Fatalf("nothing came; %+v", h.Stats())
}

// takeHEPs returns the payloads of n frames, decoded.
func takeHEPs(t testing.TB, h *HEP, n int) []string {
	t.Helper()
	d := NewDecoder(DecoderConfig{})
	var texts []string
	for range n {
		var f Frame
		var dg Datagram
		nextHEP(t, h, &f)
		if !d.Decode(&f, &dg) || !dg.Message {
			t.Fatalf("got %+v, passed %v", dg, d.Counters().Passed)
		}
		texts = append(texts, string(dg.Payload))
	}
	return texts
}

func TestHEPOverUDP(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		if free, err := net.ListenPacket("udp", address); err != nil {
			t.Logf("not on %s: %v", address, err) // a system without IPv6
			continue
		} else {
			free.Close()
		}
		h := listenHEP(t, HEPConfig{UDP: address, Point: 5})
		local := h.Addr("udp")
		to := local
		if local.Addr().IsUnspecified() {
			to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), local.Port())
		}
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		before := time.Now().UnixNano()
		packets := [][]byte{unhex(t, hepVector), []byte("INVITE sip:sneaked@in SIP/2.0\r\n\r\n"), {}, hepSIPPacket(strings.Repeat("x", 65000))}
		for _, p := range packets {
			if _, err := conn.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range []int{0, 3} {
			var f Frame
			nextHEP(t, h, &f)
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			plain := f
			plain.HEP = false
			if !d.Decode(&plain, &dg) || !bytes.Equal(dg.Payload, packets[i]) || dg.Truncated || dg.Source().Port() != addrPort(conn.LocalAddr()).Port() || dg.DstPort != local.Port() {
				t.Errorf("%s, packet %d: got %+v", address, i, dg)
			}
			if !local.Addr().IsUnspecified() && dg.Destination() != local || dg.Source().Addr() != addrPort(conn.LocalAddr()).Addr() {
				t.Errorf("%s, packet %d: from %v to %v", address, i, dg.Source(), dg.Destination())
			}
			if !f.HEP || f.Point != 5 || f.At < before || f.Seen != f.At || f.Link != LinkRaw || f.OrigLen != len(f.Data) {
				t.Errorf("%s, packet %d: got frame %+v", address, i, f)
			}
		}
		var f Frame
		if err := h.Next(&f); !errors.Is(err, ErrIdle) || f.At < before-int64(hepHorizon) || f.At > time.Now().UnixNano()-int64(hepHorizon) {
			t.Errorf("got %v at %d", err, f.At)
		}
		want := HEPStats{Packets: 2, Bytes: uint64(len(packets[0]) + len(packets[3])), Foreign: 2}
		if got := h.Stats(); got != want {
			t.Errorf("%s: got %+v, want %+v", address, got, want)
		}
	}
}

// The headers of a frame are right by a reckoning of their own: the checksum of
// an IPv4 header, with itself, sums to all ones (RFC 1071).
func TestHEPEnvelope(t *testing.T) {
	four, six := netip.MustParseAddrPort("192.0.2.1:40000"), netip.MustParseAddrPort("[2001:db8::1]:40000")
	for _, n := range []int{6, 1000, 65507, 65508, 65535} {
		for _, src := range []netip.AddrPort{four, six} {
			b := make([]byte, hepHeadroom+n)
			copy(b[hepHeadroom:], hepSIPPacket(strings.Repeat("x", 65535))[:n])
			data := hepEnvelope(b, n, src, netip.AddrPortFrom(src.Addr().Next(), 9060))
			if src == four {
				sum := 0
				for i := 0; i < 20; i += 2 {
					sum += be16(data[i:])
				}
				if sum%0xffff != 0 {
					t.Errorf("%d octets: checksum leaves %x", n, sum)
				}
			}
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			if !d.Decode(testFrame(LinkRaw, data), &dg) || dg.Length != n || dg.Source() != src || dg.Destination() != netip.AddrPortFrom(src.Addr().Next(), 9060) || dg.Truncated {
				t.Errorf("%d octets from %v: got %+v", n, src, dg)
			}
		}
	}
}

func TestHEPOverStreams(t *testing.T) {
	certificate, pool := testCertificate(t)
	h := listenHEP(t, HEPConfig{
		UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", TLS: "127.0.0.1:0",
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10},
	})
	dial := map[string]func() (net.Conn, error){
		"tcp": func() (net.Conn, error) { return net.Dial("tcp", h.Addr("tcp").String()) },
		"tls": func() (net.Conn, error) {
			return tls.Dial("tcp", h.Addr("tls").String(), &tls.Config{RootCAs: pool})
		},
	}
	for network, dial := range dial {
		conn, err := dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		want := []string{"one", "two", strings.Repeat("x", maxHEPPacket-len(hepSIPPacket(""))), "four"}
		stream := []byte("HELLO from a proxy\n") // before the first magic
		for _, text := range want {
			stream = append(stream, hepSIPPacket(text)...)
		}
		for len(stream) > 0 { // in pieces that cut headers, chunks and the large packet
			n := min(len(stream), 11)
			if len(stream) > 5000 && len(stream) < 64000 {
				n = 4999
			}
			if _, err := conn.Write(stream[:n]); err != nil {
				t.Fatal(err)
			}
			stream = stream[n:]
		}
		if got := takeHEPs(t, h, len(want)); !slices.Equal(got, want) {
			t.Errorf("%s: got %.100q", network, got)
		}
	}
	if _, err := tls.Dial("tcp", h.Addr("tls").String(), &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("agreed on TLS 1.1")
	}
	if s := idleStats(t, h); s.Packets != 8 || s.Dropped != 0 {
		t.Errorf("got %+v", s)
	}
}

// idleStats returns what was counted when all has been given.
func idleStats(t *testing.T, h *HEP) HEPStats {
	t.Helper()
	var f Frame
	if err := h.Next(&f); !errors.Is(err, ErrIdle) {
		t.Fatalf("got %v", err)
	}
	return h.Stats()
}

// hepEvents collects what a listener notices.
func hepEvents() (func(HEPEvent), <-chan HEPEvent) {
	events := make(chan HEPEvent, 100)
	return func(e HEPEvent) { events <- e }, events
}

func wantHEPEvent(t *testing.T, events <-chan HEPEvent, kind string) HEPEvent {
	t.Helper()
	select {
	case e := <-events:
		if e.Kind != kind {
			t.Fatalf("got %+v, want %s", e, kind)
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatalf("no event, want %s", kind)
	}
	return HEPEvent{}
}

func TestHEPConnections(t *testing.T) {
	notice, events := hepEvents()
	h := listenHEP(t, HEPConfig{TCP: "127.0.0.1:0", MaxConnections: 1, Notice: notice})
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", h.Addr("tcp").String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	first := dial()
	if e := wantHEPEvent(t, events, "connected"); e.Remote != addrPort(first.LocalAddr()) {
		t.Errorf("got %+v", e)
	}
	second := dial()
	wantHEPEvent(t, events, "refused")
	if _, err := second.Read(make([]byte, 1)); err == nil {
		t.Error("the connection beyond the cap stays open")
	}
	first.Write(hepSIPPacket("one"))
	first.Close()
	if e := wantHEPEvent(t, events, "closed"); e.Err != nil {
		t.Errorf("got %+v", e)
	}
	if got := takeHEPs(t, h, 1); got[0] != "one" {
		t.Errorf("got %q", got)
	}

	broken := dial()
	wantHEPEvent(t, events, "connected")
	broken.Write([]byte(strings.Repeat("GET / HTTP/1.1\r\n", maxHEPSkipped/16+1)))
	wantHEPEvent(t, events, "broken")

	cut := dial()
	wantHEPEvent(t, events, "connected")
	cut.Write(hepSIPPacket("two")[:20])
	cut.Close()
	if e := wantHEPEvent(t, events, "closed"); e.Err != io.EOF {
		t.Errorf("a packet was cut: got %+v", e)
	}
	if s := idleStats(t, h); s.Refused != 1 || s.Broken != 1 || s.Connections != 0 || s.Packets != 1 {
		t.Errorf("got %+v", s)
	}
}

// Who begins a packet and does not end it is closed, however often an octet comes.
func TestHEPPatience(t *testing.T) {
	notice, events := hepEvents()
	h := listenHEP(t, HEPConfig{TCP: "127.0.0.1:0", Notice: notice})
	h.streams.begun = 100 * time.Millisecond // before the first connection, whose goroutine reads it
	conn, err := net.Dial("tcp", h.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	wantHEPEvent(t, events, "connected")
	packet := hepSIPPacket(strings.Repeat("x", 60000))
	for i := 0; ; i++ {
		if _, err := conn.Write(packet[i : i+1]); err != nil {
			break
		}
		if i == len(packet)-1 {
			t.Fatal("the packet came whole")
		}
		time.Sleep(time.Millisecond)
	}
	if e := wantHEPEvent(t, events, "closed"); !strings.Contains(e.Err.Error(), "timeout") {
		t.Errorf("got %+v", e)
	}
}

// A queue that nobody empties makes connections wait, then drop and count.
func TestHEPQueue(t *testing.T) {
	h := listenHEP(t, HEPConfig{TCP: "127.0.0.1:0", QueueBytes: 2 * hepBufferMax})
	h.streams.room = 10 * time.Millisecond
	conn, err := net.Dial("tcp", h.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const count = 200
	packet := hepSIPPacket(strings.Repeat("x", 30000))
	for range count {
		if _, err := conn.Write(packet); err != nil {
			t.Fatal(err)
		}
	}
	conn.Close()
	for end := time.Now().Add(10 * time.Second); h.Stats().Connections > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	var f Frame
	got := uint64(0)
	for h.Next(&f) == nil {
		got++
	}
	lost, suspect := h.Drops()
	if got == 0 || lost == 0 || got+lost != count || !suspect {
		t.Errorf("got %d and %d dropped, want %d together", got, lost, count)
	}
	if again, suspect := h.Drops(); again != 0 || suspect {
		t.Errorf("told %d again", again)
	}
	if s := h.Stats(); s.Dropped != lost || s.Packets != got {
		t.Errorf("got %+v", s)
	}
}

// What finds the socket's buffer full is in the kernel's own counter.
func TestHEPKernelDrops(t *testing.T) {
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0"})
	if err := h.udp.conn.SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("udp", h.Addr("udp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const count = 1000
	for range count {
		if _, err := conn.Write(hepSIPPacket(strings.Repeat("x", 1000))); err != nil {
			t.Fatal(err)
		}
	}
	var f Frame
	got := uint64(0)
	for h.Next(&f) == nil {
		got++
	}
	lost, _ := h.Drops()
	if lost == 0 || got+lost != count {
		t.Errorf("got %d and %d dropped, want %d together", got, lost, count)
	}
}

// What a stream brings ends a wait for datagrams.
func TestHEPStreamWakes(t *testing.T) {
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	h.udp.wait = time.Hour
	conn, err := net.Dial("tcp", h.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() {
		for range 100 {
			time.Sleep(time.Millisecond) // so that Next mostly waits already
			if _, err := conn.Write(hepSIPPacket("x")); err != nil {
				t.Error(err)
			}
		}
	}()
	for range 100 {
		var f Frame
		nextHEP(t, h, &f)
	}
}

// A file of what the listener gave replays as the live feed did: the same
// messages, times and places.
func TestHEPFileReplays(t *testing.T) {
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0"})
	conn, err := net.Dial("udp", h.Addr("udp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var file bytes.Buffer
	w, err := NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	config := DecoderConfig{HEP: HEPDecoding{Nodes: map[uint32]uint16{7: 0}}} // a file numbers points of its own
	live, replayed := NewDecoder(config), NewDecoder(config)
	var want []string
	describe := func(dg *Datagram) string { return fmt.Sprintf("%+v", *dg) }
	for _, packet := range [][]byte{
		hep3(hepSIP4(), testChunk(9, uint32(time.Now().Unix())), testChunk(0x0a, uint32(17)), testChunk(0x0f, "BYE sip:a SIP/2.0\r\n\r\n")),
		hep3(hepSIP4(), testChunk(0x10, gzipped("BYE sip:b SIP/2.0\r\n\r\n"))),
		hep3(hepSIP4(), testChunk(0x0b, 5), testChunk(0x11, "id"), testChunk(0x0f, rtcpJSONCases[0].json)),
	} {
		if _, err := conn.Write(packet); err != nil {
			t.Fatal(err)
		}
		var f Frame
		var dg Datagram
		nextHEP(t, h, &f)
		if err := w.WriteFrame(&f); err != nil {
			t.Fatal(err)
		}
		if !live.Decode(&f, &dg) || !dg.Message {
			t.Fatalf("got %+v", dg)
		}
		want = append(want, describe(&dg))
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hep.pcapng")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	frames, _ := readAll(t, path)
	if len(frames) != len(want) {
		t.Fatalf("got %d frames, want %d", len(frames), len(want))
	}
	for i := range frames {
		var dg Datagram
		if got := replayed.Decode(&frames[i], &dg); !got || describe(&dg) != want[i] {
			t.Errorf("packet %d: got %v, %s\nwant %s", i, got, describe(&dg), want[i])
		}
	}
}

func TestListenHEPErrors(t *testing.T) {
	taken := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	tests := []struct {
		cfg  HEPConfig
		want string
	}{
		{HEPConfig{}, "no address"},
		{HEPConfig{UDP: "nowhere"}, "nowhere"},
		{HEPConfig{UDP: taken.Addr("udp").String()}, "in use"},
		{HEPConfig{UDP: "127.0.0.1:0", TCP: taken.Addr("tcp").String()}, "in use"},
		{HEPConfig{TCP: "127.0.0.1:0", TLS: "127.0.0.1:0"}, "certificate"},
	}
	for _, tt := range tests {
		h, err := ListenHEP(tt.cfg)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: got %v, want %q", tt.cfg, err, tt.want)
		}
		if err == nil {
			h.Close()
		}
	}
}

func TestHEPAfterClose(t *testing.T) {
	h := listenHEP(t, HEPConfig{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0"})
	conn, err := net.Dial("tcp", h.Addr("tcp").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	var f Frame
	if err := h.Next(&f); err != io.EOF {
		t.Errorf("got %v", err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a connection is still open")
	}
}
