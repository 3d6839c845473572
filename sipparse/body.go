package sipparse

import "bytes"

const maxNesting = 3 // multipart bodies inside one another

// setBody delimits the body by Content-Length (RFC 3261 18.3: what follows it
// in a datagram is no part of the message) and reads its session description.
func (p *Parser) setBody(m *Message, sdp *SDP, rest []byte) {
	if p.contentLength > len(rest) {
		m.Damage |= DamageTruncated
	}
	if p.contentLength >= 0 && p.contentLength < len(rest) {
		rest = rest[:p.contentLength]
	}
	if len(rest) == 0 {
		return
	}
	m.Body = rest
	if p.encoded {
		return
	}
	whole, cut := wholeLines(rest, p.contentLength)
	if body := sdpPart(p.contentType, whole, maxNesting); body != nil {
		m.SDP, _ = parseSDP(sdp, body)
	}
	if m.SDP != nil {
		m.SDP.Cut = cut
	}
}

// wholeLines drops what is left of a line where a body is shorter than its
// Content-Length (-1: none): half of "a=rtpmap:18 G729/8000" is another clock rate.
func wholeLines(body []byte, length int) (whole []byte, cut bool) {
	if length <= len(body) {
		return body, false
	}
	return body[:bytes.LastIndexByte(body, '\n')+1], true
}

// sdpPart is the session description in a body of the given Content-Type: the
// body itself, or the first application/sdp part of a multipart one (RFC 2046
// 5.1). A body without a type is taken for what it looks like.
func sdpPart[T bytesOrString](contentType T, body []byte, depth int) []byte {
	kind := mediaType(contentType)
	switch {
	case equalFold(kind, "application/sdp"):
		return body
	case len(kind) == 0 && startsSDP(body):
		return body
	case hasPrefixFold(kind, "multipart/") && depth > 0:
		return multipartSDP(param(contentType, "boundary"), body, depth-1)
	}
	return nil
}

// mediaType is "type/subtype" without parameters.
func mediaType[T bytesOrString](contentType T) T {
	for i := range len(contentType) {
		if contentType[i] == ';' {
			return trimSpace(contentType[:i])
		}
	}
	return trimSpace(contentType)
}

// startsSDP reports whether b begins as every session description does (RFC
// 8866 5).
func startsSDP(b []byte) bool {
	return len(b) > 4 && b[0] == 'v' && b[1] == '=' && b[2] == '0' && (b[3] == '\r' || b[3] == '\n')
}

// multipartSDP walks the parts between delimiters.
func multipartSDP[T bytesOrString](boundary T, body []byte, depth int) []byte {
	if len(boundary) == 0 {
		return nil
	}
	delimiter := append([]byte("--"), boundary...)
	_, rest := cutDelimiter(body, delimiter) // the preamble
	for rest != nil {
		var part []byte
		part, rest = cutDelimiter(rest, delimiter)
		contentType, content := partHeaders(part)
		if sdp := sdpPart(contentType, content, depth); sdp != nil {
			return sdp
		}
	}
	return nil
}

// cutDelimiter splits b at the next line that begins with the delimiter; rest
// begins behind that line and is nil after the last one.
func cutDelimiter(b, delimiter []byte) (part, rest []byte) {
	for from := 0; ; {
		i := bytes.Index(b[from:], delimiter)
		if i < 0 {
			return b, nil
		}
		i += from
		if i > 0 && b[i-1] != '\n' {
			from = i + 1
			continue
		}
		after := b[i+len(delimiter):]
		lf := bytes.IndexByte(after, '\n')
		if lf < 0 || bytes.HasPrefix(after, []byte("--")) {
			return b[:i], nil
		}
		return b[:i], after[lf+1:]
	}
}

// partHeaders reads a part's Content-Type; an encoded part has no type we know.
func partHeaders(part []byte) (contentType, content []byte) {
	for {
		h, n, more := nextHeader(part)
		part = part[n:]
		if !more {
			return contentType, part
		}
		if equalFold(h.name, "content-type") {
			contentType = h.value
		}
	}
}
