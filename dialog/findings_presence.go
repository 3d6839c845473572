package dialog

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"earshot/rtpstats"
)

// stoppedTogether is how far apart the ends of both directions may be when a
// call ends as it should.
const stoppedTogether = 5 * second

// presence compares the media that was due with the media that was there, on
// each leg between the answer and the end.
func (d *diagnosis) presence() {
	if d.call.answer == 0 || d.call.end <= d.call.answer {
		return
	}
	if !d.anyMedia() {
		if !d.mediaElsewhere() {
			d.noMedia()
		}
		return
	}
	var oneWay, late [2]bool
	for _, l := range d.call.legs {
		heard := [2]*heard{d.heard(l, caller), d.heard(l, callee)}
		if heard[caller] == nil && heard[callee] == nil {
			continue // the capture sees another leg's media, not this one's
		}
		for _, from := range [2]side{caller, callee} {
			if !oneWay[from] {
				oneWay[from] = d.oneWay(l, from, heard[from], heard[from.other()])
			}
			if !late[from] && heard[from] != nil {
				late[from] = d.lateMedia(l, from, heard[from])
			}
		}
	}
	d.afterBye()
}

// heard is what there was of one direction on one leg after the answer.
type heard struct {
	first, last int64
	packets     uint64
	pauses      bool // it suppresses silence: its packets may stop without harm
	record      *StreamRecord
}

// heard gathers a direction's streams on a leg; nil where there were none.
// Without media anchoring the legs of a call share their endpoints: a stream
// counts for every leg that announced its destination, or the same address as
// its own leg (it may be learned, behind NAT).
func (d *diagnosis) heard(l *leg, from side) *heard {
	var h *heard
	for i, s := range d.streams {
		r := &s.report
		if s.from != from || r.End < d.call.answer ||
			s.leg != l && !l.media.receivesAt(from.other(), s.key.dst) && !l.media.receivesWith(&s.leg.media, from.other()) {
			continue
		}
		if h == nil {
			h = &heard{first: r.Start, last: r.End, record: d.rec.Media[i]}
		}
		h.first, h.last = min(h.first, r.Start), max(h.last, r.End)
		h.packets += r.Packets
		h.pauses = h.pauses || r.Silences > 0 || r.ComfortNoise > 0
	}
	return h
}

func (lm *legMedia) receivesAt(who side, a netip.AddrPort) bool {
	at := func(e *endpoint) bool { return e.addr == a }
	return slices.ContainsFunc(lm.lines[who], func(l *mline) bool { return slices.ContainsFunc(l.endpoints, at) })
}

// receivesWith reports whether a side announced an address on both legs.
func (lm *legMedia) receivesWith(o *legMedia, who side) bool {
	theirs := o.announcedBy(who)
	return slices.ContainsFunc(lm.announcedBy(who), func(a netip.AddrPort) bool { return slices.Contains(theirs, a) })
}

func (d *diagnosis) anyMedia() bool {
	return slices.ContainsFunc(d.streams, func(s *stream) bool { return s.report.End >= d.call.answer })
}

// mediaElsewhere finds the call's media with another call that announced the
// same addresses.
func (d *diagnosis) mediaElsewhere() bool {
	for _, l := range d.call.legs {
		for _, from := range [2]side{caller, callee} {
			if id := d.m.elsewhere(l, from, d.call.answer); id != "" {
				d.add(findMediaElsewhere, nil, "Its media is recorded with another call that announced the same addresses.",
					fmt.Sprintf("call %s has the stream to %s", id, addresses(l.media.announcedBy(from.other()))))
				return true
			}
		}
	}
	return false
}

// noMedia explains what was looked for and what was nearest to it.
func (d *diagnosis) noMedia() {
	var looked []string
	var due int64
	for _, l := range d.call.legs {
		for _, to := range [2]side{caller, callee} {
			due = max(due, dueBetween(l, to.other(), d.call.answer, d.call.end).total)
			for _, a := range l.media.announcedBy(to) {
				if text := fmt.Sprintf("%s (%s)", a, to); !slices.Contains(looked, text) {
					looked = append(looked, text)
				}
			}
		}
	}
	if due < d.due() {
		return
	}
	if unseen := d.unseen(d.call.answer, d.call.end); due-unseen < d.due() {
		d.unknown(nil, "its media was", unseen, due)
		return
	}
	evidence := fmt.Sprintf("looked for RTP to %s; due for %s", strings.Join(looked, ", "), seconds(due))
	if d.m.seen == 0 {
		d.add(findMediaNotCaptured, nil, "No RTP of any call was captured: this capture holds signalling alone, or its media went another way.", evidence)
		return
	}
	d.add(findNoMedia, nil, "The call was answered and no media was seen in either direction.", evidence+"; "+d.nearest())
}

// unseen returns how much of a piece of time says nothing of media: the probe
// missed packets then, or part of the SDPs that say when media is due.
func (d *diagnosis) unseen(from, to int64) int64 {
	if d.call.cutSDP {
		return max(to-from, 0)
	}
	return d.m.unseen.ofMedia.within(from, to)
}

// unknown says that nobody knows whether media was there: the probe missed too
// much of the time in which it was due.
func (d *diagnosis) unknown(r *StreamRecord, what string, unseen, due int64) {
	if d.call.cutSDP {
		d.add(findCaptureLoss, r, fmt.Sprintf("Whether %s there as it should is not known: the capture cut off the SDP that says so.", what),
			"an SDP is shorter than its message's Content-Length: the snap length is too small, or its sender miscounts")
		return
	}
	d.add(findCaptureLoss, r, fmt.Sprintf("Whether %s there is not known: the probe lost packets in that time.", what),
		fmt.Sprintf("due for %s; packets may have gone unseen in %s of the call", seconds(due), seconds(unseen)))
}

// nearest names a stream of no call at one of the announced hosts.
func (d *diagnosis) nearest() string {
	for _, l := range d.call.legs {
		for _, who := range [2]side{caller, callee} {
			for _, a := range l.media.announcedBy(who) {
				if s := d.m.near[a.Addr()]; s != nil {
					return fmt.Sprintf("nearest stream of no call: %s to %s, SSRC 0x%08x, %d packets", s.key.src, s.key.dst, s.key.ssrc, s.report.Packets)
				}
			}
		}
	}
	return "no unclaimed stream at these hosts"
}

// announcedBy lists where a side said it receives audio.
func (lm *legMedia) announcedBy(who side) []netip.AddrPort {
	var list []netip.AddrPort
	for _, line := range lm.lines[who] {
		if line.kind == rtpstats.MediaAudio {
			list = append(list, line.announced...)
		}
	}
	return list[:min(len(list), maxLines)]
}

func (d *diagnosis) due() int64 { return int64(d.limits.DueMS) * millisecond }

// oneWay finds a direction that was due and never heard, or that fell silent
// while the other went on.
func (d *diagnosis) oneWay(l *leg, from side, h, other *heard) bool {
	due := dueBetween(l, from, d.call.answer, d.call.end)
	if h == nil {
		if due.total < d.due() || d.m.elsewhere(l, from, d.call.answer) != "" {
			return false
		}
		if d.arrived(l, from) {
			d.add(findMediaNotCaptured, other.record,
				fmt.Sprintf("The %s's voice was not captured, but by RTCP the %s received it: this capture sees one direction only.", from, from.other()),
				fmt.Sprintf("0 packets from the %s seen, %d from the %s, whose reports count packets that came", from, other.packets, from.other()))
			return true
		}
		if unseen := d.unseen(d.call.answer, d.call.end); due.total-unseen < d.due() {
			d.unknown(other.record, fmt.Sprintf("the %s's media was", from), unseen, due.total)
			return true
		}
		d.add(findOneWayAudio, other.record,
			fmt.Sprintf("One-way audio: nothing was heard from the %s.", from),
			fmt.Sprintf("0 packets from the %s in %s in which its media was due, %d packets from the %s; looked for RTP to %s",
				from, seconds(due.total), other.packets, from.other(), addresses(l.media.announcedBy(from.other()))))
		return true
	}
	quiet := span{from: max(due.last.from, h.last), to: due.last.to}
	silent := quiet.to - quiet.from - d.unseen(quiet.from, quiet.to)
	limit := int64(d.limits.StoppedMS) * millisecond
	if h.packets < minTeaching {
		limit = d.due() // a packet or two that open a NAT are no voice
	}
	if due.last.to < d.call.end || silent < limit || h.pauses ||
		other == nil || d.call.end-other.last > stoppedTogether {
		return false
	}
	d.add(findOneWayAudio, h.record,
		fmt.Sprintf("One-way audio: the %s fell silent %s before the end.", from, seconds(silent)),
		fmt.Sprintf("last packet from the %s %s before the end, from the %s %s; its media was due; %d packets in all",
			from, seconds(silent), from.other(), seconds(d.call.end-other.last), h.packets))
	return true
}

// arrived reports whether the other side of a leg says by RTCP that it receives
// what one side sends.
func (d *diagnosis) arrived(l *leg, from side) bool {
	return slices.ContainsFunc(d.streams, func(s *stream) bool {
		if s.from == from || s.leg != l {
			return false
		}
		x := d.m.speakerOf(s)
		return x != nil && x.hears > 0
	})
}

func addresses(list []netip.AddrPort) string {
	if len(list) == 0 {
		return "no announced address"
	}
	texts := make([]string, len(list))
	for i, a := range list {
		texts[i] = a.String()
	}
	return strings.Join(texts, ", ")
}

// lateMedia finds a direction whose first packet came long after the answer.
func (d *diagnosis) lateMedia(l *leg, from side, h *heard) bool {
	due := dueBetween(l, from, d.call.answer, d.call.end)
	late := h.first - d.call.answer - d.unseen(d.call.answer, h.first)
	if !due.atStart || late <= int64(d.limits.LateMediaMS)*millisecond {
		return false
	}
	d.add(findLateMedia, h.record,
		fmt.Sprintf("The first words of the %s were cut: its media began %s after the answer.", from, seconds(late)),
		fmt.Sprintf("answer to first packet %d ms", late/millisecond))
	return true
}

// afterBye finds media that ran on after the call was hung up.
func (d *diagnosis) afterBye() {
	if d.rec.EndedBy != EndedByCaller && d.rec.EndedBy != EndedByCallee {
		return
	}
	for i, s := range d.streams {
		after := s.report.End - d.call.end
		if after > int64(d.limits.AfterByeMS)*millisecond {
			d.add(findMediaAfterBye, d.rec.Media[i],
				fmt.Sprintf("Media of the %s went on for %s after the BYE.", s.from, seconds(after)),
				fmt.Sprintf("BYE to last packet %d ms", after/millisecond))
		}
	}
}
