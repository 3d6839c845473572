package dialog

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"earshot/mos"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// scene drives the media half alone: calls are made by hand, times are seconds
// after an epoch.
type scene struct {
	t       *testing.T
	m       *media
	emitted []*StreamRecord
}

const sceneEpoch = 1_700_000_000 * second

// sceneCodecs is read once for all scenes.
var sceneCodecs = mos.DefaultCodecs()

func newScene(t *testing.T, cfg Config) *scene {
	if cfg.Codecs == nil {
		cfg.Codecs = sceneCodecs
	}
	return &scene{t: t, m: newMedia(&cfg)}
}

// clock turns seconds of the scene into capture time.
func clock(s float64) int64 { return sceneEpoch + int64(math.Round(s*1000))*millisecond }

// call makes a call of n legs, answered at once and not over.
func (s *scene) call(id string, legs int) *call {
	c := &call{id: id, start: clock(0), answer: clock(0), disposition: Answered}
	for i := range legs {
		c.legs = append(c.legs, &leg{call: c, callID: fmt.Sprintf("%s-%d", id, i)})
	}
	return c
}

// sdp has a side of a leg describe its media: "audio 192.0.2.1:4000 0 8 101 |
// a=..." with the m-lines separated by newlines.
func (s *scene) sdp(when float64, l *leg, who side, text string) {
	s.t.Helper()
	s.describe(when, l, who, text, who == callee, false)
}

func (s *scene) describe(when float64, l *leg, who side, text string, answer, early bool) {
	s.t.Helper()
	d, err := sipparse.ParseSDP([]byte(sdpText(s.t, text)))
	if err != nil {
		s.t.Fatalf("cannot parse %q: %v", text, err)
	}
	s.m.describe(clock(when), l.call, l, who, d, answer, early)
}

func sdpText(t *testing.T, text string) string {
	t.Helper()
	b := &strings.Builder{}
	b.WriteString("v=0\r\no=- 1 1 IN IP4 192.0.2.250\r\ns=-\r\n")
	session, _, found := strings.Cut(text, "---\n")
	if found {
		b.WriteString(strings.ReplaceAll(strings.TrimSpace(session), "\n", "\r\n") + "\r\n")
		text = text[len(session)+len("---\n"):]
	}
	b.WriteString("t=0 0\r\n")
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		parts := strings.Split(line, "|")
		var kind, addr, formats string
		fields := strings.Fields(parts[0])
		kind, addr, formats = fields[0], fields[1], strings.Join(fields[2:], " ")
		ap := netip.MustParseAddrPort(addr)
		proto := "RTP/AVP"
		family := "IP4"
		if ap.Addr().Is6() {
			family = "IP6"
		}
		for _, a := range parts[1:] {
			if strings.Contains(a, "crypto") || strings.Contains(a, "fingerprint") {
				proto = "RTP/SAVP"
			}
		}
		fmt.Fprintf(b, "m=%s %d %s %s\r\nc=IN %s %s\r\n", kind, ap.Port(), proto, formats, family, ap.Addr())
		for _, a := range parts[1:] {
			b.WriteString(strings.TrimSpace(a) + "\r\n")
		}
	}
	return b.String()
}

// rtp is the report of a G.711 stream without any fault, 50 packets a second.
func rtp(src, dst string, ssrc uint32, from, to float64) *rtpstats.Report {
	packets := uint64((to-from)*50) + 1
	return &rtpstats.Report{
		Src: netip.MustParseAddrPort(src), Dst: netip.MustParseAddrPort(dst), SSRC: ssrc,
		Start: clock(from), End: clock(to),
		Kind: rtpstats.MediaAudio, Codec: "PCMU", ClockRate: 8000,
		PayloadTypes: []uint8{0}, Codecs: []string{"PCMU"}, PTimeMS: 20,
		Packets: packets, MediaPackets: packets, Expected: packets, Bytes: packets * 218,
		DSCP: []uint8{46}, TTL: []uint8{64},
		Mode: rtpstats.Mode{FrameType: -1},
	}
}

// dynamic makes it a stream whose payload type the shard could not name.
func dynamic(r *rtpstats.Report, pt uint8, clockRate int) *rtpstats.Report {
	r.Codec, r.ClockRate, r.ClockInferred = "", clockRate, clockRate != 0
	r.PayloadTypes, r.Codecs = []uint8{pt}, []string{""}
	return r
}

func (s *scene) report(rs ...*rtpstats.Report) {
	for _, r := range rs {
		s.m.report(r)
	}
	s.m.tick(0, s.emit)
}

func (s *scene) emit(r *StreamRecord) { s.emitted = append(s.emitted, r) }

// finish ends a call and returns its record with its streams.
func (s *scene) finish(c *call, end float64) *CallRecord {
	c.end = clock(end)
	rec := &CallRecord{
		Type: "call", ID: c.id, Answer: Time(c.answer), End: Time(c.end),
		Disposition: Answered, EndedBy: EndedByCaller,
	}
	s.m.finish(c, rec)
	return rec
}

// bindings writes a call's streams as "src>dst ssrc direction binding".
func bindings(rec *CallRecord) string {
	var lines []string
	for _, r := range rec.Media {
		lines = append(lines, fmt.Sprintf("%s>%s %s %s %s", r.Src, r.Dst, r.SSRC, r.Direction, r.Binding))
	}
	return strings.Join(lines, "\n")
}

func codes(rec *CallRecord) string {
	var list []string
	for _, f := range rec.Findings {
		list = append(list, f.Code)
	}
	return strings.Join(list, " ")
}

func wantLines(t *testing.T, what, got, want string) {
	t.Helper()
	trim := func(s string) string {
		var lines []string
		for _, l := range strings.Split(s, "\n") {
			if l = strings.TrimSpace(l); l != "" {
				lines = append(lines, l)
			}
		}
		return strings.Join(lines, "\n")
	}
	if trim(got) != trim(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, trim(got), trim(want))
	}
}
