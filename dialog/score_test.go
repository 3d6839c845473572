package dialog

import (
	"math"
	"testing"

	"earshot/rtpstats"
)

// The published vectors: G.107 with G.113's Ie and Bpl, echo-free, default
// delay class; wideband G.107.1 and fullband G.107.2.
func TestScore(t *testing.T) {
	tests := []struct {
		name       string
		codec      string
		clockRate  int
		mode       rtpstats.Mode
		lost, late uint64 // of 1000
		burstR     float64
		model      string
		rLQ, lq    float64
	}{
		{"G.711 clean", "PCMU", 8000, rtpstats.Mode{FrameType: -1}, 0, 0, 1, "G.107", 93.206208, 4.409406},
		{"G.711 1 %", "PCMA", 8000, rtpstats.Mode{FrameType: -1}, 10, 0, 1, "G.107", 89.566361, 4.328232},
		{"late counts as lost", "PCMA", 8000, rtpstats.Mode{FrameType: -1}, 6, 4, 1, "G.107", 89.566361, 4.328232},
		{"G.711 5 %", "PCMU", 8000, rtpstats.Mode{FrameType: -1}, 50, 0, 1, "G.107", 77.425477, 3.923091},
		{"G.711 5 % in bursts", "PCMU", 8000, rtpstats.Mode{FrameType: -1}, 50, 0, 2, "G.107", 75.996063, 3.864123},
		{"G.729A clean", "G729", 8000, rtpstats.Mode{FrameType: -1}, 0, 0, 1, "G.107", 82.206208, 4.104594},
		{"G.729A 2 %", "G729", 8000, rtpstats.Mode{FrameType: -1}, 20, 0, 1, "G.107", 74.206208, 3.787558},
		{"G.722 clean", "G722", 8000, rtpstats.Mode{FrameType: -1, BitrateKbps: 64}, 0, 0, 1, "G.107.1", 116, 4.337096},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			r := rtp(phoneA, phoneB, 0xa, 0, 20)
			r.Codec, r.Codecs, r.ClockRate, r.Mode = tt.codec, []string{tt.codec}, tt.clockRate, tt.mode
			r.Expected, r.Lost, r.LateAdaptive, r.Bursts.BurstRatio = 1000, tt.lost, tt.late, tt.burstR
			s.report(r)
			rec := s.finish(c, 20)
			m := rec.Media[0].MOS
			if m.LQ == nil {
				t.Fatalf("no score: %s", *m.Reason)
			}
			if *m.Model != tt.model || math.Abs(*m.RLQ-tt.rLQ) > 1e-6 || math.Abs(*m.LQ-tt.lq) > 1e-6 {
				t.Errorf("%s R %.6f MOS %.6f, want %s %.6f %.6f", *m.Model, *m.RLQ, *m.LQ, tt.model, tt.rLQ, tt.lq)
			}
			if m.CQ != nil || m.Reason == nil {
				t.Errorf("CQ %v reason %v, want none with a reason: no delay is known", deref(m.CQ), m.Reason)
			}
			if rec.MOSWorst == nil || *rec.MOSWorst != *m.LQ {
				t.Errorf("call's worst %v, want %v", deref(rec.MOSWorst), *m.LQ)
			}
		})
	}
}

// Conversational quality: Ta 200 ms of 240/2 round trip, 20 ms packets, no
// look-ahead, 60 ms of buffer; G.711 at 1 % is then R 86.521947, MOS 4.244768.
func TestScoreCQ(t *testing.T) {
	s := newScene(t, Config{DeclaredDelayMS: 999})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(10, rtcpA, rtcpB, senderReport(0xa, 0x1111_2222_3333_4444, 500))
	s.say(10.1, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lsr: 0x22223333}))
	s.say(10.2, rtcpB, rtcpA, senderReport(0xb, 0x1111_4444_5555_6666, 500))
	s.say(10.34, rtcpA, rtcpB, receiverReport(0xa, block{ssrc: 0xb, lsr: 0x44445555}))
	r := rtp(phoneA, phoneB, 0xa, 0, 20)
	r.Expected, r.Lost, r.BufferMeanMS = 1000, 10, 60
	s.report(r)
	m := s.finish(c, 20).Media[0].MOS
	if !near(m.DelayMS, 200) || *m.DelaySource != "rtcp" || *m.Buffer != "adaptive" || m.Reason != nil {
		t.Errorf("delay %v by %v, want 200 by rtcp", deref(m.DelayMS), m.DelaySource)
	}
	if math.Abs(deref(m.RCQ)-86.521947) > 1e-6 || math.Abs(deref(m.CQ)-4.244768) > 1e-6 {
		t.Errorf("R %.6f MOS %.6f, want 86.521947 4.244768", deref(m.RCQ), deref(m.CQ))
	}
}

// Without a measured round trip the declared one-way delay serves.
func TestScoreCQDeclared(t *testing.T) {
	s := newScene(t, Config{DeclaredDelayMS: 120})
	c := s.plainCall("c", 0, phoneA, phoneB)
	r := rtp(phoneA, phoneB, 0xa, 0, 20)
	r.Expected, r.Lost, r.BufferMeanMS = 1000, 10, 60
	s.report(r)
	m := s.finish(c, 20).Media[0].MOS
	if m.DelaySource == nil || *m.DelaySource != "declared" || math.Abs(deref(m.CQ)-4.244768) > 1e-6 {
		t.Errorf("MOS-CQ %v, want 4.244768 of a declared delay", deref(m.CQ))
	}
}

func TestNotComputable(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *rtpstats.Report)
		want   string
	}{
		{"short", func(r *rtpstats.Report) { r.Expected = 7 }, "too few packets: 7 of 50"},
		{"video", func(r *rtpstats.Report) { r.Kind = rtpstats.MediaVideo }, "video"},
		{"text", func(r *rtpstats.Report) { r.Kind = rtpstats.MediaOther }, "not audio"},
		{"never announced", func(r *rtpstats.Report) { dynamic(r, 96, 8000) }, "codec unknown: dynamic payload type 96 was never announced"},
		{"unassigned", func(r *rtpstats.Report) { dynamic(r, 35, 0) }, "codec unknown: payload type 35 was never announced"},
		{"without values", func(r *rtpstats.Report) { r.Codec, r.Codecs = "DVI4", []string{"DVI4"} }, `no published impairment for codec "DVI4"`},
		{"two codecs", func(r *rtpstats.Report) {
			r.CodecChanges, r.Codecs, r.PayloadTypes = 1, []string{"PCMU", "telephone-event", "G729"}, []uint8{0, 101, 18}
			r.CodecPackets = r.Packets - r.Packets/5
		}, "mixed codecs: PCMU, G729"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			r := rtp(phoneA, phoneB, 0xa, 0, 20)
			tt.change(r)
			r.Final = true
			s.report(r)
			m := s.emitted[0].MOS
			if m.LQ != nil || m.CQ != nil || m.Reason == nil || *m.Reason != tt.want {
				t.Errorf("%+v, want no score because %q", m, tt.want)
			}
		})
	}
}

// A handful of packets of another codec does not cost the stream its score.
func TestDominantCodec(t *testing.T) {
	s := newScene(t, Config{})
	r := rtp(phoneA, phoneB, 0xa, 0, 20)
	r.CodecChanges, r.Codecs, r.PayloadTypes = 2, []string{"PCMU", "G729", "telephone-event"}, []uint8{0, 18, 101}
	r.Packets, r.EventPackets, r.CodecPackets = 1000, 500, 450 // 450 of 500 media packets
	r.Final = true
	s.report(r)
	if m := s.emitted[0].MOS; m.LQ == nil || math.Abs(*m.LQ-4.409406) > 1e-6 {
		t.Errorf("%+v, want G.711's clean score", m)
	}
}
