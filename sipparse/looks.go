package sipparse

import "bytes"

const (
	maxJunk      = 32   // octets skipped before a start line: blank lines of keep-alives, NULs, a byte order mark
	maxMethod    = 64   // RFC 4475 3.1.1.2 has one of 50
	maxStartLine = 8192 // RFC 4475 3.1.1.7 has a Request-URI of 800
	minStartLine = 9    // "A b SIP/2.0" is 11, "SIP/2.0 1" is 9
)

// Looks reports whether a payload is a SIP message, by what it is and not by
// its port: after at most 32 octets of blank junk comes a method token and a
// first line that ends in a SIP version, or a status line. A request line whose
// version is cut off, damaged or forgotten counts when a registered method and a
// sip:, sips: or tel: URI are there.
//
// RTP, RTCP, STUN, DTLS and most other binary protocols are out at their first
// octet.
func Looks(b []byte) bool {
	if len(b) < minStartLine || !mayStart[b[0]] {
		return false
	}
	_, _, ok := findStart(b)
	return ok
}

// findStart finds the start line of a message: b[off:end] without its line end.
func findStart(b []byte) (off, end int, ok bool) {
	for off < len(b) && off < maxJunk && isJunk(b[off]) {
		off++
	}
	end, ok = startLineAt(b, off)
	return off, end, ok
}

// startLineAt reports whether a start line begins at off, and where it ends.
func startLineAt(b []byte, off int) (end int, ok bool) {
	n := tokenLen(b[off:])
	if n == 0 || off+n >= len(b) {
		return 0, false
	}
	if b[off+n] == '/' && n == 3 {
		return statusLine(b, off)
	}
	if !isBlank(b[off+n]) {
		return 0, false
	}
	return requestLine(b, off, n)
}

// tokenLen is the length of the token (RFC 3261 25.1) that b begins with, 0
// where it is no plausible method.
func tokenLen(b []byte) int {
	n := 0
	for n < len(b) && tokenChar[b[n]] {
		if n++; n > maxMethod {
			return 0
		}
	}
	return n
}

// statusLine checks "SIP/2.0 nnn"; how many digits is the parser's business.
func statusLine(b []byte, off int) (end int, ok bool) {
	rest := b[off:]
	if len(rest) < minStartLine || !isVersion(rest[:7]) || !isBlank(rest[7]) {
		return 0, false
	}
	code := bytes.TrimLeft(rest[7:min(len(rest), 16)], " \t")
	if len(code) == 0 || !isDigit(code[0]) {
		return 0, false
	}
	return lineEnd(b, off), true
}

// requestLine checks "Method Request-URI SIP/2.0" with any blanks between and behind.
func requestLine(b []byte, off, method int) (end int, ok bool) {
	rest := b[off:min(len(b), off+maxStartLine)]
	if method+1 < len(rest) && rest[method+1] == '/' {
		return 0, false // the path of HTTP, out before its line is searched for
	}
	lf := bytes.IndexByte(rest, '\n')
	if lf < 0 {
		return len(b), len(b)-off < maxStartLine && knownRequest(rest, method)
	}
	line := trimRightBlank(rest[:lf])
	if len(line) < method+9 || !isVersion(line[len(line)-7:]) || !isBlank(line[len(line)-8]) {
		return lineEnd(b, off), knownRequest(line, method)
	}
	return lineEnd(b, off), true
}

// knownRequest judges a request line that does not end in a version.
func knownRequest(line []byte, method int) bool {
	if methodName(line[:method]) == "" {
		return false
	}
	uri := bytes.TrimLeft(line[method:], " \t")
	return hasPrefixFold(uri, "sip:") || hasPrefixFold(uri, "sips:") || hasPrefixFold(uri, "tel:")
}

// isVersion reports whether s is "SIP/" digit "." digit in any case; RFC 4475
// 3.1.2.16 sends a SIP/7.0 that is still a SIP message to an observer.
func isVersion[T bytesOrString](s T) bool {
	return len(s) == 7 && hasPrefixFold(s, "sip/") && isDigit(s[4]) && s[5] == '.' && isDigit(s[6])
}

// lineEnd is the end of the line that begins at off, without CR and LF.
func lineEnd(b []byte, off int) int {
	i := bytes.IndexByte(b[off:], '\n')
	if i < 0 {
		return len(b)
	}
	if i > 0 && b[off+i-1] == '\r' {
		i--
	}
	return off + i
}

// methodName is the registered method that s spells, or "". It is a constant,
// so that a kept method does not keep its message's text.
func methodName[T bytesOrString](s T) string {
	for _, m := range methods {
		if string(s) == m {
			return m
		}
	}
	return ""
}

// methods are the registered methods, the most frequent first.
var methods = [...]string{
	"INVITE", "ACK", "BYE", "REGISTER", "OPTIONS", "CANCEL", "SUBSCRIBE", "NOTIFY",
	"PRACK", "UPDATE", "INFO", "REFER", "MESSAGE", "PUBLISH",
}
