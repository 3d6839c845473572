package capture

import (
	"bytes"
	"testing"

	"earshot/capture/wire"
)

// FuzzDecode: whatever a frame holds, decoding ends, counts it once, and what
// it gives agrees with itself.
func FuzzDecode(f *testing.F) {
	udp := testUDP(20000, 30000, testRTP(7))
	ip4, ip6 := testIPv4(wire.ProtocolUDP, udp), testIPv6(wire.ProtocolUDP, udp)
	frame := testEthernet(wire.EtherIPv4, ip4)
	f.Add(uint16(LinkEthernet), 0, frame)
	f.Add(uint16(LinkEthernet), 100, frame[:60])
	f.Add(uint16(LinkEthernet), 0, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolTCP, testTCP(5060, 5061, 9, 0x18, []byte("BYE")))))
	f.Add(uint16(LinkLinuxSLL), 0, bytesOf(uint16(4), uint16(1), uint16(6), uint32(0), uint32(0), uint16(wire.EtherIPv4), ip4))
	f.Add(uint16(LinkNull), 0, bytesOf("\x1e\x00\x00\x00", ip6))
	f.Add(uint16(LinkRaw), 0, ip6)
	f.Add(uint16(LinkPPP), 0, bytesOf("\xff\x03", uint16(wire.PPPIPv4), ip4))
	f.Add(uint16(LinkEthernet), 0, testEthernet(wire.EtherMPLS, bytesOf(uint32(0x100), uint32(0), frame)))
	for _, port := range []uint16{wire.PortVXLAN, wire.PortGeneve, wire.PortGTPU, wire.PortL2TP} {
		f.Add(uint16(LinkEthernet), 0, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, port, bytesOf(uint32(0x08000000), uint32(0), frame)))))
	}
	f.Add(uint16(LinkEthernet), 0, testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolGRE, bytesOf(uint16(0x1000), uint16(wire.EtherERSPAN3), uint32(1), uint32(0x20640001), uint32(0), uint32(0), frame))))
	f.Add(uint16(LinkEthernet), 0, testEthernet(wire.EtherIPv4, testIPv4Fragment(1, 0, true, wire.ProtocolUDP, udp[:64])))

	f.Fuzz(func(t *testing.T, link uint16, cutOff int, data []byte) {
		fr := &Frame{At: 1, Data: data, OrigLen: len(data) + max(0, cutOff%70_000), Link: LinkType(link)}
		d := NewDecoder(DecoderConfig{FragmentSets: 4})
		var dg Datagram
		ok := d.Decode(fr, &dg)
		c := d.Counters()
		passed := uint64(0)
		for _, n := range c.Passed {
			passed += n
		}
		if c.Packets != 1 || c.UDP+c.TCP+passed != 1 || ok != (passed == 0) || c.Passed[decoded] != 0 {
			t.Fatalf("decoded %v, counted %+v", ok, c)
		}
		if !ok {
			return
		}
		if dg.Truncated != (len(dg.Payload) < dg.Length) || len(dg.Payload) > dg.Length {
			t.Errorf("%d octets of %d, truncated %v", len(dg.Payload), dg.Length, dg.Truncated)
		}
		if dg.WireLen < ethernetMin+ethernetFCS {
			t.Errorf("%d octets on the wire", dg.WireLen)
		}
		if !dg.Fragmented && len(dg.Payload) > 0 && !bytes.Contains(data, dg.Payload) {
			t.Error("the payload is not of the frame")
		}
		if dg.Copy {
			t.Error("the first packet is a copy")
		}
		if again := dg; !d.Decode(fr, &dg) || !dg.Copy && dg.Length > 0 {
			t.Errorf("the same frame gave %+v, then %+v", again, dg)
		}
	})
}

// FuzzFragments reads its input as a list of fragments of one datagram, four
// octets each: offset in 8 octets, length, and whether more follow. A datagram
// that becomes whole must hold, in each place, what came there first.
func FuzzFragments(f *testing.F) {
	f.Add([]byte{0, 0, 64, 1, 0, 8, 64, 0})
	f.Add([]byte{0, 8, 64, 0, 0, 0, 64, 1})
	f.Add([]byte{0, 0, 80, 1, 0, 4, 80, 1, 0, 12, 9, 0})
	f.Add([]byte{0, 2, 8, 1, 0, 4, 8, 1, 0, 6, 8, 1, 0, 1, 64, 0, 0, 0, 8, 1})
	f.Fuzz(func(t *testing.T, program []byte) {
		d := NewDecoder(DecoderConfig{FragmentSets: 2, FragmentBytes: 64 << 10})
		arrival := make(map[int]byte) // which fragment brought an octet first
		for n := 1; len(program) >= 4 && n < 200; n, program = n+1, program[4:] {
			offset, length := be16(program)&0x1fff*8, int(program[2])
			if offset == 0 && program[3]&1 == 0 {
				continue // not a fragment
			}
			refused := d.Counters().Passed[PassedFragmentRefused]
			fr := testFrame(LinkIPv4, testIPv4Fragment(1, offset, program[3]&1 != 0, wire.ProtocolUDP, bytes.Repeat([]byte{byte(n)}, length)))
			fr.At = int64(n)
			var dg Datagram
			ok := d.Decode(fr, &dg)
			if d.fragments.held > 64<<10 {
				t.Fatalf("%d octets held", d.fragments.held)
			}
			if d.Counters().Passed[PassedFragmentRefused] != refused {
				continue
			}
			for i := offset; i < offset+length; i++ {
				if arrival[i] == 0 {
					arrival[i] = byte(n)
				}
			}
			if !ok && d.Counters().Fragments.Reassembled == 0 {
				continue
			}
			for i, got := range dg.Payload {
				if got != arrival[i+8] {
					t.Fatalf("octet %d is of fragment %d, want %d", i, got, arrival[i+8])
				}
			}
			return
		}
	})
}
