package sanitise

import "bytes"

// xml appends a document. The names of known elements and attributes stay, and
// values that are words of the protocol or times; URIs, identifiers and names
// become theirs. Whatever else there is, where somebody is and comments for
// example, is blanked.
func (t *Text) xml(dst, b []byte) []byte {
	known := false // the tag before the text at hand
	for len(b) > 0 {
		open := bytes.IndexByte(b, '<')
		if open < 0 {
			open = len(b)
		}
		if known {
			dst = t.content(dst, b[:open])
		} else {
			dst = blankWord(dst, b[:open])
		}
		if b = b[open:]; len(b) == 0 {
			break
		}
		size := tagLen(b)
		known = isKnownTag(b[:size])
		dst = t.tag(dst, b[:size])
		b = b[size:]
	}
	return dst
}

// isKnownTag reports whether the text behind a tag is of a known sort, and not
// what somebody wrote.
func isKnownTag(b []byte) bool {
	name := bytes.TrimLeft(b, "</?")
	name = name[:nameLen(name)]
	if colon := bytes.LastIndexByte(name, ':'); colon >= 0 {
		name = name[colon+1:]
	}
	return inSet(xmlWords, name) && !inSet(xmlProse, name)
}

// tagLen is the length of the tag, comment or section that b begins with.
func tagLen(b []byte) int {
	for _, s := range [...]struct{ open, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<", ">"}} {
		if !bytes.HasPrefix(b, []byte(s.open)) {
			continue
		}
		if i := bytes.Index(b, []byte(s.end)); i >= 0 {
			return i + len(s.end)
		}
		return len(b)
	}
	return len(b)
}

// tag appends one tag, or blanks what is none.
func (t *Text) tag(dst, b []byte) []byte {
	if len(b) > 1 && b[1] == '!' {
		return t.section(dst, b)
	}
	i := 1
	for i < len(b) && (b[i] == '/' || b[i] == '?') {
		i++
	}
	dst = append(dst, b[:i]...)
	end := i + nameLen(b[i:])
	dst = xmlName(dst, b[i:end])
	for i = end; i < len(b); {
		n := nameLen(b[i:])
		if n == 0 {
			dst = append(dst, punctuation(b[i]))
			i++
			continue
		}
		name := b[i : i+n]
		dst = xmlName(dst, name)
		dst, i = t.attributeValue(dst, b, i+n, name)
	}
	return dst
}

// section appends a comment, a CDATA section or a declaration without what it
// says.
func (t *Text) section(dst, b []byte) []byte {
	for _, s := range [...]struct{ open, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<!", ">"}} {
		if len(b) >= len(s.open)+len(s.end) && bytes.HasPrefix(b, []byte(s.open)) && bytes.HasSuffix(b, []byte(s.end)) {
			dst = blankWord(append(dst, s.open...), b[len(s.open):len(b)-len(s.end)])
			return append(dst, s.end...)
		}
	}
	return blankWord(dst, b)
}

func nameLen(b []byte) int {
	n := 0
	for n < len(b) && (isWordByte(b[n]) || n > 0 && (b[n] == ':' || b[n] == '-' || b[n] == '.') || b[n] == '_') {
		n++
	}
	return n
}

// xmlName appends the name of an element or attribute; one that is not known
// becomes x, which is a name too.
func xmlName(dst, name []byte) []byte {
	for len(name) > 0 {
		part := name
		colon := bytes.IndexByte(name, ':')
		if colon >= 0 {
			part = name[:colon]
		}
		if inSet(xmlWords, part) {
			dst = append(dst, part...)
		} else {
			for range part {
				dst = append(dst, 'x')
			}
		}
		if name = name[len(part):]; colon >= 0 {
			dst = append(dst, ':')
			name = name[1:]
		}
	}
	return dst
}

// attributeValue appends ="value" where it stands, and returns where it ends.
func (t *Text) attributeValue(dst, b []byte, i int, name []byte) ([]byte, int) {
	end := i
	for end < len(b) && (isSpace(b[end]) || b[end] == '=') {
		end++
	}
	if end == len(b) || b[end] != '"' && b[end] != '\'' || bytes.IndexByte(b[i:end], '=') < 0 {
		return append(dst, b[i:end]...), end
	}
	dst = append(dst, b[i:end+1]...)
	from := end + 1
	to := from + bytes.IndexByte(b[from:], b[end])
	if to < from {
		return blankWord(dst, b[from:]), len(b)
	}
	value := b[from:to]
	switch {
	case inSet(xmlNumbers, name) && (isShortNumber(value, numberDigits) || isProtocolWord(value)):
		dst = append(dst, value...)
	case equalFold(name, "digits"):
		dst = zeros(dst, value)
	case namespaces[string(value)]:
		dst = append(dst, value...)
	default:
		dst = t.content(dst, value)
	}
	return append(dst, b[end]), to + 1
}

// content appends the text of an element or attribute.
func (t *Text) content(dst, v []byte) []byte {
	inner, cut := trim(v)
	dst = append(dst, v[:cut]...)
	switch {
	case schemeLen(inner) > 0:
		dst = t.uri(dst, inner)
	case timeLen(inner) == len(inner), inSet(xmlWords, inner), isProtocolWord(inner):
		dst = append(dst, inner...)
	default:
		dst = t.withEntities(dst, inner)
	}
	return append(dst, v[cut+len(inner):]...)
}

// withEntities appends opaque text, in which the entities that every document
// has stay.
func (t *Text) withEntities(dst, v []byte) []byte {
	for len(v) > 0 {
		at := bytes.IndexByte(v, '&')
		if at < 0 {
			return t.names.opaque(dst, v)
		}
		dst = t.names.opaque(dst, v[:at])
		v = v[at:]
		size := 1
		for _, entity := range [...]string{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"} {
			if bytes.HasPrefix(v, []byte(entity)) {
				size = len(entity)
			}
		}
		dst = append(dst, v[:size]...)
		v = v[size:]
	}
	return dst
}
