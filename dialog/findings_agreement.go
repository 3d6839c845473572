package dialog

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"earshot/rtpstats"
)

// agreement compares a stream with what its call's SDPs agreed on, as far as
// these were seen.
func (d *diagnosis) agreement(s *stream, r *StreamRecord) {
	if d.mayMissSDP() {
		return
	}
	d.codecMismatch(s, r)
	d.ptimeMismatch(s, r)
	d.natMismatch(s, r)
}

// mayMissSDP reports whether an SDP of the call was captured in part, or may well
// have gone unseen: one of its beginning, or with a tenth of its time unseen one
// that changed it.
func (d *diagnosis) mayMissSDP() bool {
	g, c := d.m.unseen.ofSignalling, d.call
	return c.cutSDP || g.touch(c.start, max(c.answer, c.start)+second) || 10*g.within(c.start, c.end) > c.end-c.start
}

// codecMismatch finds payload types that the receiver's SDP does not list, and
// a codec that the sender's own does not.
func (d *diagnosis) codecMismatch(s *stream, r *StreamRecord) {
	if s.proof != proofAnnounced {
		return
	}
	receiver, sender := s.linesOf(s.from.other()), s.linesOf(s.from)
	var strange, spoken []string
	for i, pt := range s.report.PayloadTypes.values() {
		if isComfortNoise(pt) || !described(receiver) || accepts(receiver, pt) {
			continue
		}
		if i < len(s.report.Codecs) && s.report.Codecs[i] != "" {
			strange = append(strange, fmt.Sprintf("%d (%s)", pt, s.report.Codecs[i]))
			spoken = append(spoken, s.report.Codecs[i])
			continue
		}
		strange = append(strange, fmt.Sprint(pt))
		spoken = append(spoken, fmt.Sprintf("payload type %d", pt))
	}
	if len(strange) > 0 {
		d.add(findCodecMismatch, r,
			fmt.Sprintf("The %s sends %s, which the %s did not announce to understand.", s.from, strings.Join(spoken, ", "), s.from.other()),
			fmt.Sprintf("payload types on the wire %s; announced by the receiver %s", strings.Join(strange, ", "), listFormats(receiver)))
		return
	}
	if codec := s.report.Codec; codec != "" && !notMedia(codec) && described(sender) && !speaks(sender, codec) {
		d.add(findCodecMismatch, r,
			fmt.Sprintf("The %s sends %s, which its own SDP does not list.", s.from, codec),
			fmt.Sprintf("announced by the sender %s", listFormats(sender)))
	}
}

// isComfortNoise reports RFC 3389's payload type 13, and 19, its old number:
// often sent unannounced, and harmless.
func isComfortNoise(pt uint8) bool { return pt == 13 || pt == 19 }

func described(lines []*mline) bool {
	return slices.ContainsFunc(lines, func(l *mline) bool { return len(l.formats) > 0 })
}

func accepts(lines []*mline, pt uint8) bool {
	return slices.ContainsFunc(lines, func(l *mline) bool { _, ok := l.codec(pt); return ok })
}

func speaks(lines []*mline, codec string) bool {
	return slices.ContainsFunc(lines, func(l *mline) bool { return l.speaks(codec) })
}

func listFormats(lines []*mline) string {
	var list []string
	for _, l := range lines {
		for _, f := range l.formats {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%d %s", f.payloadType, f.encoding)))
		}
	}
	return strings.Join(list, ", ")
}

// ptimeMismatch finds a packet time other than the one that the receiver asked for.
func (d *diagnosis) ptimeMismatch(s *stream, r *StreamRecord) {
	line := s.receiverLine()
	if line == nil || line.kind != rtpstats.MediaAudio || line.ptimeMS == 0 || s.report.PTimeMS == 0 || r.Packets < minScored {
		return
	}
	if math.Abs(s.report.PTimeMS-float64(line.ptimeMS)) < 1 {
		return
	}
	d.add(findPTimeMismatch, r,
		fmt.Sprintf("The %s sends packets of %g ms where %d ms were asked for.", s.from, s.report.PTimeMS, line.ptimeMS),
		fmt.Sprintf("a=ptime:%d of the %s, %g ms on the wire", line.ptimeMS, s.from.other(), s.report.PTimeMS))
}

// natMismatch finds media that comes from another host than its sender
// announced: the far side must answer to the source (symmetric RTP), or the
// sender hears nothing. It is said once for a host.
func (d *diagnosis) natMismatch(s *stream, r *StreamRecord) {
	if s.proof != proofAnnounced || s.report.Packets < minTeaching || d.saidNAT == s.key.src.Addr() {
		return
	}
	line := s.leg.media.line(s.leg, s.from, s.at.line.index)
	if len(line.announced) == 0 || announcesHost(line, s.key.src.Addr()) {
		return
	}
	d.saidNAT = s.key.src.Addr()
	kind, means := "an address", "it has several addresses, or there is NAT on the way"
	hidden := line.announced[0].Addr().IsPrivate() && !s.key.src.Addr().IsPrivate()
	switch {
	case hidden:
		kind, means = "a private address", "there is NAT on the way"
	case s.key.src.Addr().IsPrivate() && !line.announced[0].Addr().IsPrivate():
		kind, means = "a public address", "it knows of the NAT that lies behind this point"
	}
	answer := "nothing was seen to go back to where it comes from"
	if d.answersTo(s) {
		answer = fmt.Sprintf("the %s answers to where it comes from (symmetric RTP), as it should", s.from.other())
	} else if o := d.misdirected(s, line); o >= 0 && hidden {
		answer = fmt.Sprintf("the %s sends to the announced address all the same", s.from.other())
		d.hearsNothing(s, o)
	}
	d.add(findNATMismatch, r,
		fmt.Sprintf("The %s announced %s and its media comes from another: %s; %s.", s.from, kind, means, answer),
		fmt.Sprintf("announced %s, on the wire %s", addresses(line.announced), s.key.src))
}

// announcesHost reports whether any SDP of the line named a host: media may
// have moved in the middle of the call.
func announcesHost(l *mline, host netip.Addr) bool {
	return slices.ContainsFunc(l.endpoints, func(e *endpoint) bool { return !e.learned && e.addr.Addr() == host })
}

// answersTo reports whether the far side sends to where a stream comes from.
func (d *diagnosis) answersTo(s *stream) bool {
	return slices.ContainsFunc(d.streams, func(o *stream) bool { return o.from != s.from && o.key.dst == s.key.src })
}

// misdirected finds the answer to a stream that goes to the host which the
// stream's sender announced, while nothing of the call comes from there; -1
// where there is none, or where the sender reports to have received it.
func (d *diagnosis) misdirected(s *stream, announced *mline) int {
	for _, o := range d.streams {
		if o.from == s.from && announcesHost(announced, o.key.src.Addr()) {
			return -1 // seen before the NAT as well: what goes there may arrive
		}
	}
	return slices.IndexFunc(d.streams, func(o *stream) bool {
		return o.from != s.from && o.report.Packets >= minTeaching && announcesHost(announced, o.key.dst.Addr()) &&
			!d.received(o)
	})
}

// received reports whether a stream's receiver says that some of it arrived.
func (d *diagnosis) received(s *stream) bool {
	r := d.rec.Media[slices.Index(d.streams, s)].RTCP
	return r != nil && r.LossRatio != nil && *r.LossRatio < 1
}

// hearsNothing says what a voice that is sent to an address behind NAT means.
func (d *diagnosis) hearsNothing(s *stream, answer int) {
	o := d.streams[answer]
	d.add(findOneWayAudio, d.rec.Media[answer],
		fmt.Sprintf("One-way audio: the %s hears nothing. The %s sends to the private address in the %s's SDP, not to where the %s's media comes from.", s.from, o.from, s.from, s.from),
		fmt.Sprintf("%d packets from the %s to %s; the %s's media comes from %s", o.report.Packets, o.from, o.key.dst, s.from, s.key.src))
}

// ssrcChanges finds directions whose sender began anew under another SSRC. Keys
// pressed may have one of their own.
func (d *diagnosis) ssrcChanges() {
	for i, s := range d.streams {
		if s.report.MediaPackets == 0 {
			continue
		}
		for _, earlier := range d.streams[:i] {
			if earlier.key.src == s.key.src && earlier.key.dst == s.key.dst && earlier.key.ssrc != s.key.ssrc &&
				earlier.report.Kind == s.report.Kind && earlier.report.End <= s.report.Start {
				d.add(findSSRCChange, d.rec.Media[i],
					fmt.Sprintf("The %s's source changed in the middle of the call.", s.from),
					fmt.Sprintf("SSRC 0x%08x after 0x%08x, %d ms later", s.key.ssrc, earlier.key.ssrc, (s.report.Start-earlier.report.End)/millisecond))
				break
			}
		}
	}
}
