package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// maxText bounds, in code points, what is shown of one text out of a packet.
const maxText = 160

// clean makes a text out of a packet fit to be shown on one line: escape
// sequences, control and invisible format characters (among them those that
// turn the direction of writing) go, white space becomes a space, damaged
// UTF-8 becomes U+FFFD, and what is longer than limit code points ends in "…".
func clean(s string, limit int) string {
	if plain(s) && len(s) <= limit {
		return s
	}
	var b strings.Builder
	n := 0
	for i := 0; i < len(s); {
		if e := escape(s[i:]); e > 0 {
			i += e
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r == '\t' || r == '\n' || r == '\r' || unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r):
			continue
		}
		if n == limit-1 && i < len(s) {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}

// plain reports printable ASCII: nearly every text of a call.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// escape returns how long the terminal escape sequence at the start of s is
// (ECMA-48: CSI, and the strings that end in ST or BEL), 0 where there is none.
func escape(s string) int {
	body := ""
	switch {
	case strings.HasPrefix(s, "\x1b") && len(s) > 1:
		body = s[1:]
	case strings.HasPrefix(s, "\u009b"): // CSI as one character of C1
		body = "[" + s[2:]
	default:
		return 0
	}
	head := len(s) - len(body)
	switch body[0] {
	case '[':
		for i := 1; i < len(body); i++ {
			if c := body[i]; c >= 0x40 && c <= 0x7e {
				return head + i + 1
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_':
		end := strings.IndexAny(body, "\a\x1b")
		switch {
		case end < 0:
			return len(s)
		case strings.HasPrefix(body[end:], "\x1b\\"):
			return head + end + 2
		}
		return head + end + 1
	}
	return head
}

// width is how many columns of a terminal s takes.
func width(s string) int {
	if plain(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// cut shortens s to at most columns, with "…" where something was left out.
func cut(s string, columns int) string {
	if width(s) <= columns {
		return s
	}
	if columns <= 0 {
		return ""
	}
	var b strings.Builder
	left, state := columns-1, -1
	for s != "" {
		cluster, rest, w, next := uniseg.FirstGraphemeClusterInString(s, state)
		if w > left {
			break
		}
		b.WriteString(cluster)
		left -= w
		s, state = rest, next
	}
	b.WriteRune('…')
	return b.String()
}

// cutMiddle shortens s like cut, but keeps both its ends: numbers and addresses
// differ at their end.
func cutMiddle(s string, columns int) string {
	if len(s) <= columns || columns < 5 || !plain(s) {
		return cut(s, columns)
	}
	tail := columns / 2
	return s[:columns-1-tail] + "…" + s[len(s)-tail:]
}

// pad fills s up to columns: on its right, or on its left to align numbers.
func pad(s string, columns int, left bool) string {
	n := columns - width(s)
	if n <= 0 {
		return s
	}
	if left {
		return strings.Repeat(" ", n) + s
	}
	return s + strings.Repeat(" ", n)
}

// centre puts s in the middle of columns.
func centre(s string, columns int, fill string) string {
	n := max(0, columns-width(s))
	return strings.Repeat(fill, n/2) + s + strings.Repeat(fill, n-n/2)
}

// words splits a text at its spaces, and leaves a sign of percent with its number.
func words(s string) []string {
	var list []string
	for _, word := range strings.Fields(s) {
		if last := len(list) - 1; last >= 0 && strings.HasPrefix(word, "%") {
			list[last] += " " + word
			continue
		}
		list = append(list, word)
	}
	return list
}

// wrap breaks a text into lines of at most columns, at spaces.
func wrap(s string, columns int) []string {
	if columns <= 0 || width(s) <= columns {
		return []string{s}
	}
	list := words(s)
	for i, word := range list {
		list[i] = cut(word, columns)
	}
	return fill(list, columns)
}

// fill puts words into lines of at most columns, a longer word into a line of
// its own.
func fill(words []string, columns int) []string {
	var lines []string
	line := ""
	for _, word := range words {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word) <= columns:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
