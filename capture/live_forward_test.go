//go:build linux

package capture

import (
	"encoding/binary"
	"net"
	"os"
	"testing"

	"earshot/capture/wire"
)

// TestLiveForwardedPacketCountsOnce: "any" shows a packet that this host
// forwards on each interface that it passes; the decoder takes one for the
// packet and the others for copies.
func TestLiveForwardedPacketCountsOnce(t *testing.T) {
	privateNetwork(t, "a", "b")
	ip(t, "addr add 198.18.1.1/24 dev a1")
	ip(t, "addr add 198.18.2.1/24 dev b1")
	ip(t, "neigh replace 198.18.2.9 lladdr 02:00:00:00:00:09 dev b1")
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		t.Skipf("cannot forward here: %v", err)
	}
	router, err := net.InterfaceByName("a1")
	if err != nil {
		t.Fatal(err)
	}
	l := openLive(t, LiveConfig{Interfaces: []Interface{{Name: "any"}}})[0]
	const packets = 20
	sender := sendOn(t, "a0")
	for seq := range packets {
		packet := testIPv4(wire.ProtocolUDP, testUDP(20000, 30000, testRTP(uint16(seq))))
		binary.BigEndian.PutUint16(packet[4:], uint16(1000+seq)) // identification
		copy(packet[12:], []byte{198, 18, 1, 9})
		copy(packet[16:], []byte{198, 18, 2, 9})
		binary.BigEndian.PutUint16(packet[26:], 0) // no UDP checksum
		binary.BigEndian.PutUint16(packet[10:], internetChecksum(packet[:20]))
		frame := testEthernet(wire.EtherIPv4, packet)
		copy(frame, router.HardwareAddr)
		sender.send(frame)
	}
	d := NewDecoder(DecoderConfig{})
	var dg Datagram
	originals, copies := map[int]int{}, 0
	for _, f := range takeFrames(t, l, 1000) {
		switch {
		case !d.Decode(&f, &dg) || dg.DstPort != 30000:
		case dg.Copy:
			copies++
		default:
			originals[be16(dg.Payload[2:])]++
		}
	}
	// Out of a0, into a1, out of b1, into b0.
	if len(originals) != packets || copies != 3*packets {
		t.Errorf("got %d packets and %d copies, want %d and %d: %v", len(originals), copies, packets, 3*packets, originals)
	}
}

// internetChecksum is RFC 1071's, over an even number of octets.
func internetChecksum(b []byte) uint16 {
	sum := uint32(0)
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
