package dialog

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"earshot/topology"
)

// View returns the picture of now. It shares nothing that changes.
func (t *Table) View() *View {
	v := &View{At: t.now, Plan: t.media.plan}
	b := &t.viewer
	b.collect(t)
	v.Streams = t.media.viewStreams(b.streams)
	v.Calls = t.media.viewCalls(b.calls)
	v.Active = countActive(v)
	b.clear()
	return v
}

// viewer is the memory that one view leaves to the next.
type viewer struct {
	calls   []alive[string, *call]
	streams []alive[uint64, *stream]
}

// alive is what a view shows, with what it is sorted by beside it: following
// the pointers of 20,000 streams in every comparison costs more than all else.
type alive[ID cmp.Ordered, T any] struct {
	start int64
	id    ID
	thing T
}

func (a alive[ID, T]) compare(b alive[ID, T]) int {
	if a.start != b.start { // first: cmp.Or would compare the ids in any case
		return cmp.Compare(a.start, b.start)
	}
	return cmp.Compare(a.id, b.id)
}

func (b *viewer) clear() {
	clear(b.calls)
	clear(b.streams)
	b.calls, b.streams = b.calls[:0], b.streams[:0]
}

// collect lists what is alive, in the order of the view.
func (b *viewer) collect(t *Table) {
	for _, s := range t.sets {
		if s.call.sets[0] == s && len(s.call.legs) > 0 { // one of a call's sets speaks for it
			b.calls = append(b.calls, alive[string, *call]{s.call.start, s.call.id, s.call})
		}
	}
	for _, s := range t.media.streams {
		if s.goesOn() {
			b.streams = append(b.streams, alive[uint64, *stream]{s.report.Start, s.number(), s})
		}
	}
	slices.SortFunc(b.calls, alive[string, *call].compare)
	slices.SortFunc(b.streams, alive[uint64, *stream].compare)
}

// goesOn reports whether a stream is alive: it has not ended, and neither has
// its call, unless it was heard after that.
func (s *stream) goesOn() bool {
	if s.report.Final {
		return false
	}
	if !s.bound() || s.leg.call.end == 0 {
		return true
	}
	return s.report.End > s.leg.call.end+changeGrace
}

// viewStreams shows streams. The texts of all ids and SSRCs share one string.
func (m *media) viewStreams(list []alive[uint64, *stream]) []StreamView {
	const each = idLen + ssrcLen
	views := make([]StreamView, len(list))
	octets := make([]byte, 0, each*len(list))
	for _, a := range list {
		octets = appendSSRC(appendID(octets, a.id), a.thing.key.ssrc)
	}
	text := string(octets)
	for i, a := range list {
		m.viewStream(&views[i], a.thing)
		views[i].ID, views[i].SSRC = text[i*each:][:idLen], text[i*each+idLen:][:ssrcLen]
	}
	return views
}

// ssrcLen is the length of "0x1a2b3c4d".
const ssrcLen = 10

func appendSSRC(b []byte, ssrc uint32) []byte {
	var raw [4]byte
	binary.BigEndian.PutUint32(raw[:], ssrc)
	return hex.AppendEncode(append(b, "0x"...), raw[:])
}

func (m *media) viewStream(v *StreamView, s *stream) {
	shown := m.show(s)
	*v = StreamView{
		Src: s.key.src, Dst: s.key.dst, Point: s.report.Path.Point(),
		Media: kindName(shown.kind), Codec: shown.codec,
		Start: Time(s.report.Start), End: Time(s.report.End), Packets: s.report.Packets, Lost: s.report.Lost,
		LossRatio: s.latest.lossRatio(), JitterMS: float64(s.latest.jitterMS),
		MOS: shown.mos, MOSMin: shown.min, Reason: shown.why(), Suspect: s.latest.suspect,
	}
	v.SegmentID, v.Direction = m.locate(s)
	if s.bound() {
		v.Call, v.Side = s.leg.call.id, direction(s.from)
	}
}

// viewCalls shows calls. Their lists of findings share one array.
func (m *media) viewCalls(list []alive[string, *call]) []CallView {
	views := make([]CallView, len(list))
	findings := make([]string, 0, 16)
	for i, a := range list {
		before := len(findings)
		findings = m.viewCall(&views[i], a.thing, findings)
		views[i].Findings = findings[before:len(findings):len(findings)]
	}
	return views
}

func (m *media) viewCall(v *CallView, c *call, findings []string) []string {
	l := c.legs[0]
	*v = CallView{
		ID: c.id, CallID: c.sets[0].callID, From: c.from, To: c.to, State: c.state(), OnHold: c.onHold(),
		Start: Time(c.start), Ringing: Time(c.ring), Answer: Time(c.answer),
		Src: l.src, Dst: l.dst, Transport: l.transport, Legs: len(c.legs),
	}
	v.PeerFrom, v.PeerTo = c.peers(m.plan)
	v.SegmentID = m.segmentOfCall(c)
	var wrong troubles
	for _, l := range c.legs {
		for _, s := range l.media.streams {
			if !s.goesOn() {
				continue
			}
			v.Streams++
			shown := m.show(s)
			v.LossRatio = max(v.LossRatio, s.latest.lossRatio())
			v.JitterMS = max(v.JitterMS, float64(s.latest.jitterMS))
			if shown.mos > 0 && (v.MOSWorst == 0 || shown.mos < v.MOSWorst) {
				v.MOSWorst = shown.mos
			}
			wrong |= m.troublesOf(s, shown)
		}
	}
	return m.appendTroubles(findings, wrong)
}

// state tells how far a call has come.
func (c *call) state() string {
	switch {
	case c.end != 0:
		return StateEnding
	case c.answer != 0 || c.sets[0].confirmed:
		return StateAnswered
	case c.ring != 0:
		return StateRinging
	}
	return StateTrying
}

// segmentOfCall returns the segment of the caller's voice, else of the
// callee's, else of the signalling.
func (m *media) segmentOfCall(c *call) topology.SegmentID {
	for _, from := range [2]side{caller, callee} {
		for _, l := range c.legs {
			for _, s := range l.media.streams {
				if segment, _ := m.locate(s); s.from == from && segment != topology.Other {
					return segment
				}
			}
		}
	}
	return m.locateSignalling(c)
}

// countActive counts the calls that go on at each of their ends.
func countActive(v *View) []ActiveCalls {
	active := make([]ActiveCalls, 2*len(v.Plan.Peers()))
	for i := range active {
		active[i] = ActiveCalls{Peer: topology.PeerID(i / 2), Direction: topology.ToPeer}
		if i%2 == 1 {
			active[i].Direction = topology.FromPeer
		}
	}
	for i := range v.Calls {
		if c := &v.Calls[i]; c.State != StateEnding {
			active[2*int(c.PeerTo)].Calls++
			active[2*int(c.PeerFrom)+1].Calls++
		}
	}
	return active
}
