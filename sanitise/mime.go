package sanitise

import "bytes"

// maxNesting is how deep bodies may hold bodies.
const maxNesting = 4

// body appends a body by what its headers say it is. What they do not say, or
// what is not known, is blanked.
func (t *Text) body(dst, b []byte, f *facts, depth int) []byte {
	var buf [maxTableWord]byte
	kind := foldInto(buf[:], mediaType(f.contentType))
	switch {
	case len(b) == 0:
		return dst
	case f.encoded || depth > maxNesting:
		return blank(dst, b)
	case len(kind) == 0 && len(f.contentType) == 0 && startsSDP(b):
		return t.sdp(dst, b)
	case bytes.HasPrefix(kind, []byte("multipart/")):
		return t.multipart(dst, b, boundaryOf(f.contentType), depth+1)
	case bytes.HasSuffix(kind, []byte("+xml")):
		return t.xml(dst, b)
	}
	switch string(kind) {
	case "application/sdp", "application/trickle-ice-sdpfrag":
		return t.sdp(dst, b)
	case "message/sipfrag", "message/sip":
		return t.fragment(dst, b, depth+1)
	case "application/isup":
		return t.isup(dst, b)
	case "application/qsig":
		return qsig(dst, b)
	case "application/dtmf-relay":
		return t.fields(dst, b, relayFields)
	case "application/simple-message-summary":
		return t.fields(dst, b, summaryFields)
	case "application/vq-rtcpxr":
		return t.fields(dst, b, reportFields)
	case "application/dtmf":
		return zeros(dst, b)
	case "application/rs-metadata", "application/xml", "text/xml":
		return t.xml(dst, b)
	}
	return blank(dst, b)
}

// mediaType is "type/subtype" without parameters.
func mediaType(contentType []byte) []byte {
	kind, _, _ := bytes.Cut(contentType, []byte(";"))
	kind, _ = trim(kind)
	return kind
}

// boundaryOf is the boundary parameter of a multipart body's type.
func boundaryOf(contentType []byte) []byte {
	for v := contentType; len(v) > 0; {
		n := itemLen(v, ';')
		name, value, found := bytes.Cut(v[:n], []byte("="))
		v = v[min(n+1, len(v)):]
		if name, _ = trim(name); !found || !equalFold(name, "boundary") {
			continue
		}
		value, _ = trim(value)
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		return value
	}
	return nil
}

// multipart appends the parts of a body (RFC 2046 5.1), each as what it is, with
// the boundary as it now is in the headers. What stands before and behind the
// parts is blanked.
func (t *Text) multipart(dst, b, boundary []byte, depth int) []byte {
	if len(boundary) == 0 {
		return blank(dst, b)
	}
	delimiter := append([]byte("--"), boundary...)
	at := nextDelimiter(b, delimiter)
	dst = blank(dst, b[:at])
	for b = b[at:]; len(b) > 0; b = b[at:] {
		dst = t.names.opaque(append(dst, "--"...), boundary)
		b = b[len(delimiter):]
		end := lineEnd(b, 0)
		next := nextLine(b, end)
		if last := bytes.HasPrefix(b, []byte("--")); last || next == end {
			dst = append(dst, b[:2*boolInt(last)]...)
			return blank(dst, b[2*boolInt(last):])
		}
		dst = append(blank(dst, b[:end]), b[end:next]...)
		b = b[next:]
		at = nextDelimiter(b, delimiter)
		content, lineEnds := splitLineEnd(b[:at])
		dst = append(t.entity(dst, content, depth), lineEnds...)
	}
	return dst
}

// nextDelimiter is where the next line begins that begins with the delimiter, or
// the end.
func nextDelimiter(b, delimiter []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], delimiter)
		if i < 0 {
			return len(b)
		}
		i += from
		if i == 0 || b[i-1] == '\n' {
			return i
		}
		from = i + 1
	}
}

// splitLineEnd cuts off the line end that belongs to the delimiter behind it.
func splitLineEnd(b []byte) (content, lineEnd []byte) {
	n := len(b)
	if n > 0 && b[n-1] == '\n' {
		n--
		if n > 0 && b[n-1] == '\r' {
			n--
		}
	}
	return b[:n], b[n:]
}

// fragment appends a piece of a message (RFC 3420): a start line, headers, or
// both.
func (t *Text) fragment(dst, b []byte, depth int) []byte {
	end := lineEnd(b, 0)
	first := b[:end]
	version := len(first) >= 7 && isVersion(first[:7])
	if trimmed, _ := trim(first); len(trimmed) > 8 && isVersion(trimmed[len(trimmed)-7:]) && isBlank(trimmed[len(trimmed)-8]) {
		version = true
	}
	if version {
		next := nextLine(b, end)
		dst = append(t.startLine(dst, first), b[end:next]...)
		b = b[next:]
	}
	return t.entity(dst, b, depth)
}
