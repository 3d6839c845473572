package sanitise

import "bytes"

// attributeRule appends an attribute's value.
type attributeRule func(t *Text, dst, v []byte) []byte

// attributes are those whose names stay (IANA, and what phones made up), by
// what their values are.
var attributes = attributeTable([]attributeList{
	{sdpNumbers, `sendrecv sendonly recvonly inactive rtcp-mux rtcp-mux-only rtcp-rsize ice-lite bundle-only end-of-candidates
		extmap-allow-mixed ptime maxptime rtcp-fb rtcp-xr setup connection ice-options curr des conf type charset framerate quality
		orient ssrc-group sctp-port max-message-size sctpmap content cnt silencesupp ecan direction oldmediadirection
		t38faxversion t38maxbitrate t38faxfillbitremoval t38faxtranscodingmmr t38faxtranscodingjbig t38faxratemanagement
		t38faxmaxbuffer t38faxmaxdatagram t38faxmaxifp t38faxudpec t38faxudpecdepth t38modemtype t38vendorinfo
		imageattr framesize gpmd floorctrl rtpred1 rtpred2 accept-types accept-wrapped-types msrp-cema simulcast rid depend
		nortpproxy sqn cdsc cpar pcfg acfg csup creq acap tcap mptime maxprate`},
	{sdpMIDs, `mid group label`},
	{(*Text).rtpmap, `rtpmap`},
	{(*Text).fmtp, `fmtp`},
	{(*Text).rtcpAttribute, `rtcp`},
	{(*Text).candidate, `candidate remote-candidates`},
	{(*Text).source, `ssrc remote-ssrc`},
	{(*Text).extmap, `extmap`},
	{(*Text).crypto, `crypto`},
	{(*Text).fingerprint, `fingerprint tls-id`},
	{sdpSecret, `ice-pwd key-mgmt zrtp-hash 3ge2ae dtls-id identity`},
	{sdpOpaque, `ice-ufrag msid msid-semantic bfcp-info`},
	{sdpAgent, `tool`},
	{sdpURIs, `path msrp-path`},
})

// attributeList is a rule and the names that it is for.
type attributeList struct {
	rule  attributeRule
	names string
}

func attributeTable(lists []attributeList) map[string]attributeRule {
	table := map[string]attributeRule{}
	for _, l := range lists {
		for _, name := range wordsOf(l.names) {
			table[name] = l.rule
		}
	}
	return table
}

// The rules that are no more than a meaning.
func sdpNumbers(t *Text, dst, v []byte) []byte { return t.words(dst, v, numberDigits) }
func sdpMIDs(t *Text, dst, v []byte) []byte    { return t.words(dst, v, 3) }
func sdpOpaque(t *Text, dst, v []byte) []byte  { return t.names.opaque(dst, v) }
func sdpSecret(t *Text, dst, v []byte) []byte  { return blankWord(dst, v) }
func sdpAgent(t *Text, dst, v []byte) []byte   { return t.agent(dst, v) }

// sdpURIs appends URIs with blanks between them.
func sdpURIs(t *Text, dst, v []byte) []byte {
	for len(v) > 0 {
		field, blanks := fieldOf(v)
		dst = append(t.uri(dst, field), blanks...)
		v = v[len(field)+len(blanks):]
	}
	return dst
}

// rtpmap appends "format encoding/clock[/channels]". A codec that is not known
// gets a pseudonym, and so do its formats elsewhere.
func (t *Text) rtpmap(dst, v []byte) []byte { return t.words(dst, v, 7) }

// fmtp appends "format parameters": those of known codecs with their numbers.
func (t *Text) fmtp(dst, v []byte) []byte {
	const most = 8
	for len(v) > 0 {
		field, blanks := fieldOf(v)
		v = v[len(field)+len(blanks):]
		for len(field) > 0 {
			end := bytes.IndexByte(field, ';')
			item := field
			if end >= 0 {
				item = field[:end]
			}
			field = field[len(item):]
			dst = t.formatParam(dst, item, most)
			if end >= 0 {
				dst = append(dst, ';')
				field = field[1:]
			}
		}
		dst = append(dst, blanks...)
	}
	return dst
}

// formatParam appends "name=value", or numbers alone: the events of RFC 4733.
func (t *Text) formatParam(dst, v []byte, digits int) []byte {
	name, value, found := bytes.Cut(v, []byte("="))
	switch {
	case !found:
		return t.pieces(dst, v, digits)
	case !isProtocolWord(name):
		return t.names.opaque(dst, v)
	}
	dst = append(append(dst, name...), '=')
	if equalFold(name, "profile-level-id") && len(value) == 6 && fits(value, "xxxxxx") {
		return append(dst, value...)
	}
	return t.pieces(dst, value, digits)
}

// rtcpAttribute appends "port [nettype addrtype address]".
func (t *Text) rtcpAttribute(dst, v []byte) []byte {
	port, blanks := fieldOf(v)
	dst = append(t.words(dst, port, 5), blanks...)
	return t.connection(dst, v[len(port)+len(blanks):])
}

// candidate appends "foundation component transport priority address port typ
// ..." (RFC 8839 5.1), or a list of remote candidates.
func (t *Text) candidate(dst, v []byte) []byte {
	key := []byte(nil)
	for at := 0; len(v) > 0; at++ {
		field, blanks := fieldOf(v)
		v = v[len(field)+len(blanks):]
		switch {
		case at == 0 || string(key) == "ufrag":
			dst = t.names.opaque(dst, field)
		case isShortNumber(field, numberDigits) || isProtocolWord(field):
			dst = append(dst, field...)
		default:
			dst = t.names.host(dst, field)
		}
		dst = append(dst, blanks...)
		key = field
	}
	return dst
}

// source appends "ssrc attribute[:value]" (RFC 5576).
func (t *Text) source(dst, v []byte) []byte {
	number, blanks := fieldOf(v)
	dst = append(t.words(dst, number, numberDigits), blanks...)
	v = v[len(number)+len(blanks):]
	name, value, found := bytes.Cut(v, []byte(":"))
	dst = t.words(dst, name, 0)
	if !found {
		return dst
	}
	dst = append(dst, ':')
	if equalFold(name, "cname") {
		return t.names.whole(dst, value) // as in the SDES that carries it
	}
	return t.names.opaque(dst, value)
}

// extmap appends "id[/direction] URI [attributes]".
func (t *Text) extmap(dst, v []byte) []byte {
	id, blanks := fieldOf(v)
	dst = append(t.words(dst, id, wordDigits), blanks...)
	uri, rest := fieldOf(v[len(id)+len(blanks):])
	if extensions[string(uri)] {
		dst = append(dst, uri...)
	} else {
		dst = t.uri(dst, uri)
	}
	return t.names.opaque(append(dst, rest...), v[len(id)+len(blanks)+len(uri)+len(rest):])
}

// extensions are the header extensions of RTP that IANA or WebRTC know.
var extensions = wordSet(`urn:ietf:params:rtp-hdrext:ssrc-audio-level urn:ietf:params:rtp-hdrext:csrc-audio-level
	urn:ietf:params:rtp-hdrext:toffset urn:ietf:params:rtp-hdrext:sdes:mid urn:ietf:params:rtp-hdrext:sdes:cname
	urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
	urn:ietf:params:rtp-hdrext:encrypt urn:ietf:params:rtp-hdrext:framemarking urn:3gpp:video-orientation
	http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time
	http://www.webrtc.org/experiments/rtp-hdrext/video-timing http://www.webrtc.org/experiments/rtp-hdrext/playout-delay
	http://www.webrtc.org/experiments/rtp-hdrext/video-content-type http://www.webrtc.org/experiments/rtp-hdrext/color-space
	http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01`)

// crypto appends "tag suite inline:key|lifetime|MKI:length ..." (RFC 4568 9.1)
// without the keys.
func (t *Text) crypto(dst, v []byte) []byte {
	for at := 0; len(v) > 0; at++ {
		field, blanks := fieldOf(v)
		v = v[len(field)+len(blanks):]
		if at < 2 {
			dst = append(t.words(dst, field, wordDigits), blanks...)
			continue
		}
		for i := 0; len(field) > 0; i++ { // several keys may stand between semicolons
			end := bytes.IndexAny(field, ":|;")
			if end < 0 {
				end = len(field) - 1
			}
			part := field[:end+1]
			field = field[end+1:]
			if equalFold(part, "inline:") || lifetime(part) {
				dst = append(dst, part...)
				continue
			}
			dst = blankWord(dst, part)
		}
		dst = append(dst, blanks...)
	}
	return dst
}

// lifetime reports whether a part of a key's parameters is a count of packets, an
// MKI or a length.
func lifetime(v []byte) bool {
	for _, c := range v {
		if !isDigit(c) && c != '^' && c != ':' && c != '|' && c != ';' {
			return false
		}
	}
	return len(v) <= 5
}

// fingerprint appends "hash value" with zeros for the value.
func (t *Text) fingerprint(dst, v []byte) []byte {
	hash, blanks := fieldOf(v)
	if len(blanks) == 0 {
		return zeros(dst, v)
	}
	dst = append(t.words(dst, hash, 0), blanks...)
	return zeros(dst, v[len(hash)+len(blanks):])
}
