package dialog

import (
	"fmt"
	"strings"
	"testing"
)

// A call through a media relay, seen on both sides of it. Of 500 packets of
// the caller the first hop loses 20; the second none, or 12 more.
func TestLossIsSaidWhereItArose(t *testing.T) {
	for _, tt := range []struct {
		name   string
		second uint64 // lost on the second hop as well
		want   string
	}{
		{"only before the relay", 0, "loss 192.0.2.1:4000"},
		{"again between relay and tap", 12, "loss 192.0.2.1:4000\nloss 198.51.100.1:30000"},
	} {
		s := newScene(t, Config{})
		c := s.call("c", 2)
		s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
		s.sdp(0, c.legs[1], caller, "audio 198.51.100.1:30000 0")
		s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
		s.sdp(0, c.legs[0], callee, "audio 198.51.100.1:30002 0")
		in, out := rtp(phoneA, "198.51.100.1:30002", 0xa, 0.01, 9.99), rtp("198.51.100.1:30000", phoneB, 0xa, 0.02, 10)
		in.Packets, in.Expected, in.Lost = 480, 500, 20
		out.Packets, out.Expected, out.Lost = 480-tt.second, 500, 20+tt.second
		s.report(in, out,
			rtp(phoneB, "198.51.100.1:30000", 0xb, 0.01, 9.99), rtp("198.51.100.1:30002", phoneA, 0xb, 0.02, 10))
		if got := accused(s.finish(c, 10)); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

// The receiver's own reports are of the last hop.
func TestRemoteLossIsOfTheLastHop(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio 198.51.100.1:30000 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio 198.51.100.1:30002 0")
	s.report(
		rtp(phoneA, "198.51.100.1:30002", 0xa, 0.01, 9.99), rtp("198.51.100.1:30000", phoneB, 0xa, 0.02, 10),
		rtp(phoneB, "198.51.100.1:30000", 0xb, 0.01, 9.99), rtp("198.51.100.1:30002", phoneA, 0xb, 0.02, 10))
	for i := range 2 { // 10 and 20 of 200 each: the relay passes RTCP on as it is
		b := receiverReport(0xb, block{ssrc: 0xa, fraction: 13, lost: int32(10 * (i + 1)), highest: uint32(200*i + 199)})
		s.say(float64(4*i+4), "192.0.2.2:4003", "198.51.100.1:30001", b)
		s.say(float64(4*i+4), "198.51.100.1:30003", "192.0.2.1:4001", b)
	}
	if got, want := accused(s.finish(c, 10)), "remote_loss 198.51.100.1:30000"; got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// A voice in a codec that nobody agreed on passes a border controller with an
// address on either side: the first hop is to blame. A controller that turns
// it into another strange one is to blame for that.
func TestCodecMismatchIsSaidWhereItArose(t *testing.T) {
	const inside, outside = "198.51.100.1:30000", "203.0.113.1:40000"
	for _, tt := range []struct {
		name    string
		relayed uint8
		want    string
	}{
		{"passed on", 18, "codec_mismatch " + phoneB},
		{"made worse", 3, "codec_mismatch " + phoneB + "\ncodec_mismatch " + inside},
	} {
		s := newScene(t, Config{})
		c := s.call("c", 2)
		c.legs[0].hop, c.legs[1].hop = 1, 2
		s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
		s.sdp(0, c.legs[1], caller, "audio "+outside+" 0")
		s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
		s.sdp(0, c.legs[0], callee, "audio "+inside+" 0")
		strange, relayed := rtp(phoneB, outside, 0xb, 0.01, 9.99), rtp(inside, phoneA, 0xb, 0.02, 10)
		strange.PayloadTypes, relayed.PayloadTypes = []uint8{18}, []uint8{tt.relayed}
		s.report(rtp(phoneA, inside, 0xa, 0.01, 9.99), rtp(outside, phoneB, 0xa, 0.02, 10), strange, relayed)
		if got := accused(s.finish(c, 10)); got != tt.want {
			t.Errorf("%s:\n%s\nwant:\n%s", tt.name, got, tt.want)
		}
	}
}

// accused writes findings about streams as "code source".
func accused(rec *CallRecord) string {
	var lines []string
	for _, f := range rec.Findings {
		for _, r := range rec.Media {
			if r.ID == f.Stream {
				lines = append(lines, fmt.Sprintf("%s %s", f.Code, r.Src))
			}
		}
	}
	return strings.Join(lines, "\n")
}
