package capture

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// filterPackets are packets by name, as Ethernet frames. Addresses are 10.0.0.1
// to 10.0.0.2 and 2001:db8::1 to 2001:db8::2, 02:...:01 to 02:...:02.
func filterPackets() map[string][]byte {
	rtp := testUDP(20000, 30000, testRTP(1))
	sip := testUDP(5060, 5070, []byte("OPTIONS"))
	arp := bytesOf(uint16(1), uint16(0x0800), 6, 4, uint16(1), // request, Ethernet, IPv4
		"\x02\x00\x00\x00\x00\x01", testSrc4, "\x00\x00\x00\x00\x00\x00", testDst4)
	withOptions := testIPv4(wire.ProtocolUDP, bytesOf(0x94, 4, uint16(0), sip)) // router alert before UDP
	withOptions[0] = 0x46
	return map[string][]byte{
		"rtp":         testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, rtp)),
		"rtp6":        testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolUDP, rtp)),
		"sip":         testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, sip)),
		"sip options": testEthernet(wire.EtherIPv4, withOptions),
		"sip tcp":     testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, testTCP(40000, 5060, 1, 0x18, []byte("INVITE")))),
		"sip tcp6":    testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolTCP, testTCP(40000, 5060, 1, 0x18, []byte("INVITE")))),
		"https":       testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, testTCP(443, 40000, 1, 0x10, nil))),
		"first":       testEthernet(wire.EtherIPv4, testIPv4Fragment(1, 0, true, wire.ProtocolUDP, sip)),
		"later":       testEthernet(wire.EtherIPv4, testIPv4Fragment(1, 1480, false, wire.ProtocolUDP, sip)),
		"fragment6":   testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolFragment, bytesOf(wire.ProtocolUDP, 0, uint16(1), uint32(7), sip))),
		"hop by hop":  testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolHopByHop, bytesOf(wire.ProtocolUDP, 0, 1, 4, uint32(0), sip))),
		"icmp":        testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolICMP, []byte("\x08\x00\x00\x00\x00\x01\x00\x01"))),
		"icmp6":       testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolICMPv6, []byte("\x80\x00\x00\x00\x00\x01\x00\x01"))),
		"arp":         testEthernet(wire.EtherARP, arp),
		"gre":         testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolGRE, bytesOf(uint32(0x0800), testIPv4(wire.ProtocolUDP, rtp)))),
		"mpls":        testEthernet(wire.EtherMPLS, bytesOf(uint32(0x000641ff), testIPv4(wire.ProtocolUDP, rtp))),
		"vlan 5":      testEthernet(wire.EtherVLAN, bytesOf(uint16(0xa005), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, sip))),
		"qinq 7 5":    testEthernet(wire.EtherQinQ, bytesOf(uint16(0x0007), uint16(wire.EtherVLAN), uint16(5), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, sip))),
	}
}

// TestFilterByHand: which of the packets above an expression keeps, written
// down from pcap-filter(7) and the headers.
func TestFilterByHand(t *testing.T) {
	sips := "sip, sip options, vlan 5, qinq 7 5"
	tests := []struct{ expr, want string }{
		{"udp", "rtp, rtp6, first, later, fragment6, " + sips},
		{"ip and udp", "rtp, first, later, " + sips},
		{"tcp", "sip tcp, sip tcp6, https"},
		{"port 5060", "sip tcp, sip tcp6, first, " + sips},
		{"tcp port 5060 or 443", "sip tcp, sip tcp6, https"},
		{"src port sip", "first, " + sips},
		{"dst port 5060", "sip tcp, sip tcp6"},
		{"udp portrange 19000-20000", "rtp, rtp6"},
		{"portrange 5061-29999 and src portrange 5000-5060", "first, " + sips},
		{"fragment", "first, later, fragment6"},
		{"fragment and not port 5060", "later, fragment6"},
		{"src host 10.0.0.1 and not udp and not tcp", "icmp, arp, gre"},
		{"dst 10.0.0.1", ""},
		{"ip host 10.0.0.2 and not udp and not tcp", "icmp, gre"},
		{"arp host 10.0.0.2", "arp"},
		{"host 2001:db8::1 or 10.9.9.9", "rtp6, sip tcp6, fragment6, hop by hop, icmp6"},
		{"dst net 2001:db8::2/127 and udp", "rtp6, fragment6"},
		{"net 2001:db8:0:1::/64", ""},
		{"net 10.0.0.0/30 and icmp", "icmp"},
		{"net 10.0 and icmp", "icmp"},
		{"net 10.0.0.4/30 or 11", ""},
		{"icmp or icmp6", "icmp, icmp6"},
		{"proto 47", "gre"},
		{"ip6 proto 0", "hop by hop"},
		{"proto icmp or gre", "icmp, gre"},
		{"ether proto 0x8847", "mpls"},
		{"vlan", "vlan 5, qinq 7 5"},
		{"vlan 5", "vlan 5, qinq 7 5"},
		{"vlan 7 && port 5060", "qinq 7 5"},
		{"!ip && !ip6", "arp, mpls"},
		{"ether src 02:00:00:00:00:01 and arp", "arp"},
		{"ether dst 02:00:00:00:00:01", ""},
		{"icmp or arp and ip", "icmp"},      // left to right: (icmp or arp) and ip
		{"icmp or (arp and ip)", "icmp"},    //
		{"arp or icmp6 and icmp6", "icmp6"}, // would be both if "and" bound closer
		{"src and dst net 10.0.0.0/30 and icmp", "icmp"},
		{"src and dst host 10.0.0.1", ""},
		{"src or dst port (443 or 30000)", "rtp, rtp6, https"},
		{"less 60", "icmp, arp, sip, sip tcp, first, later, sip options, vlan 5, qinq 7 5, https"},
		{"greater 215", "rtp6, gre, mpls"},
	}
	packets := filterPackets()
	for _, tt := range tests {
		var want []string
		for name := range strings.SplitSeq(tt.want, ", ") {
			if name != "" {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		f, err := CompileFilter(tt.expr)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, side := range []string{"sent", "received"} {
			var got []string
			for name, data := range packets {
				k := ethernetPacket(data, len(data))
				if side == "received" {
					k = k.untagged()
				}
				if keeps(t, f, k) {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got %v, want %v", tt.expr, side, got, want)
			}
		}
	}
}

// TestFilterBare: the same program on a link without header.
func TestFilterBare(t *testing.T) {
	for name, frame := range filterPackets() {
		etherType := uint16(be16(frame[12:]))
		k := bare(etherType, frame[14:], len(frame)-14)
		for _, expr := range []string{"udp", "port 5060", "host 10.0.0.1", "dst 2001:db8::2", "fragment", "icmp6", "vlan 5"} {
			f, _ := CompileFilter(expr)
			if got, want := keeps(t, f, k), keeps(t, f, ethernetPacket(frame, len(frame))); got != want {
				t.Errorf("%s on %s: got %v, want %v", expr, name, got, want)
			}
		}
		mac, _ := CompileFilter("ether src 02:00:00:00:00:01")
		if keeps(t, mac, k) {
			t.Errorf("%s: an Ethernet address on a link that has none", name)
		}
	}
}

// TestDefaultFilter: what the documentation says of it.
func TestDefaultFilter(t *testing.T) {
	gone := []string{"https", "icmp", "icmp6", "arp"}
	f := DefaultFilter()
	for name, data := range filterPackets() {
		if got, want := keeps(t, f, ethernetPacket(data, len(data)).untagged()), !slices.Contains(gone, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if f.String() != DefaultFilterExpression {
		t.Errorf("got %q", f.String())
	}
}

func TestFilterErrors(t *testing.T) {
	tests := []struct {
		expr   string
		column int
		want   string
	}{
		{"port", 5, "want a port from 0 to 65535 or its name, have the end"},
		{"port 70000", 6, `have "70000"`},
		{"udp prot 5060", 5, `want "and", "or" or the end, have "prot"`},
		{"prot 5060", 1, "want host, net, port"},
		{"host example.com", 6, "names are not looked up"},
		{"net 10.0.0.1/8", 5, "write 10.0.0.0/8"},
		{"net 10.0.0.0 mask 255.0.255.0", 19, "want an IPv4 mask"},
		{"portrange 20-10", 11, "want a range of ports"},
		{"(udp and port 5060", 19, `want "and", "or" or ")", have the end`},
		{"udp)", 4, `have ")"`},
		{"udp and", 8, "want a condition"},
		{"or udp", 1, "want a condition"},
		{"ip[6:2] & 0x1fff != 0", 3, "use fragment"},
		{"udp & tcp", 5, "want &&"},
		{"tcp host 10.0.0.1", 1, "tcp does not go with host"},
		{"src proto 17", 1, "src does not go with proto"},
		{"ip6 host 10.0.0.1", 10, "want an address of ip6"},
		{"ether host 10.0.0.1", 12, "want an Ethernet address"},
		{"vlan 4096", 6, "want a VLAN identifier from 0 to 4095"},
		{"5060", 1, "want host, net, port"},
		{"port 5060 or 10.0.0.1", 14, "want a port"},
		{"udp and ö", 9, `have 'ö'`},
		{"ether proto 0x10", 13, "want an EtherType"},
		{strings.Repeat("(", 300) + "udp", 202, "want at most 200"},
	}
	for _, tt := range tests {
		_, err := CompileFilter(tt.expr)
		if err == nil {
			t.Errorf("%q: no error", tt.expr)
			continue
		}
		if text := err.Error(); !strings.Contains(text, fmt.Sprintf("column %d: ", tt.column)) || !strings.Contains(text, tt.want) {
			t.Errorf("%q: got %q, want column %d and %q", tt.expr, text, tt.column, tt.want)
		}
	}
}

// TestFilterSize: long lists make far jumps; too long ones are refused.
func TestFilterSize(t *testing.T) {
	list := func(n int) string {
		var b strings.Builder
		b.WriteString("icmp or host 10.1.0.0")
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, " or 10.1.%d.%d", i>>8, i&255)
		}
		return b.String()
	}
	f, err := CompileFilter(list(900))
	if err != nil {
		t.Fatal(err)
	}
	for _, dst := range []string{"\x0a\x01\x00\x00", "\x0a\x01\x03\x83", "\x0a\x01\x03\x84"} { // the first, the last (899), the one behind it
		packet := testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, 2, nil)))
		copy(packet[30:], dst)
		if got, want := keeps(t, f, ethernetPacket(packet, len(packet))), dst != "\x0a\x01\x03\x84"; got != want {
			t.Errorf("%q: got %v, want %v", dst, got, want)
		}
	}
	if _, err := CompileFilter(list(3000)); err == nil || !strings.Contains(err.Error(), "the kernel accepts 4096") {
		t.Errorf("3000 addresses: got %v", err)
	}
}

func TestFilterSnapTo(t *testing.T) {
	f, _ := CompileFilter("udp")
	packet := filterPackets()["rtp"]
	m := machine{packet: ethernetPacket(packet, len(packet))}
	if got := m.run(t, f.SnapTo(96).program); got != 96 {
		t.Errorf("got %d octets, want 96", got)
	}
	m = machine{packet: ethernetPacket(packet, len(packet))}
	if got := m.run(t, f.SnapTo(96).SnapTo(0).program); got != keepWhole {
		t.Errorf("got %d octets, want %d", got, keepWhole)
	}
	other := ethernetPacket(filterPackets()["icmp"], 42)
	if keeps(t, f.SnapTo(96), other) {
		t.Error("keeps what f does not")
	}
	if raw, _ := bpf.Assemble(f.program); !slices.Equal(raw, f.Instructions()) {
		t.Error("Instructions differ from the program")
	}
}
