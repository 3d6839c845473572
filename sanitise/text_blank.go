package sanitise

// blank appends as many octets as v has that say nothing: text becomes x, with
// its line ends, anything else zeros.
func blank(dst, v []byte) []byte {
	if isBinary(v) {
		return append(dst, make([]byte, len(v))...)
	}
	for i, c := range v {
		if c == '\r' || c == '\n' || isBlank(c) && (i == 0 || v[i-1] == '\n' || v[i-1] == '\r') {
			dst = append(dst, c) // the blank makes a continuation of a line, or begins none
			continue
		}
		dst = append(dst, 'x')
	}
	return dst
}

// isBinary reports whether v has control characters that text has not.
func isBinary(v []byte) bool {
	for _, c := range v {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return true
		}
	}
	return false
}

// blankWord appends x for letters and 0 for digits; the rest stays, so that what
// reads the form of a text still finds it.
func blankWord(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if _, escape := escapedByte(v[i:]); escape {
			dst = append(dst, "%78"...) // x
			i += 2
			continue
		}
		switch {
		case isDigit(c):
			dst = append(dst, '0')
		case isWordByte(c):
			dst = append(dst, 'x')
		default:
			dst = append(dst, punctuation(c))
		}
	}
	return dst
}

// zeros appends 0 for every letter and digit: hexadecimal that says nothing.
func zeros(dst, v []byte) []byte {
	for _, c := range v {
		if isWordByte(c) {
			c = '0'
		}
		dst = append(dst, punctuation(c))
	}
	return dst
}
