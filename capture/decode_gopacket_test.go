package capture

import (
	"bytes"
	"math/rand"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"earshot/capture/wire"
)

// oracle decodes with gopacket, which is ten times slower and knows no copies,
// fragments or inner tunnels.
type oracle struct {
	ethernet  layers.Ethernet
	tag       layers.Dot1Q
	ip4       layers.IPv4
	ip6       layers.IPv6
	extension layers.IPv6ExtensionSkipper
	udp       layers.UDP
	tcp       layers.TCP
	parser    *gopacket.DecodingLayerParser
	layers    []gopacket.LayerType
}

func newOracle() *oracle {
	o := &oracle{}
	o.parser = gopacket.NewDecodingLayerParser(layers.LayerTypeEthernet,
		&o.ethernet, &o.tag, &o.ip4, &o.ip6, &o.extension, &o.udp, &o.tcp)
	o.parser.IgnoreUnsupported = true
	return o
}

// decode returns what gopacket takes from a frame; ok is false when it stops
// before a transport header, or finds two networks.
func (o *oracle) decode(data []byte) (dg Datagram, ok bool) {
	if o.parser.DecodeLayers(data, &o.layers) != nil || len(o.layers) == 0 {
		return dg, false
	}
	var src, dst netip.Addr
	networks := 0
	for _, layer := range o.layers {
		switch layer {
		case layers.LayerTypeIPv4:
			networks++
			src, _ = netip.AddrFromSlice(o.ip4.SrcIP)
			dst, _ = netip.AddrFromSlice(o.ip4.DstIP)
			dg.TOS, dg.TTL = o.ip4.TOS, o.ip4.TTL
		case layers.LayerTypeIPv6:
			networks++
			src, _ = netip.AddrFromSlice(o.ip6.SrcIP)
			dst, _ = netip.AddrFromSlice(o.ip6.DstIP)
			dg.TOS, dg.TTL = o.ip6.TrafficClass, o.ip6.HopLimit
		case layers.LayerTypeUDP:
			dg.Protocol = wire.ProtocolUDP
			dg.SrcPort, dg.DstPort = uint16(o.udp.SrcPort), uint16(o.udp.DstPort)
			dg.Payload = o.udp.Payload
		case layers.LayerTypeTCP:
			dg.Protocol = wire.ProtocolTCP
			dg.SrcPort, dg.DstPort = uint16(o.tcp.SrcPort), uint16(o.tcp.DstPort)
			dg.Payload, dg.Seq = o.tcp.Payload, o.tcp.Seq
		}
	}
	dg.SrcAddr, dg.DstAddr = src.As16(), dst.As16()
	return dg, networks == 1 && dg.Protocol != 0
}

// samePayload compares payloads.
func (o *oracle) samePayload(got, want []byte) bool {
	if o.hopByHop() {
		return bytes.HasPrefix(want, got)
	}
	return bytes.Equal(got, want)
}

// hopByHop reports whether the length may be wrong: gopacket forgets to take
// hop-by-hop options off what IPv6 gives for all that follows its header (RFC
// 8200 3).
func (o *oracle) hopByHop() bool {
	return slices.Contains(o.layers, layers.LayerTypeIPv6) && o.ip6.NextHeader == layers.IPProtocolIPv6HopByHop
}

// lenient reports whether gopacket took a header that is wrong.
func (o *oracle) lenient() bool {
	v4, v6 := slices.Contains(o.layers, layers.LayerTypeIPv4), slices.Contains(o.layers, layers.LayerTypeIPv6)
	return v4 && o.ip4.Version != 4 || v6 && o.ip6.Version != 6 || o.hopByHop()
}

// isFragment reports whether the frame was a fragment: gopacket takes one of
// IPv6 for the whole.
func isFragment(c Counters) bool {
	return c.Passed[PassedFragment]+c.Passed[PassedFragmentRefused] > 0
}

// TestMutatedAgainstGopacket damages headers and holds the decoder against
// gopacket: what both decode must agree; what gopacket alone decodes must have
// a reason that is one of gopacket's known leniencies.
func TestMutatedAgainstGopacket(t *testing.T) {
	udp := testUDP(20000, 30000, testRTP(7))
	tcp := testTCP(5060, 5060, 77, 0x18, []byte("SIP/2.0 200 OK\r\n\r\n"))
	seeds := [][]byte{
		testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, udp)),
		testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, tcp)),
		testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolUDP, udp)),
		testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolTCP, tcp)),
		testEthernet(wire.EtherVLAN, bytesOf(uint16(7), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, udp))),
		testEthernet(wire.EtherQinQ, bytesOf(uint16(7), uint16(wire.EtherVLAN), uint16(8), uint16(wire.EtherIPv6), testIPv6(wire.ProtocolTCP, tcp))),
		testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolHopByHop, bytesOf(wire.ProtocolUDP, 0, "\x05\x02\x00\x00\x01\x00", udp))),
	}
	random := rand.New(rand.NewSource(1))
	o := newOracle()
	d := NewDecoder(DecoderConfig{})
	both := 0
	for n := range 200_000 {
		seed := seeds[n%len(seeds)]
		data := bytes.Clone(seed)
		for range random.Intn(4) {
			data[random.Intn(min(80, len(data)))] = byte(random.Int())
		}
		if random.Intn(8) == 0 {
			data = data[:random.Intn(len(data))]
		}
		want, ok := o.decode(data)
		if isFragment(d.Counters()) {
			d = NewDecoder(DecoderConfig{}) // forget it
		}
		var got Datagram
		decodes := d.Decode(testFrame(LinkEthernet, data), &got)
		switch {
		case ok && decodes:
			both++
			if got.SrcAddr != want.SrcAddr || got.DstAddr != want.DstAddr || got.SrcPort != want.SrcPort || got.DstPort != want.DstPort ||
				got.Seq != want.Seq || got.TOS != want.TOS || got.TTL != want.TTL || !o.samePayload(got.Payload, want.Payload) {
				t.Fatalf("% x:\n got %+v\nwant %+v", data, got, want)
			}
		case ok && !o.lenient() && !isFragment(d.Counters()):
			t.Fatalf("% x: passed over as %v, gopacket has %+v", data, d.Counters().Passed, want)
		}
	}
	if both < 50_000 {
		t.Errorf("only %d frames were compared", both)
	}
}
