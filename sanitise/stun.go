package sanitise

import (
	"encoding/binary"
	"hash/crc32"
)

// STUN attributes (IANA) that are rewritten, or stay because they are numbers of
// the protocol.
const (
	stunMapped         = 0x0001
	stunResponse       = 0x0002
	stunChange         = 0x0003
	stunSource         = 0x0004
	stunChanged        = 0x0005
	stunError          = 0x0009
	stunUnknown        = 0x000a
	stunReflected      = 0x000b
	stunChannel        = 0x000c
	stunLifetime       = 0x000d
	stunPeer           = 0x0012
	stunRelayed        = 0x0016
	stunEvenPort       = 0x0018
	stunTransport      = 0x0019
	stunDontFragment   = 0x001a
	stunXORMapped      = 0x0020
	stunPriority       = 0x0024
	stunUseCandidate   = 0x0025
	stunOldXORMapped   = 0x8020
	stunAlternate      = 0x8023
	stunFingerprint    = 0x8028
	stunResponseOrigin = 0x802b
	stunOther          = 0x802c
)

// stunHeader is type, length, cookie and transaction (RFC 8489 5).
const stunHeader = 20

// stun writes a STUN or TURN message: addresses get their pseudonyms, the
// transaction one of its own, names, realms, software and keys become zeros.
func (r *rewriter) stun(p []byte) {
	r.note(didSTUN)
	at := len(r.out)
	r.blank(p)
	out := r.out[at:]
	copy(out, p[:8])
	if be32(p[4:]) != stunCookie {
		r.tags.replace(tagTransaction, out[4:8])
	}
	copy(out[8:], p[8:stunHeader])
	r.tags.replace(tagTransaction, out[8:stunHeader])
	for i := stunHeader; i+4 <= len(p); {
		kind, length := be16(p[i:]), be16(p[i+2:])
		copy(out[i:i+4], p[i:])
		from := i + 4
		to := min(from+length, len(p))
		r.stunAttribute(kind, out, p, from, to)
		i = from + (length+3)&^3
	}
}

// stunAttribute writes one value, p[from:to].
func (r *rewriter) stunAttribute(kind int, out, p []byte, from, to int) {
	switch kind {
	case stunMapped, stunResponse, stunSource, stunChanged, stunReflected, stunAlternate, stunResponseOrigin, stunOther:
		r.stunAddress(out[from:to], p[from:to], nil, nil)
	case stunXORMapped, stunOldXORMapped, stunPeer, stunRelayed:
		r.stunAddress(out[from:to], p[from:to], p[4:stunHeader], out[4:stunHeader])
	case stunError: // class and number; the phrase goes
		copy(out[from:min(from+4, to)], p[from:])
	case stunChange, stunUnknown, stunChannel, stunLifetime, stunEvenPort, stunTransport, stunDontFragment, stunPriority, stunUseCandidate:
		copy(out[from:min(from+8, to)], p[from:])
	case stunFingerprint: // RFC 8489 14.7
		if to-from == 4 {
			binary.BigEndian.PutUint32(out[from:], crc32.ChecksumIEEE(out[:from-4])^0x5354554e)
		}
	}
}

// stunAddress writes a family, a port and an address, where they are masked with
// the masks of then and now: cookie and transaction (RFC 8489 14.2).
func (r *rewriter) stunAddress(out, p, mask, newMask []byte) {
	const v4, v6 = 1, 2
	if len(p) < 8 {
		return
	}
	n := 4
	switch {
	case p[1] == v6 && len(p) >= 20:
		n = 16
	case p[1] != v4:
		return
	}
	copy(out, p[:4+n])
	address := out[4 : 4+n]
	unmask(address, mask)
	if n == 4 {
		r.addresses.replace4(address)
	} else {
		r.addresses.replace6(address)
	}
	unmask(address, newMask)
}

func unmask(b, mask []byte) {
	for i := range min(len(b), len(mask)) {
		b[i] ^= mask[i]
	}
}
