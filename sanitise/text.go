package sanitise

import (
	"bytes"

	"earshot/sipparse"
)

// Text replaces what is personal in messages of SIP and what they carry. It goes
// by lists of what is harmless: what is on none of them is replaced, or blanked
// where a pseudonym serves nobody. One goroutine uses it.
type Text struct {
	names *Names
	kept  map[string]bool // headers, in lower case, whose names stay
	depth int             // of headers within URIs
}

// NewText returns a Text that replaces with these names.
func NewText(names *Names) *Text { return &Text{names: names, kept: map[string]bool{}} }

// KeepHeaders lets the names of these headers stay, such as those that join the
// legs of a B2BUA; their values are replaced all the same.
func (t *Text) KeepHeaders(names ...string) {
	for _, name := range names {
		t.kept[string(bytes.ToLower([]byte(name)))] = true
	}
}

// SIP appends to dst a whole SIP message without what is personal, its
// Content-Length mended, and returns it. What cannot be understood is blanked,
// never passed on. A message that was cut, or that said a wrong length, lacks as
// many octets afterwards.
func (t *Text) SIP(dst, message []byte) []byte {
	if !sipparse.Looks(message) {
		return blank(dst, message)
	}
	start := 0
	for isJunk(message[start]) {
		start++
	}
	end := lineEnd(message, start)
	dst = append(dst, message[:start]...) // line ends of keep-alives, NULs, a byte order mark
	dst = t.startLine(dst, message[start:end])
	next := nextLine(message, end)
	dst = append(dst, message[end:next]...)
	return t.entity(dst, message[next:], 0)
}

// SDES appends the text of a source description's item, at the same length. A
// CNAME gets the pseudonym that it has in a session description.
func (t *Text) SDES(dst, text []byte) []byte { return t.names.whole(dst, text) }

// isJunk tells what a parser skips before a start line.
func isJunk(c byte) bool {
	switch c {
	case '\r', '\n', ' ', '\t', 0, 0xef, 0xbb, 0xbf:
		return true
	}
	return false
}

// lineEnd is the end of the line that begins at i, without CR and LF.
func lineEnd(b []byte, i int) int {
	lf := bytes.IndexByte(b[i:], '\n')
	if lf < 0 {
		return len(b)
	}
	end := i + lf
	if end > i && b[end-1] == '\r' {
		end--
	}
	return end
}

// nextLine is where the line after the one that ends at i begins.
func nextLine(b []byte, i int) int {
	if i < len(b) && b[i] == '\r' {
		i++
	}
	if i < len(b) && b[i] == '\n' {
		i++
	}
	return i
}
