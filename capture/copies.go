package capture

import (
	"encoding/binary"
	"math/bits"

	"earshot/capture/wire"
)

// Windows in which the same octets are one packet seen twice, in microseconds.
const (
	copyWindow = 5000 // they share an IP identification, or came another way
	twinWindow = 1000 // nothing tells them apart
)

// The memory is 512 sets of the last 4 packets: 32 KiB, so that it stays in the
// second-level cache beside the capture that streams through it. 256 KiB did
// not, and cost 34 ns a packet. 2,048 packets are 2 ms of 10,000 calls.
const (
	copySets     = 512
	copyWays     = 4
	traitBits    = 24
	copyTimeBits = 64 - traitBits
	copyTimeMask = 1<<copyTimeBits - 1
)

// copies recognises packets that a capture holds more than once: a mirror of
// two ports, `lo` and `any` that show a packet leaving and arriving, a tap
// before and after a router. It remembers a fingerprint of the last packets.
//
// Two packets are copies when addresses, ports, protocol, IP identification,
// length, checksum and the beginning of the payload agree, and
//
//   - the IP identification is not zero, or the link direction, the capture
//     point, TTL, VLAN or MACs differ (which are no part of the fingerprint),
//     and at most 5 ms lie between them; or
//   - there is no identification (0, or IPv6), all of these agree too, and less
//     than 1 ms lies between them. The 969 copies in a handset's capture with
//     identification 0 lie 24 to 795 µs apart; a network that duplicates a
//     packet takes about a millisecond or more.
//
// A network duplicate keeps its identification, so one that follows within 5 ms
// cannot be told from a copy and is counted as one.
//
// A message in HEP has its capture node for an identification, and counts with
// all its octets: the same message from the same node within 5 ms of its time
// is a copy, from another node it is a sighting of its own.
//
// A copy that comes after four other packets of its set is missed, never
// invented. A set is a cache line.
type copies struct {
	sets *[copySets]copySet
}

// copySet holds the last packets whose fingerprints fall together, latest first.
type copySet struct {
	fingerprints [copyWays]uint64
	stamps       [copyWays]uint64 // traits in the upper 24 bits, microseconds modulo 12.7 days below
}

func newCopies() copies {
	return copies{sets: new([copySets]copySet)}
}

// again reports whether the packet was seen a moment ago, and remembers it. A
// copy does not renew the memory: the original stays the reference.
func (c *copies) again(w *descent) bool {
	if w.dg.Protocol == wire.ProtocolTCP && w.dg.Length == 0 {
		return false // receivers repeat bare acknowledgements on purpose
	}
	hash := fingerprint(w)
	traits := (w.traits ^ uint64(w.dg.TTL)) * traitMultiplier >> copyTimeBits
	now := uint64(w.dg.At/1000) & copyTimeMask
	set := &c.sets[hash%copySets]
	for i, known := range &set.fingerprints {
		if known == hash && same(set.stamps[i], now, traits, w.id) {
			return true
		}
	}
	copy(set.fingerprints[1:], set.fingerprints[:])
	copy(set.stamps[1:], set.stamps[:])
	set.fingerprints[0], set.stamps[0] = hash, traits<<copyTimeBits|now
	return false
}

// same decides by time and by the ways they came whether two packets with one
// fingerprint are one.
func same(stamp, now, traits uint64, id uint32) bool {
	age := int64((now-stamp)<<traitBits) >> traitBits // interfaces may be out of step: either sign
	if age < 0 {
		age = -age
	}
	otherWay := stamp>>copyTimeBits != traits
	return age < twinWindow || age <= copyWindow && (id != 0 || otherWay)
}

// Odd multipliers with irregular bits (the digits of pi and the golden ratio).
const (
	traitMultiplier = 0x9e3779b97f4a7c15
	hashKey0        = 0x243f6a8885a308d3
	hashKey1        = 0x13198a2e03707344
	hashKey2        = 0xa4093822299f31d0
	hashKey3        = 0x082efa98ec4e6c89
	hashKey4        = 0x452821e638d01377
	hashKey5        = 0xbe5466cf34e90c6c
	hashKey6        = 0xc0ac29b7c97c50dd
	hashKey7        = 0x3f84d5b5b5470917
)

// fingerprint reduces all that makes a packet itself to 64 bits. Without an IP
// identification a UDP packet that has no RTP header, whose sequence number
// lies in the first 16 octets, is taken in whole: two REGISTERs may begin alike
// and even share a checksum.
func fingerprint(w *descent) uint64 {
	dg := w.dg
	h := mum(le64(dg.SrcAddr[:8])^hashKey0, le64(dg.SrcAddr[8:])^hashKey1) ^
		mum(le64(dg.DstAddr[:8])^hashKey2, le64(dg.DstAddr[8:])^hashKey3) ^
		mum((uint64(dg.SrcPort)<<48|uint64(dg.DstPort)<<32|uint64(w.id))^hashKey4,
			(uint64(dg.Length)<<32|uint64(dg.Protocol)<<24|uint64(dg.Flags)<<16|uint64(w.checksum))^hashKey5)
	p := dg.Payload
	if len(p) < 16 {
		return h ^ mum(tail(p)^hashKey6, uint64(dg.Seq)^hashKey7)
	}
	h ^= mum(le64(p)^hashKey6, le64(p[8:])^uint64(dg.Seq)<<32^hashKey7)
	if !w.whole && (w.id != 0 || dg.Protocol != wire.ProtocolUDP || p[0]>>6 == 2) {
		return h
	}
	for p = p[16:]; len(p) >= 16; p = p[16:] {
		h = mum(h^le64(p), le64(p[8:])^hashKey0)
	}
	return mum(h^tail(p), hashKey1)
}

// tail folds fewer than 16 octets.
func tail(p []byte) uint64 {
	h := uint64(len(p))
	for _, b := range p {
		h = (h ^ uint64(b)) * traitMultiplier
		h ^= h >> 29
	}
	return h
}

// mum is wyhash's mixer: the two halves of a 128-bit product, folded.
func mum(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
