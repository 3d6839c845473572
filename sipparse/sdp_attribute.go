package sipparse

import (
	"bytes"
	"net/netip"
	"slices"
)

// attribute reads "name" or "name:value".
func (s *scanner) attribute(line []byte) {
	name, v := line, []byte(nil)
	if colon := bytes.IndexByte(line, ':'); colon >= 0 {
		name, v = trimRightBlank(line[:colon]), trimSpace(line[colon+1:])
	}
	switch string(name) { // the compiler makes no string of this
	case "sendrecv":
		s.setDirection(SendRecv)
	case "sendonly":
		s.setDirection(SendOnly)
	case "recvonly":
		s.setDirection(RecvOnly)
	case "inactive":
		s.setDirection(Inactive)
	case "fingerprint":
		s.setSecure()
	case "group":
		s.group(v)
	case "ptime":
		s.setPTime(v)
	default:
		if s.media != nil {
			s.mediaAttribute(string(name), v)
		}
	}
}

// mediaAttribute reads what has a meaning below an m-line only.
func (s *scanner) mediaAttribute(name string, v []byte) {
	m := s.media
	switch name {
	case "rtpmap":
		m.rtpmap(v)
	case "fmtp":
		m.fmtp(v)
	case "maxptime":
		m.MaxPTimeMS = milliseconds(v)
	case "rtcp":
		s.rtcp(v)
	case "rtcp-mux", "rtcp-mux-only":
		m.RTCPMux = true
	case "crypto":
		m.Secure = true
	case "mid":
		m.MID = string(v[:min(len(v), maxValue)])
	case "bundle-only":
		m.BundleOnly = true
	case "ssrc":
		m.ssrc(v, s.sdp)
	case "candidate":
		m.candidate(v, s.sdp)
	}
}

func (s *scanner) setDirection(d Direction) {
	if s.media == nil {
		s.direction = d
		return
	}
	s.media.Direction = d
}

func (s *scanner) setSecure() {
	if s.media == nil {
		s.secure = true
		return
	}
	s.media.Secure = true
}

// setPTime also takes a session-level ptime, which RFC 8866 6.4 does not
// allow but some gateways send.
func (s *scanner) setPTime(v []byte) {
	if s.media == nil {
		s.ptime = milliseconds(v)
		return
	}
	s.media.PTimeMS = milliseconds(v)
}

// milliseconds reads a packet time; some stacks write "20.0".
func milliseconds(v []byte) int {
	ms, _, _ := decimal(v, 10_000)
	return int(ms)
}

// rtcp reads "port [IN IP4 address]" (RFC 3605 2.1).
func (s *scanner) rtcp(v []byte) {
	port, rest := cutField(v)
	number, _, ok := decimal(port, 65535)
	if !ok {
		return
	}
	s.rtcpPort = uint16(number)
	_, rest = cutField(rest)
	_, rest = cutField(rest)
	s.rtcpAddr, _ = parseHost(rest)
}

// group reads "BUNDLE mid mid ..." (RFC 9143).
func (s *scanner) group(v []byte) {
	semantics, rest := cutField(v)
	if string(semantics) != "BUNDLE" {
		return
	}
	if len(s.sdp.Bundle) == maxBundles {
		s.sdp.Dropped++
		return
	}
	text := string(rest[:min(len(rest), maxValue)]) // one copy for all mids
	mids := make([]string, 0, min(fieldCount(rest), maxMIDs))
	for text != "" && len(mids) < maxMIDs {
		var mid string
		if mid, text = cutField(text); mid != "" {
			mids = append(mids, mid)
		}
	}
	s.sdp.Bundle = append(s.sdp.Bundle, mids)
}

// rtpmap reads "pt encoding/clock[/channels]" for a format of the m-line.
func (m *Media) rtpmap(v []byte) {
	f, rest := m.format(v)
	if f == nil {
		return
	}
	name, params := rest, []byte(nil)
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		name, params = rest[:slash], rest[slash+1:]
	}
	encoding := encodingName(trimSpace(name))
	clock, n, ok := decimal(params, 1<<31-1)
	if ok || encoding != f.Encoding { // a static format keeps its clock where only the name is repeated
		f.ClockRate = int(clock)
	}
	f.Encoding = encoding
	if n < len(params) && params[n] == '/' {
		if channels, _, ok := decimal(params[n+1:], 255); ok {
			f.Channels = int(channels)
		}
	}
}

// fmtp reads "pt parameters" for a format of the m-line.
func (m *Media) fmtp(v []byte) {
	if f, rest := m.format(v); f != nil {
		f.FMTP = fmtpText(rest[:min(len(rest), maxValue)])
	}
}

// format finds the format whose payload type v begins with.
func (m *Media) format(v []byte) (f *Format, rest []byte) {
	number, rest := cutField(v)
	pt, n, ok := decimal(number, 127)
	if !ok || n != len(number) {
		return nil, nil
	}
	for i := range m.Formats {
		if m.Formats[i].PayloadType == uint8(pt) {
			return &m.Formats[i], rest
		}
	}
	return nil, nil
}

// ssrc reads "ssrc attribute" (RFC 5576); one source has several such lines.
func (m *Media) ssrc(v []byte, d *SDP) {
	number, _, ok := decimal(v, 1<<32-1)
	if !ok || slices.Contains(m.SSRCs, uint32(number)) {
		return
	}
	if len(m.SSRCs) == maxSSRCs {
		d.Dropped++
		return
	}
	m.SSRCs = append(m.SSRCs, uint32(number))
}

// candidate reads "foundation component transport priority address port typ
// ..." (RFC 8839 5.1): RTP over UDP at an address we can see. mDNS names hide
// it on purpose.
func (m *Media) candidate(v []byte, d *SDP) {
	_, v = cutField(v)
	component, v := cutField(v)
	transport, v := cutField(v)
	_, v = cutField(v)
	address, v := cutField(v)
	port, _ := cutField(v)
	number, _, ok := decimal(port, 65535)
	if string(component) != "1" || !equalFold(transport, "udp") || !ok {
		return
	}
	addr, _ := parseHost(address)
	if !addr.IsValid() {
		return
	}
	if len(m.Candidates) == maxCandidates {
		d.Dropped++
		return
	}
	m.Candidates = append(m.Candidates, netip.AddrPortFrom(addr, uint16(number)))
}
