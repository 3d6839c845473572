package sanitise

import (
	"bytes"
	"net/netip"
)

// maxAddressText is the longest text of an address: IPv6 with a dotted quad.
const maxAddressText = 45

// mayBeginAddress reports whether an address, a UUID or a MAC may begin at i:
// such a character, and no word or number before it.
func mayBeginAddress(v []byte, i int) bool {
	c := v[i]
	if hexValue(c) < 0 && (c != ':' || i+1 >= len(v) || v[i+1] != ':') {
		return false
	}
	return i == 0 || !isWordByte(v[i-1]) && (v[i-1] != '.' || i < 2 || !isDigit(v[i-2])) && (c != ':' || v[i-1] != ':')
}

// addressIn appends the pseudonym of the address, UUID or MAC that begins at i,
// and returns the size of what it replaces; 0 where there is none.
func (n *Names) addressIn(dst, v []byte, i int) ([]byte, int) {
	b := v[i:]
	if addr, size := ipv4At(b); size > 0 {
		return n.withPort(n.Address(addr).AppendTo(dst), b, size)
	}
	if size := groupedAt(b); size > 0 {
		return n.whole(dst, b[:size]), size
	}
	if addr, size := ipv6At(b); size > 0 {
		return n.Address(addr).AppendTo(dst), size
	}
	return dst, 0
}

// withPort lets the port behind an address stay.
func (n *Names) withPort(dst, b []byte, size int) ([]byte, int) {
	if end := portEnd(b, size); end > size {
		return append(dst, b[size:end]...), end
	}
	return dst, size
}

// portEnd is where ":port" ends that begins at i, or i.
func portEnd(b []byte, i int) int {
	const longest = 5
	end := i + 1
	for end < len(b) && isDigit(b[end]) {
		end++
	}
	if i >= len(b) || b[i] != ':' || end == i+1 || end > i+1+longest || end < len(b) && isWordByte(b[end]) {
		return i
	}
	return end
}

// ipv4At reads the dotted quad that b begins with, leading zeros allowed.
func ipv4At(b []byte) (addr netip.Addr, size int) {
	var quad [4]byte
	for i := range quad {
		value, digits := 0, 0
		for size < len(b) && isDigit(b[size]) && digits < 4 {
			value = value*10 + int(b[size]-'0')
			digits++
			size++
		}
		if digits == 0 || digits > 3 || value > 255 {
			return addr, 0
		}
		quad[i] = byte(value)
		if i == 3 {
			break
		}
		if size == len(b) || b[size] != '.' {
			return addr, 0
		}
		size++
	}
	if size < len(b) && (isWordByte(b[size]) || b[size] == '.' && size+1 < len(b) && isDigit(b[size+1])) {
		return addr, 0 // a longer number with dots, or a name
	}
	return netip.AddrFrom4(quad), size
}

// ipv6At reads the IPv6 address that b begins with.
func ipv6At(b []byte) (addr netip.Addr, size int) {
	colons := 0
	for size < len(b) && (hexValue(b[size]) >= 0 || b[size] == ':' || b[size] == '.') {
		colons += boolInt(b[size] == ':')
		size++
	}
	if colons < 2 || size > maxAddressText || size < len(b) && isWordByte(b[size]) {
		return addr, 0
	}
	text := bytes.TrimRight(b[:size], ".")
	addr, err := netip.ParseAddr(string(text))
	if err != nil {
		text = bytes.TrimSuffix(text, []byte(":"))
		if addr, err = netip.ParseAddr(string(text)); err != nil {
			return addr, 0
		}
	}
	return addr, len(text)
}

// groupedAt is the size of the UUID (RFC 9562 4) or MAC that b begins with. They
// are one word each: of two digits at a time every one would soon be known.
func groupedAt(b []byte) int {
	const uuid, mac = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "xx:xx:xx:xx:xx:xx"
	switch {
	case fits(b, uuid):
		return len(uuid)
	case fits(b, mac), fits(b, "xx-xx-xx-xx-xx-xx"):
		return len(mac)
	case fits(b, "xxxx.xxxx.xxxx"):
		return len("xxxx.xxxx.xxxx")
	}
	return 0
}

// fits reports whether b begins with hexadecimal digits for each x of the pattern,
// and no word goes on behind.
func fits(b []byte, pattern string) bool {
	if len(b) < len(pattern) || len(b) > len(pattern) && isWordByte(b[len(pattern)]) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == 'x' && hexValue(b[i]) < 0 || pattern[i] != 'x' && b[i] != pattern[i] {
			return false
		}
	}
	return true
}
