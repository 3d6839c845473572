package sanitise

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

// testKey is a key of tests.
func testKey(b byte) (k Key) {
	for i := range k {
		k[i] = b + byte(i)
	}
	return k
}

// The trace that comes with the authors' implementation of Crypto-PAn, with its
// key (sample_trace_raw.dat, sample_trace_sanitized.dat), and for IPv6 what
// other implementations agree on with the same key.
func TestCryptoPAnVectors(t *testing.T) {
	c := newCryptoPAn([32]byte{21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2})
	for _, v := range [][2]string{
		{"128.11.68.132", "135.242.180.132"}, {"129.118.74.4", "134.136.186.123"}, {"130.132.252.244", "133.68.164.234"},
		{"141.223.7.43", "141.167.8.160"}, {"152.163.225.39", "151.140.114.167"}, {"165.247.96.84", "162.9.99.234"},
		{"192.102.249.13", "252.138.62.131"}, {"195.205.63.100", "255.186.223.5"}, {"204.29.20.4", "243.33.20.123"},
		{"207.188.7.45", "241.255.249.220"}, {"208.147.89.59", "227.237.98.191"}, {"216.227.10.221", "235.28.253.36"},
		{"24.0.250.221", "100.15.198.226"}, {"38.15.67.68", "64.3.66.187"}, {"4.3.88.225", "124.60.155.63"},
		{"63.14.55.111", "95.9.215.7"}, {"64.34.154.117", "0.221.154.117"}, {"10.185.25.118", "117.161.29.118"},
	} {
		from, want := netip.MustParseAddr(v[0]).As4(), netip.MustParseAddr(v[1]).As4()
		if got := c.of4(binary.BigEndian.Uint32(from[:])); got != binary.BigEndian.Uint32(want[:]) {
			t.Errorf("%s: got %x, want %s", v[0], got, v[1])
		}
	}
	for _, v := range [][2]string{
		{"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"}, {"::ffff", "78ff:f001:9fc0:20df:8380:b1f1:704:f838"},
		{"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"}, {"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
	} {
		if got := netip.AddrFrom16(c.of6(netip.MustParseAddr(v[0]).As16())); got != netip.MustParseAddr(v[1]) {
			t.Errorf("%s: got %s, want %s", v[0], got, v[1])
		}
	}
}

// What an address is good for stays; which one it is does not.
func TestAddressKinds(t *testing.T) {
	a := NewAddresses(testKey(7))
	for _, s := range []string{"0.0.0.0", "127.0.0.1", "127.3.2.1", "255.255.255.255", "224.0.0.251", "224.0.1.75", "::", "::1", "ff02::1", "ff02::fb"} {
		if got := a.Of(netip.MustParseAddr(s)); got.String() != s {
			t.Errorf("%s became %s", s, got)
		}
	}
	for _, c := range []struct{ address, prefix string }{
		{"10.1.2.3", "10.0.0.0/8"}, {"172.31.9.9", "172.16.0.0/12"}, {"192.168.178.20", "192.168.0.0/16"},
		{"100.100.1.1", "100.64.0.0/10"}, {"169.254.7.7", "169.254.0.0/16"}, {"239.1.2.3", "224.0.0.0/4"},
		{"fd12:3456::1", "fc00::/7"}, {"fe80::1234:5678", "fe80::/10"}, {"ff05::1:2:3:4", "ff05::/16"}, {"64:ff9b::198.51.100.7", "64:ff9b::/96"},
	} {
		from := netip.MustParseAddr(c.address)
		got := a.Of(from)
		if got == from || !netip.MustParsePrefix(c.prefix).Contains(got) {
			t.Errorf("%s became %s, want another one of %s", from, got, c.prefix)
		}
	}
	v4 := a.Of(netip.MustParseAddr("198.51.100.7"))
	if got := a.Of(netip.MustParseAddr("::ffff:198.51.100.7")); got.Unmap() != v4 || !got.Is4In6() {
		t.Errorf("mapped: got %s, want %s", got, v4)
	}
	nat64 := a.Of(netip.MustParseAddr("64:ff9b::198.51.100.7")).As16()
	if got := netip.AddrFrom4([4]byte(nat64[12:])); got != v4 {
		t.Errorf("behind a NAT64: got %s, want %s", got, v4)
	}
	for _, s := range []string{"8.8.8.8", "198.51.100.7", "203.0.113.1", "1.1.1.1", "2001:db8::7", "2a00:1450::1"} {
		got := a.Of(netip.MustParseAddr(s))
		if got.IsPrivate() || got.IsLoopback() || got.IsMulticast() || got.IsLinkLocalUnicast() || got.IsUnspecified() || got.String() == s {
			t.Errorf("public %s became %s", s, got)
		}
	}
	if one, other := a.Of(netip.MustParseAddr("8.8.8.8")), NewAddresses(testKey(8)).Of(netip.MustParseAddr("8.8.8.8")); one == other {
		t.Errorf("two keys give the same pseudonym %s", one)
	}
}

// shared is the length of the prefix that two addresses have in common.
func shared(a, b []byte) int {
	for i := range a {
		if x := a[i] ^ b[i]; x != 0 {
			return 8*i + bits.LeadingZeros8(x)
		}
	}
	return 8 * len(a)
}

// Property: neighbours stay neighbours, as near as they were, and no two
// addresses become one, whatever the cache forgets between.
func TestAddressPrefixes(t *testing.T) {
	a := NewAddresses(testKey(1))
	rapid.Check(t, func(t *rapid.T) {
		// Private networks have no images that must be avoided, so that the rule is exact.
		base := rapid.SampledFrom([]uint32{0x0a000000, 0xac100000, 0xc0a80000, 0x64400000}).Draw(t, "network")
		x := base | rapid.Uint32Range(0, 0xffff).Draw(t, "x")
		y := base | rapid.Uint32Range(0, 0xffff).Draw(t, "y")
		var bx, by, px, py [4]byte
		binary.BigEndian.PutUint32(bx[:], x)
		binary.BigEndian.PutUint32(by[:], y)
		px, py = bx, by
		a.replace4(px[:])
		a.replace4(py[:])
		if got, want := shared(px[:], py[:]), shared(bx[:], by[:]); got != want {
			t.Fatalf("%v and %v share %d bits, %v and %v %d", bx, by, want, px, py, got)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		network := [8]byte{0x20, 0x01, 0x0d, 0xb8, 9, 9, 9, 9}
		var bx, by, px, py [16]byte
		copy(bx[:], network[:])
		copy(by[:], network[:])
		copy(bx[8:], rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "x"))
		copy(by[8:], bx[8:])
		bit := rapid.IntRange(64, 127).Draw(t, "bit")
		by[bit/8] ^= 0x80 >> (bit % 8)
		px, py = bx, by
		a.replace6(px[:])
		a.replace6(py[:])
		if got := shared(px[:], py[:]); got != bit {
			t.Fatalf("%x and %x share %d bits, %x and %x %d", bx, by, bit, px, py, got)
		}
	})
}

// Property: within a public /16, wherever it goes, prefixes hold too, and
// nothing becomes anything else's pseudonym.
func TestAddressesAreAPermutation(t *testing.T) {
	a := NewAddresses(testKey(3))
	seen := map[uint32]uint32{}
	for _, net := range []uint32{0xc0000000, 0x0b000000, 0x08080000, 0xcb007100, 0x64000000, 0xac000000} {
		for i := uint32(0); i < 1<<12; i++ {
			from := net + i*257
			p := a.of4(from)
			if other, taken := seen[p]; taken && other != from {
				t.Fatalf("%08x and %08x both become %08x", other, from, p)
			}
			seen[p] = from
		}
	}
}

func TestMAC(t *testing.T) {
	tags := newTags(testKey(1))
	replace := func(b ...byte) [6]byte {
		tags.mac(b)
		return [6]byte(b)
	}
	if got := replace(0xff, 0xff, 0xff, 0xff, 0xff, 0xff); got != [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff} {
		t.Errorf("broadcast became %x", got)
	}
	one, again, other := replace(0, 4, 0x13, 1, 2, 3), replace(0, 4, 0x13, 1, 2, 3), replace(0, 4, 0x13, 1, 2, 4)
	if one != again || one == other || one[0]&1 != 0 || [3]byte(one[:3]) == [3]byte(other[:3]) && one[0] == 0 {
		t.Errorf("got %x, %x again, %x for a neighbour", one, again, other)
	}
	if group := replace(0x01, 0x00, 0x5e, 1, 2, 3); group[0]&1 != 1 {
		t.Errorf("a group became %x", group)
	}
}
