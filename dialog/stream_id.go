package dialog

import (
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"net/netip"
)

// StreamID returns the id of the observed stream, the same that its record has.
func (o *Observation) StreamID() string {
	return string(appendID(nil, streamNumber(o.Src, o.Dst, o.SSRC, o.StreamStart)))
}

// idLen is the length of an id, hex digits.
const idLen = 16

func appendID(b []byte, number uint64) []byte {
	var raw [idLen / 2]byte
	binary.BigEndian.PutUint64(raw[:], number)
	return hex.AppendEncode(b, raw[:])
}

// streamNumber names a stream by its content: endpoints, SSRC and first packet.
func streamNumber(src, dst netip.AddrPort, ssrc uint32, start int64) uint64 {
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
	return h.Sum64()
}
