package sipparse

import "strings"

// startLine reads "Method Request-URI SIP/2.0" or "SIP/2.0 nnn Reason" with
// any blanks between and behind; false where the status code is unreadable.
func (m *Message) startLine(line string) bool {
	if hasPrefixFold(line, "sip/") {
		return m.statusLine(line)
	}
	trimmed := trimRightBlank(line)
	m.Method, trimmed = cutBlank(trimmed)
	if known := methodName(m.Method); known != "" {
		m.Method = known
	}
	cut := strings.LastIndexAny(trimmed, " \t")
	if !isVersion(trimmed[cut+1:]) {
		m.Damage |= DamageStartLine
		uri, _ := cutField(trimmed)
		m.RequestURI = text(uri)
		return true
	}
	uri := trimSpace(trimmed[:max(cut, 0)])
	if len(m.Method)+len(uri)+len(" ")+len(" SIP/2.0") != len(line) || !strings.HasSuffix(line, " SIP/2.0") {
		m.Damage |= DamageStartLine
	}
	m.RequestURI = text(uri)
	return true
}

// statusLine reads a status line; the reason phrase may be empty, but the
// blank before it may not be missing (RFC 3261 25.1, RFC 4475 3.1.1.13).
func (m *Message) statusLine(line string) bool {
	rest := line[len("SIP/2.0"):]
	code := strings.TrimLeft(rest, " \t")
	if len(rest)-len(code) != 1 || line[:7] != "SIP/2.0" {
		m.Damage |= DamageStartLine
	}
	v, n, ok := decimal(code, 999)
	if !ok || v < 100 {
		m.Damage |= DamageStartLine
		m.Reason = text(trimSpace(code))
		return false
	}
	m.StatusCode = int(v)
	reason := code[n:]
	if len(reason) == 0 || !isBlank(reason[0]) {
		m.Damage |= DamageStartLine
	}
	m.Reason = text(trimSpace(reason))
	return true
}

// repairMethod takes junk off a method that ends in the one that CSeq names,
// or, without a readable CSeq, in a registered one: "DBREGISTER".
func (m *Message) repairMethod() {
	if m.Method == "" || m.Method == m.CSeqMethod || methodName(m.Method) != "" {
		return
	}
	method := registeredSuffix(m.Method)
	if method == "" || m.CSeqMethod != "" && m.CSeqMethod != method {
		return
	}
	m.Method = method
	m.Damage |= DamageJunk
}

// registeredSuffix is the longest registered method that s ends in, or "".
func registeredSuffix(s string) (longest string) {
	for _, m := range methods {
		if len(m) > len(longest) && strings.HasSuffix(s, m) {
			longest = m
		}
	}
	return longest
}

// cutBlank splits s at its first white space.
func cutBlank(s string) (head, tail string) {
	i := strings.IndexAny(s, " \t\r\n")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}
