package dialog

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"earshot/rtpstats"
)

// talk is both directions of a plain call.
func (s *scene) talk(from, to float64) {
	s.report(rtp(phoneA, phoneB, 0xa, from, to), rtp(phoneB, phoneA, 0xb, from, to))
}

func finding(rec *CallRecord, code string) string {
	for _, f := range rec.Findings {
		if f.Code == code {
			return f.Text + " | " + f.Evidence
		}
	}
	return ""
}

func TestNothingWrong(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.talk(0.1, 60)
	if rec := s.finish(c, 60); len(rec.Findings) != 0 {
		t.Errorf("findings %v, want none", rec.Findings)
	}
}

// What is due follows from both SDPs; each case is a call answered at 0 that
// ends at 60, with the callee's stream throughout and the caller's as said.
func TestPresence(t *testing.T) {
	tests := []struct {
		name     string
		caller   [2]float64 // from, to of the caller's stream; none if equal
		changes  func(s *scene, l *leg)
		want     string // codes
		contains string // of the first finding
	}{
		{name: "nothing of the caller", want: "one_way_audio",
			contains: "0 packets from the caller in 60.0 s in which its media was due, 2996 packets from the callee; looked for RTP to 192.0.2.2:4002"},
		{name: "late", caller: [2]float64{2.5, 60}, want: "late_media", contains: "answer to first packet 2500 ms"},
		{name: "not yet late", caller: [2]float64{0.9, 60}, want: ""},
		{name: "falls silent", caller: [2]float64{0.1, 45}, want: "one_way_audio",
			contains: "last packet from the caller 15.0 s before the end"},
		{name: "a shorter silence", caller: [2]float64{0.1, 51}, want: ""},
		{name: "ends while it holds", caller: [2]float64{0.1, 30}, want: "", changes: func(s *scene, l *leg) {
			s.describe(30, l, caller, "audio "+phoneA+" 0 | a=inactive", false, false)
			s.describe(30.1, l, callee, "audio "+phoneB+" 0 | a=inactive", true, false)
		}},
		{name: "held by 0.0.0.0", caller: [2]float64{0.1, 30}, want: "", changes: func(s *scene, l *leg) {
			s.describe(30, l, callee, "audio 0.0.0.0:4002 0", false, false)
		}},
		{name: "an announcement alone", want: "", changes: func(s *scene, l *leg) {
			s.describe(0, l, caller, "audio "+phoneA+" 0 | a=recvonly", false, false)
		}},
		{name: "resumes and stays silent", caller: [2]float64{0.1, 20}, want: "one_way_audio",
			contains: "last packet from the caller 20.0 s before the end",
			changes: func(s *scene, l *leg) {
				s.describe(20, l, caller, "audio "+phoneA+" 0 | a=sendonly", false, false)
				s.describe(20, l, callee, "audio "+phoneB+" 0 | a=inactive", true, false)
				s.describe(40, l, caller, "audio "+phoneA+" 0", false, false)
				s.describe(40, l, callee, "audio "+phoneB+" 0", true, false)
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			if tt.changes != nil {
				tt.changes(s, c.legs[0])
			}
			s.report(rtp(phoneB, phoneA, 0xb, 0.1, 60))
			if tt.caller[1] > tt.caller[0] {
				s.report(rtp(phoneA, phoneB, 0xa, tt.caller[0], tt.caller[1]))
			}
			rec := s.finish(c, 60)
			if got := codes(rec); got != tt.want {
				t.Fatalf("findings %q, want %q: %v", got, tt.want, rec.Findings)
			}
			if len(rec.Findings) > 0 && !strings.Contains(rec.Findings[0].Evidence, tt.contains) {
				t.Errorf("evidence %q, want %q in it", rec.Findings[0].Evidence, tt.contains)
			}
		})
	}
}

// A stream with silence suppression may stop before the end without harm.
func TestSilenceSuppression(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	quiet := rtp(phoneA, phoneB, 0xa, 0.1, 40)
	quiet.Silences = 4
	s.report(quiet, rtp(phoneB, phoneA, 0xb, 0.1, 60))
	if rec := s.finish(c, 60); len(rec.Findings) != 0 {
		t.Errorf("findings %v, want none", rec.Findings)
	}
}

func TestNoMedia(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	rec := s.finish(c, 60)
	if got := codes(rec); got != findMediaNotCaptured {
		t.Fatalf("a capture without any RTP: %q, want %q", got, findMediaNotCaptured)
	}
	c = s.plainCall("c", 100, phoneA, phoneB)
	s.report(rtp("192.0.2.1:4444", "198.51.100.5:9000", 0x77, 101, 160))
	rec = s.finish(c, 160)
	want := "looked for RTP to 192.0.2.1:4000 (caller), 192.0.2.2:4002 (callee); due for 60.0 s; " +
		"nearest stream of no call: 192.0.2.1:4444 to 198.51.100.5:9000, SSRC 0x00000077, 2951 packets"
	if got := finding(rec, findNoMedia); !strings.HasSuffix(got, want) {
		t.Errorf("finding %q, want evidence %q", got, want)
	}
}

// One leg is seen whole, the other in part: the relay passes one direction on.
func TestOneWayOnSecondLeg(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio 198.51.100.1:30000 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio 198.51.100.1:30002 0")
	s.report(
		rtp(phoneA, "198.51.100.1:30002", 0xa, 0.1, 10),
		rtp(phoneB, "198.51.100.1:30000", 0xb, 0.2, 10), rtp("198.51.100.1:30002", phoneA, 0xb, 0.21, 10))
	rec := s.finish(c, 10)
	if got := finding(rec, findOneWayAudio); !strings.Contains(got, "0 packets from the caller") || !strings.Contains(got, phoneB) {
		t.Errorf("findings %v, want one-way audio towards %s", rec.Findings, phoneB)
	}
}

// Behind a proxy both hops repeat the SDPs; a caller behind NAT receives at an
// address that only the one leg learned which has the streams.
func TestProxyAndNAT(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	for _, l := range c.legs {
		s.sdp(0, l, caller, "audio 10.0.0.5:4000 0")
		s.sdp(0, l, callee, "audio "+phoneB+" 0")
	}
	s.report(rtp("203.0.113.7:31000", phoneB, 0xa, 0.1, 10), rtp(phoneB, "203.0.113.7:31000", 0xb, 0.2, 10))
	if rec := s.finish(c, 10); codes(rec) != findNATMismatch {
		t.Errorf("findings %v, want %s alone", rec.Findings, findNATMismatch)
	}
}

// A callee that believes the private address in the SDP talks to nobody,
// unless the caller reports to have heard it.
func TestNATOneWay(t *testing.T) {
	for _, heard := range []bool{false, true} {
		s := newScene(t, Config{})
		c := s.plainCall("c", 0, "10.0.0.5:4000", phoneB)
		s.report(rtp("203.0.113.7:31000", phoneB, 0xa, 0.1, 10), rtp(phoneB, "10.0.0.5:4000", 0xb, 0.2, 10))
		want := findOneWayAudio + " " + findNATMismatch
		if heard {
			for i := range 2 {
				s.say(float64(4*i+4), "203.0.113.7:31001", "192.0.2.2:4003", receiverReport(0xa, block{ssrc: 0xb, highest: uint32(200*i + 190)}))
			}
			want = findNATMismatch
		}
		rec := s.finish(c, 10)
		if codes(rec) != want {
			t.Errorf("heard %v: findings %v, want %s", heard, rec.Findings, want)
		}
		if got := finding(rec, findOneWayAudio); !heard && !strings.Contains(got, "to 10.0.0.5:4000") {
			t.Errorf("one-way audio is said with %q, which doesn't name where the voice went", got)
		}
	}
}

// A PBX steps into the media path in the middle of the call: the callee's media
// came from where it was announced at the time.
func TestMovedMediaIsNoNAT(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 10), rtp(phoneB, phoneA, 0xb, 0.1, 10))
	s.sdp(10, c.legs[0], callee, "audio 198.51.100.2:18874 0")
	if rec := s.finish(c, 10.1); codes(rec) != "" {
		t.Errorf("findings %v, want none", rec.Findings)
	}
}

// A phone that sends one packet, to open its NAT, and no more is not heard.
func TestOnePacketIsNoVoice(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 0.1), rtp(phoneB, phoneA, 0xb, 0.1, 8))
	rec := s.finish(c, 8)
	if got := finding(rec, findOneWayAudio); codes(rec) != findOneWayAudio || !strings.Contains(got, "caller fell silent") {
		t.Errorf("findings %v, want one-way audio from the caller", rec.Findings)
	}
}

// A gateway falls silent while the call is a fax and numbers on: what it did
// not send was not lost.
func TestFaxIsNoLoss(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	voice := rtp(phoneA, phoneB, 0xa, 0.1, 60)
	voice.Packets, voice.Lost, voice.DeltaMaxMS = voice.Packets-1700, 1700, 34000
	voice.LossRuns.Runs, voice.LossRuns.Longest = 1, 1700
	s.report(voice, rtp(phoneB, phoneA, 0xb, 0.1, 20))
	s.sdp(20, c.legs[0], callee, "image "+phoneB+" t38")
	s.sdp(20, c.legs[0], caller, "image "+phoneA+" t38")
	rec := s.finish(c, 60)
	if codes(rec) != findMediaSwitched || rec.Media[1].Trust != suspect && rec.Media[0].Trust != suspect {
		t.Errorf("findings %v, want %s alone and the stream marked", rec.Findings, findMediaSwitched)
	}
}

func TestEarlyMedia(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.describe(0, c.legs[0], caller, "audio "+phoneA+" 0", false, false)
	s.describe(1, c.legs[0], callee, "audio 192.0.2.20:5000 0", true, true) // one fork
	s.describe(2, c.legs[0], callee, "audio 192.0.2.21:5000 0", true, true) // another
	s.describe(5, c.legs[0], callee, "audio "+phoneB+" 0", true, false)
	c.answer = clock(5)
	s.report(rtp("192.0.2.20:5000", phoneA, 1, 1.1, 5), rtp("192.0.2.21:5000", phoneA, 2, 2.1, 5),
		rtp(phoneA, "192.0.2.20:5000", 3, 3.1, 4.9), rtp(phoneB, phoneA, 0xb, 5.1, 20), rtp(phoneA, phoneB, 3, 5.1, 20))
	rec := s.finish(c, 20)
	wantLines(t, "bindings", bindings(rec), `
		192.0.2.20:5000>192.0.2.1:4000 0x00000001 from_callee announced
		192.0.2.21:5000>192.0.2.1:4000 0x00000002 from_callee announced
		192.0.2.1:4000>192.0.2.20:5000 0x00000003 from_caller announced
		192.0.2.1:4000>192.0.2.2:4002 0x00000003 from_caller announced
		192.0.2.2:4002>192.0.2.1:4000 0x0000000b from_callee announced`)
	if strings.Contains(codes(rec), "one_way") || strings.Contains(codes(rec), "late") {
		t.Errorf("findings %v, want nothing missing", rec.Findings)
	}
}

// Each case changes the caller's stream of a plain call of 60 s.
func TestFindings(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *rtpstats.Report)
		want   string
		text   string // in the first finding's evidence
	}{
		{"an unannounced payload type", func(r *rtpstats.Report) {
			r.PayloadTypes, r.Codecs, r.Codec = []uint8{8, 18, 13}, []string{"PCMA", "G729", "CN"}, "G729"
		}, "codec_mismatch", "payload types on the wire 8 (PCMA), 18 (G729); announced by the receiver 0 PCMU, 101 telephone-event"},
		{"packet time", func(r *rtpstats.Report) { r.PTimeMS = 30 }, "ptime_mismatch", "a=ptime:20 of the callee, 30 ms on the wire"},
		{"marking", func(r *rtpstats.Report) { r.DSCP = []uint8{0} }, "dscp_not_ef", "DSCP [0], should be 46"},
		{"marking that changes", func(r *rtpstats.Report) { r.DSCP, r.MarkChanges = []uint8{46, 0}, 3 },
			"dscp_not_ef marking_changed", "DSCP [46 0], should be 46"},
		{"route", func(r *rtpstats.Report) { r.TTL = []uint8{60, 58} }, "route_changed", "TTL [60 58]"},
		{"loss", func(r *rtpstats.Report) { r.Lost = 60 }, "loss", "60 lost of 2996"},
		{"loss within limits", func(r *rtpstats.Report) { r.Lost = 29 }, "", ""},
		{"a run of losses", func(r *rtpstats.Report) {
			r.Lost, r.LossRuns.Runs, r.LossRuns.Longest = 8, 2, 7
		}, "burst_loss", "2 runs, the longest of 7 packets"},
		{"jitter", func(r *rtpstats.Report) { r.Jitter = rtpstats.Jitter{Mean: 31.25, Max: 80} }, "jitter", "mean jitter 31.2 ms, highest 80.0 ms"},
		{"late packets", func(r *rtpstats.Report) { r.LateAdaptive = 60 }, "late_packets", "60 of 2996 (2.0 %)"},
		{"two late packets are no finding", func(r *rtpstats.Report) { r.Expected, r.LateAdaptive = 60, 2 }, "", ""},
		{"video has no pace", func(r *rtpstats.Report) {
			r.Kind, r.Jitter.Mean, r.LateAdaptive = rtpstats.MediaVideo, 90, 999
		}, "", ""},
		{"clock skew", func(r *rtpstats.Report) { r.SkewPPM, r.SkewValid = -250, true }, "clock_skew", "-250 ppm"},
		{"duplicates", func(r *rtpstats.Report) { r.Duplicates = 300 }, "duplicates", "300 of 2996 (10.0 %)"},
		{"reordering", func(r *rtpstats.Report) { r.Reordered = 300 }, "reordering", "300 of 2996 (10.0 %)"},
		{"restart", func(r *rtpstats.Report) { r.Restarts = 1 }, "restart", "1 new sequence or timestamp bases"},
		{"bad sound", func(r *rtpstats.Report) { r.Lost = 599 }, "loss low_mos", ""},
		{"dropped by the capture", func(r *rtpstats.Report) { r.Lost, r.CaptureDrops = 900, 2 }, "capture_loss", "900 packets missing of 2996"},
		{"after the BYE", func(r *rtpstats.Report) { r.End = clock(63) }, "media_after_bye", "BYE to last packet 3000 ms"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.call("c", 1)
			s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0 8 18 101 | a=rtpmap:101 telephone-event/8000 | a=ptime:20")
			s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 0 101 | a=rtpmap:101 telephone-event/8000 | a=ptime:20")
			r := rtp(phoneA, phoneB, 0xa, 0.1, 60)
			tt.change(r)
			s.report(r, rtp(phoneB, phoneA, 0xb, 0.1, 60))
			rec := s.finish(c, 60)
			if got := codes(rec); got != tt.want {
				t.Fatalf("findings %q, want %q: %v", got, tt.want, rec.Findings)
			}
			if len(rec.Findings) > 0 && !strings.Contains(rec.Findings[0].Evidence, tt.text) {
				t.Errorf("evidence %q, want %q in it", rec.Findings[0].Evidence, tt.text)
			}
		})
	}
}

// The sender uses what its own SDP does not list though the receiver's does.
func TestCodecNotTheSenders(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0 8")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 8")
	pcma := rtp(phoneA, phoneB, 0xa, 0.1, 60)
	pcma.Codec, pcma.Codecs, pcma.PayloadTypes = "PCMA", []string{"PCMA"}, []uint8{8}
	s.report(pcma, rtp(phoneB, phoneA, 0xb, 0.1, 60))
	rec := s.finish(c, 60)
	if got, want := finding(rec, findCodecMismatch), "The callee sends PCMU, which its own SDP does not list. | announced by the sender 8 PCMA"; got != want {
		t.Errorf("finding %q, want %q", got, want)
	}
}

func TestSSRCChangeAndMarkLostBetweenHops(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	relay := "198.51.100.1:30002"
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio 198.51.100.1:30000 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio "+relay+" 0")
	onward := rtp("198.51.100.1:30000", phoneB, 0xa, 0.1, 10)
	onward.DSCP = []uint8{8}
	s.report(rtp(phoneA, relay, 0xa, 0.1, 10), onward, rtp(relay, phoneA, 0xb, 0.1, 4), rtp(relay, phoneA, 0xc, 4.5, 10),
		rtp(phoneB, "198.51.100.1:30000", 0xb, 0.1, 10))
	rec := s.finish(c, 10)
	if got, want := codes(rec), "dscp_not_ef marking_changed ssrc_change"; got != want {
		t.Errorf("findings %q, want %q: %v", got, want, rec.Findings)
	}
	if got, want := finding(rec, findMarkingChanged), "DSCP 46 to 198.51.100.1:30002, 8 from there to 192.0.2.2:4002"; !strings.Contains(got, want) {
		t.Errorf("finding %q, want %q", got, want)
	}
	if got, want := finding(rec, findSSRCChange), "SSRC 0x0000000c after 0x0000000b, 500 ms later"; !strings.Contains(got, want) {
		t.Errorf("finding %q, want %q", got, want)
	}
}

// A call cannot be accused without bound.
func TestFindingsAreBounded(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	for i := range 200 {
		r := rtp(phoneA, phoneB, uint32(i), 0.1, 60)
		r.Restarts = 1
		s.report(r)
	}
	if n := len(s.finish(c, 60).Findings); n != maxFindings {
		t.Errorf("%d findings, want %d", n, maxFindings)
	}
}

// Configured limits replace the defaults one by one.
func TestLimits(t *testing.T) {
	s := newScene(t, Config{Limits: Limits{LossRatio: 0.05, DSCP: 34}})
	c := s.plainCall("c", 0, phoneA, phoneB)
	r := rtp(phoneA, phoneB, 0xa, 0.1, 60)
	r.Lost, r.DSCP, r.Jitter.Mean = 100, []uint8{34}, 30
	s.report(r, rtp(phoneB, phoneA, 0xb, 0.1, 60))
	rec := s.finish(c, 60)
	want := fmt.Sprintf("%s %s", findJitter, findDSCP) // the other direction carries 46
	if got := codes(rec); got != want {
		t.Errorf("findings %q, want %q: %v", got, want, rec.Findings)
	}
}

// Signalling is marked CS3 (24) on every packet, or a finding says so; where
// nobody knows the marking, nothing is said.
func TestSignallingMarking(t *testing.T) {
	tests := []struct {
		name  string
		hops  []Hop
		found bool
	}{
		{"CS3", []Hop{{DSCP: 24, DSCPKnown: true}, {DSCP: 24, DSCPKnown: true}}, false},
		{"unmarked", []Hop{{DSCP: 0, DSCPKnown: true}}, true},
		{"lost on the way", []Hop{{DSCP: 24, DSCPKnown: true}, {DSCP: 0, DSCPKnown: true}}, true},
		{"unknown", []Hop{{}, {}}, false},
	}
	for _, tt := range tests {
		c := &call{}
		for _, h := range tt.hops {
			c.mark(h)
		}
		m := newMedia(&Config{})
		got := slices.ContainsFunc(m.findings(c, &CallRecord{}, nil), func(f Finding) bool { return f.Code == findSignallingDSCP })
		if got != tt.found {
			t.Errorf("%s: found %v, want %v", tt.name, got, tt.found)
		}
	}
}

// A capture of one direction makes no one-way audio: the receiver's reports
// tell that the other voice came.
func TestOneDirectionCaptured(t *testing.T) {
	report := func(highest uint32, lost int32) []byte {
		return receiverReport(0xa, block{ssrc: 0xb, highest: highest, lost: lost})
	}
	for _, tt := range []struct {
		name    string
		reports [][]byte
		want    string
	}{
		{"it comes", [][]byte{report(100, 0), report(350, 2)}, findMediaNotCaptured},
		{"one report may be of earlier", [][]byte{report(100, 0)}, findOneWayAudio},
		{"nothing comes any more", [][]byte{report(100, 0), report(100, 0)}, findOneWayAudio},
		{"all of it is lost", [][]byte{report(100, 0), report(350, 250)}, findOneWayAudio},
		{"no report", nil, findOneWayAudio},
	} {
		s := newScene(t, Config{})
		c := s.plainCall("c", 0, phoneA, phoneB)
		s.report(rtp(phoneA, phoneB, 0xa, 0.1, 60))
		for i, r := range tt.reports {
			s.say(float64(5*i)+5, rtcpA, rtcpB, r)
		}
		if got := codes(s.finish(c, 60)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
