package capture

import (
	"fmt"
	"strings"
)

// maxExpression bounds the octets of a filter expression: far more than fits a
// program of 4096 instructions.
const maxExpression = 128 << 10

// filterToken is one word or sign of an expression.
type filterToken struct {
	text   string // "" at the end
	column int    // of its first character, from 1
}

// filterError is a fault at a place of the expression.
type filterError struct {
	column int
	text   string
}

func (e *filterError) Error() string { return fmt.Sprintf("column %d: %s", e.column, e.text) }

// lexFilter cuts an expression into words, parentheses and the signs &&, || and
// !. The last token is empty and stands behind the end.
func lexFilter(expr string) ([]filterToken, error) {
	if len(expr) > maxExpression {
		return nil, &filterError{1, fmt.Sprintf("want at most %d octets, have %d", maxExpression, len(expr))}
	}
	var tokens []filterToken
	column := 1
	for len(expr) > 0 {
		n := tokenLength(expr)
		if n == 0 {
			return nil, &filterError{column, unknownSign(expr)}
		}
		if text := expr[:n]; strings.TrimSpace(text) != "" {
			tokens = append(tokens, filterToken{canonical(text), column})
		}
		column += n
		expr = expr[n:]
	}
	return append(tokens, filterToken{"", column}), nil
}

// tokenLength returns how many octets the token at the beginning of s has, 0
// where none begins.
func tokenLength(s string) int {
	switch {
	case strings.HasPrefix(s, "&&"), strings.HasPrefix(s, "||"):
		return 2
	case strings.IndexByte(" \t\r\n()!", s[0]) >= 0:
		return 1
	}
	n := 0
	for n < len(s) && wordOctet(s[n]) {
		n++
	}
	return n
}

// wordOctet reports whether c is of a name, number, address, prefix or range.
// A backslash is how tcpdump's users write a keyword as a name ("proto \udp").
func wordOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '.' || c == ':' || c == '/' || c == '-' || c == '_' || c == '\\'
}

// canonical gives signs their words.
func canonical(text string) string {
	switch text {
	case "&&":
		return "and"
	case "||":
		return "or"
	case "!":
		return "not"
	}
	return text
}

func unknownSign(s string) string {
	switch s[0] {
	case '[', '=', '<', '>', '+', '*':
		return "comparing octets (ip[6:2] != 0) is not part of this language; use fragment, less, greater, proto or port"
	case '&':
		return "want && or \"and\""
	case '|':
		return "want || or \"or\""
	}
	return fmt.Sprintf("want a word, a number, an address or a parenthesis, have %q", []rune(s)[0])
}
