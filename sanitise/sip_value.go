package sanitise

import "bytes"

// items appends a header's value: elements between commas, each with parameters
// behind semicolons, quoted strings, and URIs in angle brackets (RFC 3261
// 7.3.1). The first part of each element is as the header means it.
func (t *Text) items(dst, v []byte, first meaning) []byte {
	inParams := first == asParams
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case isSpace(c) || c == '>' || c == '=':
			dst = append(dst, c)
			i++
		case c == ';' || c == ',':
			inParams = c == ';' || first == asParams || first == asScheme
			dst = append(dst, c)
			i++
		case c == '"':
			size := quotedLen(v[i:])
			dst = append(dst, '"')
			if size > 0 {
				dst = append(t.quoted(dst, v[i+1:i+size], first), '"')
			}
			i += size + 1
		case c == '<':
			end := i + 1 + angleLen(v[i+1:])
			dst = t.uri(append(dst, '<'), v[i+1:end])
			i = end
		case inParams:
			dst, i = t.param(dst, v, i)
		default:
			end := i + firstLen(v[i:], first)
			dst = t.replace(dst, v[i:end], first)
			inParams = first == asScheme
			i = end
		}
	}
	return dst
}

// angleLen is how far a URI in angle brackets goes; where the closing one was
// forgotten, what follows ";" is more likely a header parameter.
func angleLen(v []byte) int {
	if end := bytes.IndexByte(v, '>'); end >= 0 {
		return end
	}
	return itemLen(v, ';')
}

// firstLen is how far the first part of an element goes, at least 1.
func firstLen(v []byte, first meaning) int {
	for i := 1; i < len(v); i++ {
		switch c := v[i]; {
		case c == ';' || c == ',' || c == '"' || c == '<':
			return i
		case first == asScheme && isSpace(c):
			return i
		}
	}
	return len(v)
}

// quoted appends what stands between quotes that belong to no parameter: a
// display name, or the text of a Warning.
func (t *Text) quoted(dst, v []byte, first meaning) []byte {
	if first == asNumber {
		return t.phrase(dst, v)
	}
	return t.names.opaque(dst, v)
}

// param appends the parameter that begins at i, and returns where it ends.
func (t *Text) param(dst, v []byte, i int) ([]byte, int) {
	end := i + 1
	for end < len(v) && !isSpace(v[end]) && !isDelimiter(v[end]) && v[end] != '=' {
		end++
	}
	dst, m := t.paramName(dst, v[i:end])
	i = end
	for end < len(v) && isSpace(v[end]) {
		end++
	}
	if end == len(v) || v[end] != '=' {
		return dst, i
	}
	for end++; end < len(v) && isSpace(v[end]); end++ {
	}
	dst = append(dst, v[i:end]...) // blanks, "=", blanks
	return t.paramValue(dst, v, end, m)
}

// paramName appends a parameter's name, and says what its value is.
func (t *Text) paramName(dst, name []byte) ([]byte, meaning) {
	var buf [maxTableWord]byte
	if m, ok := params[string(foldInto(buf[:], name))]; ok {
		return append(dst, name...), m
	}
	start := len(dst)
	dst = t.names.opaque(dst, name)
	if _, known := params[string(foldInto(buf[:], dst[start:]))]; known {
		return blankWord(dst[:start], name), asOpaque // not what another one means
	}
	return dst, asOpaque
}

// paramValue appends the value that begins at i, and returns where it ends.
func (t *Text) paramValue(dst, v []byte, i int, m meaning) ([]byte, int) {
	if i == len(v) {
		return dst, i
	}
	if size := quotedLen(v[i:]); v[i] == '"' && size > 0 {
		dst = t.inQuotes(append(dst, '"'), v[i+1:i+size], m)
		return append(dst, '"'), i + size + 1
	}
	end := i
	for end < len(v) && !isSpace(v[end]) && !isDelimiter(v[end]) {
		end++
	}
	return t.replace(dst, v[i:end], m), end
}

// inQuotes appends a parameter's value without its quotes; some hold a URI in
// angle brackets (RFC 5626 4.1).
func (t *Text) inQuotes(dst, v []byte, m meaning) []byte {
	if len(v) > 1 && v[0] == '<' && v[len(v)-1] == '>' {
		dst = t.uri(append(dst, '<'), v[1:len(v)-1])
		return append(dst, '>')
	}
	return t.replace(dst, v, m)
}

// isDelimiter reports whether c ends a parameter.
func isDelimiter(c byte) bool { return c == ';' || c == ',' || c == '"' || c == '<' || c == '>' }

// party appends the first part of an address: a URI without brackets, or a
// display name without quotes.
func (t *Text) party(dst, v []byte) []byte {
	if schemeLen(v) > 0 {
		return t.uri(dst, v)
	}
	return t.names.opaque(dst, v)
}
