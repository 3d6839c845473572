package dialog

import "net/netip"

// packed is an address and port without a pointer: a key becomes 40 octets, not
// 72, hashed at once and of no interest to the garbage collector.
type packed struct {
	addr [16]byte
	port uint16
}

func pack(a netip.AddrPort) packed { return packed{addr: a.Addr().As16(), port: a.Port()} }

// packedKey is a streamKey.
type packedKey struct {
	ssrc     uint32
	src, dst packed
}

func (k *streamKey) pack() packedKey {
	return packedKey{ssrc: k.ssrc, src: pack(k.src), dst: pack(k.dst)}
}

// packed is the stream's own path.
func (k *streamKey) packed() (src, dst packed) { return pack(k.src), pack(k.dst) }

// addrIndex is an index by address.
type addrIndex[V comparable] struct{ index[packed, V] }

func newAddrIndex[V comparable]() addrIndex[V] {
	return addrIndex[V]{newIndex[packed, V]()}
}

func (x *addrIndex[V]) get(a netip.AddrPort) []V { return x.index.get(pack(a)) }

func (x *addrIndex[V]) add(a netip.AddrPort, v V) { x.index.add(pack(a), v) }

func (x *addrIndex[V]) remove(a netip.AddrPort, v V) { x.index.remove(pack(a), v) }
