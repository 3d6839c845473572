package sipparse

import "strings"

// set puts one header value into the message. Where a header comes again, the
// first counts (RFC 3261 leaves it open; RFC 4475 3.3.8 sends such messages).
func (p *Parser) set(m *Message, id headerID, v string) {
	switch id {
	case hdrCallID:
		setFirst(&m.CallID, v)
	case hdrCSeq:
		p.setCSeq(m, v)
	case hdrFrom:
		p.setParty(m, &m.From, v)
	case hdrTo:
		p.setParty(m, &m.To, v)
	case hdrVia:
		p.setVia(m, v)
	case hdrContact:
		p.setContact(m, v)
	case hdrRecordRoute:
		m.RecordRouted = true
	case hdrContentType:
		if m.ContentType == "" {
			p.contentType = v
			m.ContentType = lowerString(mediaType(v))
		}
	case hdrContentLength:
		p.setContentLength(m, v)
	case hdrContentEncoding:
		p.encoded = v != "" && !equalFold(v, "identity")
	default:
		p.setExtension(m, id, v)
	}
}

// setExtension puts the headers that only some messages have.
func (p *Parser) setExtension(m *Message, id headerID, v string) {
	switch id {
	case hdrSessionID:
		m.setSessionID(v)
	case hdrChargingVector:
		setFirst(&m.ICID, param(v, "icid-value"))
	case hdrRAck:
		setFirst(&m.RAck, v)
	case hdrRSeq:
		setFirst(&m.RSeq, v)
	case hdrReferTo:
		m.setReferTo(v)
	case hdrReplaces:
		m.Replaces = v // stronger than one escaped in Refer-To
	case hdrReason:
		setFirst(&m.ReasonHeader, text(v))
	case hdrRetryAfter:
		setFirst(&m.RetryAfter, v)
	case hdrEvent:
		setFirst(&m.Event, v)
	case hdrUserAgent, hdrServer:
		setFirst(&m.UserAgent, text(v))
	case hdrRTPStat:
		setFirst(&m.RTPStat, v)
	case hdrExpires:
		m.setExpires(v)
	default:
		m.LegIDs = append(m.LegIDs, Header{Name: p.legs[id-hdrLeg], Value: v})
	}
}

func setFirst(field *string, v string) {
	if *field == "" {
		*field = v
	}
}

// setExpires reads delta-seconds; RFC 3261 20.19 allows 2**32-1, larger ones
// are cut to that (RFC 4475 3.1.2.4).
func (m *Message) setExpires(v string) {
	seconds, n, ok := decimal(v, maxExpires)
	if !ok && n > 0 {
		seconds, ok = maxExpires, true
	}
	if !ok {
		m.Damage |= DamageHeader
		return
	}
	if m.Expires < 0 {
		m.Expires = int(seconds)
	}
}

// setSessionID reads "Session-ID: <local>;remote=<remote>" (RFC 7989 5); the
// older RFC 7329 has no remote. The nil UUID is as good as none.
func (m *Message) setSessionID(v string) {
	if m.SessionID[0] != "" {
		return
	}
	local, _, _ := strings.Cut(v, ";")
	m.SessionID = [2]string{sessionUUID(local), sessionUUID(param(v, "remote"))}
}

func sessionUUID(s string) string {
	s = trimSpace(s)
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return lowerString(s)
}

// setReferTo takes the target of a REFER, and the dialog to replace where the
// URI carries it as an escaped header (RFC 3891 4).
func (m *Message) setReferTo(v string) {
	if m.ReferTo != "" {
		return
	}
	uri, headers, _ := strings.Cut(addrSpec(v), "?")
	m.ReferTo = text(uri)
	for headers != "" {
		var h string
		h, headers, _ = strings.Cut(headers, "&")
		name, escaped, _ := strings.Cut(h, "=")
		if equalFold(name, "replaces") {
			setFirst(&m.Replaces, unescape(escaped))
		}
	}
}

// unescape undoes %HH; what is no escape stays.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) {
			out = append(out, s[i])
			continue
		}
		hi, lo := hexDigit(s[i+1]), hexDigit(s[i+2])
		if hi < 0 || lo < 0 {
			out = append(out, s[i])
			continue
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch c = lower(c); {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// setContentLength notes the first Content-Length that is a number (RFC 4475
// 3.1.2.3 sends a negative one, 3.3.9 several).
func (p *Parser) setContentLength(m *Message, v string) {
	length, n, ok := decimal(v, maxExpires)
	if !ok || n != len(v) {
		m.Damage |= DamageHeader
		return
	}
	if p.contentLength < 0 {
		p.contentLength = int(length)
	}
}

// check says what a message lacks, and whether it can be used.
func (m *Message) check(statusOK bool) error {
	if m.CallID == "" || m.CSeqMethod == "" || m.From.URI == "" || m.To.URI == "" || m.Vias == 0 {
		m.Damage |= DamageMissing
	}
	if !statusOK {
		return ErrStatus
	}
	if m.CallID == "" {
		return ErrNoCallID
	}
	return nil
}
