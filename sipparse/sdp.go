package sipparse

import (
	"bytes"
	"net/netip"
)

// What one description may hold; more is counted in SDP.Dropped.
const (
	maxMedia      = 32
	maxFormats    = 64 // per m-line
	maxCandidates = 64 // per m-line
	maxSSRCs      = 16 // per m-line
	maxBundles    = 8
	maxMIDs       = 32       // per bundle
	maxSDP        = 64 << 10 // octets read
)

// ParseSDP scans a session description (RFC 8866). It takes what binds packets
// to media and passes over the rest: lines may be missing, unknown, in another
// order, end in LF alone or trail blanks, which all happens and makes stricter
// parsers give up. The error is ErrNotSDP where there is neither a version nor
// a media line.
func ParseSDP(b []byte) (*SDP, error) { return parseSDP(&SDP{}, b) }

// parseSDP scans a description into d, whose memory for m-lines and formats it
// uses again.
func parseSDP(d *SDP, b []byte) (*SDP, error) {
	b = b[:min(len(b), maxSDP)]
	*d = SDP{Media: d.Media[:0]}
	s := scanner{sdp: d}
	if n := min(bytes.Count(b, []byte("\nm=")), maxMedia); n > cap(d.Media) {
		d.Media = make([]Media, 0, n)
	}
	for len(b) > 0 {
		line := b
		if lf := bytes.IndexByte(b, '\n'); lf >= 0 {
			line, b = b[:lf], b[lf+1:]
		} else {
			b = nil
		}
		s.line(trimRightBlank(line))
	}
	if !s.version && len(s.sdp.Media) == 0 {
		return nil, ErrNotSDP
	}
	s.finish()
	return s.sdp, nil
}

// scanner holds what is known between the lines of a description.
type scanner struct {
	sdp     *SDP
	media   *Media // the m-line at hand; nil at session level
	version bool   // a v= line came
	over    bool   // the m-line at hand is past maxMedia: its lines are skipped

	// Session level, for the m-lines that do not say otherwise.
	addr      netip.Addr
	host      string
	direction Direction
	secure    bool
	ptime     int

	rtcpPort uint16     // a=rtcp of the m-line at hand; 0: none
	rtcpAddr netip.Addr // its address, where it has one
}

func (s *scanner) line(line []byte) {
	if len(line) < 2 || line[1] != '=' {
		return
	}
	v := trimSpace(line[2:])
	switch {
	case line[0] == 'm':
		s.mediaLine(v)
	case s.over:
	case line[0] == 'a':
		s.attribute(v)
	case line[0] == 'c':
		s.connection(v)
	case line[0] == 'o' && s.sdp.OriginAddr == "":
		s.sdp.origin(v)
	case line[0] == 'v':
		s.version = true
	}
}

// origin reads "o=user sess-id sess-version nettype addrtype address"; phones
// that leave one of them out are read from both ends.
func (d *SDP) origin(v []byte) {
	text := string(v[:min(len(v), maxValue)]) // one copy for the four
	first, rest := cutField(text)
	last := text
	for rest != "" {
		last, rest = cutField(rest)
	}
	d.OriginUser, d.OriginAddr = first, last
	_, rest = cutField(text)
	d.SessionID, rest = cutField(rest)
	d.SessionVersion, _ = cutField(rest)
}

// connection reads "c=IN IP4 address[/ttl]"; media level wins over session level.
func (s *scanner) connection(v []byte) {
	_, v = cutField(v) // network type
	_, v = cutField(v) // address type: the address itself tells
	addr, host := parseHost(v)
	if s.media == nil {
		s.addr, s.host = addr, host
		return
	}
	s.media.Addr = netip.AddrPortFrom(addr, s.media.Addr.Port())
	s.media.Host = host
}

// mediaLine reads "m=kind port[/number] protocol formats". A port that is no
// number is port 0: the line still holds its index.
func (s *scanner) mediaLine(v []byte) {
	s.finish()
	if len(s.sdp.Media) == maxMedia {
		s.sdp.Dropped++
		s.over = true
		return
	}
	var kind, port, protocol []byte
	kind, v = cutField(v)
	port, v = cutField(v)
	protocol, v = cutField(v)
	number, _, _ := decimal(port, 65535)

	n := len(s.sdp.Media)
	var formats []Format // the room of a description before
	if n < cap(s.sdp.Media) {
		formats = s.sdp.Media[:n+1][n].Formats[:0]
	}
	s.sdp.Media = append(s.sdp.Media, Media{
		Kind:      mediaKind(kind),
		Addr:      netip.AddrPortFrom(s.addr, uint16(number)),
		Host:      s.host,
		Protocol:  mediaProtocol(protocol),
		Secure:    s.secure || bytes.Contains(protocol, []byte("SAVP")),
		Direction: s.direction,
		PTimeMS:   s.ptime,
		Formats:   formats,
	})
	s.media = &s.sdp.Media[n]
	s.sdp.Dropped += s.media.formats(v)
}

// formats reads the payload types of an m-line and returns how many were too
// many. What is no number is the format of another protocol ("t38").
func (m *Media) formats(v []byte) (dropped int) {
	n := min(fieldCount(v), maxFormats)
	for len(v) > 0 {
		var field []byte
		field, v = cutField(v)
		pt, digits, ok := decimal(field, 127)
		if !ok || digits != len(field) {
			continue
		}
		if len(m.Formats) == maxFormats {
			dropped++
			continue
		}
		if cap(m.Formats) == 0 {
			m.Formats = make([]Format, 0, n)
		}
		m.Formats = append(m.Formats, staticFormat(uint8(pt), m.Kind))
	}
	return dropped
}

// finish settles where the RTCP of the m-line at hand goes: RFC 3605, else the
// same port when multiplexed (RFC 5761), else the next one (RFC 3550 11).
func (s *scanner) finish() {
	m := s.media
	if m == nil {
		return
	}
	port, addr := m.Addr.Port(), m.Addr.Addr()
	switch {
	case s.rtcpPort != 0:
		port = s.rtcpPort
		if s.rtcpAddr.IsValid() {
			addr = s.rtcpAddr
		}
	case m.RTCPMux || port == 0:
	case port == 65535:
		port = 0
	default:
		port++
	}
	if port != 0 {
		m.RTCP = netip.AddrPortFrom(addr, port)
	}
	s.media, s.rtcpPort, s.rtcpAddr = nil, 0, netip.Addr{}
}
