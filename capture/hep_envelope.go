package capture

import (
	"encoding/binary"
	"net/netip"

	"earshot/capture/wire"
)

// hepHeadroom is room for the largest headers that an envelope has, IPv6 and UDP.
const hepHeadroom = 48

// maxHEPPacket is the longest packet that the length field of version 3 allows.
const maxHEPPacket = 1<<16 - 1

// hepEnvelope puts the headers of the datagram that brought a HEP packet in
// front of it, and returns the whole as a raw IP packet. b has hepHeadroom free
// octets and then the n of the packet.
//
// What came over TCP is given the same form. A packet that then exceeds the
// length fields of IP and UDP has 0 there, as where a network card fills them
// in later.
func hepEnvelope(b []byte, n int, src, dst netip.AddrPort) []byte {
	const ipv4, ipv6, udp = 20, 40, 8
	from, to := src.Addr().Unmap(), dst.Addr().Unmap()
	length := n + udp
	u := b[hepHeadroom-udp:]
	binary.BigEndian.PutUint16(u, src.Port())
	binary.BigEndian.PutUint16(u[2:], dst.Port())
	binary.BigEndian.PutUint16(u[4:], fits16(length))
	u[6], u[7] = 0, 0 // no checksum: HEP is a tunnel (RFC 768, RFC 6935)
	if from.Is4() {
		h := b[hepHeadroom-udp-ipv4:]
		putEnvelope4(h, fits16(length+ipv4), from, to)
		return h[:ipv4+length]
	}
	h := b[:ipv6]
	binary.BigEndian.PutUint32(h, 6<<28)
	binary.BigEndian.PutUint16(h[4:], fits16(length))
	h[6], h[7] = wire.ProtocolUDP, 64
	a, z := from.As16(), to.As16()
	copy(h[8:], a[:])
	copy(h[24:], z[:])
	return b[:ipv6+length]
}

// putEnvelope4 writes an IPv4 header. A listener on all addresses does not know
// which of them a packet came to, and leaves it unspecified.
func putEnvelope4(h []byte, total uint16, from, to netip.Addr) {
	binary.BigEndian.PutUint16(h, 0x4500)
	binary.BigEndian.PutUint16(h[2:], total)
	binary.BigEndian.PutUint32(h[4:], 0x4000) // no identification, do not fragment
	binary.BigEndian.PutUint32(h[8:], 64<<24|wire.ProtocolUDP<<16)
	var a, z [4]byte
	a = from.As4()
	if to.Is4() {
		z = to.As4()
	}
	copy(h[12:], a[:])
	copy(h[16:], z[:])
	sum := uint32(0)
	for i := 0; i < 20; i += 2 {
		sum += uint32(be16(h[i:]))
	}
	sum = sum&0xffff + sum>>16
	binary.BigEndian.PutUint16(h[10:], ^uint16(sum+sum>>16))
}

// fits16 returns n, or 0 where it does not fit.
func fits16(n int) uint16 {
	if n > 1<<16-1 {
		return 0
	}
	return uint16(n)
}
