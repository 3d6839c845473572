package outbox

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fit cuts a text to so many characters; one that was cut ends with "…".
func fit(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	at, n := 0, 0
	for i := range text {
		if n++; n == most {
			at = i
			break
		}
	}
	return strings.TrimRightFunc(text[:at], unicode.IsSpace) + "…"
}

// oneLine makes one line of a text: line breaks and other control characters
// become spaces.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// plain drops the control characters that a text of several lines has no use
// for: a tracker may refuse them, or take them for something else.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
}
