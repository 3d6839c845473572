package dialog

import (
	"encoding/binary"
	"math"
	"net/netip"
	"testing"
)

// block is a reception report block, RFC 3550 6.4.1.
type block struct {
	ssrc      uint32
	fraction  uint8
	lost      int32 // signed 24 bits
	highest   uint32
	jitter    uint32
	lsr, dlsr uint32
}

func (b block) append(p []byte) []byte {
	p = binary.BigEndian.AppendUint32(p, b.ssrc)                                         // SSRC_n
	p = binary.BigEndian.AppendUint32(p, uint32(b.fraction)<<24|uint32(b.lost)&0xffffff) // fraction lost, cumulative number lost
	p = binary.BigEndian.AppendUint32(p, b.highest)                                      // extended highest sequence number
	p = binary.BigEndian.AppendUint32(p, b.jitter)                                       // interarrival jitter
	p = binary.BigEndian.AppendUint32(p, b.lsr)                                          // last SR
	return binary.BigEndian.AppendUint32(p, b.dlsr)                                      // delay since last SR
}

// senderReport is an SR: V=2, PT=200.
func senderReport(ssrc uint32, ntp uint64, packets uint32, blocks ...block) []byte {
	p := []byte{0x80 | byte(len(blocks)), 200}
	p = binary.BigEndian.AppendUint16(p, uint16(6+6*len(blocks))) // length in words, less one
	p = binary.BigEndian.AppendUint32(p, ssrc)
	p = binary.BigEndian.AppendUint64(p, ntp)
	p = binary.BigEndian.AppendUint32(p, 0)           // RTP timestamp
	p = binary.BigEndian.AppendUint32(p, packets)     // sender's packet count
	p = binary.BigEndian.AppendUint32(p, packets*160) // sender's octet count
	for _, b := range blocks {
		p = b.append(p)
	}
	return p
}

// receiverReport is an RR: V=2, PT=201.
func receiverReport(ssrc uint32, blocks ...block) []byte {
	p := []byte{0x80 | byte(len(blocks)), 201}
	p = binary.BigEndian.AppendUint16(p, uint16(1+6*len(blocks)))
	p = binary.BigEndian.AppendUint32(p, ssrc)
	for _, b := range blocks {
		p = b.append(p)
	}
	return p
}

// voipReport is an empty RR and an XR with a VoIP metrics block, RFC 3611 4.7.
func voipReport(ssrc, about uint32) []byte {
	p := receiverReport(ssrc)
	p = append(p, 0x80, 207, 0, 10) // V=2, PT=207 XR, 11 words
	p = binary.BigEndian.AppendUint32(p, ssrc)
	p = append(p, 7, 0, 0, 8) // BT=7, reserved, block length 8
	p = binary.BigEndian.AppendUint32(p, about)
	return append(p,
		64, 32, 128, 16, // loss, discard rate, burst, gap density: n/256
		0, 120, 1, 44, // burst 120 ms, gap 300 ms
		0, 180, 0, 90, // round trip 180 ms, end system 90 ms
		0xec, 0xba, 127, 16, // signal -20, noise -70 dBm0, RERL n/a, Gmin 16
		80, 127, 41, 127, // R 80, external R n/a, MOS-LQ 4.1, MOS-CQ n/a
		0xf0, 0, 0, 60, // RX config, reserved, nominal buffer 60 ms
		0, 80, 0, 200) // maximum, absolute maximum
}

// say has RTCP pass the tap; addresses without scheme are AddrPorts.
func (s *scene) say(when float64, src, dst string, b []byte) {
	s.m.rtcp(clock(when), netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst), nil, b)
}

// The phones' RTCP ports: RTP and one.
const (
	rtcpA = "192.0.2.1:4001"
	rtcpB = "192.0.2.2:4003"
)

// The arithmetic of RFC 3550 6.4.1, worked by hand for a tap in the middle:
//
//	10.000  SR of A passes towards B, NTP middle 0x22223333
//	10.350  B's report of it passes back, held for 0x4000/65536 = 0.250 s
//	        so tap to B and back: 350 - 250 = 100 ms
//	10.400  SR of B passes towards A, NTP middle 0x44445555
//	10.4925 A's report of it passes back, held for 0x1000/65536 = 0.0625 s
//	        so tap to A and back: 92.5 - 62.5 = 30 ms; ends to end 130 ms
func TestRoundTrip(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(10, rtcpA, rtcpB, senderReport(0xa, 0x1111_2222_3333_4444, 500))
	s.say(10.35, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, highest: 600, jitter: 16, lsr: 0x22223333, dlsr: 0x4000}))
	s.say(10.4, rtcpB, rtcpA, senderReport(0xb, 0x1111_4444_5555_6666, 520))
	at := clock(10.4) + 92_500_000
	s.m.rtcp(at, netip.MustParseAddrPort(rtcpA), netip.MustParseAddrPort(rtcpB), nil,
		receiverReport(0xa, block{ssrc: 0xb, highest: 600, jitter: 80, lsr: 0x44445555, dlsr: 0x1000}))
	s.talk(0.1, 20)
	rec := s.finish(c, 20)
	for i, want := range []struct{ near, far, jitter float64 }{{30, 100, 2}, {100, 30, 10}} {
		r := rec.Media[i].RTCP
		if r == nil {
			t.Fatalf("stream %d has no RTCP", i)
		}
		if !near(r.NearMS, want.near) || !near(r.FarMS, want.far) || !near(r.RTTMS, 130) || !near(r.JitterMS, want.jitter) {
			t.Errorf("stream %d: near %v far %v both %v jitter %v, want %v %v 130 %v",
				i, deref(r.NearMS), deref(r.FarMS), deref(r.RTTMS), deref(r.JitterMS), want.near, want.far, want.jitter)
		}
	}
}

func near(v *float64, want float64) bool { return v != nil && math.Abs(*v-want) < 1e-6 }

func deref(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// What cannot be a round trip is none: without a report seen before, beyond 10
// s, or negative. A little below nothing is a tap beside the phone.
func TestRoundTripRejected(t *testing.T) {
	tests := []struct {
		name string
		then float64 // the SR
		now  float64 // the report of it
		dlsr uint32
		lsr  uint32
		want float64 // NaN: none
	}{
		{"plausible", 10, 10.1, 0, 0x22223333, 100},
		{"no SR yet", 10, 10.1, 0, 0, math.NaN()},
		{"another SR", 10, 10.1, 0, 0x99999999, math.NaN()},
		{"more than 10 s", 10, 20.1, 0, 0x22223333, math.NaN()},
		{"held longer than it took", 10, 10.1, 0x2000, 0x22223333, math.NaN()}, // 125 ms
		{"beside the phone", 10, 10.1, 6554, 0x22223333, 0},                    // 100.006 ms
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			s.say(tt.then, rtcpA, rtcpB, senderReport(0xa, 0x1111_2222_3333_4444, 500))
			s.say(tt.now, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lsr: tt.lsr, dlsr: tt.dlsr}))
			s.talk(0.1, 20)
			got := deref(s.finish(c, 20).Media[0].RTCP.FarMS)
			if got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
				t.Errorf("%v ms, want %v", got, tt.want)
			}
		})
	}
}

// Only the last ten sender reports may be quoted.
func TestStampsAreBounded(t *testing.T) {
	var x stamps
	for i := range int64(25) {
		x.add(uint32(100+i), i)
	}
	if at, ok := x.find(115); !ok || at != 15 {
		t.Errorf("the tenth last: %d %v, want 15", at, ok)
	}
	if _, ok := x.find(114); ok {
		t.Error("the eleventh last is still there")
	}
}

// A relay that hands RTCP through shows each report on two hops; each hop's
// stream has its own half. The relay adds 5 ms each way.
//
//	hop 1  A > relay  SR at 10.000, answer at 10.110, held 50 ms: far 60 ms
//	hop 2  relay > B  SR at 10.005, answer at 10.105, held 50 ms: far 50 ms
func TestRoundTripPerHop(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	near, far := "198.51.100.1:30002", "198.51.100.1:30000"
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio "+far+" 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio "+near+" 0")
	sr := senderReport(0xa, 0x1111_2222_3333_4444, 500)
	rr := receiverReport(0xb, block{ssrc: 0xa, lsr: 0x22223333, dlsr: 0x0ccd}) // 3277/65536 s = 50.003 ms
	s.say(10, rtcpA, "198.51.100.1:30003", sr)
	s.say(10.005, "198.51.100.1:30001", rtcpB, sr)
	s.say(10.105, rtcpB, "198.51.100.1:30001", rr)
	s.say(10.110, "198.51.100.1:30003", rtcpA, rr)
	s.report(rtp(phoneA, near, 0xa, 0.1, 20), rtp(far, phoneB, 0xa, 0.2, 20))
	rec := s.finish(c, 20)
	held := 3277.0 / 65536 * 1000
	for i, want := range []float64{110 - held, 100 - held} {
		if got := deref(rec.Media[i].RTCP.FarMS); math.Abs(got-want) > 1e-6 {
			t.Errorf("hop %d: %v ms, want %v", i+1, got, want)
		}
	}
}

// Loss by the receiver's count. Reports at 5, 10 and 15 s: highest sequence
// number 249, 499, 749; cumulative lost 25, 35, 35. The differences say 10 of
// 500; the first report's own fraction, 25/256, stands for a period of the mean
// length 250. So (10 + 25/256*250) / 750.
func TestReceiverLoss(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	for i, b := range []block{
		{fraction: 25, lost: 25, highest: 249, jitter: 8},
		{fraction: 10, lost: 35, highest: 499, jitter: 240},
		{fraction: 0, lost: 35, highest: 749, jitter: 80},
	} {
		b.ssrc = 0xa
		s.say(float64(5*(i+1)), rtcpB, rtcpA, receiverReport(0xb, b))
	}
	s.talk(0.1, 20)
	r := s.finish(c, 20).Media[0].RTCP
	want := (10 + 25.0/256*250) / 750
	if !near(r.LossRatio, want) || r.Reports != 3 || *r.Lost != 35 || !near(r.FractionLostMax, 25.0/256) ||
		!near(r.JitterMS, 10) || !near(r.JitterMaxMS, 30) {
		t.Errorf("loss %v, want %v; %+v", deref(r.LossRatio), want, r)
	}
}

// Duplicates make the cumulative loss negative; the ratio stops at nothing.
func TestReceiverLossNegative(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(5, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: -2, highest: 249}))
	s.say(10, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: -7, highest: 499}))
	s.talk(0.1, 20)
	if r := s.finish(c, 20).Media[0].RTCP; *r.Lost != -7 || *r.LossRatio != 0 {
		t.Errorf("lost %d ratio %v, want -7 and 0", *r.Lost, *r.LossRatio)
	}
}

func TestSenderPackets(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(5, rtcpA, rtcpB, senderReport(0xa, 1<<32, 250))
	s.say(10, rtcpA, rtcpB, senderReport(0xa, 2<<32, 500))
	s.say(15, rtcpA, rtcpB, senderReport(0xa, 3<<32, 749))
	s.talk(0.1, 20)
	if r := s.finish(c, 20).Media[0].RTCP; r.SenderReports != 3 || *r.SenderPackets != 499 || r.LossRatio != nil {
		t.Errorf("%+v, want 3 reports, 499 packets, no loss ratio", r)
	}
}

// RFC 3611 4.7: ratios in 256ths, 127 is unavailable, MOS in tenths.
func TestVoIPMetrics(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(5, rtcpB, rtcpA, voipReport(0xb, 0xa))
	s.talk(0.1, 20)
	rec := s.finish(c, 20)
	x := rec.Media[0].RTCP.XR
	if x == nil {
		t.Fatal("no XR")
	}
	if x.LossRatio != 0.25 || x.DiscardRatio != 0.125 || x.BurstDensity != 0.5 || x.GapDensity != 0.0625 ||
		x.BurstMS != 120 || x.GapMS != 300 || x.RTTMS != 180 || x.EndSystemMS != 90 ||
		x.R == nil || *x.R != 80 || x.MOSLQ == nil || *x.MOSLQ != 4.1 || x.MOSCQ != nil || x.BufferNominalMS != 60 {
		t.Errorf("%+v", x)
	}
	// RFC 3611 4.7.3: 180/2 + 90 = 180 ms.
	if m := rec.Media[0].MOS; m.DelayMS == nil || *m.DelayMS != 180 || *m.DelaySource != "xr" {
		t.Errorf("delay %v, want 180 by xr", deref(m.DelayMS))
	}
}

// Extended reports carry the same times for receivers that send nothing: RRT
// (block 4) and its answer DLRR (block 5), RFC 3611 4.4 and 4.5.
func TestRoundTripByExtendedReports(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	rrt := append(receiverReport(0xb), 0x80, 207, 0, 4, 0, 0, 0, 0xb, // XR of 5 words
		4, 0, 0, 2, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44) // BT 4, length 2, NTP
	dlrr := append(receiverReport(0xa), 0x80, 207, 0, 5, 0, 0, 0, 0xa, // XR of 6 words
		5, 0, 0, 3, 0, 0, 0, 0xb, 0x22, 0x22, 0x33, 0x33, 0, 0, 0x10, 0) // BT 5, length 3, SSRC, LRR, DLRR 62.5 ms
	s.say(5, rtcpB, rtcpA, rrt)
	s.say(5.1, rtcpA, rtcpB, dlrr)
	s.talk(0.1, 20)
	if r := s.finish(c, 20).Media[0].RTCP; !near(r.NearMS, 37.5) {
		t.Errorf("near %v, want 100 - 62.5 = 37.5 ms", deref(r.NearMS))
	}
}

// With rtcp-mux RTCP runs on the media's own ports; a=rtcp names any port.
func TestRTCPPorts(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0 | a=rtcp-mux")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 0 | a=rtcp:60000 IN IP4 198.51.100.3")
	s.say(5, phoneB, phoneA, receiverReport(0xb, block{ssrc: 0xa, lost: 3}))
	s.say(5, "192.0.2.7:1234", "198.51.100.3:60000", receiverReport(0xa, block{ssrc: 0xb, lost: 4}))
	s.talk(0.1, 20)
	rec := s.finish(c, 20)
	for i, want := range []int64{3, 4} {
		if r := rec.Media[i].RTCP; r == nil || *r.Lost != want {
			t.Errorf("stream %d: %+v, want %d lost", i, r, want)
		}
	}
}

// RTCP at an announced port names the SSRC of a stream that nothing else binds.
func TestBindRTCP(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio 192.0.2.1:4000 0")
	s.sdp(0, c.legs[0], callee, "audio 192.0.2.2:4002 0")
	s.say(5, rtcpA, rtcpB, senderReport(0xa, 1, 200))
	s.report(rtp("192.0.2.1:7777", "203.0.113.1:8888", 0xa, 0.1, 20))
	s.report(rtp("198.18.0.1:7777", "198.18.0.2:8888", 0xa, 0.1, 20)) // the SSRC alone, on strange hosts: by SSRC of a bound stream
	wantLines(t, "bindings", bindings(s.finish(c, 20)), `
		192.0.2.1:7777>203.0.113.1:8888 0x0000000a from_caller rtcp
		198.18.0.1:7777>198.18.0.2:8888 0x0000000a from_caller ssrc`)
}

// SRTP's RTCP is encrypted beyond its first eight octets: it is counted, and
// nothing in it believed.
func TestEncryptedRTCP(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	crypto := " | a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0"+crypto)
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 0"+crypto)
	s.say(5, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: 3}))
	s.talk(0.1, 20)
	rec := s.finish(c, 20)
	if rec.Media[0].RTCP != nil || !rec.Media[0].SRTP {
		t.Errorf("RTCP %+v SRTP %v, want none of an encrypted stream", rec.Media[0].RTCP, rec.Media[0].SRTP)
	}
	var totals Totals
	s.m.totals(&totals)
	if totals.Refused["rtcp_encrypted"] != 1 {
		t.Errorf("counted %v, want 1 encrypted", totals.Refused)
	}
}

func TestLossAfterThePointAndTrust(t *testing.T) {
	tests := []struct {
		name       string
		early      uint64 // lost by our count at 10 s
		localLost  uint64 // at the end, 20 s
		remoteLost int32  // by the receiver's report at 15 s, of 500 since 5 s
		want       string
	}{
		{"nobody lost", 0, 0, 0, ""},
		{"lost after the point", 0, 0, 25, "remote_loss"},
		{"lost before the point", 30, 30, 30, "loss"},
		{"lost by the capture", 30, 30, 0, "capture_loss"},
		{"lost after the last report", 0, 30, 0, "loss"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			share := uint8(tt.remoteLost * 256 / 500)
			s.say(5, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, lost: 0, highest: 1000}))
			s.say(15, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 0xa, fraction: share, lost: tt.remoteLost, highest: 1500}))
			early, a := rtp(phoneA, phoneB, 0xa, 0.1, 10), rtp(phoneA, phoneB, 0xa, 0.1, 20)
			early.Lost, a.Lost = tt.early, tt.localLost
			s.report(early, a, rtp(phoneB, phoneA, 0xb, 0.1, 20))
			rec := s.finish(c, 20)
			if got := codes(rec); got != tt.want {
				t.Errorf("findings %q, want %q: %v", got, tt.want, rec.Findings)
			}
			if suspect := rec.Media[0].Trust == "suspect"; suspect != (tt.want == findCaptureLoss) {
				t.Errorf("trust %s: %s", rec.Media[0].Trust, rec.Media[0].TrustReason)
			}
		})
	}
}

// The word of RTCP sources goes away with the stream, or with silence.
func TestRTCPIsForgotten(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(5, rtcpB, rtcpA, senderReport(0xb, 1, 2, block{ssrc: 0xa}))
	s.say(6, "198.18.0.1:9", "198.18.0.2:9", senderReport(0xe, 1, 2, block{ssrc: 0xf}))
	s.talk(0.1, 20)
	s.finish(c, 20)
	if got := [2]int{len(s.m.speakers), len(s.m.witnesses)}; got != [2]int{1, 1} {
		t.Errorf("%v speakers and witnesses after the call, want the stranger's", got)
	}
	for i := range 200 {
		s.say(float64(7+i), "198.18.0.3:9", "198.18.0.4:9", senderReport(0xe, 1, 2))
	}
	if got := [2]int{len(s.m.speakers), len(s.m.witnesses)}; got != [2]int{1, 0} {
		t.Errorf("%v speakers and witnesses, want the one that still speaks", got)
	}
	if n := len(s.m.aging) - s.m.agingHead; n > 3 {
		t.Errorf("%d entries in the expiry queue", n)
	}
}

// A flood of RTCP fills its table and no more.
func TestRTCPIsBounded(t *testing.T) {
	s := newScene(t, Config{MaxStreams: 10})
	for i := range 1000 {
		s.say(1, rtcpA, rtcpB, senderReport(uint32(i), 1, 2, block{ssrc: uint32(i)}))
	}
	if n := len(s.m.speakers) + len(s.m.witnesses); n != 4*10 {
		t.Errorf("%d entries, want 40", n)
	}
	if s.m.refused.rtcp == 0 {
		t.Error("nothing counted as refused")
	}
}

// Whatever arrives, nothing panics and the tables stay bounded.
// A's sender report at 5 s has no report block, as if it had heard nothing of
// the 250 packets that B had sent by then. A report at 2 s would prove nothing,
// and neither does one of a party that speaks of the stream another time.
func TestUnheard(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(s *scene)
		want string
	}{
		{"nothing heard", func(s *scene) { s.say(5.1, rtcpA, rtcpB, senderReport(0xa, 1<<32, 250)) }, findUnheard},
		{"too early to say", func(s *scene) { s.say(2, rtcpA, rtcpB, senderReport(0xa, 1<<32, 100)) }, ""},
		{"heard later", func(s *scene) {
			s.say(5.1, rtcpA, rtcpB, senderReport(0xa, 1<<32, 250))
			s.say(8, rtcpA, rtcpB, senderReport(0xa, 4<<32, 400, block{ssrc: 0xb, highest: 400}))
		}, ""},
	} {
		s := newScene(t, Config{})
		c := s.plainCall("c", 0, phoneA, phoneB)
		tt.say(s)
		s.talk(0.1, 10)
		rec := s.finish(c, 10)
		if codes(rec) != tt.want {
			t.Errorf("%s: findings %v, want %q", tt.name, rec.Findings, tt.want)
		}
		for _, f := range rec.Findings {
			if r := rec.Media[0]; f.Stream == r.ID && r.SSRC != "0x0000000b" {
				t.Errorf("%s: said of %s, want B's stream", tt.name, r.SSRC)
			}
		}
	}
}

func FuzzRTCP(f *testing.F) {
	f.Add(senderReport(0xa, 1<<40, 7, block{ssrc: 0xb, lsr: 1 << 8, dlsr: 5}))
	f.Add(voipReport(0xb, 0xa))
	f.Add([]byte{0x80, 200, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := newScene(t, Config{MaxStreams: 4})
		c := s.plainCall("c", 0, phoneA, phoneB)
		for i := range 3 {
			s.say(float64(i), rtcpA, rtcpB, b)
			s.say(float64(i)+0.5, rtcpB, rtcpA, b)
		}
		s.talk(0.1, 20)
		for _, r := range s.finish(c, 20).Media {
			if r.RTCP != nil && r.RTCP.RTTMS != nil && (*r.RTCP.RTTMS < 0 || *r.RTCP.RTTMS > 20_000) {
				t.Errorf("round trip %v ms", *r.RTCP.RTTMS)
			}
		}
		if len(s.m.speakers)+len(s.m.witnesses) > 16 {
			t.Errorf("%d speakers, %d witnesses", len(s.m.speakers), len(s.m.witnesses))
		}
	})
}

// One word of RTCP may speak of two streams of one SSRC; which of them is
// written first must not matter.
func TestSharedWitness(t *testing.T) {
	for range 20 {
		s := newScene(t, Config{})
		s.say(5, rtcpB, rtcpA, receiverReport(0xb, block{ssrc: 1, lost: 3}))
		s.report(rtp(phoneA, phoneB, 1, 0, 10), rtp("192.0.2.1:4100", "192.0.2.2:4100", 1, 0, 10))
		s.m.close(clock(20), s.emit)
		for _, r := range s.emitted {
			if r.RTCP == nil || *r.RTCP.Lost != 3 {
				t.Fatalf("%s to %s: RTCP %+v, want both to have it", r.Src, r.Dst, r.RTCP)
			}
		}
	}
}
