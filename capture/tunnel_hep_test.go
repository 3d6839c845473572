package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"earshot/capture/wire"
)

// hepVector is the example of the HEP specification: an INVITE by UDP from
// 212.202.0.1:12010 to 82.116.0.211:5060 at 1313440459.12, seen by node 228.
const hepVector = "484550330071" +
	"000000010007" + "02" + // IP family 2
	"000000020007" + "11" + // IP protocol 17
	"00000003000a" + "d4ca0001" + // source
	"00000004000a" + "527400d3" + // destination
	"000000070008" + "2eea" + // source port
	"000000080008" + "13c4" + // destination port
	"00000009000a" + "4e4982cb" + // seconds
	"0000000a000a" + "0001d4c0" + // microseconds
	"0000000b0007" + "01" + // SIP
	"0000000c000a" + "000000e4" + // node
	"0000000f0014" + "494e56495445207369703a626f62" // "INVITE sip:bob"

const hepVectorAt = int64(1313440459_120000000)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// testChunk is one chunk of vendor 0.
func testChunk(kind int, value ...any) []byte {
	v := bytesOf(value...)
	return bytesOf(uint16(0), uint16(kind), uint16(len(v)+6), v)
}

// hep3 is a packet of the given chunks.
func hep3(chunks ...[]byte) []byte {
	all := cat(chunks...)
	return bytesOf("HEP3", uint16(len(all)+6), all)
}

// hepSIP4 are the chunks of a SIP message by IPv4, without time and payload.
func hepSIP4() []byte {
	return cat(testChunk(1, 2), testChunk(2, 17), testChunk(3, "\x0a\x00\x00\x01"), testChunk(4, "\x0a\x00\x00\x02"),
		testChunk(7, uint16(5060)), testChunk(8, uint16(5062)), testChunk(0x0b, 1), testChunk(0x0c, uint32(7)))
}

// hepFrame is a UDP packet to port 9060, as a capture or the listener has it.
func hepFrame(at int64, packet []byte) *Frame {
	f := testFrame(LinkRaw, testIPv4(wire.ProtocolUDP, testUDP(40000, 9060, packet)))
	f.At, f.HEP = at, true
	return f
}

func TestHEPVector(t *testing.T) {
	packet := unhex(t, hepVector)
	if len(packet) != 113 {
		t.Fatalf("the example has %d octets, want 113", len(packet))
	}
	d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Nodes: map[uint32]uint16{228: 9}}})
	var dg Datagram
	arrival := hepVectorAt + 30e6
	if !d.Decode(hepFrame(arrival, packet), &dg) {
		t.Fatalf("passed over: %v", d.Counters().Passed)
	}
	want := Datagram{
		At: hepVectorAt, SrcPort: 12010, DstPort: 5060, Protocol: 17, Message: true, NoTOS: true, Point: 9,
		SrcAddr: netip.MustParseAddr("212.202.0.1").As16(), DstAddr: netip.MustParseAddr("82.116.0.211").As16(),
		Length: 14, WireLen: 64, // 14 + 20 + 8 + 14 is under the smallest frame
	}
	if string(dg.Payload) != "INVITE sip:bob" {
		t.Errorf("got payload %q", dg.Payload)
	}
	dg.Payload = nil
	if fmt.Sprint(dg) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", dg, want)
	}
	if c := d.Counters(); c.UDP != 1 || c.HEP.SIP != 1 || c.HEP.Clock != 0 {
		t.Errorf("counted %+v", c)
	}
}

func TestHEPIsOnlyUnwrappedWhereAsked(t *testing.T) {
	f := hepFrame(hepVectorAt, unhex(t, hepVector))
	f.HEP = false
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	if !d.Decode(f, &dg) || dg.Message || dg.DstPort != 9060 || dg.Length != 113 {
		t.Errorf("got %+v", dg)
	}
}

func TestHEP3Fields(t *testing.T) {
	const second = int64(1e9)
	now := 1700000000 * second
	times := cat(testChunk(9, uint32(1700000000)), testChunk(0x0a, uint32(5)))
	payload := testChunk(0x0f, "OPTIONS sip:a SIP/2.0\r\n\r\n") // 25 octets
	six := netip.MustParseAddr("2001:db8::7").As16()
	tests := []struct {
		name   string
		packet []byte
		check  func(dg *Datagram, c *Counters) bool
	}{
		{"TCP", hep3(hepSIP4(), times, testChunk(2, 6), payload), func(dg *Datagram, c *Counters) bool {
			return dg.Protocol == 6 && !dg.TLS && dg.WireLen == 14+20+20+25+4 && c.TCP == 1 && dg.At == now+5000
		}},
		{"kamailio's TLS is IP protocol 22", hep3(hepSIP4(), times, testChunk(2, 22), payload), func(dg *Datagram, c *Counters) bool {
			return dg.Protocol == 6 && dg.TLS
		}},
		{"kamailio's WebSocket is IP protocol 50", hep3(hepSIP4(), times, testChunk(2, 50), payload), func(dg *Datagram, c *Counters) bool {
			return dg.Protocol == 6 && !dg.TLS
		}},
		{"IPv6", hep3(hepSIP4(), testChunk(1, 10), testChunk(5, string(six[:])), testChunk(6, string(six[:])), payload), func(dg *Datagram, c *Counters) bool {
			return dg.SrcAddr == six && dg.DstAddr == six && dg.WireLen == 14+40+8+25+4
		}},
		{"no TOS is not TOS 0", hep3(hepSIP4(), payload), func(dg *Datagram, c *Counters) bool {
			return dg.NoTOS
		}},
		{"VLAN 100 with priority 5, and TOS", hep3(hepSIP4(), testChunk(0x12, uint16(0xa064)), testChunk(0x18, 0xb8), payload), func(dg *Datagram, c *Counters) bool {
			return dg.Tagged && dg.VLAN == 100 && dg.Priority == 5 && dg.TOS == 0xb8 && !dg.NoTOS && dg.WireLen == 14+4+20+8+25+4
		}},
		{"correlation id with the terminator of C", hep3(hepSIP4(), testChunk(0x11, "abc@host\x00"), payload), func(dg *Datagram, c *Counters) bool {
			return string(dg.Correlation) == "abc@host"
		}},
		{"chunks of other vendors and types", hep3(hepSIP4(), bytesOf(uint16(2), uint16(3), uint16(8), uint16(1)), testChunk(0x99, "?"), payload), func(dg *Datagram, c *Counters) bool {
			return dg.Source() == netip.MustParseAddrPort("10.0.0.1:5060") && dg.Length == 25
		}},
		{"the magic EEP1, whose chunk 0x10 is a correlation id", append([]byte("EEP1"), hep3(hepSIP4(), testChunk(0x10, uint32(99)), payload)[4:]...), func(dg *Datagram, c *Counters) bool {
			return dg.Length == 25
		}},
		{"the magic EEP3", append([]byte("EEP3"), hep3(hepSIP4(), payload)[4:]...), func(dg *Datagram, c *Counters) bool {
			return dg.Length == 25
		}},
		{"no time", hep3(hepSIP4(), payload), func(dg *Datagram, c *Counters) bool {
			return dg.At == now && c.HEP.Clock == 1
		}},
		{"an hour off is kept", hep3(hepSIP4(), testChunk(9, uint32(1700000000-3600)), payload), func(dg *Datagram, c *Counters) bool {
			return dg.At == now-3600*second && c.HEP.Clock == 0
		}},
		{"more than an hour off is not", hep3(hepSIP4(), testChunk(9, uint32(1700000000+3601)), payload), func(dg *Datagram, c *Counters) bool {
			return dg.At == now && c.HEP.Clock == 1
		}},
		{"RTP", hep3(hepSIP4(), testChunk(2, 6), testChunk(0x0b, 4), testChunk(0x0f, testRTP(7))), func(dg *Datagram, c *Counters) bool {
			return dg.Protocol == 17 && dg.Length == 172 && dg.WireLen == 218 && c.HEP.RTP == 1
		}},
		{"binary RTCP", hep3(hepSIP4(), testChunk(0x0b, 5), testChunk(0x0f, "\x80\xc9\x00\x01\x00\x00\x00\x07")), func(dg *Datagram, c *Counters) bool {
			return dg.Length == 8 && c.HEP.RTCP == 1 && c.HEP.RTCPJSON == 0
		}},
		{"gzip", hep3(hepSIP4(), testChunk(0x10, gzipped("INVITE sip:b SIP/2.0\r\n\r\n"))), func(dg *Datagram, c *Counters) bool {
			return string(dg.Payload) == "INVITE sip:b SIP/2.0\r\n\r\n" && dg.Length == 24 && c.HEP.Compressed == 1
		}},
		{"zlib", hep3(hepSIP4(), testChunk(0x10, zlibbed("INVITE sip:b SIP/2.0\r\n\r\n"))), func(dg *Datagram, c *Counters) bool {
			return string(dg.Payload) == "INVITE sip:b SIP/2.0\r\n\r\n" && c.HEP.Compressed == 1
		}},
		{"the largest payload", hep3(hepSIP4(), testChunk(0x10, gzipped(strings.Repeat("x", 65535)))), func(dg *Datagram, c *Counters) bool {
			return dg.Length == 65535
		}},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if !d.Decode(hepFrame(now, tt.packet), &dg) {
			t.Errorf("%s: passed over: %v", tt.name, d.Counters().Passed)
			continue
		}
		if c := d.Counters(); !dg.Message || dg.Truncated || !tt.check(&dg, &c) {
			t.Errorf("%s: got %+v, counted %+v", tt.name, dg, c)
		}
	}
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func zlibbed(s string) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func TestHEPPassedOver(t *testing.T) {
	sip := testChunk(0x0f, "BYE sip:a SIP/2.0\r\n\r\n")
	good := hep3(hepSIP4(), sip)
	longer := bytes.Clone(good)
	binary.BigEndian.PutUint16(longer[4:], uint16(len(good)+1))
	tests := []struct {
		name   string
		packet []byte
		want   Reason
	}{
		{"longer than its datagram", longer, PassedHEPBroken},
		{"total length 5", bytesOf("HEP3", uint16(5)), PassedHEPBroken},
		{"chunk length 5", hep3(hepSIP4(), bytesOf(uint16(0), uint16(0x0f), uint16(5)), sip), PassedHEPBroken},
		{"chunk past the end", hep3(hepSIP4(), bytesOf(uint16(0), uint16(0x0f), uint16(100), "BYE")), PassedHEPBroken},
		{"half a chunk header", hep3(hepSIP4(), sip, bytesOf(uint16(0))), PassedHEPBroken},
		{"a port of 3 octets", hep3(hepSIP4(), testChunk(7, "abc"), sip), PassedHEPBroken},
		{"an IPv4 address of 5 octets", hep3(hepSIP4(), testChunk(3, "abcde"), sip), PassedHEPBroken},
		{"no addresses", hep3(testChunk(0x0b, 1), sip), PassedHEPBroken},
		{"gzip without its end", hep3(hepSIP4(), testChunk(0x10, gzipped("BYE sip:a SIP/2.0")[:25])), PassedHEPBroken},
		{"gzip with a wrong checksum", hep3(hepSIP4(), testChunk(0x10, flipped(gzipped("BYE sip:a SIP/2.0"), -8))), PassedHEPBroken},
		{"a bomb: 64 KiB from a few hundred octets", hep3(hepSIP4(), testChunk(0x10, gzipped(strings.Repeat("x", 65536)))), PassedHEPBroken},
		{"neither a report nor JSON in RTCP", hep3(hepSIP4(), testChunk(0x0b, 5), testChunk(0x0f, "{\"type\":200")), PassedHEPBroken},
		{"JSON without a report in RTCP", hep3(hepSIP4(), testChunk(0x0b, 5), testChunk(0x0f, "{\"type\":203}")), PassedHEPOther},
		{"a log", hep3(hepSIP4(), testChunk(0x0b, 100), testChunk(0x0f, "started")), PassedHEPOther},
		{"a report of heplify's rtpagent", hep3(hepSIP4(), testChunk(0x0b, 34), testChunk(0x0f, "{}")), PassedHEPOther},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if d.Decode(hepFrame(1, tt.packet), &dg) {
			t.Errorf("%s: decoded %+v", tt.name, dg)
			continue
		}
		if d.Counters().Passed[tt.want] != 1 {
			t.Errorf("%s: passed %v, want %v", tt.name, d.Counters().Passed, tt.want)
		}
	}
}

// flipped returns b with one bit changed; a negative position counts from the end.
func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[(len(b)+at)%len(b)] ^= 1
	return b
}

func TestHEPKeys(t *testing.T) {
	sip := testChunk(0x0f, "BYE sip:a SIP/2.0\r\n\r\n")
	packets := map[string][]byte{
		"none":  hep3(hepSIP4(), sip),
		"first": hep3(hepSIP4(), testChunk(0x0e, "first"), sip),
		"last":  hep3(hepSIP4(), sip, testChunk(0x0e, "second")),
		"wrong": hep3(hepSIP4(), testChunk(0x0e, "secon"), sip),
	}
	for name, packet := range packets {
		open, closed := NewDecoder(DecoderConfig{}), NewDecoder(DecoderConfig{HEP: HEPDecoding{Keys: []string{"first", "second"}}})
		var dg Datagram
		if !open.Decode(hepFrame(1, packet), &dg) {
			t.Errorf("%s: refused though no key is asked for", name)
		}
		want := name == "first" || name == "last"
		if got := closed.Decode(hepFrame(1, packet), &dg); got != want || !got && closed.Counters().Passed[PassedHEPKey] != 1 {
			t.Errorf("%s: got %v, want %v; passed %v", name, got, want, closed.Counters().Passed)
		}
	}
}

func TestHEP12(t *testing.T) {
	const at = int64(1700000000_000005000)
	sip := "OPTIONS sip:a SIP/2.0\r\n\r\n"
	little := "\x00\xf1\x53\x65" + "\x05\x00\x00\x00" + "\xd1\x07" // 1700000000 = 0x6553f100, 5, node 2001
	big := "\x65\x53\xf1\x00" + "\x00\x00\x00\x05" + "\x07\xd1"
	four := bytesOf(uint16(5060), uint16(5062), "\x0a\x00\x00\x01", "\x0a\x00\x00\x02")
	six := netip.MustParseAddr("2001:db8::7").As16()
	tests := []struct {
		name   string
		packet []byte
		at     int64
		point  uint16
	}{
		{"version 1", bytesOf(1, 16, 2, 17, four, sip), at + 1e9, 3},
		{"version 1, IPv6", bytesOf(1, 40, 10, 17, uint16(5060), uint16(5062), string(six[:]), string(six[:]), sip), at + 1e9, 3},
		{"version 2, little-endian, padded by the compiler", bytesOf(2, 28, 2, 17, four, little, uint16(0), sip), at, 4},
		{"version 2, kamailio's length", bytesOf(2, 16, 2, 17, four, little, uint16(0), sip), at, 4},
		{"version 2, big-endian, not padded", bytesOf(2, 26, 2, 17, four, big, sip), at, 4},
		{"version 2, IPv6", bytesOf(2, 52, 10, 17, uint16(5060), uint16(5062), string(six[:]), string(six[:]), little, uint16(0), sip), at, 4},
		{"version 2, a time in neither order", bytesOf(2, 28, 2, 17, four, strings.Repeat("\x01", 8), "\xd1\x07", uint16(0), sip), at + 1e9, 4},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{HEP: HEPDecoding{Nodes: map[uint32]uint16{2001: 4}}})
		f := hepFrame(at+1e9, tt.packet)
		f.Point = 3
		var dg Datagram
		if !d.Decode(f, &dg) || !dg.Message || string(dg.Payload) != sip || dg.SrcPort != 5060 || dg.DstPort != 5062 || dg.Protocol != 17 {
			t.Errorf("%s: got %+v, passed %v", tt.name, dg, d.Counters().Passed)
			continue
		}
		if dg.At != tt.at || tt.point != dg.Point && !strings.Contains(tt.name, "neither") {
			t.Errorf("%s: got time %d at point %d, want %d at %d", tt.name, dg.At, dg.Point, tt.at, tt.point)
		}
	}
}

// What begins like HEP 1 or 2 and is none, or comes to another port, is a
// datagram as any other.
func TestHEP12IsNoGuess(t *testing.T) {
	four := bytesOf(uint16(5060), uint16(5062), "\x0a\x00\x00\x01", "\x0a\x00\x00\x02")
	good := bytesOf(1, 16, 2, 17, four, "BYE")
	tests := []struct {
		name   string
		port   uint16
		packet []byte
		want   bool
	}{
		{"HEP 1", 9060, good, true},
		{"another port", 9061, good, false},
		{"family 3", 9060, bytesOf(1, 16, 3, 17, four, "BYE"), false},
		{"header of 20", 9060, bytesOf(1, 20, 2, 17, four, "BYE,"), false},
		{"shorter than its header", 9060, bytesOf(1, 16, 2, 17, four[:9]), false},
		{"STUN", 9060, bytesOf(uint16(0x0101), uint16(0), uint32(0x2112a442), make([]byte, 12)), false},
	}
	for _, tt := range tests {
		f := testFrame(LinkRaw, testIPv4(wire.ProtocolUDP, testUDP(40000, tt.port, tt.packet)))
		f.HEP = true
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if !d.Decode(f, &dg) || dg.Message != tt.want {
			t.Errorf("%s: got %+v", tt.name, dg)
		}
	}
}

// A snap length leaves the beginning of a message, or nothing.
func TestHEPTruncated(t *testing.T) {
	packet := hep3(hepSIP4(), testChunk(0x0f, "INVITE sip:bob SIP/2.0\r\n\r\n"), testChunk(0x11, "id"))
	payloadAt := bytes.Index(packet, []byte("INVITE"))
	full := hepFrame(1, packet)
	headers := len(full.Data) - len(packet)
	for cut := headers; cut <= len(full.Data); cut++ {
		f := *full
		f.Data = full.Data[:cut]
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		ok := d.Decode(&f, &dg)
		have := min(cut-headers-payloadAt, 26)
		switch {
		case cut-headers < 6:
			if !ok || dg.Message {
				t.Errorf("%d octets: decoded %v, %+v", cut-headers, ok, dg)
			}
		case have <= 0:
			if ok || d.Counters().Passed[PassedTruncatedHeaders] != 1 {
				t.Errorf("%d octets: decoded %v, passed %v", cut-headers, ok, d.Counters().Passed)
			}
		case !ok || len(dg.Payload) != have || dg.Length != 26 || dg.Truncated != (have < 26):
			t.Errorf("%d octets: decoded %v, %+v, want %d octets of payload", cut-headers, ok, dg, have)
		}
	}
}

// A message that its node sends twice is a copy; from another node, or later,
// or with other octets, it is not.
func TestHEPCopies(t *testing.T) {
	message := func(node uint32, usec uint32, text string) []byte {
		return hep3(hepSIP4(), testChunk(0x0c, node), testChunk(9, uint32(1700000000)), testChunk(0x0a, usec), testChunk(0x0f, text))
	}
	const register = "REGISTER sip:example.org SIP/2.0\r\nCSeq: "
	first := message(1, 1000, register+"1")
	tests := []struct {
		name   string
		second []byte
		want   bool
	}{
		{"the same", first, true},
		{"5 ms later", message(1, 6000, register+"1"), true},
		{"6 ms later", message(1, 7000, register+"1"), false},
		{"another node", message(2, 1000, register+"1"), false},
		{"a difference at the end", message(1, 1000, register+"2"), false},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if !d.Decode(hepFrame(1700000000e9, first), &dg) || dg.Copy {
			t.Fatalf("got %+v", dg)
		}
		if !d.Decode(hepFrame(1700000000e9, tt.second), &dg) || dg.Copy != tt.want {
			t.Errorf("%s: got copy %v, want %v", tt.name, dg.Copy, tt.want)
		}
	}
}

// TestHEPCapture holds a real capture against what its truth file says, which
// another decoder made.
func TestHEPCapture(t *testing.T) {
	truth, err := os.ReadFile(filepath.Join(corpus, "truth", "hep__hep.pcap.hep.tsv"))
	if err != nil {
		t.Skip("no shared captures")
	}
	all, _ := readAll(t, filepath.Join(corpus, "files", "hep__hep.pcap"))
	lines := strings.Split(strings.Trim(string(truth), "\n"), "\n")[1:]
	if len(lines) != len(all) || len(all) == 0 {
		t.Fatalf("got %d frames, want %d", len(all), len(lines))
	}
	d := NewDecoder(DecoderConfig{})
	for i := range all {
		column := strings.Split(lines[i], "\t")
		var dg Datagram
		ok := d.Decode(&all[i], &dg)
		if kind := strings.Fields(column[4])[1]; kind == "type=100" {
			if ok {
				t.Errorf("frame %d: a log became %+v", i+1, dg)
			}
			continue
		}
		got := fmt.Sprintf("%d.%06d %v %v", dg.At/1e9, dg.At%1e9/1e3, dg.Source(), dg.Destination())
		if want := strings.Join(column[1:4], " "); !ok || got != want {
			t.Errorf("frame %d: got %s, want %s", i+1, got, want)
		}
		start, _, _ := strings.Cut(string(dg.Payload), "\n")
		if dg.Payload[0]>>6 != 2 && (strings.TrimSpace(start) != column[5] || string(dg.Correlation) != column[6]) {
			t.Errorf("frame %d: got %q of %q, want %q of %q", i+1, start, dg.Correlation, column[5], column[6])
		}
	}
	c := d.Counters()
	if c.HEP.SIP != 6 || c.HEP.RTCPJSON != 1 || c.Passed[PassedHEPOther] != 1 {
		t.Errorf("counted %+v", c)
	}
}
