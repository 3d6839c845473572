package capture

import (
	"bytes"
	"encoding/binary"
	"testing"

	"earshot/capture/wire"
)

// ringFrame is a packet as the kernel puts it into a block.
type ringFrame struct {
	at       int64
	data     []byte // from the link-layer header on
	cut      int    // octets that the snap length took
	linkLen  int    // octets of the link-layer header; 0: 14
	status   uint32
	tci      uint32
	tpid     uint16
	protocol uint16 // 0: IPv4
	hardware uint16 // 0: Ethernet
	kind     byte
}

// testRingBlock lays out a block as linux/if_packet.h describes it, with the
// status word of one that the kernel has closed.
func testRingBlock(size int, status uint32, frames ...ringFrame) []byte {
	n := binary.NativeEndian
	b := make([]byte, size)
	n.PutUint32(b[0:], 1) // version
	n.PutUint32(b[8:], status)
	n.PutUint32(b[12:], uint32(len(frames)))
	n.PutUint32(b[16:], 48) // first packet
	at := 48
	for i, f := range frames {
		link, hardware, protocol := 14, uint16(1), uint16(0x0800)
		if f.linkLen != 0 {
			link = f.linkLen
		}
		if f.hardware != 0 {
			hardware, link = f.hardware, f.linkLen
		}
		if f.protocol != 0 {
			protocol = f.protocol
		}
		// TPACKET_ALIGN(68 + max(link, 16)) + 16 of reserve.
		net := (68+max(link, 16)+15)/16*16 + 16
		mac := net - link
		length := (mac + len(f.data) + 15) / 16 * 16
		h := b[at:]
		if i < len(frames)-1 {
			n.PutUint32(h[0:], uint32(length)) // next packet
		}
		n.PutUint32(h[4:], uint32(f.at/1e9))
		n.PutUint32(h[8:], uint32(f.at%1e9))
		n.PutUint32(h[12:], uint32(len(f.data)))
		n.PutUint32(h[16:], uint32(len(f.data)+f.cut))
		n.PutUint32(h[20:], f.status)
		n.PutUint16(h[24:], uint16(mac))
		n.PutUint16(h[26:], uint16(net))
		n.PutUint32(h[32:], f.tci)
		n.PutUint16(h[36:], f.tpid)
		n.PutUint16(h[48:], 17)                      // AF_PACKET
		binary.BigEndian.PutUint16(h[50:], protocol) // in network order
		n.PutUint32(h[52:], 3)                       // interface index
		n.PutUint16(h[56:], hardware)
		h[58] = f.kind
		copy(h[mac:], f.data)
		at += length
	}
	return b
}

func TestRingBlockGivesFrames(t *testing.T) {
	udp := testIPv4(wire.ProtocolUDP, testUDP(1, 2, []byte("hello")))
	ethernet := testEthernet(wire.EtherIPv4, udp)
	macs := ethernet[:12]
	ppp := bytesOf("\xff\x03\x00\x21", udp)
	for name, c := range map[string]struct {
		packet ringFrame
		want   Frame
	}{
		"Ethernet":  {ringFrame{data: ethernet}, Frame{Data: ethernet, OrigLen: len(ethernet), Link: LinkEthernet}},
		"cut":       {ringFrame{data: ethernet[:40], cut: 1000}, Frame{Data: ethernet[:40], OrigLen: 1040, Link: LinkEthernet}},
		"outgoing":  {ringFrame{data: ethernet, kind: 4}, Frame{Data: ethernet, OrigLen: len(ethernet), Link: LinkEthernet, Outgoing: true}},
		"forwarded": {ringFrame{data: ethernet, kind: 3}, Frame{Data: ethernet, OrigLen: len(ethernet), Link: LinkEthernet}},
		"loopback":  {ringFrame{data: ethernet, hardware: 772, linkLen: 14}, Frame{Data: ethernet, OrigLen: len(ethernet), Link: LinkEthernet}},
		// TP_STATUS_VLAN_VALID alone: the kernel does not say which kind, so it is 802.1Q.
		"tag": {ringFrame{data: ethernet, status: 0x10, tci: 0xa064},
			Frame{Data: bytesOf(macs, uint16(0x8100), uint16(0xa064), ethernet[12:]), OrigLen: len(ethernet) + 4, Link: LinkEthernet}},
		"service tag": {ringFrame{data: ethernet, status: 0x50, tci: 7, tpid: 0x88a8},
			Frame{Data: bytesOf(macs, uint16(0x88a8), uint16(7), ethernet[12:]), OrigLen: len(ethernet) + 4, Link: LinkEthernet}},
		"priority tag": {ringFrame{data: ethernet, status: 0x50, tci: 0, tpid: 0x8100},
			Frame{Data: bytesOf(macs, uint16(0x8100), uint16(0), ethernet[12:]), OrigLen: len(ethernet) + 4, Link: LinkEthernet}},
		"tag of a cut frame": {ringFrame{data: ethernet[:12], cut: 500, status: 0x10, tci: 5},
			Frame{Data: bytesOf(macs, uint16(0x8100), uint16(5)), OrigLen: 516, Link: LinkEthernet}},
		"cut before the tag": {ringFrame{data: ethernet[:11], cut: 500, status: 0x10, tci: 5},
			Frame{Data: ethernet[:11], OrigLen: 511, Link: LinkEthernet}},
		"tun":        {ringFrame{data: udp, hardware: 65534}, Frame{Data: udp, OrigLen: len(udp), Link: LinkRaw}},
		"PPP":        {ringFrame{data: ppp, hardware: 512, linkLen: 4}, Frame{Data: udp, OrigLen: len(udp), Link: LinkRaw}},
		"PPP, cut":   {ringFrame{data: ppp[:3], cut: 50, hardware: 512, linkLen: 4}, Frame{Data: nil, OrigLen: 49, Link: LinkRaw}},
		"InfiniBand": {ringFrame{data: udp, hardware: 32, protocol: 0x0806}, Frame{Data: udp, OrigLen: len(udp), Link: linkUnknown}},
	} {
		t.Run(name, func(t *testing.T) {
			c.packet.at = 1_700_000_000_123_456_789
			b := newRingBlock(testRingBlock(4096, 1, c.packet, ringFrame{data: ethernet}))
			var p ringPacket
			var f Frame
			if !b.step(&p) {
				t.Fatal("no packet")
			}
			b.frame(&p, &f)
			if f.At != 1_700_000_000_123_456_789 {
				t.Errorf("got time %d", f.At)
			}
			if !bytes.Equal(f.Data, c.want.Data) || f.OrigLen != c.want.OrigLen || f.Link != c.want.Link || f.Outgoing != c.want.Outgoing {
				t.Errorf("got  %x, %d octets, %v, outgoing %v\nwant %x, %d octets, %v, outgoing %v",
					f.Data, f.OrigLen, f.Link, f.Outgoing, c.want.Data, c.want.OrigLen, c.want.Link, c.want.Outgoing)
			}
			if !b.step(&p) {
				t.Fatal("no second packet")
			}
			if b.frame(&p, &f); !bytes.Equal(f.Data, ethernet) {
				t.Errorf("second packet: got %x, want %x", f.Data, ethernet)
			}
			if b.step(&p) || b.broken {
				t.Errorf("a third packet, or broken: %v", b.broken)
			}
		})
	}
}

// TestRingBlockRefuses: offsets that lead out of the block end the walk.
func TestRingBlockRefuses(t *testing.T) {
	frame := ringFrame{data: testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, 2, nil)))}
	const size = 1024
	for name, damage := range map[string]func(b []byte){
		"first packet in the header":   func(b []byte) { binary.NativeEndian.PutUint32(b[16:], 47) },
		"first packet at the end":      func(b []byte) { binary.NativeEndian.PutUint32(b[16:], size-67) },
		"first packet far away":        func(b []byte) { binary.NativeEndian.PutUint32(b[16:], 1<<32-1) },
		"frame before its header ends": func(b []byte) { binary.NativeEndian.PutUint16(b[48+24:], 67) },
		"network before link":          func(b []byte) { binary.NativeEndian.PutUint16(b[48+26:], 70) },
		"longer than the block":        func(b []byte) { binary.NativeEndian.PutUint32(b[48+12:], size-48-98+1) },
		"longer than anything":         func(b []byte) { binary.NativeEndian.PutUint32(b[48+12:], 1<<32-1) },
		"next beyond the block":        func(b []byte) { binary.NativeEndian.PutUint32(b[48:], size+1) },
	} {
		t.Run(name, func(t *testing.T) {
			b := testRingBlock(size, 1, frame, frame)
			damage(b)
			walk := newRingBlock(b)
			var p ringPacket
			if walk.step(&p) || !walk.broken || walk.step(&p) {
				t.Errorf("the walk went on, broken %v", walk.broken)
			}
		})
	}
	t.Run("more packets promised than there are", func(t *testing.T) {
		b := testRingBlock(size, 1, frame)
		binary.NativeEndian.PutUint32(b[12:], 5)
		walk := newRingBlock(b)
		var p ringPacket
		if !walk.step(&p) || walk.broken {
			t.Fatal("the first packet is whole")
		}
		if walk.step(&p) || !walk.broken {
			t.Errorf("the walk went on, broken %v", walk.broken)
		}
	})
}

// FuzzRingBlock: whatever is in a block, walking it ends, and each frame lies
// inside, behind the kernel's header of it and before the next.
func FuzzRingBlock(f *testing.F) {
	ethernet := testEthernet(wire.EtherIPv4, testIPv4(wire.ProtocolUDP, testUDP(1, 2, []byte("hello"))))
	f.Add(testRingBlock(512, 1, ringFrame{data: ethernet}, ringFrame{data: ethernet, status: 0x50, tci: 7, tpid: 0x88a8}))
	f.Add(testRingBlock(512, 5, ringFrame{data: ethernet[14:], hardware: 65534}, ringFrame{data: ethernet[:11], status: 0x10}))
	f.Add(testRingBlock(256, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < blockHeader {
			return
		}
		walk := newRingBlock(b)
		var p ringPacket
		var frame Frame
		steps, last := 0, 0
		for walk.step(&p) {
			if steps++; steps > len(b)/packetHeader {
				t.Fatalf("%d packets in %d octets", steps, len(b))
			}
			if p.header < last+packetHeader && steps > 1 {
				t.Fatalf("packet at %d after one at %d", p.header, last)
			}
			last = p.header
			walk.frame(&p, &frame)
			if p.mac < p.header+packetHeader || p.end > len(b) || frame.OrigLen < len(frame.Data) || len(frame.Data) > p.end-p.mac {
				t.Fatalf("frame %+v of packet %+v", frame, p)
			}
			walk.frame(&p, &frame) // again: it must not put the tag back twice
			if frame.OrigLen < len(frame.Data) || p.mac < p.header+packetHeader {
				t.Fatalf("frame %+v of packet %+v", frame, p)
			}
		}
		if walk.step(&p) {
			t.Fatal("a packet after the end")
		}
	})
}
