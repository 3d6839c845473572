package sipparse

import "bytes"

const maxSniff = 4 << 10 // octets of a first segment that are looked at

// Stream finds the SIP messages in one direction of a TCP connection, plain or
// in a WebSocket; the first segment that can be told decides which. The zero
// value is ready; one goroutine uses it.
//
// After each Write or Gap call Next until it has no more.
type Stream struct {
	transport transport
	framer    Framer
	websocket WebSocket
	discarded uint64 // before the transport was known
}

type transport uint8

const (
	transportUnknown transport = iota
	transportTCP
	transportWS
)

// Wants reports whether a connection whose first octets (after the handshake,
// or after the capture began) are these is worth reassembling: SIP or the tail
// of it, an HTTP upgrade to the SIP subprotocol, or a WebSocket frame with SIP.
func Wants(first []byte) bool {
	first = first[:min(len(first), maxSniff)]
	if len(first) == 0 {
		return false
	}
	if rest := first[keepAlive(first):]; len(rest) == 0 || Looks(rest) {
		return true
	}
	if isUpgradeStart(first) {
		return upgradesToSIP(first)
	}
	if plausibleFrame(first) {
		return true
	}
	return beginsMethod(first) || isText(first[0]) && inHeaders(first)
}

// upgradesToSIP looks for the subprotocol (RFC 7118 4); where the header
// section goes on in the next segment, the upgrade alone will do.
func upgradesToSIP(b []byte) bool {
	upgrade, sip := false, false
	for more := true; more; {
		var h headerLine
		var n int
		h, n, more = nextHeader(b)
		b = b[n:]
		switch {
		case equalFold(h.name, "upgrade"):
			upgrade = equalFold(h.value, "websocket")
		case equalFold(h.name, "sec-websocket-protocol"):
			sip = listsSIP(h.value)
		}
		if upgrade && (sip || h.cut) {
			return true
		}
	}
	return false
}

// listsSIP reports whether a comma list has the item "sip".
func listsSIP(list []byte) bool {
	for len(list) > 0 {
		n := itemLen(list, ',')
		if equalFold(trimSpace(list[:n]), "sip") {
			return true
		}
		list = list[min(n+1, len(list)):]
	}
	return false
}

// beginsMethod reports whether b is the beginning of a start line cut off
// before it can be told: part of a registered method or of "SIP/2.0".
func beginsMethod(b []byte) bool {
	for _, m := range methods {
		n := min(len(m), len(b))
		if string(b[:n]) != m[:n] {
			continue
		}
		return len(b) <= len(m) || b[len(m)] == ' ' && bytes.IndexByte(b, '\n') < 0
	}
	const version = "sip/2.0 "
	return len(b) <= len(version) && equalFold(b, version[:len(b)])
}

// inHeaders reports whether b has what only SIP's headers have: a version, or a
// CSeq line (which RTSP has as well, but RTSP does not begin in its middle).
func inHeaders(b []byte) bool {
	return bytes.Contains(b, []byte("SIP/2.0")) || bytes.Contains(b, []byte("\nCSeq: ")) && !bytes.Contains(b, []byte("RTSP/"))
}

// isText reports whether c can be in a header, as opposed to a TLS record.
func isText(c byte) bool { return c >= ' ' || isSpace(c) }

// Write appends what came next in the stream.
func (s *Stream) Write(chunk []byte) {
	if s.transport == transportUnknown {
		s.transport = tell(chunk)
	}
	switch s.transport {
	case transportTCP:
		s.framer.Write(chunk)
	case transportWS:
		s.websocket.Write(chunk)
	default:
		s.discarded += uint64(len(chunk))
	}
}

// tell decides the transport by a segment; one that says nothing, such as a
// keep-alive or a ping, leaves it open.
func tell(chunk []byte) transport {
	rest := chunk[keepAlive(chunk):]
	switch {
	case len(rest) == 0:
		return transportUnknown
	case isUpgradeStart(chunk), plausibleFrame(chunk):
		return transportWS
	case isText(chunk[0]) && (mayBecomeStart(rest) || inHeaders(rest)):
		return transportTCP
	}
	return transportUnknown
}

// Gap says that octets are missing before the next Write, or that the stream
// ends; a message that had begun is then delivered as far as it came.
func (s *Stream) Gap() {
	s.framer.Gap()
	s.websocket.Gap()
}

// Next returns the next message; it is valid until the next call of a method.
func (s *Stream) Next() (msg []byte, ok bool) {
	switch s.transport {
	case transportTCP:
		return s.framer.Next()
	case transportWS:
		return s.websocket.Next()
	}
	return nil, false
}

// Partial reports whether a message has begun that is not complete yet.
func (s *Stream) Partial() bool {
	f, w := &s.framer, &s.websocket
	return f.pos < len(f.buf) || f.skip > 0 || w.pos < len(w.buf) || w.skip > 0 || w.opened
}

// Transport is "tcp" or "ws", and "" while nothing tells.
func (s *Stream) Transport() string {
	switch s.transport {
	case transportTCP:
		return "tcp"
	case transportWS:
		return "ws"
	}
	return ""
}

// Resyncs is how often the messages were found again after a gap or garbage.
func (s *Stream) Resyncs() uint64 { return s.framer.Resyncs + s.websocket.Resyncs }

// Discarded is how many octets belong to no message.
func (s *Stream) Discarded() uint64 {
	return s.discarded + s.framer.Discarded + s.websocket.Discarded
}
