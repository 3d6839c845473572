package dialog

import (
	"net/netip"
	"strings"

	"earshot/rtpstats"
)

// streamKey is an RTP source towards one destination.
type streamKey struct {
	src, dst netip.AddrPort
	ssrc     uint32
}

// stream is what the shards reported of one stream, and what it is bound to.
type stream struct {
	key    streamKey
	report figures // the latest
	tie            // to its call; the zero tie while unbound
	queued bool    // in the list of what ended unbound

	ident    uint64 // its id as a number, once somebody asked
	place    place
	latest   step // its last interval
	shown    shown
	told     told
	timeline timeline
	losses   [3]lossSoFar // at the last reports, the newest first
}

// lossSoFar is what a stream had lost by some time.
type lossSoFar struct {
	at   int64
	lost uint64
}

func (s *stream) bound() bool { return s.leg != nil }

// update takes a new report and keeps nothing of its slices.
func (s *stream) update(r *rtpstats.Report) {
	s.report.update(r)
	if r.End > s.losses[0].at {
		copy(s.losses[1:], s.losses[:])
		s.losses[0] = lossSoFar{at: r.End, lost: r.Lost}
	}
}

// lostBy returns what the stream had lost by the last report that a time
// leaves well behind, and whether there was one.
func (s *stream) lostBy(at int64) (uint64, bool) {
	for _, l := range s.losses {
		if l.at != 0 && l.at+reportSlack <= at {
			return l.lost, true
		}
	}
	return 0, false
}

// overlaps reports whether two streams ran at the same time, or one took over
// from the other.
func (s *stream) overlaps(o *stream) bool {
	return s.report.Start <= o.report.End+changeGrace && o.report.Start <= s.report.End+changeGrace
}

// id names a stream by its content.
func (s *stream) id() string { return string(appendID(nil, s.number())) }

// number is the id as a number; ids and numbers have the same order.
func (s *stream) number() uint64 {
	if s.ident == 0 {
		s.ident = streamNumber(s.key.src, s.key.dst, s.key.ssrc, s.report.Start)
	}
	return s.ident
}

// sameEncoding compares encoding names, which have no case (RFC 8866 6.6).
func sameEncoding(a, b string) bool { return strings.EqualFold(a, b) }

// notMedia reports whether an encoding accompanies a codec and is none itself.
func notMedia(encoding string) bool {
	switch strings.ToLower(encoding) {
	case "telephone-event", "cn", "red", "rtx", "ulpfec", "flexfec":
		return true
	}
	return false
}

// carried is what a stream carries, from its own report or, where the shard
// could not know, from the SDP of the call that it turned out to belong to.
type carried struct {
	codec         string
	clockRate     int
	clockInferred bool
	kind          rtpstats.MediaKind
}

func (s *stream) carries() carried {
	r := &s.report
	c := carried{codec: r.Codec, clockRate: int(r.ClockRate), clockInferred: r.ClockInferred, kind: r.Kind}
	if c.kind != rtpstats.MediaUnknown && c.codec != "" && c.clockRate != 0 && !c.clockInferred {
		return c // the SDP has nothing to add
	}
	line, f, ok := s.sdpFormat()
	if !ok {
		return c
	}
	if c.kind == rtpstats.MediaUnknown {
		c.kind = line.kind
	}
	if c.codec == "" {
		c.codec = f.encoding
	}
	if c.clockRate == 0 || int(f.clockRate) == c.clockRate && sameEncoding(c.codec, f.encoding) {
		c.clockRate, c.clockInferred = int(f.clockRate), false
	}
	return c
}

// sdpFormat finds the SDP's word for the stream's codec: the payload types of
// packets towards a side are in that side's SDP (RFC 3264 5.1); a sender's own
// list is the second choice.
func (s *stream) sdpFormat() (*mline, format, bool) {
	if s.leg == nil {
		return nil, format{}, false
	}
	for _, speaker := range [2]side{s.from.other(), s.from} {
		for _, line := range s.linesOf(speaker) {
			for i, pt := range s.report.PayloadTypes.values() {
				f, ok := line.codec(pt)
				if ok && !notMedia(f.encoding) && (s.report.Codec == "" || s.isMain(i)) {
					return line, f, true
				}
			}
		}
	}
	return nil, format{}, false
}

// isMain reports whether the i-th payload type is the one of the report's codec.
func (s *stream) isMain(i int) bool {
	return i < len(s.report.Codecs) && sameEncoding(s.report.Codecs[i], s.report.Codec)
}

// linesOf returns a side's m-lines, the one that bound the stream first.
func (s *stream) linesOf(who side) []*mline {
	lines := s.leg.media.lines[who]
	if s.at == nil || s.at.line.index == 0 || s.at.line.index >= len(lines) {
		return lines
	}
	i := s.at.line.index
	ordered := append([]*mline{lines[i]}, lines[:i]...)
	return append(ordered, lines[i+1:]...)
}

// receiverLine is the m-line of the side that hears the stream, nil where
// nothing bound it to one.
func (s *stream) receiverLine() *mline {
	if s.leg == nil {
		return nil
	}
	if s.at != nil && s.at.line.side == s.from.other() {
		return s.at.line
	}
	line, _, ok := s.sdpFormat()
	if ok && line.side == s.from.other() {
		return line
	}
	return nil
}
