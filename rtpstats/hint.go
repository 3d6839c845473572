package rtpstats

import "net/netip"

// Hint is what signalling announced about one media endpoint: packets that
// arrive at Endpoint carry these payload types. It travels in-band, in capture
// order, to the table that owns the endpoint.
type Hint struct {
	At       int64          // capture time of the SDP, ns since the Unix epoch
	Endpoint netip.AddrPort // the announced receiver (connection address and m-line port)
	Owner    uint64         // hash of the announcing dialog's Call-ID: a new owner of a reused port starts new streams
	Kind     MediaKind      // from the m-line
	SRTP     bool           // RTP/SAVP, RTP/SAVPF or DTLS: RTCP is unreadable
	PTimeMS  int            // a=ptime, ms; 0 where absent
	Formats  []Format       // the m-line's payload types; never modified after sending
}

// Format maps one payload type to its codec (RFC 8866 a=rtpmap).
type Format struct {
	PayloadType uint8
	Encoding    string // SDP encoding name as announced, e.g. "PCMU", "opus", "telephone-event"
	ClockRate   int    // RTP clock, Hz
	Channels    int    // 0 where unstated
}

// MediaKind is the media type of an m-line.
type MediaKind uint8

// The kinds of media that Earshot tells apart.
const (
	MediaUnknown MediaKind = iota
	MediaAudio
	MediaVideo
	MediaOther // text, image, application
)
