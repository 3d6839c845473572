package sanitise

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isSpace is linear white space and the line ends inside a folded value.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// lower is ASCII lower case.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// foldInto writes v in lower case into buf, if it fits: a key for a table.
func foldInto(buf, v []byte) []byte {
	if len(v) > len(buf) {
		return nil
	}
	for i, c := range v {
		buf[i] = lower(c)
	}
	return buf[:len(v)]
}

// equalFold reports whether v is the lower-case word, in any case.
func equalFold(v []byte, word string) bool {
	if len(v) != len(word) {
		return false
	}
	for i, c := range v {
		if lower(c) != word[i] {
			return false
		}
	}
	return true
}

// isTokenByte reports whether c belongs to a token (RFC 3261 25.1).
func isTokenByte(c byte) bool {
	switch c {
	case '-', '.', '!', '%', '*', '_', '+', '`', '\'', '~':
		return true
	}
	return isWordByte(c) && c < 0x80
}

// trim cuts white space at both ends and says how much at the first.
func trim(v []byte) (inner []byte, cut int) {
	for cut < len(v) && isSpace(v[cut]) {
		cut++
	}
	inner = v[cut:]
	for len(inner) > 0 && isSpace(inner[len(inner)-1]) {
		inner = inner[:len(inner)-1]
	}
	return inner, cut
}

// quotedLen is the distance from the quote that v begins with to the one that
// closes it, 0 where none does within what a parser looks at.
func quotedLen(v []byte) int {
	const most = 512 // as sipparse: one that never closes quotes nothing
	for i := 1; i < min(len(v), most); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}

// itemLen is how far v goes to the next separator outside quoted strings and
// angle brackets.
func itemLen(v []byte, separator byte) int {
	angle := false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			i += quotedLen(v[i:])
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == separator && !angle:
			return i
		}
	}
	return len(v)
}
