package sipparse

import (
	"strings"
	"unicode/utf8"
)

const maxQuoted = 512 // octets of a quoted string; bounds the search for a quote that never closes

// text is s for people: at most 4 KiB of valid UTF-8. Bytes that are no UTF-8
// are taken for Latin-1, which is what old user agents put into names.
func text(s string) string {
	s = s[:min(len(s), maxValue)]
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + len(s)/2)
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

// lowerString is ASCII lower case; without a capital it is s itself.
func lowerString(s string) string {
	for i := range len(s) {
		if s[i] != lower(s[i]) {
			return strings.Map(func(r rune) rune {
				if r >= 'A' && r <= 'Z' {
					return r + 'a' - 'A'
				}
				return r
			}, s)
		}
	}
	return s
}

// param finds ";name=value" among the parameters of a header value, outside
// quotes and angle brackets, with blanks anywhere and the name in any case. A
// name before the first ";" counts too: P-Charging-Vector begins with one.
func param[T bytesOrString](s T, name string) T {
	for len(s) > 0 {
		n := itemLen(s, ';')
		if v, ok := paramValue(s[:n], name); ok {
			return v
		}
		s = s[min(n+1, len(s)):]
	}
	return s
}

// paramValue splits "name = value" and unquotes the value.
func paramValue[T bytesOrString](item T, name string) (v T, ok bool) {
	item = trimSpace(item)
	if !hasPrefixFold(item, name) {
		return v, false
	}
	rest := trimSpace(item[len(name):])
	if len(rest) == 0 || rest[0] != '=' {
		return v, false
	}
	return unquote(trimSpace(rest[1:])), true
}

func unquote[T bytesOrString](s T) T {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	return s[1 : len(s)-1]
}

// itemLen is how far s goes to the next separator outside quoted strings and
// angle brackets (RFC 3261 7.3.1, 25.1). A quote that never closes quotes nothing.
func itemLen[T bytesOrString](s T, separator byte) int {
	angle, quotes := false, true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' && quotes:
			n := quotedLen(s[i:])
			i += n
			quotes = n > 0
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == separator && !angle:
			return i
		}
	}
	return len(s)
}

// quotedLen is the distance from the quote that s begins with to the one that
// closes it, 0 where none does within maxQuoted octets.
func quotedLen[T bytesOrString](s T) int {
	for i := 1; i < min(len(s), maxQuoted); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return 0
}
