package sanitise

import "bytes"

// schemes are those of URIs whose form is known, by what follows.
var schemes = map[string]uriForm{
	"sip": formSIP, "sips": formSIP, "im": formSIP, "pres": formSIP, "xmpp": formSIP, "mailto": formSIP, "h323": formSIP,
	"tel": formTel, "fax": formTel, "modem": formTel, "isdn": formTel,
	"http": formWeb, "https": formWeb, "ws": formWeb, "wss": formWeb, "ftp": formWeb, "msrp": formWeb, "msrps": formWeb, "rtsp": formWeb,
	"urn": formName, "cid": formOpaque,
}

// uriForm is how the URIs of a scheme are written.
type uriForm uint8

const (
	formSIP uriForm = iota
	formTel
	formWeb
	formName
	formOpaque
)

// maxEscapedURIs is how deep a header in a URI may hold another one.
const maxEscapedURIs = 2

// schemeLen is the length of the known scheme that v begins with, its colon
// included, or 0.
func schemeLen(v []byte) int {
	colon := bytes.IndexByte(v, ':')
	if colon <= 0 {
		return 0
	}
	var buf [8]byte
	if _, ok := schemes[string(foldInto(buf[:], v[:colon]))]; !ok {
		return 0
	}
	return colon + 1
}

// uri appends a URI. Of one whose scheme is not known nothing stays.
func (t *Text) uri(dst, v []byte) []byte {
	v, blanks := trimFront(v)
	dst = append(dst, blanks...)
	n := schemeLen(v)
	if n == 0 {
		return t.names.opaque(dst, v)
	}
	var buf [8]byte
	form := schemes[string(foldInto(buf[:], v[:n-1]))]
	dst, v = append(dst, v[:n]...), v[n:]
	switch form {
	case formSIP:
		return t.sipURI(dst, v)
	case formTel:
		return t.telURI(dst, v)
	case formWeb:
		return t.webURI(dst, v)
	case formName:
		return t.words(dst, v, 0)
	}
	return t.names.opaque(dst, v)
}

func trimFront(v []byte) (rest, blanks []byte) {
	n := 0
	for n < len(v) && isSpace(v[n]) {
		n++
	}
	return v[n:], v[:n]
}

// sipURI appends [user[;params][:password]@]host[:port][;params][?headers] (RFC
// 3261 19.1.1).
func (t *Text) sipURI(dst, v []byte) []byte {
	if at := bytes.IndexByte(v, '@'); at >= 0 {
		dst = append(t.userInfo(dst, v[:at]), '@')
		v = v[at+1:]
	}
	end := bytes.IndexAny(v, ";?")
	if end < 0 {
		end = len(v)
	}
	dst = t.names.hostPort(dst, v[:end])
	v = v[end:]
	headers := bytes.IndexByte(v, '?')
	if headers < 0 {
		return t.uriParams(dst, v)
	}
	dst = t.uriParams(dst, v[:headers])
	return t.uriHeaders(dst, v[headers:])
}

// userInfo appends the user with its parameters and the password.
func (t *Text) userInfo(dst, v []byte) []byte {
	end := bytes.IndexAny(v, ";:")
	if end < 0 {
		return t.names.user(dst, v)
	}
	dst = t.names.user(dst, v[:end])
	for v = v[end:]; len(v) > 0; {
		separator := v[0]
		v = v[1:]
		if end = bytes.IndexAny(v, ";:"); end < 0 {
			end = len(v)
		}
		dst = append(dst, separator)
		switch {
		case separator == ':':
			dst = blankWord(dst, v[:end])
		default:
			dst = t.uriParam(dst, v[:end])
		}
		v = v[end:]
	}
	return dst
}

// uriParams appends ";name=value" as often as it comes.
func (t *Text) uriParams(dst, v []byte) []byte {
	for len(v) > 0 {
		end := bytes.IndexByte(v[1:], ';') + 1
		if end == 0 {
			end = len(v)
		}
		dst = t.uriParam(append(dst, v[0]), v[1:end])
		v = v[end:]
	}
	return dst
}

// uriParam appends "name=value" or "name".
func (t *Text) uriParam(dst, v []byte) []byte {
	name, value, found := bytes.Cut(v, []byte("="))
	inner, cut := trim(name)
	dst = append(dst, name[:cut]...)
	dst, m := t.paramName(dst, inner)
	dst = append(dst, name[cut+len(inner):]...)
	if !found {
		return dst
	}
	value, blanks := trimFront(value)
	return t.replace(append(append(dst, '='), blanks...), value, m)
}

// uriHeaders appends "?name=value&name=value". A value is read as that header
// is, without its escapes, and written with them.
func (t *Text) uriHeaders(dst, v []byte) []byte {
	for len(v) > 0 {
		end := bytes.IndexByte(v[1:], '&') + 1
		if end == 0 {
			end = len(v)
		}
		dst = t.uriHeader(append(dst, v[0]), v[1:end])
		v = v[end:]
	}
	return dst
}

// uriHeader appends "name=value".
func (t *Text) uriHeader(dst, v []byte) []byte {
	name, value, found := bytes.Cut(v, []byte("="))
	dst, rule := t.headerName(dst, name)
	if !found {
		return dst
	}
	dst = append(dst, '=')
	if t.depth >= maxEscapedURIs || rule.body {
		return blankWord(dst, value)
	}
	t.depth++
	dst = t.escapedHeader(dst, value, rule)
	t.depth--
	return dst
}

// escapedHeader appends a header's value that has escapes.
func (t *Text) escapedHeader(dst, value []byte, rule headerRule) []byte {
	plain := unescape(nil, value)
	plain = t.headerValue(nil, plain, rule)
	const digits, unreserved = "0123456789ABCDEF", "-_.!~*'()"
	for _, c := range plain {
		if c < 0x80 && isWordByte(c) || bytes.IndexByte([]byte(unreserved), c) >= 0 {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', digits[c>>4], digits[c&15])
	}
	return dst
}

// unescape appends v with its %HH undone.
func unescape(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		if c, ok := escapedByte(v[i:]); ok {
			dst = append(dst, c)
			i += 2
			continue
		}
		dst = append(dst, v[i])
	}
	return dst
}

// telURI appends a number with its parameters (RFC 3966).
func (t *Text) telURI(dst, v []byte) []byte {
	end := bytes.IndexByte(v, ';')
	if end < 0 {
		end = len(v)
	}
	return t.uriParams(t.names.user(dst, v[:end]), v[end:])
}

// webURI appends //host[:port]/path?query; of the path nothing stays.
func (t *Text) webURI(dst, v []byte) []byte {
	rest, ok := bytes.CutPrefix(v, []byte("//"))
	if !ok {
		return t.names.opaque(dst, v)
	}
	end := bytes.IndexAny(rest, "/?;#")
	if end < 0 {
		end = len(rest)
	}
	if at := bytes.LastIndexByte(rest[:end], '@'); at >= 0 {
		dst = append(blankWord(append(dst, "//"...), rest[:at]), '@')
		return t.names.opaque(t.names.hostPort(dst, rest[at+1:end]), rest[end:])
	}
	return t.names.opaque(t.names.hostPort(append(dst, "//"...), rest[:end]), rest[end:])
}
