package sipparse

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

// maxParams is how many parameters of a value sipgo gets to see: it compares
// each name with all before it.
const maxParams = 64

// setParty reads a From or To header.
func (p *Parser) setParty(m *Message, party *Party, v string) {
	if party.URI != "" {
		return
	}
	parsed, ok := p.party(v)
	if !ok {
		m.Damage |= DamageHeader
	}
	*party = parsed
}

// party reads a name-addr or addr-spec with its parameters through sipgo, and
// by a tolerant scan where sipgo refuses it; ok tells which.
func (p *Parser) party(v string) (party Party, ok bool) {
	party.URI = text(addrSpec(v))
	if strings.Count(v, ";") > maxParams {
		party.scan(v)
		return party, false
	}
	p.uri = sip.Uri{}
	p.params = p.params[:0]
	display, err := sip.ParseAddressValue(v, &p.uri, &p.params)
	if err != nil || p.uri.Wildcard {
		party.scan(v)
		return party, false
	}
	party.Display = displayName(display)
	party.User, party.Host = userOf(&p.uri), text(trimSpace(p.uri.Host))
	party.Tag = p.tag(v)
	return party, true
}

// userOf is the user part, or the number of a tel: URI, without parameters.
func userOf(uri *sip.Uri) string {
	user := uri.User
	if uri.Scheme == "tel" {
		user = uri.Raw()
	}
	user, _, _ = strings.Cut(user, ";")
	return text(trimSpace(user))
}

// tag finds the tag among sipgo's parameters. sipgo compares names by case and
// keeps blanks around "=" (RFC 4475 3.1.1.1), so a tag it did not see is
// looked for once more.
func (p *Parser) tag(v string) string {
	if tag := p.params.GetOr("tag", ""); tag != "" {
		return trimSpace(tag)
	}
	if len(p.params) == 0 {
		return ""
	}
	return param(afterAddr(v), "tag")
}

// scan reads what sipgo refused; URI is already there.
func (party *Party) scan(v string) {
	if i := strings.IndexByte(v, '<'); i > 0 {
		party.Display = displayName(unquote(trimSpace(v[:i])))
	}
	party.Tag = param(afterAddr(v), "tag")
	scheme, rest, ok := strings.Cut(party.URI, ":")
	if !ok {
		return
	}
	if equalFold(trimSpace(scheme), "tel") {
		party.User, _, _ = strings.Cut(rest, ";")
		return
	}
	user, host, ok := strings.Cut(rest, "@")
	if !ok {
		user, host = "", rest
	}
	party.User, _, _ = strings.Cut(user, ";")
	party.User, _, _ = strings.Cut(party.User, ":") // a password is nobody's business
	party.Host = hostOf(host)
}

// hostOf cuts port, parameters and headers off; an IPv6 reference keeps its brackets.
func hostOf(s string) string {
	if strings.HasPrefix(s, "[") {
		if end := strings.IndexByte(s, ']'); end > 0 {
			return s[:end+1]
		}
	}
	if end := strings.IndexAny(s, ":;?> "); end >= 0 {
		return s[:end]
	}
	return s
}

// displayName is a display name without quotes and escapes.
func displayName(s string) string {
	s = text(unquote(trimSpace(s)))
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}

// addrSpec is the URI of a name-addr or addr-spec: between the angle brackets,
// else up to the header parameters (RFC 3261 20.10).
func addrSpec(v string) string {
	if i := openAngle(v); i >= 0 {
		v = v[i+1:]
		end := strings.IndexByte(v, '>')
		if end < 0 { // the bracket was forgotten: what follows ";" is more likely a header parameter
			end = itemLen(v, ';')
		}
		return trimSpace(v[:end])
	}
	if strings.HasPrefix(v, `"`) {
		v = v[min(quotedLen(v)+1, len(v)):]
	}
	uri, _, _ := strings.Cut(v, ";")
	return trimSpace(uri)
}

// afterAddr is what follows the address: its parameters.
func afterAddr(v string) string {
	if i := openAngle(v); i >= 0 {
		end := strings.IndexByte(v[i:], '>')
		if end < 0 {
			return v[i+1:]
		}
		return v[i+end+1:]
	}
	_, params, _ := strings.Cut(v, ";")
	return params
}

// openAngle is the index of the first "<" outside a quoted string, or -1.
func openAngle(v string) int {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i += quotedLen(v[i:])
		case '<':
			return i
		}
	}
	return -1
}

// setContact takes the URI of the first Contact, and its expires parameter
// where no Expires header came (RFC 3261 10.2.1.1).
func (p *Parser) setContact(m *Message, v string) {
	if m.Contact != "" || v == "" {
		return
	}
	if v == "*" {
		m.Contact = v
		return
	}
	v = v[:itemLen(v, ',')]
	contact, ok := p.party(v)
	if !ok {
		m.Damage |= DamageHeader
	}
	m.Contact = contact.URI
	if seconds, _, ok := decimal(param(afterAddr(v), "expires"), maxExpires); ok {
		p.contactExpires = int(seconds)
	}
}
