package sipparse

import "net/netip"

// Message is one SIP message, flat: what correlation, diagnosis and display
// need, copied out of the packet. A field is empty where the message lacks it
// or where damage made it unreadable; Damage says what was repaired.
type Message struct {
	// Start line.
	Method     string // of a request; empty for a response
	RequestURI string
	StatusCode int    // of a response; 0 for a request
	Reason     string // reason phrase

	// Dialog and transaction identity (RFC 3261 12, 17).
	CallID       string
	CSeq         uint32
	CSeqMethod   string
	Branch       string // top Via's branch
	SentBy       string // top Via's host, and :port where it has one, lower case
	Vias         int    // how many Via values
	From, To     Party
	Contact      string // the URI alone
	RecordRouted bool

	// What joins the legs of a B2BUA.
	SessionID [2]string // RFC 7989 local and remote UUID; "" for nil
	ICID      string    // P-Charging-Vector icid-value (RFC 7315)
	LegIDs    []Header  // values of the configured X-Call-ID-like headers

	// Events inside a call.
	RAck, RSeq   string
	ReferTo      string
	Replaces     string // the Replaces header, or the one escaped in Refer-To
	ReasonHeader string // Reason: header (RFC 3326)
	RetryAfter   string
	Event        string
	UserAgent    string // User-Agent or Server
	RTPStat      string // X-RTP-Stat, P-RTP-Stat
	Expires      int    // header, else the first Contact's parameter; -1 where absent

	// Body.
	ContentType string // lower case, without parameters
	Body        []byte // aliases the input unless the transport had to rebuild it
	SDP         *SDP   // from the body or a part of a multipart body; nil where none

	Damage Damage
	Size   int // octets of the whole message
}

// IsRequest reports whether the message is a request.
func (m *Message) IsRequest() bool { return m.Method != "" }

// Party is a From or To header.
type Party struct {
	Display string
	URI     string // without angle brackets and header parameters
	User    string // user part, or the number of a tel: URI
	Host    string // host, or empty
	Tag     string
}

// Header is a named header value.
type Header struct{ Name, Value string }

// Damage is a set of repairs.
type Damage uint16

// What can be wrong with a message that is still of use.
const (
	DamageBareLF    Damage = 1 << iota // lines end in LF alone
	DamageStartLine                    // blanks or a missing reason phrase in the start line
	DamageHeader                       // at least one header did not parse
	DamageTruncated                    // shorter than its Content-Length says, or without its end of headers
	DamageMissing                      // a mandatory header is absent
	DamageJunk                         // bytes before the start line
)

// SDP is a session description (RFC 8866), scanned tolerantly.
type SDP struct {
	OriginUser, SessionID, SessionVersion string // o= line
	OriginAddr                            string
	Media                                 []Media    // in order of the m-lines: RFC 3264 matches them by index
	Bundle                                [][]string // a=group:BUNDLE mids
	Dropped                               int        // m-lines, formats, candidates, SSRCs and groups past what is kept
	Cut                                   bool       // shorter than the message's Content-Length says: lines are missing at its end
}

// Media is one m-line with everything that binds packets to it.
type Media struct {
	Kind       string         // "audio", "video", "image", ...
	Addr       netip.AddrPort // connection address and port; port 0: rejected, address 0.0.0.0: old hold
	Host       string         // the connection address as written, where it is a name
	RTCP       netip.AddrPort // where its RTCP goes: a=rtcp, else the same port with rtcp-mux, else port+1
	RTCPMux    bool
	Protocol   string // "RTP/AVP", "UDP/TLS/RTP/SAVPF", "udptl", ...
	Secure     bool   // SAVP or SAVPF, a=crypto or a=fingerprint
	Direction  Direction
	Formats    []Format
	PTimeMS    int
	MaxPTimeMS int
	MID        string
	SSRCs      []uint32         // a=ssrc
	Candidates []netip.AddrPort // a=candidate, component 1, any type, UDP; mDNS names are left out
	BundleOnly bool
}

// Format is one payload type of an m-line, in order of preference.
type Format struct {
	PayloadType uint8
	Encoding    string // from a=rtpmap, or RFC 3551's static table
	ClockRate   int
	Channels    int
	FMTP        string
}

// Direction is the media direction attribute (RFC 3264 5.1).
type Direction uint8

// The four directions; SendRecv is the default.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)
