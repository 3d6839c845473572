package capture

import "encoding/binary"

// Offsets within a block of a TPACKET_V3 ring (struct tpacket_block_desc of
// linux/if_packet.h), in the byte order of the host.
const (
	blockStatus  = 8  // u32, of the kernel or of us
	blockPackets = 12 // u32
	blockFirst   = 16 // u32, offset of the first packet
	blockHeader  = 48
)

// Offsets within a packet of a block: struct tpacket3_hdr, and struct
// sockaddr_ll behind it.
const (
	packetNext     = 0  // u32, from this header to the next
	packetSec      = 4  // u32
	packetNsec     = 8  // u32
	packetSnap     = 12 // u32, octets in the ring
	packetLength   = 16 // u32, octets of the packet
	packetStatus   = 20 // u32
	packetMAC      = 24 // u16, offset of the link-layer header
	packetNet      = 26 // u16, offset of the network header
	packetTCI      = 32 // u32
	packetTPID     = 36 // u16
	packetProtocol = 50 // u16, network order
	packetHardware = 56 // u16, ARPHRD_
	packetType     = 58 // u8, PACKET_HOST and so on
	packetHeader   = 68
)

// Bits of a packet's or block's status.
const (
	statusUser      = 1    // the block is ours
	statusLosing    = 4    // packets were dropped that nobody has asked about yet
	statusTagged    = 0x10 // the kernel took a VLAN tag out of the frame
	statusTPID      = 0x40 // and says which kind
	statusCardStamp = 1 << 31
)

// ringBlock walks the packets of one block. The block is the kernel's, but every
// offset in it is checked: what is wrong ends the walk.
type ringBlock struct {
	data   []byte
	next   int // offset of the next packet
	left   int // packets still to come
	broken bool
}

// ringPacket is one packet of a block. Its offsets lie within the block.
type ringPacket struct {
	at       int64 // capture time, ns
	header   int   // offset of the kernel's header
	mac      int   // offset of the link-layer header
	net      int   // offset of the network header
	end      int   // offset behind the last octet
	length   int   // octets of the packet, cut or not
	status   uint32
	tci      uint16
	tpid     uint16
	protocol uint16
	hardware uint16
	kind     uint8
}

func newRingBlock(data []byte) ringBlock {
	return ringBlock{
		data: data,
		next: int(native32(data[blockFirst:])),
		left: int(native32(data[blockPackets:])),
	}
}

// step reads the next packet, and returns false behind the last.
func (b *ringBlock) step(p *ringPacket) bool {
	if b.left == 0 {
		return false
	}
	at := b.next
	if at < blockHeader || at > len(b.data)-packetHeader {
		return b.fail()
	}
	h := b.data[at : at+packetHeader]
	mac, net := int(native16(h[packetMAC:])), int(native16(h[packetNet:]))
	snap, next := int(native32(h[packetSnap:])), int(native32(h[packetNext:]))
	if mac < packetHeader || net < mac || snap < 0 || snap > len(b.data)-at-mac || next < 0 || next > len(b.data) {
		return b.fail()
	}
	p.at = int64(native32(h[packetSec:]))*1e9 + int64(native32(h[packetNsec:]))
	p.header, p.mac, p.net, p.end = at, at+mac, at+net, at+mac+snap
	p.length = max(snap, int(native32(h[packetLength:])))
	p.status = native32(h[packetStatus:])
	p.tci, p.tpid = uint16(native32(h[packetTCI:])), native16(h[packetTPID:])
	p.protocol = binary.BigEndian.Uint16(h[packetProtocol:])
	p.hardware, p.kind = native16(h[packetHardware:]), h[packetType]
	b.left--
	b.next = at + next
	if next < packetHeader {
		b.next = 0 // no packet can follow; one that is still promised is an error
	}
	return true
}

func (b *ringBlock) fail() bool {
	b.left, b.broken = 0, true
	return false
}

func native16(b []byte) uint16 { return binary.NativeEndian.Uint16(b) }
func native32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
