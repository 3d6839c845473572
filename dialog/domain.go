package dialog

import (
	"strings"

	"earshot/sipparse"
)

// maxDomains bounds the distinct hosts in a call's URIs: two for every leg of
// a B2BUA, and one where an INVITE asks for another.
const maxDomains = 8

// meet notes the hosts of an initial INVITE's URIs: they tell the trunk.
func (c *call) meet(m *sipparse.Message) {
	for _, uri := range [3]string{m.RequestURI, m.From.URI, m.To.URI} {
		c.domains = addDistinct(c.domains, hostOf(uri), maxDomains)
	}
}

// hostOf returns the host of a SIP URI (RFC 3261 19.1.1) in lower case and an
// IPv6 one without its brackets; "" where there is none, as in a tel: URI.
func hostOf(uri string) string {
	scheme, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(uri), "<"), ":")
	if !ok || !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return ""
	}
	if at := strings.IndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if strings.HasPrefix(rest, "[") {
		return strings.ToLower(before(rest[1:], "]"))
	}
	if end := strings.IndexAny(rest, ":;?>/[] \t"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest)
}
