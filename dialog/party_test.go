package dialog

import (
	"net/netip"
	"testing"

	"github.com/pion/rtcp"
)

// A phone behind NAT and a relay that no SDP names: what each of them announced
// is not what is on the wire. Who captured it knows the Call-ID all the same.
const (
	natPhone   = "203.0.113.5:4000"
	relay      = "198.51.100.9:30000"
	natRTCP    = "203.0.113.5:4001"
	relayRTCP  = "198.51.100.9:30001"
	proxySIP   = "198.51.100.1:5060"
	natSIP     = "203.0.113.5:1024"
	hiddenSDP  = "10.0.0.7:4000"
	hiddenSDP2 = "10.0.0.8:4000"
)

// correlated plays RTCP that HEP says is of a call, in one direction, and the stream.
func correlated(t *testing.T, src, dst string, b []byte, callID string) *CallRecord {
	t.Helper()
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	f.feed("0 A>B INVITE\n10 B>A 200 OK to=bob;b\n20 A>B ACK to=bob;b br=ack")
	l := f.table.sets["c1"].call.legs[0]
	l.src, l.dst = netip.MustParseAddrPort(natSIP), netip.MustParseAddrPort(proxySIP)
	f.table.RTCP(epoch+2*second, netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst), callID, b)
	r := rtp(natPhone, relay, 0xa, 0, 0)
	r.Start, r.End, r.Packets, r.Expected = epoch+second, epoch+6*second, 250, 250
	f.table.Report(r)
	f.feed("7000 A>B BYE to=bob;b cseq=2\n7010 B>A 200 OK to=bob;b cseq=2/BYE")
	f.table.Close(epoch+20*second, f.emit)
	for _, r := range f.records {
		if c, ok := r.(*CallRecord); ok {
			return c
		}
	}
	t.Fatal("no call record")
	return nil
}

func TestBindCorrelation(t *testing.T) {
	tests := []struct {
		name     string
		src, dst string
		b        []byte
		callID   string
		want     string
	}{
		{"the phone's own report", natRTCP, relayRTCP, senderReport(0xa, 1<<32, 50), "c1",
			"203.0.113.5:4000>198.51.100.9:30000 0x0000000a from_caller correlation"},
		{"a report to the phone", relayRTCP, natRTCP, receiverReport(0xb, block{ssrc: 0xa}), "c1",
			"203.0.113.5:4000>198.51.100.9:30000 0x0000000a from_caller correlation"},
		{"nobody said of which call", natRTCP, relayRTCP, senderReport(0xa, 1<<32, 50), "", ""},
		{"of a call that was not seen", natRTCP, relayRTCP, senderReport(0xa, 1<<32, 50), "c2", ""},
		{"of another stream", natRTCP, relayRTCP, senderReport(0xc, 1<<32, 50), "c1", ""},
		{"between hosts that nobody knows", "192.0.2.200:4001", relayRTCP, senderReport(0xa, 1<<32, 50), "c1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantLines(t, "bindings", bindings(correlated(t, tt.src, tt.dst, tt.b, tt.callID)), tt.want)
		})
	}
}

// TestSenderOf: an announced port goes before a correlation id, an m-line's
// host before a SIP peer's, and a datagram of neither side is nobody's.
func TestSenderOf(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, hiddenSDP, hiddenSDP2)
	l := c.legs[0]
	l.src, l.dst = netip.MustParseAddrPort(natSIP), netip.MustParseAddrPort(proxySIP)
	named := &dialogSet{call: c, legs: c.legs}
	addr := func(a string) netip.Addr { return netip.MustParseAddrPort(a).Addr() }
	toCaller := s.m.endpoints.get(netip.MustParseAddrPort(hiddenSDP))[0]
	tests := []struct {
		name     string
		to       *endpoint
		named    *dialogSet
		src, dst string
		want     party
	}{
		{"to the caller's announced port", toCaller, named, natRTCP, hiddenSDP, party{leg: l, from: callee}},
		{"from the caller's media host", nil, named, "10.0.0.7:9", relayRTCP, party{leg: l, from: caller, named: true}},
		{"to the callee's media host", nil, named, relayRTCP, "10.0.0.8:9", party{leg: l, from: caller, named: true}},
		{"to the caller's media host", nil, named, relayRTCP, "10.0.0.7:9", party{leg: l, from: callee, named: true}},
		{"from the caller's SIP host", nil, named, natRTCP, relayRTCP, party{leg: l, from: caller, named: true}},
		{"from the callee's SIP host", nil, named, "198.51.100.1:9", relayRTCP, party{leg: l, from: callee, named: true}},
		{"to the caller's SIP host", nil, named, relayRTCP, natRTCP, party{leg: l, from: callee, named: true}},
		{"neither's", nil, named, "192.0.2.200:9", relayRTCP, party{}},
		{"of no call", nil, nil, natRTCP, relayRTCP, party{}},
	}
	for _, tt := range tests {
		if got := senderOf(tt.to, tt.named, addr(tt.src), addr(tt.dst)); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
	p := party{leg: l, from: callee}
	if p.learn(party{leg: l, from: caller, named: true}); p.from != callee || p.named {
		t.Errorf("a correlation id replaced an announced port: %+v", p)
	}
	p = party{leg: l, from: callee, named: true}
	if p.learn(party{leg: l, from: caller}); p.from != caller || p.named {
		t.Errorf("an announced port did not replace a correlation id: %+v", p)
	}
}

// TestRTCPTypes counts the packets of a compound of RR, XR, an SR alone, and
// what pion writes of the rest.
func TestRTCPTypes(t *testing.T) {
	rest, err := rtcp.Marshal([]rtcp.Packet{
		&rtcp.ReceiverReport{SSRC: 1},
		&rtcp.SourceDescription{Chunks: []rtcp.SourceDescriptionChunk{{Source: 1, Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "x"}}}}},
		&rtcp.Goodbye{Sources: []uint32{1}},
		&rtcp.ApplicationDefined{SSRC: 1, Name: "test", Data: []byte{0, 0, 0, 0}},
		&rtcp.PictureLossIndication{SenderSSRC: 1, MediaSSRC: 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	table := NewTable(Config{Codecs: sceneCodecs})
	for _, b := range [][]byte{voipReport(1, 2), senderReport(1, 1<<32, 50), rest} {
		table.RTCP(epoch, netip.MustParseAddrPort(natRTCP), netip.MustParseAddrPort(relayRTCP), "", b)
	}
	got := table.Totals()
	for name, want := range map[string]uint64{"sr": 1, "rr": 2, "sdes": 1, "bye": 1, "app": 1, "xr": 1, "other": 1} {
		if n, present := got.RTCPTypes[name]; n != want || !present {
			t.Errorf("%s: got %d, want %d", name, n, want)
		}
	}
	if len(got.RTCPTypes) != 7 || got.RTCPPackets != 3 || got.UnparsedRTCP != 0 {
		t.Errorf("got %v in %d datagrams, %d unparsed", got.RTCPTypes, got.RTCPPackets, got.UnparsedRTCP)
	}
	if none := NewTable(Config{}).Totals().RTCPTypes; len(none) != 7 || none["sr"] != 0 {
		t.Errorf("before any: got %v, want all types at 0", none)
	}
}
