package dialog

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"earshot/rtpstats"
	"earshot/topology"
)

// writeView writes calls and streams one a line. Times are ms after the epoch.
func writeView(v *View) string {
	ms := func(t Time) string {
		if t == 0 {
			return "-"
		}
		return fmt.Sprint((int64(t) - epoch) / 1e6)
	}
	var lines []string
	for _, c := range v.Calls {
		lines = append(lines, fmt.Sprintf("call %s %s start=%s ring=%s answer=%s hold=%v streams=%d legs=%d", c.CallID, c.State, ms(c.Start), ms(c.Ringing), ms(c.Answer), c.OnHold, c.Streams, c.Legs))
	}
	for _, s := range v.Streams {
		lines = append(lines, fmt.Sprintf("stream %s>%s %s %q %s %s start=%s end=%s", s.Src, s.Dst, s.SSRC, s.Side, s.Media, s.Codec, ms(s.Start), ms(s.End)))
	}
	return strings.Join(lines, "\n")
}

// reported is a report that closes the first interval of a stream.
func reported(src, dst string, ssrc uint32, fromMS, toMS int64, i rtpstats.Interval) *rtpstats.Report {
	r := rtp(src, dst, ssrc, 0, 5)
	r.Start, r.End = epoch+fromMS*1e6, epoch+toMS*1e6
	r.Interval = i
	r.Interval.Start, r.Interval.End = r.Start, r.End
	return r
}

// fourCalls is a flow at its fifth second: one call each that talks, rings,
// waits and is over, and a stream of no call. The voice of the first callee
// lost 25 of 250 packets one by one, the caller's 2.
func fourCalls(t *testing.T) *flow {
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	f.table.SetPlan(sitePlan(t))
	f.feed(`
		0    A>B INVITE call=c1 sdp=sendrecv@A:4000/PCMU
		100  B>A 180 Ringing call=c1 to=bob;b
		1000 B>A 200 OK call=c1 to=bob;b sdp=sendrecv@B:4000/PCMU
		1010 A>B ACK call=c1 to=bob;b br=ack
		2000 B>A INVITE call=c2 from=carol;c to=dave
		2100 A>B 180 Ringing call=c2 from=carol;c to=dave;d
		2500 A>C INVITE call=c3 from=eve;e to=frank
		3000 B>A INVITE call=c4 from=gina;g to=hans
		3100 A>B 486 Busy call=c4 from=gina;g to=hans;h
		3150 B>A ACK call=c4 from=gina;g to=hans;h`)
	f.table.Report(reported("192.0.2.65:4000", "192.0.2.66:4000", 0xa, 1000, 4990, interval(0, 2, 0)))
	bad := reported("192.0.2.66:4000", "192.0.2.65:4000", 0xb, 1100, 4995, interval(0, 25, 0))
	bad.Lost = 25
	f.table.Report(bad)
	f.table.Report(reported("203.0.113.1:7000", "203.0.113.2:7000", 0x1a2b3c4d, 500, 4000, interval(0, 0, 0)))
	f.table.Tick(epoch+5*second, f.emit)
	return f
}

func TestView(t *testing.T) {
	v := fourCalls(t).table.View()
	wantLines(t, "view", writeView(v), `
		call c1 answered start=0 ring=100 answer=1000 hold=false streams=2 legs=1
		call c2 ringing start=2000 ring=2100 answer=- hold=false streams=0 legs=1
		call c3 trying start=2500 ring=- answer=- hold=false streams=0 legs=1
		call c4 ending start=3000 ring=- answer=- hold=false streams=0 legs=1
		stream 203.0.113.1:7000>203.0.113.2:7000 0x1a2b3c4d "" audio PCMU start=500 end=4000
		stream 192.0.2.65:4000>192.0.2.66:4000 0x0000000a "from_caller" audio PCMU start=1000 end=4990
		stream 192.0.2.66:4000>192.0.2.65:4000 0x0000000b "from_callee" audio PCMU start=1100 end=4995`)
	if v.At != epoch+5*second {
		t.Errorf("At: got %d", v.At)
	}
	c, a, b := &v.Calls[0], &v.Streams[1], &v.Streams[2]
	if b.Call != c.ID || a.Call != c.ID || c.ID == "" || v.Streams[0].Call != "" || a.ID == b.ID || len(a.ID) != 16 {
		t.Errorf("ids: call %q, streams %q %q of %q %q %q", c.ID, a.ID, b.ID, v.Streams[0].Call, a.Call, b.Call)
	}
	names := v.Plan.Segments()
	if names[c.SegmentID] != "trunk" || names[a.SegmentID] != "trunk" || a.Direction != topology.ToPeer || b.Direction != topology.FromPeer || names[v.Calls[2].SegmentID] != "other" {
		t.Errorf("segments: got %+v", v)
	}
}

// TestViewQuality: 10 % of single losses is R 93.2062 - 95*10/(10+25.1) of
// G.711 (G.107), and a MOS below 3.6; 2 packets of 250 are no finding.
func TestViewQuality(t *testing.T) {
	v := fourCalls(t).table.View()
	c, b := &v.Calls[0], &v.Streams[2]
	want := mosOfR(93.2062077233 - 95*10/(10+25.1))
	if math.Abs(b.MOS-want) > 1e-6 || b.MOSMin != b.MOS || b.LossRatio != 0.1 || b.Lost != 25 || b.Reason != "" || b.JitterMS != 1 {
		t.Errorf("stream: got %+v, want MOS %v", b, want)
	}
	if c.MOSWorst != b.MOS || c.LossRatio != 0.1 || c.JitterMS != 1 || fmt.Sprint(c.Findings) != "[loss low_mos]" {
		t.Errorf("call: got %+v", c)
	}
}

// TestViewActive: c1 goes from the phones to the carrier, c2 comes back, c3
// goes from the phones to a stranger, c4 is over.
func TestViewActive(t *testing.T) {
	v := fourCalls(t).table.View()
	var active []string
	for _, n := range v.Active {
		active = append(active, fmt.Sprintf("%s %s %d", v.Plan.Peers()[n.Peer], n.Direction, n.Calls))
	}
	wantLines(t, "active", strings.Join(active, "\n"), `
		other to_peer 1
		other from_peer 0
		phones to_peer 1
		phones from_peer 2
		carrier to_peer 1
		carrier from_peer 1`)
}

// TestViewLater: what happens next is no business of a view that was taken,
// and a call that is over shows no streams but for those that don't stop.
func TestViewLater(t *testing.T) {
	f := fourCalls(t)
	v := f.table.View()
	before := fmt.Sprintf("%+v", *v)
	f.feed(`
		6000  A>B INVITE call=c1 to=bob;b cseq=2 sdp=sendonly@A:4000/PCMU
		6100  B>A 200 OK call=c1 to=bob;b cseq=2 sdp=recvonly@B:4000/PCMU
		6200  A>B ACK call=c1 to=bob;b cseq=2 br=ack2`)
	f.table.Report(reported("192.0.2.66:4000", "192.0.2.65:4000", 0xb, 1100, 9000, interval(1, 0, 0)))
	held := f.table.View()
	if b := &held.Streams[2]; !held.Calls[0].OnHold || len(held.Calls[0].Findings) != 0 || b.LossRatio != 0 || b.MOSMin != v.Streams[2].MOSMin || b.MOS <= b.MOSMin {
		t.Errorf("on hold: got %+v, %+v", held.Calls[0], b)
	}
	f.feed(`
		20000 A>B BYE call=c1 to=bob;b cseq=3
		20100 B>A 200 OK call=c1 to=bob;b cseq=3/BYE`)
	f.table.Report(reported("192.0.2.65:4000", "192.0.2.66:4000", 0xa, 1000, 25000, interval(4, 0, 0)))
	wantLines(t, "after the BYE", writeView(f.table.View()), `
		call c1 ending start=0 ring=100 answer=1000 hold=true streams=1 legs=1
		call c2 ringing start=2000 ring=2100 answer=- hold=false streams=0 legs=1
		call c3 trying start=2500 ring=- answer=- hold=false streams=0 legs=1
		stream 203.0.113.1:7000>203.0.113.2:7000 0x1a2b3c4d "" audio PCMU start=500 end=4000
		stream 192.0.2.65:4000>192.0.2.66:4000 0x0000000a "from_caller" audio PCMU start=1000 end=25000`)
	if after := fmt.Sprintf("%+v", *v); after != before {
		t.Errorf("the first view changed:\n%s\n%s", before, after)
	}
}

func TestViewEmpty(t *testing.T) {
	v := NewTable(Config{}).View()
	if len(v.Calls) != 0 || len(v.Streams) != 0 || len(v.Active) != 2 {
		t.Errorf("got %+v, want nothing but the two ends of other", v)
	}
}

// TestViewJSON holds the names that faces show.
func TestViewJSON(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	f.feed("0 A>B INVITE call=c1")
	f.table.Report(reported("203.0.113.1:7000", "203.0.113.2:7000", 1, 500, 4000, interval(0, 0, 0)))
	v := f.table.View()
	call, err := json.Marshal(v.Calls[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"` + v.Calls[0].ID + `","call_id":"c1","from":"alice","to":"bob","state":"trying","on_hold":false,` +
		`"start":"1970-01-01T00:16:40.000000000Z","ringing":null,"answer":null,"src":"192.0.2.65:5060","dst":"192.0.2.66:5060",` +
		`"transport":"udp","legs":1,"streams":0,"mos_worst":0,"loss_ratio":0,"jitter_ms":0,"findings":[]}`
	if string(call) != want {
		t.Errorf("got  %s\nwant %s", call, want)
	}
	stream, err := json.Marshal(v.Streams[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"ssrc":"0x00000001"`, `"side":""`, `"call":""`, `"media":"audio"`, `"codec":"PCMU"`, `"reason":""`, `"packets":251`} {
		if !strings.Contains(string(stream), part) {
			t.Errorf("got %s, want %s in it", stream, part)
		}
	}
}

// TestViewTroubles: what one interval alone says, by the findings' own limits.
func TestViewTroubles(t *testing.T) {
	tests := []struct {
		name   string
		cfg    Config
		change func(r *rtpstats.Report)
		want   string
	}{
		{"nothing", Config{}, func(*rtpstats.Report) {}, "[]"},
		{"loss of 3 in 250", Config{}, func(r *rtpstats.Report) { r.Interval = interval(0, 3, 0) }, "[loss]"},
		{"loss of 2 in 60", Config{}, func(r *rtpstats.Report) { r.Interval = interval(0, 2, 0); r.Interval.Expected = 60 }, "[]"},
		{"late", Config{}, func(r *rtpstats.Report) { r.Interval = interval(0, 0, 3) }, "[late_packets]"},
		{"late video", Config{}, func(r *rtpstats.Report) { r.Kind, r.Interval = rtpstats.MediaVideo, interval(0, 0, 3) }, "[]"},
		{"jitter", Config{}, func(r *rtpstats.Report) { r.Interval.JitterMS = 30 }, "[jitter]"},
		{"the capture's own", Config{}, func(r *rtpstats.Report) { r.Interval = interval(0, 100, 0); r.Interval.Suspect = true }, "[capture_loss]"},
		{"ignored", Config{IgnoreFindings: []string{"loss"}}, func(r *rtpstats.Report) { r.Interval = interval(0, 30, 0) }, "[low_mos]"},
		{"another limit", Config{Limits: Limits{LossRatio: 0.5, MOS: 1}}, func(r *rtpstats.Report) { r.Interval = interval(0, 30, 0) }, "[]"},
	}
	for _, tt := range tests {
		tt.cfg.Codecs = sceneCodecs
		f := &flow{t: t, table: NewTable(tt.cfg)}
		f.feed("0 A>B INVITE sdp=sendrecv@A:4000/PCMU")
		r := reported("203.0.113.1:7000", "192.0.2.65:4000", 1, 500, 4000, interval(0, 0, 0))
		tt.change(r)
		f.table.Report(r)
		if got := fmt.Sprint(f.table.View().Calls[0].Findings); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestViewOrder: calls of one instant come in the order of their ids.
func TestViewOrder(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	for i := range 50 {
		f.feed(fmt.Sprintf("0 A>B INVITE call=x%d", i))
		f.table.Report(reported(fmt.Sprintf("203.0.113.%d:7000", i), "203.0.113.200:7000", 1, 500, 4000, interval(0, 0, 0)))
	}
	v := f.table.View()
	for i := 1; i < 50; i++ {
		if v.Calls[i-1].ID >= v.Calls[i].ID || v.Streams[i-1].ID >= v.Streams[i].ID {
			t.Fatalf("place %d: %s before %s, %s before %s", i, v.Calls[i-1].ID, v.Calls[i].ID, v.Streams[i-1].ID, v.Streams[i].ID)
		}
	}
}

// crowd is a table of n answered calls with two streams each.
func crowd(t testing.TB, n int, cfg Config) (*Table, []*rtpstats.Report) {
	t.Helper()
	cfg.Codecs = sceneCodecs
	table := NewTable(cfg)
	table.SetPlan(sitePlan(t))
	reports := make([]*rtpstats.Report, 0, 2*n)
	for i := range n {
		s := &dialogSet{callID: fmt.Sprintf("%d@example.com", i), confirmed: true}
		c := &call{id: contentID(int64(i), s.callID), from: "alice", to: "bob", start: clock(0) + int64(i), answer: clock(1), sets: []*dialogSet{s}}
		l := &leg{call: c, set: s, src: netip.MustParseAddrPort("192.0.2.1:5060"), dst: netip.MustParseAddrPort("192.0.2.2:5060")}
		s.call, s.legs, c.legs, c.domains = c, []*leg{l}, []*leg{l}, []string{"example.com"}
		table.sets[s.callID] = s
		a, z := fmt.Sprintf("10.%d.%d.1:4000", i/250, i%250), fmt.Sprintf("10.%d.%d.2:4000", i/250, i%250)
		reports = append(reports, rtp(a, z, uint32(2*i), 1, 10), rtp(z, a, uint32(2*i+1), 1, 10))
		reports[2*i].Start += int64(i)
		reports[2*i+1].Start += int64(i)
		for who, r := range map[side]*rtpstats.Report{callee: reports[2*i], caller: reports[2*i+1]} {
			line := l.media.line(l, who, 0)
			line.kind = rtpstats.MediaAudio
			table.media.announce(clock(0), line, appendAddr(nil, r.Dst), false)
			r.Interval = interval(0, int32(i%2), 0)
			table.Report(r)
		}
	}
	return table, reports
}
