package sipparse

import "bytes"

// headerLine is one header as it stands in the packet.
type headerLine struct {
	name   []byte // as written, without blanks; empty where the line has no colon
	value  []byte // trimmed; with its line ends inside where it is folded
	folded bool
	bareLF bool // a line of it ends in LF alone
	cut    bool // the bytes end before the line does
}

// nextHeader takes the header line that b begins with, continuations
// included; n is its length. At the blank line that ends the headers, or the
// end of b, more is false and n counts that blank line.
func nextHeader(b []byte) (h headerLine, n int, more bool) {
	line, n := h.take(b)
	if len(line) == 0 {
		return h, n, false
	}
	if n < len(b) && isBlank(b[n]) {
		end := n
		for n < len(b) && isBlank(b[n]) {
			next, size := h.take(b[n:])
			end = n + len(next)
			n += size
		}
		line, h.folded = b[:end], true
	}
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		h.value = line
		return h, n, true
	}
	h.name = trimRightBlank(line[:colon])
	h.value = trimSpace(line[colon+1:])
	return h, n, true
}

// take cuts one physical line off b and notes how it ended.
func (h *headerLine) take(b []byte) (line []byte, n int) {
	lf := bytes.IndexByte(b, '\n')
	if lf < 0 {
		h.cut = true
		return bytes.TrimSuffix(b, []byte("\r")), len(b)
	}
	if lf > 0 && b[lf-1] == '\r' {
		return b[:lf-1], lf + 1
	}
	h.bareLF = true
	return b[:lf], lf + 1
}

// appendUnfolded appends a value with each fold as one blank (RFC 3261 7.3.1).
func appendUnfolded(dst, value []byte) []byte {
	for i := 0; i < len(value); {
		c := value[i]
		if c != '\r' && c != '\n' {
			dst = append(dst, c)
			i++
			continue
		}
		for i < len(value) && isSpace(value[i]) {
			i++
		}
		dst = append(trimRightBlank(dst), ' ')
	}
	return dst
}
