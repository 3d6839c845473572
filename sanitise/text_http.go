package sanitise

import "bytes"

// upgradeHeaders are those of the opening handshake of a WebSocket (RFC 6455 4)
// whose values stay.
var upgradeHeaders = wordSet(`upgrade connection sec-websocket-protocol sec-websocket-version content-length`)

// HTTPUpgrade appends the request or response that opens a WebSocket, at the same
// length, and whatever else there may be in its place. Of the path and of other
// headers nothing stays.
func (t *Text) HTTPUpgrade(dst, head []byte) []byte {
	first := true
	for len(head) > 0 {
		end := lineEnd(head, 0)
		next := nextLine(head, end)
		if first {
			dst = upgradeLine(dst, head[:end])
		} else {
			dst = upgradeHeader(dst, head[:end])
		}
		dst = append(dst, head[end:next]...)
		head, first = head[next:], false
	}
	return dst
}

// upgradeLine appends "GET /path HTTP/1.1" or "HTTP/1.1 101 Switching Protocols".
func upgradeLine(dst, l []byte) []byte {
	const version = len("HTTP/1.1")
	method, path := []byte("GET /"), len(l)-version-1
	switch {
	case bytes.HasPrefix(l, []byte("HTTP/1.1 101 ")):
		n := len("HTTP/1.1 101 ")
		return blankWord(append(dst, l[:n]...), l[n:])
	case bytes.HasPrefix(l, method) && path >= len(method) && string(l[path:]) == " HTTP/1.1":
		dst = blank(append(dst, method...), l[len(method):path])
		return append(dst, l[path:]...)
	}
	return blankWord(dst, l)
}

// upgradeHeader appends one header line.
func upgradeHeader(dst, l []byte) []byte {
	name, value, found := bytes.Cut(l, []byte(":"))
	switch {
	case !found || !inSet(upgradeNames, name):
		return blankWord(dst, l)
	case !inSet(upgradeHeaders, name):
		return blankWord(append(append(dst, name...), ':'), value)
	}
	dst = append(append(dst, name...), ':')
	for i := 0; i < len(value); {
		end := wordEnd(value, i)
		switch w := value[i:end]; {
		case end == i:
			dst = append(dst, punctuation(value[i]))
			end++
		case inSet(upgradeWords, w):
			dst = append(dst, w...)
		default:
			dst = blankWord(dst, w)
		}
		i = end
	}
	return dst
}

// upgradeNames are the headers whose names stay; upgradeWords the values of those
// above.
var (
	upgradeNames = wordSet(`upgrade connection sec-websocket-protocol sec-websocket-version content-length host origin
		sec-websocket-key sec-websocket-accept sec-websocket-extensions user-agent server date cookie authorization`)
	upgradeWords = wordSet(`websocket upgrade keep alive sip msrp 13 0`)
)
