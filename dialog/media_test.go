package dialog

import (
	"fmt"
	"testing"

	"earshot/rtpstats"
)

func final(r *rtpstats.Report) *rtpstats.Report {
	r.Final = true
	return r
}

// Streams of no call come out when they end, by end, then by id, whatever the
// order of their reports.
func TestStreamsOfNoCall(t *testing.T) {
	s := newScene(t, Config{})
	s.report(rtp(phoneA, phoneB, 1, 0, 10))
	if len(s.emitted) != 0 {
		t.Fatalf("%d emitted while they run", len(s.emitted))
	}
	for _, r := range []*rtpstats.Report{
		final(rtp(phoneA, phoneB, 1, 0, 30)), final(rtp(phoneA, phoneB, 2, 0, 20)), final(rtp(phoneA, phoneB, 3, 0, 20)),
	} {
		s.m.report(r)
	}
	s.m.tick(clock(60), s.emit)
	if len(s.emitted) != 3 {
		t.Fatalf("%d emitted, want 3", len(s.emitted))
	}
	a, b, c := s.emitted[0], s.emitted[1], s.emitted[2]
	if a.End != b.End || a.ID >= b.ID || c.SSRC != "0x00000001" || c.Packets != 1501 {
		t.Errorf("order %s %s %s, want by end, then id", a.SSRC, b.SSRC, c.SSRC)
	}
	for _, r := range s.emitted {
		if r.Call != nil || r.Binding != BindingNone || r.Direction != "" {
			t.Errorf("%s: call %v binding %s direction %q, want none", r.SSRC, r.Call, r.Binding, r.Direction)
		}
	}
	s.wantEmpty()
}

func (s *scene) wantEmpty() {
	s.t.Helper()
	s.m.wantEmptyTables(s.t)
}

// wantEmptyTables checks that nothing of any stream or call is kept.
func (m *media) wantEmptyTables(t *testing.T) {
	t.Helper()
	for name, n := range map[string]int{
		"streams": len(m.streams), "bySSRC": len(m.bySSRC.at), "waiting": len(m.waiting.at), "near": len(m.near),
		"ended": len(m.ended), "gone": len(m.gone), "endpoints": len(m.endpoints.at), "counted endpoints": m.endpointCount,
		"rtcpPorts": len(m.rtcpPorts.at), "announcedSSRC": len(m.announcedSSRC.at),
		"speakers": len(m.speakers), "witnesses": len(m.witnesses),
	} {
		if n != 0 {
			t.Errorf("%d %s left, want 0", n, name)
		}
	}
}

// What still comes of a stream after its call was written has no record to go
// to; after its final report nothing remembers it, and the same key may begin anew.
func TestReportsAfterTheCall(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 1, 0, 10), final(rtp(phoneB, phoneA, 2, 0, 10)))
	s.finish(c, 10)
	s.report(rtp(phoneA, phoneB, 1, 0, 15), final(rtp(phoneA, phoneB, 1, 0, 16)))
	if len(s.emitted) != 0 || len(s.m.gone) != 0 {
		t.Errorf("%d emitted again, %d remembered, want none", len(s.emitted), len(s.m.gone))
	}
	s.wantEmpty()
	s.report(final(rtp(phoneA, phoneB, 1, 50, 60)))
	if len(s.emitted) != 1 {
		t.Errorf("%d emitted, want the new stream of the same key", len(s.emitted))
	}
	s.wantEmpty()
}

// A stream that begins anew under its key ends the old one, final report or not.
func TestStreamReplaced(t *testing.T) {
	s := newScene(t, Config{})
	s.report(rtp(phoneA, phoneB, 1, 0, 10), rtp(phoneA, phoneB, 1, 20, 30))
	if len(s.emitted) != 1 || s.emitted[0].End != Time(clock(10)) {
		t.Fatalf("emitted %v, want the first", s.emitted)
	}
	s.m.close(clock(40), s.emit)
	if len(s.emitted) != 2 || s.emitted[0].ID == s.emitted[1].ID {
		t.Errorf("emitted %v, want two of different ids", s.emitted)
	}
	s.wantEmpty()
}

func TestQuiet(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	r := rtp(phoneA, phoneB, 1, 0, 10)
	r.Interval = rtpstats.Interval{Start: clock(5), End: clock(10), Packets: 250}
	s.report(r)
	if got := s.m.last(c); got != clock(10) {
		t.Errorf("last packet at %d, want %d", got, clock(10))
	}
	for when, want := range map[float64]bool{12: false, 15.9: false, 16: true, 60: true} {
		if got := s.m.quiet(c, clock(when)); got != want {
			t.Errorf("quiet at %v s: %v, want %v", when, got, want)
		}
	}
	c.end = clock(14)
	if s.m.quiet(c, clock(16)) {
		t.Error("quiet 2 s after the end: its last reports may be on the way")
	}
}

// A flood of streams and announcements fills the tables and no more.
func TestMediaIsBounded(t *testing.T) {
	s := newScene(t, Config{MaxStreams: 100})
	for i := range 1000 {
		s.report(rtp(fmt.Sprintf("198.18.%d.%d:5000", i/250, i%250), phoneB, uint32(i), 0, 10))
	}
	c := s.call("c", 1)
	for i := range 1000 {
		s.describe(float64(i), c.legs[0], caller, fmt.Sprintf("audio 192.0.2.1:%d 0", 1024+2*i), false, false)
		s.describe(float64(i), c.legs[0], callee, fmt.Sprintf("audio 192.0.2.2:%d 0 | a=inactive | a=ssrc:%d cname:x", 1024+2*i, i), false, false)
	}
	if n := len(s.m.streams); n != 100 {
		t.Errorf("%d streams, want 100", n)
	}
	if n := s.m.endpointCount; n > 400 {
		t.Errorf("%d endpoints, want at most 400", n)
	}
	for _, lines := range c.legs[0].media.lines {
		if l := lines[0]; len(l.turns) > maxTurns || len(l.ssrcs) > maxSSRCs || len(l.rtcp) > maxCandidates || len(l.endpoints) > 4*maxCandidates {
			t.Errorf("%d turns %d ssrcs %d rtcp %d endpoints", len(l.turns), len(l.ssrcs), len(l.rtcp), len(l.endpoints))
		}
	}
	var totals Totals
	s.m.totals(&totals)
	if totals.Refused["streams"] != 900 || totals.Refused["endpoints"] == 0 {
		t.Errorf("refused %v, want 900 streams and some endpoints", totals.Refused)
	}
	s.finish(c, 1000)
	s.m.close(clock(1000), s.emit)
	s.wantEmpty()
}

// Reports are handed over, not lent: the caller reuses its slices.
func TestReportIsCopied(t *testing.T) {
	s := newScene(t, Config{})
	r := final(rtp(phoneA, phoneB, 1, 0, 10))
	s.m.report(r)
	r.DSCP[0], r.PayloadTypes[0], r.TTL[0] = 1, 1, 1
	s.m.tick(0, s.emit)
	if got := s.emitted[0]; got.DSCP[0] != 46 || got.PayloadTypes[0] != 0 || got.TTL[0] != 64 {
		t.Errorf("%v %v %v changed with the caller's slices", got.DSCP, got.PayloadTypes, got.TTL)
	}
}

// The media half believes a call's end: a challenge is none.
func TestChallengeEndsNothing(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	f.feed(`
		0    A>B INVITE sdp=sendrecv@A:4000/PCMU
		20   B>A 401 Unauthorized
		30   A>B ACK
		40   A>B INVITE cseq=2 sdp=sendrecv@A:4000/PCMU
		500  B>A 200 OK cseq=2 to=bob;b sdp=sendrecv@B:4002/PCMU`)
	if c := f.table.sets["c1"].call; c.end != 0 || c.answer == 0 {
		t.Errorf("answer %d end %d, want answered and not over", c.answer, c.end)
	}
}
