package sanitise

import "bytes"

// sdp appends a session description, line by line: what a parser makes of each
// stays, but for addresses, names and keys.
func (t *Text) sdp(dst, b []byte) []byte {
	for len(b) > 0 {
		end := lineEnd(b, 0)
		next := nextLine(b, end)
		dst = t.sdpLine(dst, b[:end])
		dst = append(dst, b[end:next]...)
		b = b[next:]
	}
	return dst
}

// sdpLine appends "t=value".
func (t *Text) sdpLine(dst, l []byte) []byte {
	if len(l) < 2 || l[1] != '=' {
		return t.names.opaque(dst, l)
	}
	v, blanks := trimFront(l[2:])
	switch l[0] {
	case 'v', 't', 'r', 'z', 'b', 'o', 'c', 'm', 'a', 's', 'i', 'u', 'e', 'p', 'k':
	default:
		return t.names.opaque(dst, l)
	}
	dst = append(append(dst, l[:2]...), blanks...)
	switch l[0] {
	case 'o':
		return t.origin(dst, v)
	case 'c':
		return t.connection(dst, v)
	case 'm':
		return t.mediaLine(dst, v)
	case 'a':
		return t.attribute(dst, v)
	case 's', 'i', 'u', 'e', 'p':
		if len(v) == 1 && v[0] == '-' {
			return append(dst, v...)
		}
		return blankWord(dst, v)
	case 'k':
		return t.secretAfter(dst, v, ':')
	}
	return t.words(dst, v, numberDigits)
}

// origin appends "user id version nettype addrtype address".
func (t *Text) origin(dst, v []byte) []byte {
	user := fieldLen(v)
	dst = t.names.user(dst, v[:user])
	v = v[user:]
	last := bytes.LastIndexAny(v, " \t") + 1
	dst = t.sdpWords(dst, v[:last])
	return t.names.host(dst, v[last:])
}

// sdpWords appends what stands between: numbers are session ids, whose count goes on
// in the version, and are as good as any.
func (t *Text) sdpWords(dst, v []byte) []byte {
	for len(v) > 0 {
		field, blanks := fieldOf(v)
		v = v[len(field)+len(blanks):]
		if isProtocolWord(field) {
			dst = append(dst, field...)
		} else {
			dst = t.names.opaque(dst, field)
		}
		dst = append(dst, blanks...)
	}
	return dst
}

// fieldLen is how far v goes to the next blank.
func fieldLen(v []byte) int {
	n := 0
	for n < len(v) && !isSpace(v[n]) {
		n++
	}
	return n
}

// fieldOf is the field that v begins with, and the blanks behind it.
func fieldOf(v []byte) (field, blanks []byte) {
	n := fieldLen(v)
	end := n
	for end < len(v) && isSpace(v[end]) {
		end++
	}
	return v[:n], v[n:end]
}

// connection appends "nettype addrtype address[/ttl]".
func (t *Text) connection(dst, v []byte) []byte {
	for range 2 {
		field, blanks := fieldOf(v)
		dst = append(t.words(dst, field, 0), blanks...)
		v = v[len(field)+len(blanks):]
	}
	slash := bytes.IndexByte(v, '/')
	if slash < 0 {
		slash = len(v)
	}
	return t.words(t.address(dst, v[:slash]), v[slash:], wordDigits)
}

// address appends one address of a session description, and what may be behind
// it.
func (t *Text) address(dst, v []byte) []byte {
	n := fieldLen(v)
	return t.names.opaque(t.names.host(dst, v[:n]), v[n:])
}

// mediaLine appends "kind port[/number] protocol formats".
func (t *Text) mediaLine(dst, v []byte) []byte {
	kind, blanks := fieldOf(v)
	dst = append(t.words(dst, kind, 0), blanks...)
	v = v[len(kind)+len(blanks):]
	port, blanks := fieldOf(v)
	dst = append(t.number(dst, port), blanks...)
	return t.words(dst, v[len(port)+len(blanks):], wordDigits)
}

// secretAfter blanks what follows the separator, or all where there is none.
func (t *Text) secretAfter(dst, v []byte, separator byte) []byte {
	n := bytes.IndexByte(v, separator) + 1
	return blankWord(t.words(dst, v[:n], 0), v[n:])
}

// attribute appends "name" or "name:value".
func (t *Text) attribute(dst, v []byte) []byte {
	colon := bytes.IndexByte(v, ':')
	if colon < 0 {
		return t.attributeName(dst, v)
	}
	name, _ := trim(v[:colon])
	dst = t.attributeName(dst, v[:colon])
	value, blanks := trimFront(v[colon+1:])
	dst = append(append(dst, ':'), blanks...)
	var buf [maxTableWord]byte
	rule, known := attributes[string(foldInto(buf[:], name))]
	if !known {
		return t.names.opaque(dst, value)
	}
	return rule(t, dst, value)
}

// attributeName appends a name; one that is not known may say anything.
func (t *Text) attributeName(dst, name []byte) []byte {
	var buf [maxTableWord]byte
	trimmed, _ := trim(name)
	if _, known := attributes[string(foldInto(buf[:], trimmed))]; known {
		return append(dst, name...)
	}
	start := len(dst)
	dst = t.names.opaque(dst, name)
	if _, known := attributes[string(foldInto(buf[:], dst[start:]))]; known {
		return blankWord(dst[:start], name) // not what another one means
	}
	return dst
}
