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

// topVia reads one Via value through sipgo. sipgo does not allow blanks around
// "/" and ":" (RFC 4475 3.1.1.1), and then says nothing or puts them into the
// host: such a value is scanned once more.
func (p *Parser) topVia(m *Message, v string) {
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
