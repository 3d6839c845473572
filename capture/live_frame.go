package capture

import (
	"encoding/binary"

	"earshot/capture/wire"
)

// linkUnknown stands for link layers that the decoder does not know; it counts
// them. The registry ends far below.
const linkUnknown LinkType = 1<<16 - 1

// tagOctets is the length of a VLAN tag (IEEE 802.1Q 9.3).
const tagOctets = 4

// frame gives a packet the form that the decoder takes.
//
// Interfaces other than Ethernet and loopback have a header that is none (tun,
// WireGuard), or one that drivers don't agree on (PPP), so their packets begin
// at the network header, of which the kernel knows the protocol. That is what
// libpcap's cooked mode is for.
func (b *ringBlock) frame(p *ringPacket, f *Frame) {
	f.At = p.at
	f.Outgoing = p.kind == packetOutgoing
	if p.hardware == hardwareEther || p.hardware == hardwareLoopback {
		f.Link = LinkEthernet
		if p.status&statusTagged != 0 {
			b.restoreTag(p)
		}
		f.Data = b.data[p.mac:p.end]
		f.OrigLen = p.length
		return
	}
	f.Link = linkUnknown
	if p.protocol == wire.EtherIPv4 || p.protocol == wire.EtherIPv6 {
		f.Link = LinkRaw
	}
	begin := min(p.net, p.end)
	f.Data = b.data[begin:p.end]
	f.OrigLen = max(p.length-(p.net-p.mac), len(f.Data))
}

// restoreTag puts the VLAN tag back where the kernel, or the card, took it out:
// behind the MAC addresses, which move into the room before the frame that the
// ring was asked to reserve.
func (b *ringBlock) restoreTag(p *ringPacket) {
	const addresses = 12
	if p.end-p.mac < addresses || p.mac-tagOctets < p.header+packetHeader {
		return
	}
	from := b.data[p.mac-tagOctets : p.mac+addresses]
	copy(from, from[tagOctets:])
	tpid := uint16(wire.EtherVLAN)
	if p.status&statusTPID != 0 {
		tpid = p.tpid
	}
	binary.BigEndian.PutUint16(from[addresses:], tpid)
	binary.BigEndian.PutUint16(from[addresses+2:], p.tci)
	p.mac -= tagOctets
	p.length += tagOctets
	p.status &^= statusTagged
}
