package capture

import (
	"bytes"
	"testing"

	"earshot/capture/wire"
)

func TestWireLen(t *testing.T) {
	udp := testUDP(20000, 30000, testRTP(7)) // 180 octets
	ip4 := testIPv4(wire.ProtocolUDP, udp)   // 200
	ip6 := testIPv6(wire.ProtocolUDP, udp)   // 220
	small := testIPv4(wire.ProtocolUDP, testUDP(1, 2, []byte("hello, world")))
	tests := []struct {
		name  string
		frame *Frame
		want  int
	}{
		{"Ethernet: header 14, IPv4 200, FCS 4", testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, ip4)), 218},
		{"a VLAN tag more", testFrame(LinkEthernet, testEthernet(wire.EtherVLAN, bytesOf(uint16(1), uint16(wire.EtherIPv4), ip4))), 222},
		{"a frame is never shorter than 64", testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, small)), 64},
		{"the capture has the FCS", &Frame{Data: append(testEthernet(wire.EtherIPv4, ip4), 1, 2, 3, 4), OrigLen: 218, Link: LinkEthernet, FCS: 4}, 218},
		{"cut by the snap length", &Frame{Data: testEthernet(wire.EtherIPv4, ip4)[:96], OrigLen: 214, Link: LinkEthernet}, 218},
		{"VXLAN: the outermost frame", testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, wire.PortVXLAN,
			bytesOf(uint32(0x08000000), uint32(0), testEthernet(wire.EtherIPv4, ip4)))))), 14 + 20 + 8 + 8 + 214 + 4},
		{"raw IPv4 as if on Ethernet", testFrame(LinkRaw, ip4), 218},
		{"raw IPv6 as if on Ethernet", testFrame(LinkRaw, ip6), 238},
		{"SLL as if on Ethernet", testFrame(LinkLinuxSLL, bytesOf(uint16(0), uint16(1), uint16(6), uint32(0), uint32(0), uint16(wire.EtherIPv4), ip4)), 218},
		{"a small raw packet", testFrame(LinkRaw, small), 64},
		{"ERF says it itself", testFrame(LinkERF, bytesOf(uint32(0), uint32(0), 2, 4, uint16(18+214), uint16(0), uint16(218), "\x00\x00", testEthernet(wire.EtherIPv4, ip4))), 218},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if !d.Decode(tt.frame, &dg) {
			t.Errorf("%s: passed over: %v", tt.name, d.Counters().Passed)
			continue
		}
		if dg.WireLen != tt.want {
			t.Errorf("%s: got %d octets, want %d", tt.name, dg.WireLen, tt.want)
		}
	}
}

func TestHeaderFields(t *testing.T) {
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	udp := testUDP(20000, 30000, testRTP(7))
	// Priority 5 outside, 3 inside: the innermost counts.
	f := testFrame(LinkEthernet, testEthernet(wire.EtherQinQ, bytesOf(uint16(0xa001), uint16(wire.EtherVLAN), uint16(0x6002), uint16(wire.EtherIPv6), testIPv6(wire.ProtocolUDP, udp))))
	if !d.Decode(f, &dg) || !dg.Tagged || dg.Priority != 3 || dg.TOS != 0xb8 || dg.TTL != 63 || dg.Protocol != wire.ProtocolUDP || dg.At != f.At {
		t.Errorf("got %+v", dg)
	}
	f = testFrame(LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, testTCP(5060, 5062, 0xfffffff0, 0x12, []byte("x")))))
	if !d.Decode(f, &dg) || dg.Tagged || dg.TOS != 0xb8 || dg.TTL != 64 || dg.Protocol != wire.ProtocolTCP || dg.Seq != 0xfffffff0 || dg.Flags != 0x12 || dg.Length != 1 {
		t.Errorf("got %+v", dg)
	}
}

// What the snap length, UDP's length and IP's length make of a payload.
func TestLengths(t *testing.T) {
	payload := testRTP(7) // 172 octets
	frame := testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(20000, 30000, payload)))
	const ipLength, udpLength, headers = 14 + 2, 14 + 20 + 4, 14 + 20 + 8
	set := func(at int, length uint16) []byte {
		data := bytes.Clone(frame)
		data[at], data[at+1] = byte(length>>8), byte(length)
		return data
	}
	tests := []struct {
		name      string
		data      []byte
		origLen   int
		captured  int // octets of payload that remain, -1 when the frame is passed over
		length    int
		truncated bool
		reason    Reason
	}{
		{"whole", frame, 214, 172, 172, false, 0},
		{"cut in the payload", frame[:headers+20], 214, 20, 172, true, 0},
		{"cut after the UDP header", frame[:headers], 214, 0, 172, true, 0},
		{"cut in the UDP header", frame[:headers-1], 214, -1, 0, false, PassedTruncatedHeaders},
		{"cut in the IP header", frame[:20], 214, -1, 0, false, PassedTruncatedHeaders},
		{"cut in the Ethernet header", frame[:13], 214, -1, 0, false, PassedTruncatedHeaders},
		{"a frame that ends in the UDP header", frame[:headers-1], headers - 1, -1, 0, false, PassedTruncatedHeaders}, // IP promised more
		{"UDP length 0: as long as IP says", set(udpLength, 0), 214, 172, 172, false, 0},
		{"UDP length 7", set(udpLength, 7), 214, -1, 0, false, PassedBadHeader},
		{"UDP shorter than IP", set(udpLength, 108), 214, 100, 100, false, 0},
		{"UDP longer than IP", set(udpLength, 280), 214, 172, 272, true, 0},
		{"IP length 0: as long as the frame", set(ipLength, 0), 214, 172, 172, false, 0},
		{"IP length 0 in a frame of 2 GiB: UDP knows", set(ipLength, 0), 1<<31 - 1, 172, 172, false, 0},
		{"IP length 19", set(ipLength, 19), 214, -1, 0, false, PassedBadHeader},
		{"IP too short for UDP", set(ipLength, 27), 214, -1, 0, false, PassedBadHeader},
		{"IP header length 4", append(bytes.Clone(frame[:14]), append([]byte{0x44}, frame[15:]...)...), 214, -1, 0, false, PassedBadHeader},
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		ok := d.Decode(&Frame{Data: tt.data, OrigLen: tt.origLen, Link: LinkEthernet}, &dg)
		if ok != (tt.captured >= 0) {
			t.Errorf("%s: got %v, passed %v", tt.name, ok, d.Counters().Passed)
			continue
		}
		if !ok {
			if d.Counters().Passed[tt.reason] != 1 {
				t.Errorf("%s: passed %v, want %v", tt.name, d.Counters().Passed, tt.reason)
			}
			continue
		}
		if len(dg.Payload) != tt.captured || dg.Length != tt.length || dg.Truncated != tt.truncated {
			t.Errorf("%s: got %d of %d octets, truncated %v", tt.name, len(dg.Payload), dg.Length, dg.Truncated)
		}
	}
}

func TestPassedOver(t *testing.T) {
	tests := []struct {
		link LinkType
		data []byte
		want Reason
	}{
		{LinkType(147), make([]byte, 60), PassedUnknownLink},
		{LinkEthernet, testEthernet(wire.EtherARP, make([]byte, 46)), PassedARP},
		{LinkEthernet, testEthernet(0x88cc, make([]byte, 46)), PassedNotIP},                               // LLDP
		{LinkEthernet, testEthernet(38, bytesOf(0x42, 0x42, 0x03, make([]byte, 43))), PassedNotIP},        // spanning tree
		{LinkEthernet, testEthernet(wire.EtherPPPoE, bytesOf(0x11, 0x09, make([]byte, 44))), PassedNotIP}, // PADI
		{LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolICMP, testIPv4(wire.ProtocolUDP, testUDP(1, 2, testRTP(1))))), PassedICMP},
		{LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolICMPv6, make([]byte, 8))), PassedICMP},
		{LinkEthernet, testEthernet(wire.EtherIPv4, testIPv4(132, make([]byte, 40))), PassedOtherProtocol}, // SCTP
		{LinkEthernet, testEthernet(wire.EtherIPv4, testIPv6(wire.ProtocolUDP, testUDP(1, 2, nil))), PassedBadHeader},
		{LinkNull, bytesOf("\x07\x00\x00\x00", make([]byte, 40)), PassedNotIP},
		{LinkPPP, bytesOf(uint16(0xc021), make([]byte, 10)), PassedNotIP}, // LCP
		{LinkRaw, bytesOf(0x10, make([]byte, 40)), PassedNotIP},
		{LinkERF, bytesOf(uint32(0), uint32(0), 21, make([]byte, 40)), PassedNotIP}, // Infiniband
	}
	for _, tt := range tests {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if d.Decode(testFrame(tt.link, tt.data), &dg) {
			t.Errorf("% x: decoded %+v", tt.data, dg)
			continue
		}
		if d.Counters().Passed[tt.want] != 1 {
			t.Errorf("% x: passed %v, want %v", tt.data, d.Counters().Passed, tt.want)
		}
	}
}

func TestReasonsHaveNames(t *testing.T) {
	seen := make(map[string]bool)
	for r := range Reason(Reasons) {
		if r.String() == "" || seen[r.String()] {
			t.Errorf("reason %d: got %q", r, r)
		}
		seen[r.String()] = true
	}
}

func TestCountersAdd(t *testing.T) {
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	d.Decode(testFrame(LinkRaw, testIPv4(wire.ProtocolUDP, testUDP(1, 2, nil))), &dg)
	d.Decode(testFrame(LinkRaw, testIPv4Fragment(1, 0, true, wire.ProtocolUDP, make([]byte, 16))), &dg)
	sum, c := d.Counters(), d.Counters()
	sum.Add(&c)
	if sum.Packets != 4 || sum.Bytes != 2*(28+36) || sum.UDP != 2 || sum.Passed[PassedFragment] != 2 || sum.Fragments.Pending != 2 {
		t.Errorf("got %+v", sum)
	}
}

// One damaged time stamp moves nothing; two that agree do.
func TestPacketTime(t *testing.T) {
	const second, year = int64(1e9), int64(365 * 24 * 3600 * 1e9)
	steps := []struct{ at, now, arrival int64 }{
		{100 * second, 100 * second, 100 * second},
		{101 * second, 101 * second, 101 * second},
		{99 * second, 101 * second, 101 * second},            // late
		{101*second + year, 101 * second, 101*second + year}, // damaged
		{102 * second, 102 * second, 102 * second},
		{402 * second, 102 * second, 402 * second}, // five minutes of silence
		{403 * second, 403 * second, 403 * second},
		{403*second - year, 403 * second, 403 * second}, // set back
		{404*second - year, 404*second - year, 404*second - year},
	}
	var c packetTime
	for i, step := range steps {
		if got := c.advance(step.at); got != step.arrival || c.now != step.now {
			t.Errorf("step %d: got arrival %d and now %d, want %d and %d", i, got, c.now, step.arrival, step.now)
		}
	}
	for arrival, want := range map[int64]bool{c.now: false, c.now - 30*second: false, c.now - 31*second: true, c.now + maxBack: false, c.now + year: true} {
		if got := c.passed(arrival, 30*second); got != want {
			t.Errorf("arrival %d at %d: got passed %v, want %v", arrival, c.now, got, want)
		}
	}
}
