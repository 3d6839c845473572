package sipparse

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// setVia counts the values of a Via header (RFC 3261 20.42 allows a list) and
// reads the topmost of the message.
func (p *Parser) setVia(m *Message, v string) {
	for rest := v; ; {
		n := itemLen(rest, ',')
		if m.Vias++; m.Vias == 1 {
			p.topVia(m, trimSpace(rest[:n]))
		}
		if n == len(rest) {
			return
		}
		rest = rest[n+1:]
	}
}

// topVia reads one Via value: a plain one as it stands, others through sipgo.
func (p *Parser) topVia(m *Message, v string) {
	sentBy, branch, ok := plainVia(v)
	if !ok {
		p.anyVia(m, v)
		return
	}
	m.SentBy, m.Branch = sentBy, branch
}

// plainVia reads what next to all software sends, "SIP/2.0/UDP host:port" in
// lower case and parameters without blanks and quotes, a branch among them. It
// takes sipgo three allocations to do the same.
func plainVia(v string) (sentBy, branch string, ok bool) {
	v, ok = strings.CutPrefix(v, "SIP/2.0/")
	blank := strings.IndexByte(v, ' ')
	if !ok || blank <= 0 || !isToken(v[:blank]) {
		return "", "", false
	}
	sentBy, params, _ := strings.Cut(v[blank+1:], ";")
	if !isPlainHost(sentBy) {
		return "", "", false
	}
	for more := true; more; {
		var item string
		item, params, more = strings.Cut(params, ";")
		name, value, _ := strings.Cut(item, "=")
		switch {
		case !isToken(name) || value != "" && !isToken(value):
			return "", "", false
		case !equalFold(name, "branch"):
		case name != "branch" || value == "" || branch != "":
			return "", "", false
		default:
			branch = value
		}
	}
	return sentBy, branch, branch != ""
}

// isPlainHost reports whether s is a host in lower case, or an IPv4 address, with
// a port as one writes it or none.
func isPlainHost(s string) bool {
	host, port, colon := strings.Cut(s, ":")
	for i := range len(host) {
		if c := host[i]; !isDigit(c) && c != '.' && c != '-' && (c < 'a' || c > 'z') {
			return false
		}
	}
	if !colon {
		return host != ""
	}
	for i := range len(port) {
		if !isDigit(port[i]) {
			return false
		}
	}
	return host != "" && port != "" && len(port) <= 5 && port[0] != '0'
}

// isToken reports whether s is a token of RFC 3261 25.1, or an IPv6 address.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isDigit(c) && (lower(c) < 'a' || lower(c) > 'z') && strings.IndexByte("-.!%*_+~:[]", c) < 0 {
			return false
		}
	}
	return s != ""
}

// anyVia reads one Via value through sipgo. sipgo does not allow blanks around
// "/" and ":" (RFC 4475 3.1.1.1), and then says nothing or puts them into the
// host: such a value is scanned once more.
func (p *Parser) anyVia(m *Message, v string) {
	if strings.Count(v, ";") <= maxParams {
		h, err := p.via(nil, v)
		via, isVia := h.(*sip.ViaHeader)
		if err == nil && isVia && plausibleVia(via, v) {
			m.SentBy = sentBy(via.Host, via.Port)
			m.Branch = trimSpace(via.Params.GetOr("branch", ""))
			return
		}
	}
	if !scanVia(m, v) {
		m.Damage |= DamageHeader
	}
}

// plausibleVia reports whether sipgo read what is there: a host without
// blanks, and the branch if the text has one.
func plausibleVia(via *sip.ViaHeader, v string) bool {
	if via.Host == "" || strings.ContainsAny(via.Host, " \t,") {
		return false
	}
	return via.Params.Has("branch") || len(via.Params) > 0 && param(v, "branch") == "" || strings.IndexByte(v, ';') < 0
}

// sentBy is host[:port] in lower case, an IPv6 address in brackets.
func sentBy(host string, port int) string {
	host = lowerString(host)
	if strings.IndexByte(host, ':') >= 0 {
		host = "[" + host + "]"
	}
	if port == 0 {
		return host
	}
	return host + ":" + strconv.Itoa(port)
}

// scanVia reads "SIP / 2.0 / UDP host : port ; params" with blanks anywhere;
// false where there is no sent-by.
func scanVia(m *Message, v string) bool {
	m.Branch = param(v, "branch")
	sent, _, _ := strings.Cut(v, ";")
	for range 2 {
		_, after, ok := strings.Cut(sent, "/")
		if !ok {
			return false
		}
		sent = trimSpace(after)
	}
	_, sent = cutBlank(sent) // the transport
	m.SentBy = lowerString(strings.Join(strings.Fields(sent), ""))
	return m.SentBy != ""
}

// setCSeq reads "number method" through sipgo, then by its digits.
func (p *Parser) setCSeq(m *Message, v string) {
	if m.CSeqMethod != "" {
		return
	}
	h, err := p.cseq(nil, v)
	if cseq, ok := h.(*sip.CSeqHeader); ok && err == nil {
		m.CSeq = cseq.SeqNo
		m.CSeqMethod = cseqMethod(string(cseq.MethodName))
		return
	}
	m.Damage |= DamageHeader
	number, n, ok := decimal(v, maxExpires)
	if !ok { // no number, or one past 32 bits (RFC 4475 3.1.2.4): the method may still be there
		_, v = cutBlank(v)
		m.CSeqMethod = cseqMethod(v)
		return
	}
	m.CSeq = uint32(number)
	m.CSeqMethod = cseqMethod(v[n:])
}

// cseqMethod is the method, a constant where it is a registered one.
func cseqMethod(s string) string {
	s = trimSpace(s)
	if known := methodName(s); known != "" {
		return known
	}
	method, _ := cutBlank(s)
	return method
}
