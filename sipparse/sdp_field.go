package sipparse

import (
	"bytes"
	"net/netip"
)

// cutField splits s behind its first field; the rest begins with the next.
func cutField[T bytesOrString](s T) (field, rest T) {
	s = trimLeft(s)
	n := 0
	for n < len(s) && !isSpace(s[n]) {
		n++
	}
	return s[:n], trimLeft(s[n:])
}

func trimLeft[T bytesOrString](s T) T {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	return s
}

// fieldCount is at least how many fields s has.
func fieldCount(s []byte) int { return bytes.Count(s, []byte(" ")) + bytes.Count(s, []byte("\t")) + 1 }

// parseHost reads a connection address without its /ttl and %zone; what is no
// address is a name, kept as written.
func parseHost(v []byte) (addr netip.Addr, host string) {
	v, _ = cutField(v)
	for i, c := range v {
		if c == '/' || c == '%' {
			v = v[:i]
			break
		}
	}
	if len(v) == 0 {
		return addr, ""
	}
	if addr, ok := parseIPv4(v); ok {
		return addr, ""
	}
	v = v[:min(len(v), 255)] // RFC 1035: no name is longer
	if v[0] == '[' && v[len(v)-1] == ']' {
		v = v[1 : len(v)-1]
	}
	host = string(v)
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, host
	}
	return addr.Unmap(), ""
}

// parseIPv4 reads a dotted quad, leading zeros allowed. netip.ParseAddr wants
// a string, which would be an allocation for every address.
func parseIPv4(v []byte) (netip.Addr, bool) {
	var quad [4]byte
	for i := range quad {
		octet, n, ok := decimal(v, 255)
		if !ok || n > 3 {
			return netip.Addr{}, false
		}
		quad[i] = byte(octet)
		v = v[n:]
		if i == 3 {
			break
		}
		if len(v) == 0 || v[0] != '.' {
			return netip.Addr{}, false
		}
		v = v[1:]
	}
	return netip.AddrFrom4(quad), len(v) == 0
}
