package capture

import (
	"bytes"
	"testing"

	"earshot/capture/wire"
)

// TestDecodeThrough takes one RTP packet through every link layer and tunnel.
func TestDecodeThrough(t *testing.T) {
	udp := testUDP(20000, 30000, testRTP(7))
	ip4 := testIPv4(wire.ProtocolUDP, udp)
	ip6 := testIPv6(wire.ProtocolUDP, udp)
	frame := testEthernet(wire.EtherIPv4, ip4)
	inUDP := func(port uint16, parts ...any) []byte {
		return testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(40000, port, bytesOf(parts...))))
	}
	inIP := func(protocol int, parts ...any) []byte {
		return testEthernet(wire.EtherIPv4, testIPv4(protocol, bytesOf(parts...)))
	}
	ethernet := func(etherType uint16, parts ...any) []byte {
		return testEthernet(etherType, bytesOf(parts...))
	}
	erfHeader := func(kind int, length int) []byte {
		return bytesOf("\x00\x00\x00\x00\x00\x00\x00\x00", // timestamp
			kind, 0x04, // type, flags
			uint16(16+length), uint16(0), uint16(length+4)) // record length, loss counter, wire length with FCS
	}

	tests := []struct {
		name string
		link LinkType
		data []byte
	}{
		{"Ethernet, IPv4", LinkEthernet, frame},
		{"Ethernet, IPv6", LinkEthernet, testEthernet(wire.EtherIPv6, ip6)},
		{"Ethernet with padding", LinkEthernet, append(bytes.Clone(frame), 0xde, 0xad)},
		{"IPv4 options", LinkEthernet, ethernet(wire.EtherIPv4, 0x46, 0, uint16(24+len(udp)), uint16(1), uint16(0), 64, wire.ProtocolUDP, uint16(0),
			testSrc4, testDst4, "\x94\x04\x00\x00", udp)}, // router alert
		{"IPv4 of length 0", LinkEthernet, ethernet(wire.EtherIPv4, ip4[:2], uint16(0), ip4[4:])},
		{"IPv4 authentication header", LinkEthernet, inIP(wire.ProtocolAH, wire.ProtocolUDP, 4, uint16(0), uint32(1), uint32(1), "123456789012", udp)},
		{"IPv6 hop-by-hop, routing, destination", LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolHopByHop, bytesOf(
			wire.ProtocolRouting, 0, "\x05\x02\x00\x00\x01\x00",
			wire.ProtocolDestination, 1, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
			wire.ProtocolUDP, 0, "\x01\x04\x00\x00\x00\x00", udp)))},
		{"IPv6 atomic fragment", LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolFragment, bytesOf(wire.ProtocolUDP, 0, uint16(0), uint32(9), udp)))},
		{"LLC and SNAP", LinkEthernet, ethernet(uint16(8+len(ip4)), "\xaa\xaa\x03\x00\x00\x00", uint16(wire.EtherIPv4), ip4)},

		{"SLL", LinkLinuxSLL, bytesOf(uint16(wire.CookedOutgoing), uint16(1), uint16(6), "\x02\x00\x00\x00\x00\x01\x00\x00", uint16(wire.EtherIPv4), ip4)},
		{"SLL, VLAN", LinkLinuxSLL, bytesOf(uint16(0), uint16(1), uint16(6), "\x02\x00\x00\x00\x00\x01\x00\x00", uint16(wire.EtherVLAN), uint16(5), uint16(wire.EtherIPv6), ip6)},
		{"SLL2", LinkLinuxSLL2, bytesOf(uint16(wire.EtherIPv6), uint16(0), uint32(3), uint16(1), 0, 6, "\x02\x00\x00\x00\x00\x01\x00\x00", ip6)},
		{"NULL, little-endian", LinkNull, bytesOf("\x02\x00\x00\x00", ip4)},
		{"NULL, big-endian", LinkNull, bytesOf("\x00\x00\x00\x02", ip4)},
		{"NULL, IPv6 of Darwin", LinkNull, bytesOf("\x1e\x00\x00\x00", ip6)},
		{"NULL, IPv6 of FreeBSD", LinkNull, bytesOf("\x00\x00\x00\x1c", ip6)},
		{"LOOP, IPv6 of OpenBSD", LinkLoop, bytesOf("\x00\x00\x00\x18", ip6)},
		{"LOOP, IPv6 of Linux", LinkLoop, bytesOf("\x00\x00\x00\x0a", ip6)},
		{"raw, version 4", LinkRaw, ip4},
		{"raw, version 6", LinkRaw12, ip6},
		{"IPv4", LinkIPv4, ip4},
		{"IPv6", LinkIPv6, ip6},
		{"PPP", LinkPPP, bytesOf(uint16(wire.PPPIPv4), ip4)},
		{"PPP, one octet of protocol", LinkPPP, bytesOf(wire.PPPIPv6, ip6)},
		{"PPP, HDLC framing", LinkPPPHDLC, bytesOf("\xff\x03", uint16(wire.PPPIPv6), ip6)},
		{"Cisco HDLC", LinkPPPHDLC, bytesOf("\x0f\x00", uint16(wire.EtherIPv4), ip4)},
		{"PPPoE link type", LinkPPPoE, bytesOf(0x11, 0, uint16(1), uint16(2+len(ip4)), uint16(wire.PPPIPv4), ip4)},
		{"ERF, Ethernet", LinkERF, bytesOf(erfHeader(2, len(frame)), "\x00\x00", frame)},
		{"ERF, extension headers", LinkERF, bytesOf(erfHeader(0x80|2, len(frame)), "\x83.......", "\x04.......", "\x00\x00", frame)},
		{"ERF, IPv4", LinkERF, bytesOf(erfHeader(22, len(ip4)), ip4)},
		{"ERF, IPv6", LinkERF, bytesOf(erfHeader(23, len(ip6)), ip6)},
		{"ERF, HDLC", LinkERF, bytesOf(erfHeader(1, len(ip4)), "\xff\x03", uint16(wire.PPPIPv4), ip4)},

		{"VLAN", LinkEthernet, ethernet(wire.EtherVLAN, uint16(0xa064), uint16(wire.EtherIPv4), ip4)},
		{"QinQ", LinkEthernet, ethernet(wire.EtherQinQ, uint16(100), uint16(wire.EtherVLAN), uint16(200), uint16(wire.EtherIPv6), ip6)},
		{"QinQ of old", LinkEthernet, ethernet(wire.EtherQinQOld, uint16(100), uint16(wire.EtherVLAN), uint16(200), uint16(wire.EtherIPv4), ip4)},
		{"MPLS, IPv4", LinkEthernet, ethernet(wire.EtherMPLS, uint32(16<<12|64), uint32(17<<12|0x100|64), ip4)},
		{"MPLS, IPv6", LinkEthernet, ethernet(wire.EtherMPLS, uint32(16<<12|0x100|64), ip6)},
		{"MPLS, pseudowire with control word", LinkEthernet, ethernet(wire.EtherMPLS, uint32(16<<12|0x100|64), uint32(0), frame)},
		{"MPLS, pseudowire without", LinkEthernet, ethernet(wire.EtherMPLS, uint32(16<<12|0x100|64), frame)},
		{"MPLS, a MAC that begins like IPv4", LinkEthernet, ethernet(wire.EtherMPLS, uint32(16<<12|0x100|64), "\x46\x00\x00\x00\x00\x02", frame[6:])},
		{"PPPoE", LinkEthernet, ethernet(wire.EtherPPPoE, 0x11, 0, uint16(7), uint16(2+len(ip4)), uint16(wire.PPPIPv4), ip4, "padding")},
		{"provider backbone bridge", LinkEthernet, ethernet(wire.EtherPBB, uint32(0x123456), frame)},

		{"IP in IP", LinkEthernet, inIP(wire.ProtocolIPv4, ip4)},
		{"6in4", LinkEthernet, inIP(wire.ProtocolIPv6, ip6)},
		{"4in6", LinkEthernet, testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolIPv4, ip4))},
		{"GRE", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0), uint16(wire.EtherIPv4), ip4)},
		{"GRE with checksum, key and sequence", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0xb000), uint16(wire.EtherIPv6), uint32(0), uint32(1), uint32(2), ip6)},
		{"GRE version 1 with PPP", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x3081), uint16(wire.EtherPPP), uint16(4+len(ip4)), uint16(1), uint32(5), uint32(4), "\xff\x03", uint16(wire.PPPIPv4), ip4)},
		{"NVGRE", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x2000), uint16(wire.EtherTEB), uint32(77<<8), frame)},
		{"GRE with MPLS", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0), uint16(wire.EtherMPLS), uint32(16<<12|0x100|64), ip4)},
		{"Ethernet over IP of MikroTik", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x2001), uint16(wire.EtherEoIP), uint16(len(frame)), uint16(7), frame)},
		{"ERSPAN I", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0), uint16(wire.EtherERSPAN), frame)},
		{"ERSPAN II", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x1000), uint16(wire.EtherERSPAN), uint32(1), uint32(0x10640001), uint32(0), frame)},
		{"ERSPAN III", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x1000), uint16(wire.EtherERSPAN3), uint32(1), uint32(0x20640001), uint32(0), uint32(0), frame)},
		{"ERSPAN III with subheader", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0x1000), uint16(wire.EtherERSPAN3), uint32(1), uint32(0x20640001), uint32(0), uint32(1), uint32(0), uint32(0), frame)},
		{"VXLAN", LinkEthernet, inUDP(wire.PortVXLAN, uint32(0x08000000), uint32(42<<8), frame)},
		{"VXLAN of Linux", LinkEthernet, inUDP(wire.PortVXLANLinux, uint32(0x08000000), uint32(42<<8), frame)},
		{"VXLAN extended", LinkEthernet, inUDP(wire.PortVXLANGPE, uint32(0x0c000001), uint32(42<<8), ip4)},
		{"Geneve with options", LinkEthernet, inUDP(wire.PortGeneve, 0x02, 0, uint16(wire.EtherTEB), uint32(42<<8), "optionen", frame)},
		{"Geneve with IPv6", LinkEthernet, inUDP(wire.PortGeneve, 0, 0, uint16(wire.EtherIPv6), uint32(42<<8), ip6)},
		{"GTP-U", LinkEthernet, inUDP(wire.PortGTPU, 0x30, 0xff, uint16(len(ip4)), uint32(1), ip4)},
		{"GTP-U with sequence number", LinkEthernet, inUDP(wire.PortGTPU, 0x32, 0xff, uint16(4+len(ip6)), uint32(1), uint16(9), 0, 0, ip6)},
		{"GTP-U with PDU session container", LinkEthernet, inUDP(wire.PortGTPU, 0x34, 0xff, uint16(8+len(ip4)), uint32(1), uint16(0), 0, 0x85, 1, 0x10, 0x09, 0, ip4)},
		{"L2TP", LinkEthernet, inUDP(wire.PortL2TP, uint16(0x0002), uint16(1), uint16(2), "\xff\x03", uint16(wire.PPPIPv4), ip4)},
		{"L2TP with length, sequence and offset", LinkEthernet, inUDP(wire.PortL2TP, uint16(0x4a02), uint16(8+4+2+3+1+len(ip6)), uint16(1), uint16(2), uint32(5), uint16(3), "pad", wire.PPPIPv6, ip6)},
		{"L2TP version 3 in UDP, cookie", LinkEthernet, inUDP(wire.PortL2TP, uint16(0x0003), uint16(0), uint32(99), "cook", frame)},
		{"L2TP version 3, no cookie", LinkEthernet, inIP(wire.ProtocolL2TP, uint32(99), frame)},
		{"L2TP version 3, cookie and sublayer, PPP", LinkEthernet, inIP(wire.ProtocolL2TP, uint32(99), "cookcook", uint32(0x40000001), "\xff\x03", uint16(wire.PPPIPv4), ip4)},
		{"ERSPAN of VLAN of VXLAN of MPLS", LinkEthernet, inIP(wire.ProtocolGRE, uint16(0), uint16(wire.EtherERSPAN),
			ethernet(wire.EtherVLAN, uint16(5), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, testUDP(1, wire.PortVXLAN, bytesOf(uint32(0x08000000), uint32(0),
				ethernet(wire.EtherMPLS, uint32(0x100), ip6))))))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			if !d.Decode(testFrame(tt.link, tt.data), &dg) {
				t.Fatalf("passed over: %v", d.Counters().Passed)
			}
			wantSrc, wantDst := "10.0.0.1:20000", "10.0.0.2:30000"
			if dg.SrcAddr[0] == 0x20 {
				wantSrc, wantDst = "[2001:db8::1]:20000", "[2001:db8::2]:30000"
			}
			if dg.Source().String() != wantSrc || dg.Destination().String() != wantDst {
				t.Errorf("got %v to %v, want %s to %s", dg.Source(), dg.Destination(), wantSrc, wantDst)
			}
			if !bytes.Equal(dg.Payload, testRTP(7)) || dg.Length != 172 || dg.Truncated || dg.Fragmented || dg.Copy {
				t.Errorf("got payload of %d octets, %+v", len(dg.Payload), dg)
			}
		})
	}
}

// A phone may use any port. What makes no sense as a tunnel is a datagram.
func TestTunnelPortsOfPhones(t *testing.T) {
	for _, port := range []uint16{wire.PortVXLAN, wire.PortVXLANGPE, wire.PortVXLANLinux, wire.PortGeneve, wire.PortGTPU, wire.PortL2TP} {
		for name, payload := range map[string][]byte{
			"RTP":   testRTP(1),
			"SIP":   []byte("OPTIONS sip:a SIP/2.0\r\n\r\n"),
			"empty": nil,
			"VXLAN with garbage": bytesOf(uint32(0x08000000), uint32(0), testEthernet(wire.EtherIPv4,
				bytesOf("\x65 not IP of version 4 at all"))),
		} {
			f := testFrame(LinkEthernet, testEthernet(wire.EtherVLAN, bytesOf(uint16(0xa001), uint16(wire.EtherIPv4), testIPv4(wire.ProtocolUDP, testUDP(port, port, payload)))))
			d := NewDecoder(DecoderConfig{})
			var dg Datagram
			if !d.Decode(f, &dg) {
				t.Errorf("port %d, %s: passed over: %v", port, name, d.Counters().Passed)
				continue
			}
			if dg.DstPort != port || !bytes.Equal(dg.Payload, payload) || dg.Source().Addr().String() != "10.0.0.1" || dg.Priority != 5 {
				t.Errorf("port %d, %s: got %+v", port, name, dg)
			}
		}
	}
}

// Encapsulation without end is given up.
func TestTooDeep(t *testing.T) {
	ip := testIPv4(wire.ProtocolUDP, testUDP(1, 2, nil))
	for range maxDepth + 1 {
		ip = testIPv4(wire.ProtocolIPv4, ip)
	}
	tags := testIPv4(wire.ProtocolUDP, testUDP(1, 2, nil))
	tags = bytesOf(uint16(wire.EtherIPv4), tags)
	for range maxTags {
		tags = bytesOf(uint16(wire.EtherVLAN), uint16(1), tags)
	}
	var extensions []byte
	for range maxExtensions + 1 {
		extensions = bytesOf(wire.ProtocolDestination, 0, "\x01\x04\x00\x00\x00\x00", extensions)
	}
	for name, data := range map[string][]byte{
		"IP in IP":               testEthernet(wire.EtherIPv4, ip),
		"VLAN tags":              testEthernet(wire.EtherVLAN, bytesOf(uint16(1), tags)),
		"IPv6 extension headers": testEthernet(wire.EtherIPv6, testIPv6(wire.ProtocolDestination, extensions)),
	} {
		d := NewDecoder(DecoderConfig{})
		var dg Datagram
		if d.Decode(testFrame(LinkEthernet, data), &dg) {
			t.Errorf("%s: decoded %+v", name, dg)
		}
		if got := d.Counters().Passed[PassedTooDeep]; got != 1 {
			t.Errorf("%s: got %v, want one too deep", name, d.Counters().Passed)
		}
	}
}
