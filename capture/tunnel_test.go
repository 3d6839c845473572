package capture

import (
	"bytes"
	"testing"
)

// TestDecodeThrough takes one RTP packet through every link layer and tunnel.
func TestDecodeThrough(t *testing.T) {
	udp := testUDP(20000, 30000, testRTP(7))
	ip4 := testIPv4(protocolUDP, udp)
	ip6 := testIPv6(protocolUDP, udp)
	frame := testEthernet(etherIPv4, ip4)
	inUDP := func(port uint16, parts ...any) []byte {
		return testEthernet(etherIPv4, testIPv4(protocolUDP, testUDP(40000, port, wire(parts...))))
	}
	inIP := func(protocol int, parts ...any) []byte {
		return testEthernet(etherIPv4, testIPv4(protocol, wire(parts...)))
	}
	ethernet := func(etherType uint16, parts ...any) []byte {
		return testEthernet(etherType, wire(parts...))
	}
	erfHeader := func(kind int, length int) []byte {
		return wire("\x00\x00\x00\x00\x00\x00\x00\x00", // timestamp
			kind, 0x04, // type, flags
			uint16(16+length), uint16(0), uint16(length+4)) // record length, loss counter, wire length with FCS
	}

	tests := []struct {
		name string
		link LinkType
		data []byte
	}{
		{"Ethernet, IPv4", LinkEthernet, frame},
		{"Ethernet, IPv6", LinkEthernet, testEthernet(etherIPv6, ip6)},
		{"Ethernet with padding", LinkEthernet, append(bytes.Clone(frame), 0xde, 0xad)},
		{"IPv4 options", LinkEthernet, ethernet(etherIPv4, 0x46, 0, uint16(24+len(udp)), uint16(1), uint16(0), 64, protocolUDP, uint16(0),
			testSrc4, testDst4, "\x94\x04\x00\x00", udp)}, // router alert
		{"IPv4 of length 0", LinkEthernet, ethernet(etherIPv4, ip4[:2], uint16(0), ip4[4:])},
		{"IPv4 authentication header", LinkEthernet, inIP(protocolAH, protocolUDP, 4, uint16(0), uint32(1), uint32(1), "123456789012", udp)},
		{"IPv6 hop-by-hop, routing, destination", LinkEthernet, testEthernet(etherIPv6, testIPv6(protocolHopByHop, wire(
			protocolRouting, 0, "\x05\x02\x00\x00\x01\x00",
			protocolDestination, 1, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
			protocolUDP, 0, "\x01\x04\x00\x00\x00\x00", udp)))},
		{"IPv6 atomic fragment", LinkEthernet, testEthernet(etherIPv6, testIPv6(protocolFragment, wire(protocolUDP, 0, uint16(0), uint32(9), udp)))},
		{"LLC and SNAP", LinkEthernet, ethernet(uint16(8+len(ip4)), "\xaa\xaa\x03\x00\x00\x00", uint16(etherIPv4), ip4)},

		{"SLL", LinkLinuxSLL, wire(uint16(cookedOutgoing), uint16(1), uint16(6), "\x02\x00\x00\x00\x00\x01\x00\x00", uint16(etherIPv4), ip4)},
		{"SLL, VLAN", LinkLinuxSLL, wire(uint16(0), uint16(1), uint16(6), "\x02\x00\x00\x00\x00\x01\x00\x00", uint16(etherVLAN), uint16(5), uint16(etherIPv6), ip6)},
		{"SLL2", LinkLinuxSLL2, wire(uint16(etherIPv6), uint16(0), uint32(3), uint16(1), 0, 6, "\x02\x00\x00\x00\x00\x01\x00\x00", ip6)},
		{"NULL, little-endian", LinkNull, wire("\x02\x00\x00\x00", ip4)},
		{"NULL, big-endian", LinkNull, wire("\x00\x00\x00\x02", ip4)},
		{"NULL, IPv6 of Darwin", LinkNull, wire("\x1e\x00\x00\x00", ip6)},
		{"NULL, IPv6 of FreeBSD", LinkNull, wire("\x00\x00\x00\x1c", ip6)},
		{"LOOP, IPv6 of OpenBSD", LinkLoop, wire("\x00\x00\x00\x18", ip6)},
		{"LOOP, IPv6 of Linux", LinkLoop, wire("\x00\x00\x00\x0a", ip6)},
		{"raw, version 4", LinkRaw, ip4},
		{"raw, version 6", LinkRaw12, ip6},
		{"IPv4", LinkIPv4, ip4},
		{"IPv6", LinkIPv6, ip6},
		{"PPP", LinkPPP, wire(uint16(pppIPv4), ip4)},
		{"PPP, one octet of protocol", LinkPPP, wire(pppIPv6, ip6)},
		{"PPP, HDLC framing", LinkPPPHDLC, wire("\xff\x03", uint16(pppIPv6), ip6)},
		{"Cisco HDLC", LinkPPPHDLC, wire("\x0f\x00", uint16(etherIPv4), ip4)},
		{"PPPoE link type", LinkPPPoE, wire(0x11, 0, uint16(1), uint16(2+len(ip4)), uint16(pppIPv4), ip4)},
		{"ERF, Ethernet", LinkERF, wire(erfHeader(2, len(frame)), "\x00\x00", frame)},
		{"ERF, extension headers", LinkERF, wire(erfHeader(0x80|2, len(frame)), "\x83.......", "\x04.......", "\x00\x00", frame)},
		{"ERF, IPv4", LinkERF, wire(erfHeader(22, len(ip4)), ip4)},
		{"ERF, IPv6", LinkERF, wire(erfHeader(23, len(ip6)), ip6)},
		{"ERF, HDLC", LinkERF, wire(erfHeader(1, len(ip4)), "\xff\x03", uint16(pppIPv4), ip4)},

		{"VLAN", LinkEthernet, ethernet(etherVLAN, uint16(0xa064), uint16(etherIPv4), ip4)},
		{"QinQ", LinkEthernet, ethernet(etherQinQ, uint16(100), uint16(etherVLAN), uint16(200), uint16(etherIPv6), ip6)},
		{"QinQ of old", LinkEthernet, ethernet(etherQinQOld, uint16(100), uint16(etherVLAN), uint16(200), uint16(etherIPv4), ip4)},
		{"MPLS, IPv4", LinkEthernet, ethernet(etherMPLS, uint32(16<<12|64), uint32(17<<12|0x100|64), ip4)},
		{"MPLS, IPv6", LinkEthernet, ethernet(etherMPLS, uint32(16<<12|0x100|64), ip6)},
		{"MPLS, pseudowire with control word", LinkEthernet, ethernet(etherMPLS, uint32(16<<12|0x100|64), uint32(0), frame)},
		{"MPLS, pseudowire without", LinkEthernet, ethernet(etherMPLS, uint32(16<<12|0x100|64), frame)},
		{"MPLS, a MAC that begins like IPv4", LinkEthernet, ethernet(etherMPLS, uint32(16<<12|0x100|64), "\x46\x00\x00\x00\x00\x02", frame[6:])},
		{"PPPoE", LinkEthernet, ethernet(etherPPPoE, 0x11, 0, uint16(7), uint16(2+len(ip4)), uint16(pppIPv4), ip4, "padding")},
		{"provider backbone bridge", LinkEthernet, ethernet(etherPBB, uint32(0x123456), frame)},

		{"IP in IP", LinkEthernet, inIP(protocolIPv4, ip4)},
		{"6in4", LinkEthernet, inIP(protocolIPv6, ip6)},
		{"4in6", LinkEthernet, testEthernet(etherIPv6, testIPv6(protocolIPv4, ip4))},
		{"GRE", LinkEthernet, inIP(protocolGRE, uint16(0), uint16(etherIPv4), ip4)},
		{"GRE with checksum, key and sequence", LinkEthernet, inIP(protocolGRE, uint16(0xb000), uint16(etherIPv6), uint32(0), uint32(1), uint32(2), ip6)},
		{"GRE version 1 with PPP", LinkEthernet, inIP(protocolGRE, uint16(0x3081), uint16(etherPPP), uint16(4+len(ip4)), uint16(1), uint32(5), uint32(4), "\xff\x03", uint16(pppIPv4), ip4)},
		{"NVGRE", LinkEthernet, inIP(protocolGRE, uint16(0x2000), uint16(etherTEB), uint32(77<<8), frame)},
		{"GRE with MPLS", LinkEthernet, inIP(protocolGRE, uint16(0), uint16(etherMPLS), uint32(16<<12|0x100|64), ip4)},
		{"Ethernet over IP of MikroTik", LinkEthernet, inIP(protocolGRE, uint16(0x2001), uint16(etherEoIP), uint16(len(frame)), uint16(7), frame)},
		{"ERSPAN I", LinkEthernet, inIP(protocolGRE, uint16(0), uint16(etherERSPAN), frame)},
		{"ERSPAN II", LinkEthernet, inIP(protocolGRE, uint16(0x1000), uint16(etherERSPAN), uint32(1), uint32(0x10640001), uint32(0), frame)},
		{"ERSPAN III", LinkEthernet, inIP(protocolGRE, uint16(0x1000), uint16(etherERSPAN3), uint32(1), uint32(0x20640001), uint32(0), uint32(0), frame)},
		{"ERSPAN III with subheader", LinkEthernet, inIP(protocolGRE, uint16(0x1000), uint16(etherERSPAN3), uint32(1), uint32(0x20640001), uint32(0), uint32(1), uint32(0), uint32(0), frame)},
		{"VXLAN", LinkEthernet, inUDP(portVXLAN, uint32(0x08000000), uint32(42<<8), frame)},
		{"VXLAN of Linux", LinkEthernet, inUDP(portVXLANLinux, uint32(0x08000000), uint32(42<<8), frame)},
		{"VXLAN extended", LinkEthernet, inUDP(portVXLANGPE, uint32(0x0c000001), uint32(42<<8), ip4)},
		{"Geneve with options", LinkEthernet, inUDP(portGeneve, 0x02, 0, uint16(etherTEB), uint32(42<<8), "optionen", frame)},
		{"Geneve with IPv6", LinkEthernet, inUDP(portGeneve, 0, 0, uint16(etherIPv6), uint32(42<<8), ip6)},
		{"GTP-U", LinkEthernet, inUDP(portGTPU, 0x30, 0xff, uint16(len(ip4)), uint32(1), ip4)},
		{"GTP-U with sequence number", LinkEthernet, inUDP(portGTPU, 0x32, 0xff, uint16(4+len(ip6)), uint32(1), uint16(9), 0, 0, ip6)},
		{"GTP-U with PDU session container", LinkEthernet, inUDP(portGTPU, 0x34, 0xff, uint16(8+len(ip4)), uint32(1), uint16(0), 0, 0x85, 1, 0x10, 0x09, 0, ip4)},
		{"L2TP", LinkEthernet, inUDP(portL2TP, uint16(0x0002), uint16(1), uint16(2), "\xff\x03", uint16(pppIPv4), ip4)},
		{"L2TP with length, sequence and offset", LinkEthernet, inUDP(portL2TP, uint16(0x4a02), uint16(8+4+2+3+1+len(ip6)), uint16(1), uint16(2), uint32(5), uint16(3), "pad", pppIPv6, ip6)},
		{"L2TP version 3 in UDP, cookie", LinkEthernet, inUDP(portL2TP, uint16(0x0003), uint16(0), uint32(99), "cook", frame)},
		{"L2TP version 3, no cookie", LinkEthernet, inIP(protocolL2TP, uint32(99), frame)},
		{"L2TP version 3, cookie and sublayer, PPP", LinkEthernet, inIP(protocolL2TP, uint32(99), "cookcook", uint32(0x40000001), "\xff\x03", uint16(pppIPv4), ip4)},
		{"ERSPAN of VLAN of VXLAN of MPLS", LinkEthernet, inIP(protocolGRE, uint16(0), uint16(etherERSPAN),
			ethernet(etherVLAN, uint16(5), uint16(etherIPv4), testIPv4(protocolUDP, testUDP(1, portVXLAN, wire(uint32(0x08000000), uint32(0),
				ethernet(etherMPLS, uint32(0x100), ip6))))))},
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
	for _, port := range []uint16{portVXLAN, portVXLANGPE, portVXLANLinux, portGeneve, portGTPU, portL2TP} {
		for name, payload := range map[string][]byte{
			"RTP":   testRTP(1),
			"SIP":   []byte("OPTIONS sip:a SIP/2.0\r\n\r\n"),
			"empty": nil,
			"VXLAN with garbage": wire(uint32(0x08000000), uint32(0), testEthernet(etherIPv4,
				wire("\x65 not IP of version 4 at all"))),
		} {
			f := testFrame(LinkEthernet, testEthernet(etherVLAN, wire(uint16(0xa001), uint16(etherIPv4), testIPv4(protocolUDP, testUDP(port, port, payload)))))
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
	ip := testIPv4(protocolUDP, testUDP(1, 2, nil))
	for range maxDepth + 1 {
		ip = testIPv4(protocolIPv4, ip)
	}
	tags := testIPv4(protocolUDP, testUDP(1, 2, nil))
	tags = wire(uint16(etherIPv4), tags)
	for range maxTags {
		tags = wire(uint16(etherVLAN), uint16(1), tags)
	}
	var extensions []byte
	for range maxExtensions + 1 {
		extensions = wire(protocolDestination, 0, "\x01\x04\x00\x00\x00\x00", extensions)
	}
	for name, data := range map[string][]byte{
		"IP in IP":               testEthernet(etherIPv4, ip),
		"VLAN tags":              testEthernet(etherVLAN, wire(uint16(1), tags)),
		"IPv6 extension headers": testEthernet(etherIPv6, testIPv6(protocolDestination, extensions)),
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
