package sanitise

import "bytes"

// specialNames are hosts and users that stand for nobody, and that a monitor
// tells from those that do (RFC 2606, RFC 3323, RFC 6761).
var specialNames = map[string]bool{
	"anonymous": true, "invalid": true, "localhost": true, "localdomain": true, "local": true, "unavailable": true, "unknown": true, "restricted": true,
}

func isSpecial(v []byte) bool {
	var buf [16]byte
	return specialNames[string(foldInto(buf[:], v))]
}

// hostEnd is where the host name or IPv4 address ends that begins at i.
func hostEnd(v []byte, i int) int {
	for i < len(v) && (isWordByte(v[i]) || v[i] == '.' || v[i] == '-' || v[i] == '_') {
		i++
	}
	return i
}

// host appends the pseudonym of a host: an address in or without brackets, or a
// name, label by label, so that hosts of one domain stay in one. Names differ
// by no case (RFC 4343) and are written small.
func (n *Names) host(dst, h []byte) []byte {
	if len(h) == 0 {
		return dst
	}
	if h[0] == '[' {
		end := bytes.IndexByte(h, ']')
		if end < 0 {
			end = len(h)
		}
		dst = n.host(append(dst, '['), h[1:end])
		return n.opaque(dst, h[end:])
	}
	if mayBeginAddress(h, 0) {
		if longer, size := n.addressIn(dst, h, 0); size == len(h) {
			return longer
		} else if size > 0 {
			return n.opaque(longer, h[size:]) // a zone, or what is no host
		}
	}
	for len(h) > 0 {
		end := bytes.IndexByte(h, '.')
		if end < 0 {
			end = len(h)
		}
		dst = n.label(dst, h[:end])
		if end < len(h) {
			dst = append(dst, '.')
			end++
		}
		h = h[end:]
	}
	return dst
}

// label appends one label of a host name. It is one word with its hyphens: they
// often part an address.
func (n *Names) label(dst, l []byte) []byte {
	if isSpecial(l) {
		return append(dst, l...)
	}
	if hasEscape(l) {
		return n.opaque(dst, l)
	}
	n.plain = n.plain[:0]
	for _, c := range l {
		if isWordByte(c) {
			n.plain = append(n.plain, lower(c))
		}
	}
	return n.scatter(dst, l, isWordByte)
}

// hostPort appends host[:port], with blanks anywhere.
func (n *Names) hostPort(dst, v []byte) []byte {
	end := hostPortEnd(v)
	dst = n.host(dst, v[:end])
	for i := end; i < len(v); {
		c := v[i]
		if isSpace(c) {
			dst = append(dst, c)
			i++
			continue
		}
		if c != ':' {
			return n.opaque(dst, v[i:])
		}
		dst = append(dst, ':')
		for i++; i < len(v) && isSpace(v[i]); i++ {
			dst = append(dst, v[i])
		}
		const longest = 5
		digits := digitsLen(v[i:])
		if digits > longest || i+digits < len(v) && isWordByte(v[i+digits]) {
			return n.opaque(dst, v[i:])
		}
		dst = append(dst, v[i:i+digits]...)
		i += digits
	}
	return dst
}

// hostPortEnd is where the host ends: at a blank, or at the colon before a port.
func hostPortEnd(v []byte) int {
	if len(v) > 0 && v[0] == '[' {
		if end := bytes.IndexByte(v, ']'); end > 0 {
			return end + 1
		}
	}
	if _, size := ipv6At(v); size > 0 {
		return size
	}
	for i, c := range v {
		if c == ':' || isSpace(c) {
			return i
		}
	}
	return len(v)
}

// user appends the pseudonym of a user: a number as one, else word by word.
func (n *Names) user(dst, u []byte) []byte {
	switch {
	case isSpecial(u):
		return append(dst, u...)
	case isNumber(u):
		return n.number(dst, u)
	}
	return n.opaque(dst, u)
}

// isNumber reports whether v is a telephone number: digits with a plus, the keys
// * and #, and visual separators, plain or as %HH.
func isNumber(v []byte) bool {
	digits := 0
	for i := 0; i < len(v); i++ {
		c := v[i]
		if escaped, ok := escapedByte(v[i:]); ok {
			if isDigit(escaped) {
				return false
			}
			return isNumberMark(escaped) && !hasDigit(v[:i]) && isNumber(v[i+3:])
		}
		switch {
		case isDigit(c):
			digits++
		case !isNumberMark(c):
			return false
		}
	}
	return digits > 0
}

func isNumberMark(c byte) bool {
	switch c {
	case '+', '*', '#', '-', '.', '(', ')', ' ':
		return true
	}
	return false
}

func hasDigit(v []byte) bool { return bytes.ContainsAny(v, "0123456789") }

func digitsLen(v []byte) int {
	n := 0
	for n < len(v) && isDigit(v[n]) {
		n++
	}
	return n
}
