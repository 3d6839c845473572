package sanitise

import "encoding/binary"

// kind4 is a block of IPv4 addresses of one kind (RFC 6890).
type kind4 struct {
	prefix uint32
	bits   int
	keep   int // bits that stay; 32: the address stays as it is
}

// kinds4 are the blocks, the narrower before the wider that holds it. What is in
// none of them is public, or looks so, and keeps no bit.
var kinds4 = [...]kind4{
	{0x00000000, 8, 32},  // this host: 0.0.0.0 in an SDP means hold
	{0x0a000000, 8, 8},   // private (RFC 1918)
	{0x64400000, 10, 10}, // shared by carrier-grade NATs (RFC 6598)
	{0x7f000000, 8, 32},  // loopback
	{0xa9fe0000, 16, 16}, // link-local (RFC 3927)
	{0xac100000, 12, 12}, // private
	{0xc0a80000, 16, 16}, // private
	{0xe0000000, 23, 32}, // multicast of protocols: 224.0.0.1, 224.0.1.75
	{0xe0000000, 4, 4},   // multicast
	{0xffffffff, 32, 32}, // broadcast
	{0xf0000000, 4, 4},   // reserved
}

// kindOf4 returns the kind of an address, and how many of its bits stay.
func kindOf4(address uint32) (kind, keep int) {
	for i := range kinds4 {
		k := &kinds4[i]
		if (address^k.prefix)>>(32-k.bits) == 0 {
			return i, k.keep
		}
	}
	return len(kinds4), 0
}

// Kinds of IPv6 addresses (RFC 6890).
const (
	kind6Public = iota
	kind6Fixed
	kind6Local     // fc00::/7, unique local
	kind6Link      // fe80::/10
	kind6Multicast // ff00::/8
	kind6Low       // ::/8: compatible, mapped and the like
)

// kindOf6 returns the kind of an address, and how many of its bits stay.
func kindOf6(b *[16]byte) (kind, keep int) {
	const groupScope = 16
	switch {
	case binary.BigEndian.Uint64(b[:]) == 0 && binary.BigEndian.Uint64(b[8:]) <= 1:
		return kind6Fixed, 128 // unspecified, loopback
	case b[0] == 0xff && b[1]&0xf0 == 0 && isZero(b[2:13]):
		return kind6Fixed, 128 // groups of protocols: ff02::1, ff02::fb
	case b[0] == 0xff:
		return kind6Multicast, groupScope
	case b[0] == 0xfe && b[1]&0xc0 == 0x80:
		return kind6Link, 10
	case b[0]&0xfe == 0xfc:
		return kind6Local, 7
	case embedded4(b[:]) > 0:
		return kind6Fixed, 128 // an image that another address must not have
	case b[0] == 0:
		return kind6Low, 8
	}
	return kind6Public, 0
}

// embedded4 is where an IPv6 address has an IPv4 address that it stands for:
// mapped (RFC 4291 2.5.5.2) or of a NAT64 (RFC 6052 2.1); 0 where it has none.
func embedded4(b []byte) int {
	hi, mid := binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:])
	if hi == 0 && mid == 0xffff || hi == 0x0064ff9b_00000000 && mid == 0 {
		return 12
	}
	return 0
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
