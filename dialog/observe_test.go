package dialog

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"earshot/rtpstats"
	"earshot/topology"
)

// watched is a scene whose observations are kept.
func watched(t *testing.T, cfg Config) (*scene, *[]Observation) {
	list := &[]Observation{}
	cfg.Observe = func(o *Observation) { *list = append(*list, *o) }
	return newScene(t, cfg), list
}

// step is a report of phone A's stream to B that closes the n-th 5 s interval;
// the cumulative counts are given.
func stepReport(n int, lostSoFar uint64, i rtpstats.Interval) *rtpstats.Report {
	r := rtp(phoneA, phoneB, 0xa, 0.1, 0)
	r.Start, r.End = clock(0.1), i.End-1
	r.Packets, r.Expected, r.Lost = 250*uint64(n+1), 250*uint64(n+1), lostSoFar
	r.Interval = i
	return r
}

// sitePlan puts phone A and phone B on two sides of a segment.
func sitePlan(t testing.TB) *topology.Plan {
	t.Helper()
	p, err := topology.New(topology.Config{
		Peers: []topology.PeerConfig{
			{Name: "phones", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.65/32")}},
			{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.2/32"), netip.MustParsePrefix("192.0.2.66/32")}},
		},
		Segments: []topology.SegmentConfig{
			{Name: "gold", Trunks: []string{"gold.example.com"}},
			{Name: "voice", Near: []string{"phones"}, Far: []string{"carrier"}, VLANs: []uint16{30}},
			{Name: "trunk", Near: []string{"phones"}, Far: []string{"carrier"}},
		},
	}, []string{"eth0", "eth1"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestObserve(t *testing.T) {
	s, got := watched(t, Config{DeclaredDelayMS: 120})
	s.m.setPlan(sitePlan(t))
	c := s.plainCall("c", 0, phoneA, phoneB)
	first := stepReport(0, 0, interval(0, 0, 0))
	first.Path, first.Duplicates, first.Reordered = rtpstats.NewPath(1, 30), 2, 1
	// 5 of 500 lost one by one is 1 %; with 120 ms of network, 20 of packet
	// time and 60 of buffer Ta is 200 ms: G.711 has MOS-LQ 4.328232 and
	// MOS-CQ 4.244768 (G.107).
	i := interval(1, 5, 0)
	i.Packets, i.Expected, i.JitterMaxMS, i.BufferMS = 495, 500, 3, 60
	second := stepReport(2, 5, i)
	second.Path, second.Duplicates, second.Reordered, second.Final = first.Path, 5, 1, true
	s.report(first, second)
	back := rtp(phoneB, phoneA, 0xb, 0.1, 10)
	back.Path, back.Interval = rtpstats.NewPath(0, 0), interval(1, -2, 7)
	s.report(back)
	s.finish(c, 10)

	o := (*got)[1]
	if o.Src.String() != phoneA || o.Dst.String() != phoneB || o.SSRC != 0xa || o.StreamStart != clock(0.1) || o.Call != "c" || o.Codec != "PCMU" || o.Media != rtpstats.MediaAudio {
		t.Errorf("which: got %+v", o)
	}
	if o.Point != 1 || s.m.plan.Segments()[o.Segment] != "voice" || o.Direction != topology.ToPeer || o.Plan != s.m.plan {
		t.Errorf("where: got point %d, segment %d %s", o.Point, o.Segment, o.Direction)
	}
	if o.Start != clock(5) || o.End != clock(10) || o.First || !o.Final || o.Empty() {
		t.Errorf("when: got %d to %d, first %v, final %v", o.Start, o.End, o.First, o.Final)
	}
	if o.Packets != 495 || o.Expected != 500 || o.Lost != 5 || o.Late != 0 || o.Duplicates != 3 || o.Reordered != 0 {
		t.Errorf("counts: got %+v", o)
	}
	if o.JitterMS != 1 || o.JitterMaxMS != 3 || o.DelayVariationMS != 60 {
		t.Errorf("timing: got %v %v %v", o.JitterMS, o.JitterMaxMS, o.DelayVariationMS)
	}
	if math.Abs(o.MOS-4.328232) > 1e-6 || math.Abs(o.MOSCQ-4.244768) > 1e-6 || o.Reason != "" || o.Suspect {
		t.Errorf("quality: got LQ %.6f, CQ %.6f, reason %q, suspect %v", o.MOS, o.MOSCQ, o.Reason, o.Suspect)
	}
	if (*got)[0].Duplicates != 2 || (*got)[0].Reordered != 1 || !(*got)[0].First || (*got)[0].Final {
		t.Errorf("first: got %+v", (*got)[0])
	}
	b := (*got)[2]
	if s.m.plan.Segments()[b.Segment] != "trunk" || b.Direction != topology.FromPeer || b.Lost != -2 || b.Located != (Located{}) || b.Late != 7 {
		t.Errorf("the other voice: got %+v", b)
	}
}

// ends writes observations as "packets first final" lines.
func ends(list []Observation) string {
	var lines []string
	for _, o := range list {
		lines = append(lines, fmt.Sprintf("%d first=%v final=%v empty=%v call=%q", o.Packets, o.First, o.Final, o.Empty(), o.Call))
	}
	return strings.Join(lines, "\n")
}

// TestObserveEnds: whatever way a stream ends, its last observation says so,
// and no other does.
func TestObserveEnds(t *testing.T) {
	final := func(i rtpstats.Interval) *rtpstats.Report {
		r := stepReport(1, 0, i)
		r.Final = true
		return r
	}
	silent := rtpstats.Interval{} // it closes none
	tests := []struct {
		name string
		play func(s *scene)
		want string
	}{
		{"with its last packets", func(s *scene) {
			s.report(stepReport(0, 0, interval(0, 0, 0)), final(interval(1, 0, 0)))
		}, `
			250 first=true final=false empty=false call=""
			250 first=false final=true empty=false call=""`},
		{"after a silence", func(s *scene) {
			s.report(stepReport(0, 0, interval(0, 0, 0)), final(silent))
		}, `
			250 first=true final=false empty=false call=""
			0 first=false final=true empty=true call=""`},
		{"with its call, before its last report", func(s *scene) {
			c := s.plainCall("c", 0, phoneA, phoneB)
			s.report(stepReport(0, 0, interval(0, 0, 0)))
			s.finish(c, 5)
			s.report(stepReport(1, 0, interval(1, 0, 0)), final(interval(2, 0, 0)))
		}, `
			250 first=true final=false empty=false call="c"
			0 first=false final=true empty=true call="c"`},
		{"with its call, after its last report", func(s *scene) {
			c := s.plainCall("c", 0, phoneA, phoneB)
			s.report(final(interval(0, 0, 0)))
			s.finish(c, 5)
		}, `250 first=true final=true empty=false call="c"`},
		{"replaced by another one", func(s *scene) {
			s.report(stepReport(0, 0, interval(0, 0, 0)))
			next := final(interval(1, 0, 0))
			next.Start = clock(5.1)
			s.report(next)
		}, `
			250 first=true final=false empty=false call=""
			250 first=true final=true empty=false call=""
			0 first=false final=true empty=true call=""`},
		{"bound late", func(s *scene) {
			s.report(stepReport(0, 0, interval(0, 0, 0)))
			c := s.plainCall("c", 0.5, phoneA, phoneB)
			s.report(final(interval(1, 0, 0)))
			s.finish(c, 10)
		}, `
			250 first=true final=false empty=false call=""
			250 first=false final=true empty=false call="c"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, got := watched(t, Config{})
			tt.play(s)
			s.m.close(clock(100), s.emit)
			wantLines(t, "observations", ends(*got), tt.want)
		})
	}
}

func TestObserveReasons(t *testing.T) {
	tests := []struct {
		want   string
		change func(r *rtpstats.Report)
	}{
		{ReasonTooShort, func(r *rtpstats.Report) { r.Interval.Expected = 49 }},
		{ReasonNotAudio, func(r *rtpstats.Report) { r.Kind = rtpstats.MediaVideo }},
		{ReasonNotAudio, func(r *rtpstats.Report) { r.Kind = rtpstats.MediaOther }},
		{ReasonNotAudio, func(r *rtpstats.Report) { r.Codec, r.Codecs = "telephone-event", []string{"telephone-event"} }},
		{ReasonCodecUnknown, func(r *rtpstats.Report) { dynamic(r, 96, 8000) }},
		{ReasonSRTP, func(r *rtpstats.Report) { dynamic(r, 96, 0); r.SRTP = true }},
		{ReasonCodecUnscored, func(r *rtpstats.Report) { r.Codec, r.Codecs = "DVI4", []string{"DVI4"} }},
		{ReasonMixedCodec, func(r *rtpstats.Report) {
			r.CodecChanges, r.Codecs, r.PayloadTypes = 1, []string{"PCMU", "G729"}, []uint8{0, 18}
			r.CodecPackets = r.Packets - r.Packets/5
		}},
		{"", func(*rtpstats.Report) {}},
	}
	seen := map[string]bool{}
	for _, tt := range tests {
		s, got := watched(t, Config{})
		r := stepReport(0, 0, interval(0, 0, 0))
		tt.change(r)
		r.Final = true
		s.report(r)
		o := (*got)[0]
		if o.Reason != tt.want || (o.MOS == 0) != (tt.want != "") || o.MOSCQ != 0 {
			t.Errorf("want %q: got %q, MOS %v, CQ %v", tt.want, o.Reason, o.MOS, o.MOSCQ)
		}
		if rec := s.emitted[0]; rec.Unmeasured != tt.want && tt.want != ReasonTooShort {
			t.Errorf("want %q: the record says %q", tt.want, rec.Unmeasured)
		}
		seen[tt.want] = true
	}
	for _, reason := range Reasons {
		if !seen[reason] {
			t.Errorf("no test shows %q", reason)
		}
	}
	if len(seen) != len(Reasons)+1 || slices.Contains(Reasons, "") {
		t.Errorf("Reasons are %q, the tests show %v", Reasons, seen)
	}
}

// rr has B report of A's stream; sequence numbers go on with time.
func (s *scene) rr(when float64, lost int32) {
	s.say(when, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: lost, highest: uint32(when * 50), jitter: 80}))
}

// TestLocated splits a loss at the point by hand. Columns: what B reported
// last within the interval, what was lost here within it.
//
//	reported  here, so far   growth  before  after: reported less so far, beyond the most yet
//	       2     2,      2        2       2  0
//	       7     0,      2        5       0  5 - 0
//	       7     4,      6        0       4  (1)
//	      11     0,      6        4       0  5 - 5
//	      14     0,      6        3       0  8 - 5
func TestLocated(t *testing.T) {
	s, got := watched(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	soFar := uint64(0)
	for n, x := range []struct{ reported, here int32 }{{2, 2}, {7, 0}, {7, 4}, {11, 0}, {14, 0}} {
		s.rr(float64(5*n)+2, x.reported)
		soFar += uint64(x.here)
		s.report(stepReport(n, soFar, interval(n, x.here, 0)))
	}
	s.finish(c, 25)
	want := []struct {
		growth        int64
		before, after uint32
	}{{2, 2, 0}, {5, 0, 5}, {0, 4, 0}, {4, 0, 0}, {3, 0, 3}, {0, 0, 0}}
	if len(*got) != len(want) {
		t.Fatalf("got %d observations, want %d", len(*got), len(want))
	}
	for i, o := range *got {
		w := want[i]
		if o.RTCP.Lost != w.growth || o.Located != (Located{Before: w.before, After: w.after}) {
			t.Errorf("interval %d: got growth %d, %+v; want %+v", i, o.RTCP.Lost, o.Located, w)
		}
		reports := uint32(1)
		if o.Empty() {
			reports = 0
		}
		if o.RTCP.Reports != reports || reports > 0 && o.RTCP.JitterMS != 10 { // 80 ticks of 8 kHz
			t.Errorf("interval %d: got %d reports, jitter %v ms", i, o.RTCP.Reports, o.RTCP.JitterMS)
		}
	}
}

// TestLocatedBaseline: of a call that began unseen, the first report tells
// nothing that could be compared; what comes after it does.
func TestLocatedBaseline(t *testing.T) {
	s, got := watched(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	c.truncated = true
	for n, reported := range []int32{100, 103} {
		s.rr(float64(5*n)+2, reported)
		s.report(stepReport(n, 0, interval(n, 0, 0)))
	}
	if o := (*got)[0]; o.RTCP.Reports != 1 || o.RTCP.Lost != 0 || o.Located.After != 0 {
		t.Errorf("first: got %+v %+v, want one report and no loss", o.RTCP, o.Located)
	}
	if o := (*got)[1]; o.RTCP.Reports != 1 || o.RTCP.Lost != 3 || o.Located.After != 3 {
		t.Errorf("second: got %+v %+v, want a loss of 3", o.RTCP, o.Located)
	}
}

// TestAnotherWitness: reports that begin to come on the stream's own ports,
// after others between the same hosts, tell nothing twice.
func TestAnotherWitness(t *testing.T) {
	s, got := watched(t, Config{})
	s.plainCall("c", 0, phoneA, phoneB)
	s.say(2, "192.0.2.2:9003", "192.0.2.1:9001", receiverReport(0xb, block{ssrc: 0xa, lost: 7, highest: 100}))
	s.report(stepReport(0, 0, interval(0, 0, 0)))
	s.rr(7, 9)
	s.report(stepReport(1, 0, interval(1, 0, 0)))
	s.rr(12, 10)
	s.report(stepReport(2, 0, interval(2, 0, 0)))
	for i, want := range []int64{7, 0, 1} {
		if o := (*got)[i]; o.RTCP.Lost != want || int64(o.Located.After) != want || o.RTCP.Reports != 1 {
			t.Errorf("interval %d: got %+v, after %d; want one report and a loss of %d", i, o.RTCP, o.Located.After, want)
		}
	}
}

// TestUndetermined: loss that the capture admits, and loss that the receiver
// does not have, is nobody's.
func TestUndetermined(t *testing.T) {
	s, got := watched(t, Config{})
	s.plainCall("c", 0, phoneA, phoneB)
	dropped := interval(0, 3, 0)
	dropped.Suspect = true
	s.report(stepReport(0, 3, dropped), stepReport(1, 43, interval(1, 40, 0)))
	s.rr(12, 0) // it misses none of the 43
	s.report(stepReport(2, 53, interval(2, 10, 0)))
	want := []Located{{Undetermined: 3}, {Before: 40}, {Undetermined: 10}}
	for i, o := range *got {
		if o.Located != want[i] || o.Suspect != (want[i].Undetermined > 0) {
			t.Errorf("interval %d: got %+v, suspect %v; want %+v", i, o.Located, o.Suspect, want[i])
		}
	}
}

// TestReceiverStartsAnew: when the receiver counts from 0 again, its loss goes on growing.
func TestReceiverStartsAnew(t *testing.T) {
	s, got := watched(t, Config{})
	s.plainCall("c", 0, phoneA, phoneB)
	for n, b := range []block{{lost: 6, highest: 1000}, {lost: 0, highest: 20}, {lost: 2, highest: 270}, {lost: 1, highest: 520}, {lost: 3, highest: 770}} {
		b.ssrc = 0xa
		s.say(float64(5*n)+2, rtcpB, rtcpA, receiverReport(0xb, b))
		s.report(stepReport(n, 0, interval(n, 0, 0)))
	}
	for i, want := range []int64{6, 0, 2, 0, 1} { // 2, 1, 3: one more than ever
		if o := (*got)[i]; o.RTCP.Lost != want || int64(o.Located.After) != want {
			t.Errorf("interval %d: got growth %d, after %d; want %d", i, o.RTCP.Lost, o.Located.After, want)
		}
	}
}

// TestObserveRoundTrip: a round trip is told once, in the interval in which
// its second half was measured; the figures are TestScoreCQ's. So is a block
// of VoIP metrics, voipReport's.
func TestObserveRoundTrip(t *testing.T) {
	s, got := watched(t, Config{})
	s.plainCall("c", 0, phoneA, phoneB)
	s.say(1, rtcpA, rtcpB, senderReport(0xa, 0x1111_2222_3333_4444, 50))
	s.say(1.1, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lsr: 0x22223333}))
	s.report(stepReport(0, 0, interval(0, 0, 0)))
	s.say(6, rtcpB, rtcpA, senderReport(0xb, 0x1111_4444_5555_6666, 50))
	s.say(6.14, rtcpA, rtcpB, receiverReport(0xa, block{ssrc: 0xb, lsr: 0x44445555}))
	i := interval(1, 5, 0)
	i.Packets, i.Expected, i.BufferMS = 495, 500, 60
	s.report(stepReport(1, 5, i))
	s.say(12, rtcpB, rtcpA, voipReport(0xb, 0xa))
	s.report(stepReport(2, 5, interval(2, 0, 0)))
	for i, want := range []float64{0, 240, 0} { // 100 ms beyond the tap, 140 before
		if o := (*got)[i]; math.Abs(o.RTCP.RTTMS-want) > 1e-6 || (o.MOSCQ > 0) != (i > 0) {
			t.Errorf("interval %d: got round trip %v ms and MOS-CQ %v; want %v ms", i, o.RTCP.RTTMS, o.MOSCQ, want)
		}
	}
	if o := (*got)[1]; math.Abs(o.MOSCQ-4.244768) > 1e-6 {
		t.Errorf("MOS-CQ: got %.6f, want 4.244768", o.MOSCQ)
	}
	if o := (*got)[1]; o.RTCP.XR || o.RTCP.Voice != nil {
		t.Errorf("before its block: got %+v", o.RTCP)
	}
	if o := (*got)[2]; !o.RTCP.XR || o.RTCP.Voice == nil || o.RTCP.Voice.RTTMS != 180 || o.RTCP.Reports != 0 {
		t.Errorf("VoIP metrics: got %+v", o.RTCP)
	}
}

// TestPlace: a stream's segment follows its call and the plan.
func TestPlace(t *testing.T) {
	s, got := watched(t, Config{})
	s.report(stepReport(0, 0, interval(0, 0, 0)))
	plan := sitePlan(t)
	s.m.setPlan(plan)
	s.report(stepReport(1, 0, interval(1, 0, 0)))
	c := s.plainCall("c", 1, phoneA, phoneB)
	c.domains = []string{"gold.example.com"}
	s.report(stepReport(2, 0, interval(2, 0, 0)))
	s.m.setPlan(nil)
	s.report(stepReport(3, 0, interval(3, 0, 0)))
	for i, want := range []string{"other", "trunk", "gold", "other"} {
		o := (*got)[i]
		if name := o.Plan.Segments()[o.Segment]; name != want {
			t.Errorf("interval %d: got segment %q, want %q", i, name, want)
		}
		if trunk := map[string]string{"gold": "gold.example.com"}[want]; o.Trunk != trunk {
			t.Errorf("interval %d: got trunk %q, want %q", i, o.Trunk, trunk)
		}
	}
	s.m.setPlan(plan)
	rec := s.finish(c, 20)
	if rec.Plan != plan || plan.Segments()[rec.SegmentFromCaller] != "gold" || plan.Segments()[rec.SegmentFromCallee] != "gold" {
		t.Errorf("call: got segments %d and %d", rec.SegmentFromCaller, rec.SegmentFromCallee)
	}
	if gold := "gold.example.com"; rec.TrunkFromCaller != gold || rec.TrunkFromCallee != gold || rec.Media[0].Trunk != gold {
		t.Errorf("trunks: got %q, %q and %q of the stream", rec.TrunkFromCaller, rec.TrunkFromCallee, rec.Media[0].Trunk)
	}
	if r := rec.Media[0]; plan.Segments()[r.SegmentID] != "gold" || r.Toward != topology.Unknown {
		t.Errorf("stream: got segment %d %s", r.SegmentID, r.Toward)
	}
}
