package sanitise

import (
	"encoding/binary"
	"math/bits"
)

// checksum is what a checksum was worth, and will be worth again: a capture
// taken before the network card filled them in, or after they were damaged, must
// not come out with right ones.
type checksum uint8

const (
	checksumRight   checksum = iota
	checksumAbsent           // 0
	checksumPartial          // of the pseudo header alone: the network card does the rest
	checksumWrong
	checksumUnseen // the capture lacks some of what it is of
)

// checksumKind judges the checksum at an offset of b (RFC 1071), with the sum of
// the pseudo header.
func checksumKind(b []byte, at int, pseudo uint64, cut int) checksum {
	field := be16(b[at:])
	switch {
	case cut > 0 && field != 0:
		return checksumUnseen
	case fold(sum(pseudo, b)) == 0xffff && (field != 0 || cut == 0 && pseudo == 0):
		return checksumRight
	case field == 0:
		return checksumAbsent
	case pseudo != 0 && uint16(field) == fold(pseudo):
		return checksumPartial
	}
	return checksumWrong
}

// mendChecksum writes a checksum of the same worth over what was written since
// start.
func (r *rewriter) mendChecksum(kind checksum, start, at int, pseudo uint64) {
	b := r.out[start:]
	field := b[at-start:]
	field[0], field[1] = 0, 0
	var v uint16
	switch kind {
	case checksumAbsent:
		return
	case checksumPartial:
		v = fold(pseudo)
	case checksumWrong:
		v = ^fold(sum(pseudo, b)) ^ 0x0101
	default:
		v = ^fold(sum(pseudo, b))
	}
	if v == 0 && pseudo != 0 {
		v = 0xffff // the other zero; 0 would be none (RFC 768)
	}
	binary.BigEndian.PutUint16(field, v)
}

// sum adds 16-bit words in one's complement arithmetic, eight octets at a time
// (RFC 1071 2).
func sum(s uint64, b []byte) uint64 {
	var carry uint64
	for ; len(b) >= 32; b = b[32:] {
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[8:]), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[16:]), carry)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b[24:]), carry)
	}
	for ; len(b) >= 8; b = b[8:] {
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(b), carry)
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		s, carry = bits.Add64(s, binary.BigEndian.Uint64(last[:]), carry)
	}
	s, carry = bits.Add64(s, 0, carry)
	return s + carry
}

// fold reduces a sum to 16 bits.
func fold(s uint64) uint16 {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s>>16 + s&0xffff)
}

// hosts are the addresses of an IP header, before and after.
type hosts struct {
	src, dst       [16]byte // IPv4 mapped
	newSrc, newDst [16]byte
	v6             bool
}

// pseudo is the sum of the pseudo header (RFC 9293 3.1, RFC 8200 8.1).
func (h *hosts) pseudo(protocol byte, length int) uint64 {
	return h.sum(&h.src, &h.dst, protocol, length)
}

// newPseudo is that of the addresses as they are now.
func (h *hosts) newPseudo(protocol byte, length int) uint64 {
	return h.sum(&h.newSrc, &h.newDst, protocol, length)
}

func (h *hosts) sum(src, dst *[16]byte, protocol byte, length int) uint64 {
	s := uint64(protocol) + uint64(length)
	if h.v6 {
		return sum(sum(s, src[:]), dst[:])
	}
	return s + uint64(be32(src[12:])) + uint64(be32(dst[12:]))
}
