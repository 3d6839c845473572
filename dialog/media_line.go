package dialog

import (
	"net/netip"
	"slices"

	"earshot/rtpstats"
	"earshot/sipparse"
)

// What one side may announce: beyond these an SDP is not a telephone's.
const (
	maxLines      = 8  // m-lines of one side of a leg
	maxCandidates = 16 // ICE candidates of one m-line
	maxFormats    = 32 // payload types of one m-line
	maxSSRCs      = 16 // a=ssrc of one m-line
	maxTurns      = 64 // changes of direction of one m-line
	maxLearned    = 8  // peers learned from the wire, per m-line
)

// mline is what one side of a leg said of one m-line, over all its SDPs.
// RFC 3264 matches m-lines by index and never takes one away.
type mline struct {
	leg       *leg
	side      side
	index     int
	kind      rtpstats.MediaKind
	secure    bool
	ptimeMS   int
	formats   []format // what it accepts; a payload type said again is replaced
	ssrcs     []uint32 // what it said it sends
	turns     []turn
	announced []netip.AddrPort // the addresses of its latest SDP, the m-line's own first
	endpoints []*endpoint      // all of the call, learned ones too
	rtcp      []*endpoint      // where its RTCP goes, where that is another port
	learned   int
	switched  int64 // when an SDP made other media of audio, as for fax by T.38 (RFC 3264 8.3.3); 0: never
}

// format is a payload type of an m-line.
type format struct {
	payloadType uint8
	channels    uint8
	clockRate   int32
	encoding    string
}

// turn is a change of an m-line's direction.
type turn struct {
	at       int64
	sends    bool // it said it sends
	receives bool // it said it receives, and where
}

// codec returns the format of a payload type.
func (l *mline) codec(payloadType uint8) (format, bool) {
	for _, f := range l.formats {
		if f.payloadType == payloadType {
			return f, true
		}
	}
	return format{}, false
}

// speaks reports whether the side lists an encoding at all.
func (l *mline) speaks(encoding string) bool {
	return slices.ContainsFunc(l.formats, func(f format) bool { return sameEncoding(f.encoding, encoding) })
}

// update takes what a new SDP says of the line.
func (l *mline) update(at int64, d *sipparse.Media, intern func(string) string) {
	kind := mediaKind(d.Kind)
	if l.kind == rtpstats.MediaAudio && kind != l.kind {
		l.switched = at
	}
	l.kind = kind
	l.secure = d.Secure
	if d.PTimeMS > 0 {
		l.ptimeMS = d.PTimeMS
	}
	for _, f := range d.Formats {
		l.setFormat(format{
			payloadType: f.PayloadType,
			channels:    uint8(min(max(f.Channels, 0), 255)),
			clockRate:   int32(min(max(f.ClockRate, 0), 1<<30)),
			encoding:    intern(f.Encoding),
		})
	}
	l.turn(at, d)
}

func (l *mline) setFormat(f format) {
	for i := range l.formats {
		if l.formats[i].payloadType == f.payloadType {
			l.formats[i] = f
			return
		}
	}
	if len(l.formats) < maxFormats {
		l.formats = append(l.formats, f)
	}
}

// turn notes the direction. RFC 3264 8.4: a connection address of 0.0.0.0 is
// the old way of hold; port 0 switches the stream off, unless it is bundled.
func (l *mline) turn(at int64, d *sipparse.Media) {
	t := turn{
		at:       at,
		sends:    d.Direction == sipparse.SendRecv || d.Direction == sipparse.SendOnly,
		receives: d.Direction == sipparse.SendRecv || d.Direction == sipparse.RecvOnly,
	}
	if d.Addr.Addr().IsValid() && d.Addr.Addr().IsUnspecified() {
		t.receives = false
	}
	if d.Addr.Port() == 0 && !d.BundleOnly {
		t.sends, t.receives = false, false
	}
	if n := len(l.turns); n > 0 {
		last := &l.turns[n-1]
		if last.sends == t.sends && last.receives == t.receives {
			return
		}
		if n == maxTurns {
			*last = t
			return
		}
	}
	l.turns = append(l.turns, t)
}

// directionAt returns what the line said last before a time; before its first
// SDP (a delayed offer is answered in the ACK) what it said there.
func (l *mline) directionAt(at int64) (sends, receives bool) {
	if len(l.turns) == 0 {
		return false, false
	}
	t := l.turns[0]
	for _, next := range l.turns[1:] {
		if next.at > at {
			break
		}
		t = next
	}
	return t.sends, t.receives
}

func mediaKind(kind string) rtpstats.MediaKind {
	switch kind {
	case "audio":
		return rtpstats.MediaAudio
	case "video":
		return rtpstats.MediaVideo
	case "":
		return rtpstats.MediaUnknown
	}
	return rtpstats.MediaOther
}
