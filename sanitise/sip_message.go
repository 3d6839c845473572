package sanitise

import (
	"bytes"
	"strconv"
)

// startLine appends a request line or status line, its blanks as they are.
func (t *Text) startLine(dst, line []byte) []byte {
	if len(line) > 4 && equalFold(line[:4], "sip/") {
		return t.statusLine(dst, line)
	}
	n := 0
	for n < len(line) && isTokenByte(line[n]) {
		n++
	}
	dst = t.method(dst, line[:n])
	rest, cut := trim(line[n:])
	dst = append(dst, line[n:n+cut]...)
	tail := line[n+cut+len(rest):]
	const version = len("SIP/2.0")
	if at := len(rest) - version; at >= 0 && isVersion(rest[at:]) && isBlank(line[n+cut+at-1]) {
		uri, _ := trim(rest[:at])
		dst = append(t.requestURI(dst, uri), rest[len(uri):]...)
	} else {
		dst = t.requestURI(dst, rest)
	}
	return append(dst, tail...)
}

// requestURI appends what stands between method and version.
func (t *Text) requestURI(dst, v []byte) []byte {
	if len(v) > 0 && v[0] == '<' {
		end := 1 + angleLen(v[1:])
		return t.names.opaque(t.uri(append(dst, '<'), v[1:end]), v[end:])
	}
	return t.uri(dst, v)
}

// statusLine appends "SIP/2.0 nnn Reason".
func (t *Text) statusLine(dst, line []byte) []byte {
	const version, most = len("SIP/2.0"), 999
	if len(line) < version || !isVersion(line[:version]) {
		return t.names.opaque(dst, line)
	}
	i := version
	for i < len(line) && isBlank(line[i]) {
		i++
	}
	dst = append(dst, line[:i]...)
	n := digitsLen(line[i:])
	code, err := strconv.Atoi(string(line[i : i+n]))
	if err != nil || code > most {
		return t.names.opaque(dst, line[i:])
	}
	return t.phrase(append(dst, line[i:i+n]...), line[i+n:])
}

// isVersion reports whether v is "SIP/" digit "." digit in any case.
func isVersion(v []byte) bool {
	return len(v) == 7 && equalFold(v[:4], "sip/") && isDigit(v[4]) && v[5] == '.' && isDigit(v[6])
}

// method appends a method; one that is not registered gets a pseudonym, but for
// a registered one behind junk.
func (t *Text) method(dst, v []byte) []byte {
	for i := range v {
		if methods[string(v[i:])] {
			return append(t.names.opaque(dst, v[:i]), v[i:]...)
		}
	}
	return t.words(dst, v, 0)
}

// methods are the registered ones.
var methods = map[string]bool{
	"INVITE": true, "ACK": true, "BYE": true, "REGISTER": true, "OPTIONS": true, "CANCEL": true, "SUBSCRIBE": true,
	"NOTIFY": true, "PRACK": true, "UPDATE": true, "INFO": true, "REFER": true, "MESSAGE": true, "PUBLISH": true,
}

// line is one header line as it stands in the message, with its continuations.
type line struct {
	raw     []byte // with its line end
	name    []byte // empty where there is no colon
	value   []byte // without the blanks around it
	valueAt int    // where the value begins in raw
}

// nextHeader takes the header line that b begins with; false at the blank line
// that ends the headers, or at the end.
func nextHeader(b []byte) (l line, ok bool) {
	end := lineEnd(b, 0)
	size := nextLine(b, end)
	if end == 0 {
		return line{raw: b[:size]}, false
	}
	for size < len(b) && isBlank(b[size]) {
		end = lineEnd(b, size)
		size = nextLine(b, end)
	}
	l.raw = b[:size]
	colon := bytes.IndexByte(b[:end], ':')
	if colon < 0 {
		return l, true
	}
	l.name = b[:colon]
	for len(l.name) > 0 && isSpace(l.name[len(l.name)-1]) {
		l.name = l.name[:len(l.name)-1]
	}
	value, cut := trim(b[colon+1 : end])
	l.value, l.valueAt = value, colon+1+cut
	return l, true
}

// maxLengths is how many Content-Length headers of one message are mended.
const maxLengths = 4

// facts are what the headers of a message or part say of its body.
type facts struct {
	contentType []byte
	encoded     bool
	length      int // -1: not said
	lengths     [maxLengths]lengthAt
	count       int
}

// lengthAt is where in the output a Content-Length stands.
type lengthAt struct{ from, to, value int }

// entity appends headers and a body: of a message, of a part of a body, or of a
// fragment of a message.
func (t *Text) entity(dst, b []byte, depth int) []byte {
	f := facts{length: -1}
	for !startsSDP(b) { // the blank line may be missing
		l, ok := nextHeader(b)
		b = b[len(l.raw):]
		if !ok {
			dst = append(dst, l.raw...)
			break
		}
		dst = t.header(dst, l, &f)
	}
	body, extra := b, b[len(b):]
	if f.length >= 0 && f.length < len(b) {
		body, extra = b[:f.length], b[f.length:]
	}
	start := len(dst)
	dst = t.body(dst, body, &f, depth)
	grown := len(dst) - start - len(body)
	dst = blank(dst, extra) // what follows the body in a datagram is no part of the message
	return f.mend(dst, grown)
}

// mend corrects each Content-Length by how much the body has grown, so that a
// wrong one stays as wrong.
func (f *facts) mend(dst []byte, grown int) []byte {
	if grown == 0 {
		return dst
	}
	for i := f.count - 1; i >= 0; i-- {
		s := f.lengths[i]
		var buf [20]byte
		digits := strconv.AppendInt(buf[:0], int64(max(s.value+grown, 0)), 10)
		dst = replaceSpan(dst, s.from, s.to, digits)
	}
	return dst
}

// replaceSpan puts other octets into the place of dst[from:to].
func replaceSpan(dst []byte, from, to int, with []byte) []byte {
	if len(with) == to-from {
		copy(dst[from:], with)
		return dst
	}
	tail := append([]byte(nil), dst[to:]...)
	return append(append(dst[:from], with...), tail...)
}

// header appends one header line.
func (t *Text) header(dst []byte, l line, f *facts) []byte {
	if len(l.name) == 0 {
		return t.names.opaque(dst, l.raw)
	}
	dst, rule := t.headerName(dst, l.name)
	dst = append(dst, l.raw[len(l.name):l.valueAt]...)
	from := len(dst)
	dst = t.headerValue(dst, l.value, rule)
	f.note(rule, l.value, lengthAt{from: from, to: len(dst)})
	return append(dst, l.raw[l.valueAt+len(l.value):]...)
}

// note keeps what a header says of the body.
func (f *facts) note(rule headerRule, v []byte, at lengthAt) {
	switch rule.about {
	case aboutType:
		if len(f.contentType) == 0 {
			f.contentType = v
		}
	case aboutEncoding:
		f.encoded = len(v) > 0 && !equalFold(v, "identity")
	case aboutTransfer:
		f.encoded = f.encoded || equalFold(v, "base64") || equalFold(v, "quoted-printable")
	case aboutLength:
		value, err := strconv.ParseUint(string(v), 10, 32)
		if err != nil || digitsLen(v) != len(v) {
			return
		}
		if f.length < 0 {
			f.length = int(value)
		}
		if f.count < maxLengths {
			at.value = int(value)
			f.lengths[f.count] = at
			f.count++
		}
	}
}

// headerName appends a header's name and says what its value is. A name that is
// not known may name somebody, too.
func (t *Text) headerName(dst, name []byte) ([]byte, headerRule) {
	var buf [maxTableWord]byte
	folded := foldInto(buf[:], name)
	if rule, ok := headers[string(folded)]; ok {
		return append(dst, name...), rule
	}
	if len(name) == 1 || t.kept[string(folded)] {
		return append(dst, name...), headerRule{}
	}
	start := len(dst)
	dst = t.nameWords(dst, name)
	if _, known := headers[string(foldInto(buf[:], dst[start:]))]; known {
		dst = blankWord(dst[:start], name) // not what another one means
	}
	return dst, headerRule{}
}

// nameWords appends a header's name, of which the usual words stay.
func (t *Text) nameWords(dst, name []byte) []byte {
	for i := 0; i < len(name); {
		end := wordEnd(name, i)
		switch {
		case end == i:
			dst = append(dst, punctuation(name[i]))
			end++
		case isHeaderWord(name[i:end]):
			dst = append(dst, name[i:end]...)
		default:
			dst = t.names.escaped(dst, name[i:end])
		}
		i = end
	}
	return dst
}

// headerValue appends a header's value.
func (t *Text) headerValue(dst, v []byte, rule headerRule) []byte {
	if rule.list {
		return t.items(dst, v, rule.meaning)
	}
	return t.replace(dst, v, rule.meaning)
}

// startsSDP reports whether b begins as every session description does.
func startsSDP(b []byte) bool {
	return len(b) > 4 && b[0] == 'v' && b[1] == '=' && b[2] == '0' && (b[3] == '\r' || b[3] == '\n')
}
