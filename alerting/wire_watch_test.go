package alerting

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// wireScene feeds a wire watch with a stream a minute of peer "carrier" in
// segment "trunk".
type wireScene struct {
	*testing.T
	w    *WireWatch
	plan *topology.Plan
	now  time.Time
	told []NetworkChange
}

// wireStart is when a scene begins.
var wireStart = time.Date(2026, 1, 6, 8, 0, 0, 0, time.UTC)

func newWireScene(t *testing.T) *wireScene {
	plan, err := topology.New(topology.Config{
		Peers: []topology.PeerConfig{
			{Name: "site", Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}},
			{Name: "carrier", Networks: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}},
		},
		Segments: []topology.SegmentConfig{{Name: "trunk", Near: []string{"site"}, Far: []string{"carrier"}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &Directory{Segments: map[string]*SegmentFacts{"trunk": {Name: "trunk", Tenant: "acme"}}}
	return &wireScene{T: t, w: NewWireWatch(WireConfig{Directory: d}), plan: plan, now: wireStart}
}

// wireStream is what a stream of the scene is like; empty fields are the usual.
type wireStream struct {
	src, codec, agent string
	ptime             float64
	dscp, ttl         int
}

// stream ends one stream, of 20 s.
func (s *wireScene) stream(x wireStream) {
	s.Helper()
	usual := wireStream{src: "203.0.113.5", codec: "PCMA", agent: "SBC/9.0", ptime: 20, dscp: 46, ttl: 60}
	if x.src == "" {
		x.src = usual.src
	}
	if x.codec == "" {
		x.codec = usual.codec
	}
	if x.agent == "" {
		x.agent = usual.agent
	}
	if x.ptime == 0 {
		x.ptime = usual.ptime
	}
	if x.dscp == 0 {
		x.dscp = usual.dscp
	}
	if x.ttl == 0 {
		x.ttl = usual.ttl
	}
	src, dst := netip.AddrPortFrom(netip.MustParseAddr(x.src), 4000), netip.MustParseAddrPort("10.1.0.1:5000")
	segment, direction := s.plan.Segment(&topology.Flow{Src: src.Addr(), Dst: dst.Addr()})
	start := s.now.UnixNano()
	o := &dialog.Observation{Src: src, Dst: dst, StreamStart: start, First: true, Packets: 250, Expected: 250, Start: start, End: start + 5e9,
		Segment: segment, Direction: direction, Plan: s.plan, Codec: x.codec, UserAgent: x.agent}
	s.w.Observe(o)
	later := *o
	later.First = false
	s.w.Observe(&later) // counts once
	s.w.Record(&dialog.StreamRecord{Src: src, Dst: dst, Start: dialog.Time(start), End: dialog.Time(start + 20e9), Media: "audio", Packets: 1000,
		Plan: s.plan, SegmentID: segment, Toward: direction, PTimeMS: &x.ptime, DSCP: []int{x.dscp}, TTL: []int{x.ttl}})
}

// minutes lets time pass, with one stream a minute where there is one.
func (s *wireScene) minutes(n int, of ...wireStream) {
	s.Helper()
	for i := range n {
		if len(of) > 0 {
			s.stream(of[i%len(of)])
		}
		s.now = s.now.Add(time.Minute)
		s.w.Tick(s.now.UnixNano())
		s.told = append(s.told, s.w.Take()...)
	}
}

// want compares what was told with "HH:MM text", in order.
func (s *wireScene) want(list ...string) {
	s.Helper()
	var got []string
	for _, n := range s.told {
		got = append(got, n.At.Format("15:04 ")+n.Text)
		if n.Segment != "trunk" || n.Tenant != "acme" || !n.Seen || n.Author != MonitorAuthor {
			s.Errorf("got %+v, want segment trunk of tenant acme, seen by the monitor", n)
		}
	}
	if strings.Join(got, "\n") != strings.Join(list, "\n") {
		s.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(list, "\n"))
	}
}

// A minute a stream: learning ends with the 40th, a sixth stream of a new kind
// makes it a change that began with the first.
func TestWireNew(t *testing.T) {
	usual := wireStream{}
	for name, tt := range map[string]struct {
		other wireStream
		want  string
	}{
		"codec":       {wireStream{codec: "g722"}, "new codec G722"},
		"packet time": {wireStream{ptime: 30}, "new packet time 30 ms"},
		"marking":     {wireStream{dscp: 26}, "new marking DSCP 26"},
		"TTL":         {wireStream{ttl: 57}, "new TTL 57"},
		"user agent":  {wireStream{agent: "SBC/9.1"}, "new user agent SBC/9.1"},
		"address":     {wireStream{src: "203.0.113.9"}, "new media address 203.0.113.9"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newWireScene(t)
			s.minutes(60, usual)
			s.minutes(10, tt.other, usual) // 09:00, 02, 04, 06, 08 are of the new kind: five
			s.want()
			s.minutes(2, tt.other, usual) // 09:10 is the sixth; eleven streams since the first
			s.want("09:00 peer carrier: " + tt.want + ", 6 of 11 streams (55 %) since")
			s.minutes(300, tt.other, usual)
			if len(s.told) != 1 {
				t.Errorf("told %d times, want once: %v", len(s.told), s.told)
			}
		})
	}
}

func TestWireLearns(t *testing.T) {
	s := newWireScene(t)
	s.minutes(29, wireStream{}, wireStream{codec: "G729"}) // both are usual
	s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	s.want()
}

func TestWireStray(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{})
	for range 20 { // one stream in 59 has another codec
		s.minutes(1, wireStream{codec: "G722"})
		s.minutes(58, wireStream{})
	}
	s.want()
}

// Where another value has come in its place one line says both.
func TestWireReplaced(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{})
	s.minutes(60, wireStream{agent: "SBC/9.1", dscp: 8})
	s.want("09:00 peer carrier: user agent SBC/9.1 instead of SBC/9.0", "09:00 peer carrier: marking DSCP 8 instead of 46")
}

// Of two codecs in turn one is heard last at 08:59. Fourteen of it are due when
// 28 others have come since (09:00 to 09:27), which is more than 15 minutes later.
func TestWireGone(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	s.minutes(27, wireStream{})
	s.want()
	s.minutes(2, wireStream{})
	s.want("08:59 peer carrier: codec G729 is gone, 50 % of the streams before")
	s.told = nil
	s.minutes(30, wireStream{}, wireStream{codec: "G729"})
	s.want("09:30 peer carrier: codec G729 is back")
}

// No traffic proves nothing.
func TestWireSilence(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	s.minutes(24 * 60)
	s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	s.want()
}

// What comes and goes is told of twice a day, and counted.
func TestWireFlapping(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	for range 8 {
		s.minutes(60, wireStream{})
		s.minutes(60, wireStream{}, wireStream{codec: "G729"})
	}
	if len(s.told) > 2*maxWireSame {
		t.Errorf("told %d changes in 16 h, want at most %d: %v", len(s.told), 2*maxWireSame, s.told)
	}
	if s.w.Stats().Muted == 0 {
		t.Error("nothing was counted as muted")
	}
}

// A site's telephones have too many addresses for any to be usual.
func TestWireDiffuse(t *testing.T) {
	s := newWireScene(t)
	for i := range 600 {
		s.minutes(1, wireStream{src: fmt.Sprintf("203.0.113.%d", 1+i%200)})
	}
	s.want()
	if st := s.w.Stats(); st.Diffuse != 1 {
		t.Errorf("got %d diffuse, want 1", st.Diffuse)
	}
}

func TestWireHosts(t *testing.T) {
	s := newWireScene(t)
	call := func(carrier string) {
		s.w.Record(&dialog.CallRecord{Start: dialog.Time(s.now.UnixNano()), Plan: s.plan, Legs: []dialog.LegRecord{
			{Src: netip.MustParseAddrPort("10.1.0.1:5060"), Dst: netip.MustParseAddrPort(carrier + ":5060")},
		}})
		s.minutes(1)
	}
	for range 60 {
		call("203.0.113.2")
	}
	for range 10 {
		call("203.0.113.3")
	}
	s.want("09:00 peer carrier: signalling address 203.0.113.3 instead of 203.0.113.2")
}

// What a packet says is shown without control characters.
func TestWireStranger(t *testing.T) {
	s := newWireScene(t)
	s.minutes(60, wireStream{})
	s.minutes(10, wireStream{agent: "a\x1b[2J\nb\u202e"})
	s.want("09:00 peer carrier: user agent a?[2J?b? instead of SBC/9.0")
}

func TestWireRefused(t *testing.T) {
	s := newWireScene(t)
	s.w = NewWireWatch(WireConfig{MaxPlaces: 1})
	s.stream(wireStream{})
	s.stream(wireStream{src: "10.1.0.7"})
	if st := s.w.Stats(); st.Places != 1 || st.Refused != 2 { // its first interval and its record
		t.Errorf("got %+v, want 1 place and 2 refused", st)
	}
}

// Ten days of office hours with a steady mix of codecs and makes: nothing
// changes, so nothing is told.
func TestWireQuiet(t *testing.T) {
	s := newWireScene(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 10 * 24 * 60 {
		h := s.now.Hour()
		if h >= 8 && h < 18 && r.Float64() < 0.8 || r.Float64() < 0.02 {
			x := wireStream{}
			if r.Float64() < 0.3 {
				x.codec = "G729"
			}
			if r.Float64() < 0.5 {
				x.src = "203.0.113.6"
			}
			s.stream(x)
		}
		s.minutes(1)
	}
	s.want()
}

// The same traffic gives the same changes.
func TestWireSame(t *testing.T) {
	run := func() string {
		s := newWireScene(t)
		s.minutes(60, wireStream{}, wireStream{codec: "G729"})
		s.minutes(120, wireStream{agent: "SBC/9.1", ttl: 50}, wireStream{src: "203.0.113.8"})
		return fmt.Sprint(s.told)
	}
	if a, b := run(), run(); a != b {
		t.Errorf("got\n%s\nand\n%s", a, b)
	}
}
