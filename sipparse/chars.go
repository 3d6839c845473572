package sipparse

// tokenChar holds the characters of a token (RFC 3261 25.1).
var tokenChar = charTable("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~")

// mayStart holds what a message can begin with: a token or skippable junk.
var mayStart = charTable("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~" + junkChars)

// junkChars are skipped before a start line: line ends, blanks, NUL and the
// three octets of a UTF-8 byte order mark.
const junkChars = "\r\n \t\x00\xef\xbb\xbf"

// junk holds junkChars.
var junk = charTable(junkChars)

func charTable(chars string) (t [256]bool) {
	for i := range len(chars) {
		t[chars[i]] = true
	}
	return t
}

func isJunk(c byte) bool  { return junk[c] }
func isBlank(c byte) bool { return c == ' ' || c == '\t' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isSpace is linear white space and the line ends inside a folded value.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// lower is ASCII lower case, which is all that SIP's tokens know.
func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// bytesOrString lets one scan serve the raw packet and the copied values.
type bytesOrString interface{ ~[]byte | ~string }

// hasPrefixFold reports whether s begins with the lower-case prefix.
func hasPrefixFold[T bytesOrString](s T, prefix string) bool {
	return len(s) >= len(prefix) && equalFold(s[:len(prefix)], prefix)
}

// equalFold reports whether s is the lower-case word, in any case.
func equalFold[T bytesOrString](s T, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(word) {
		if lower(s[i]) != word[i] {
			return false
		}
	}
	return true
}

// trimSpace cuts linear white space at both ends.
func trimSpace[T bytesOrString](s T) T {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	return trimRightBlank(s)
}

// trimRightBlank cuts linear white space at the end.
func trimRightBlank[T bytesOrString](s T) T {
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// decimal reads the digits that s begins with; ok is false where there are
// none or the value passes limit.
func decimal[T bytesOrString](s T, limit uint64) (v uint64, n int, ok bool) {
	for n < len(s) && isDigit(s[n]) {
		v = v*10 + uint64(s[n]-'0')
		if v > limit {
			return 0, n, false
		}
		n++
	}
	return v, n, n > 0
}
