package dialog

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"net/netip"
)

// StreamID returns the id of the observed stream, the same that its record has.
func (o *Observation) StreamID() string { return streamID(o.Src, o.Dst, o.SSRC, o.StreamStart) }

// streamID names a stream by its content: endpoints, SSRC and first packet.
func streamID(src, dst netip.AddrPort, ssrc uint32, start int64) string {
	var b [8]byte
	h := fnv.New64a()
	put := func(a netip.AddrPort) {
		addr := a.Addr().As16()
		h.Write(addr[:])
		binary.BigEndian.PutUint16(b[:], a.Port())
		h.Write(b[:2])
	}
	put(src)
	put(dst)
	binary.BigEndian.PutUint32(b[:], ssrc)
	h.Write(b[:4])
	binary.BigEndian.PutUint64(b[:], uint64(start))
	h.Write(b[:])
	return hex.EncodeToString(h.Sum(b[:0]))
}
