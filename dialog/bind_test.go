package dialog

import (
	"strconv"
	"testing"

	"earshot/rtpstats"
)

// The addresses of the scenes.
const (
	phoneA = "192.0.2.1:4000"
	phoneB = "192.0.2.2:4002"
)

func (s *scene) plainCall(id string, when float64, a, b string) *call {
	c := s.call(id, 1)
	c.start, c.answer = clock(when), clock(when)
	s.sdp(when, c.legs[0], caller, "audio "+a+" 0 8 101 | a=rtpmap:101 telephone-event/8000")
	s.sdp(when, c.legs[0], callee, "audio "+b+" 0 101 | a=rtpmap:101 telephone-event/8000")
	return c
}

func TestBindAnnounced(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 10), rtp(phoneB, phoneA, 0xb, 0.2, 10))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		192.0.2.1:4000>192.0.2.2:4002 0x0000000a from_caller announced
		192.0.2.2:4002>192.0.2.1:4000 0x0000000b from_callee announced`)
}

// A relayed call: one stream on three hops stays three records of one call.
func TestBindHops(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 2)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio 198.51.100.1:30000 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio 198.51.100.1:30002 0")
	s.report(
		rtp(phoneA, "198.51.100.1:30002", 0xa, 0.1, 10), rtp("198.51.100.1:30000", phoneB, 0xa, 0.11, 10),
		rtp(phoneB, "198.51.100.1:30000", 0xb, 0.2, 10), rtp("198.51.100.1:30002", phoneA, 0xb, 0.21, 10))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		192.0.2.1:4000>198.51.100.1:30002 0x0000000a from_caller announced
		198.51.100.1:30000>192.0.2.2:4002 0x0000000a from_caller announced
		192.0.2.2:4002>198.51.100.1:30000 0x0000000b from_callee announced
		198.51.100.1:30002>192.0.2.1:4000 0x0000000b from_callee announced`)
}

// Both phones announce private addresses; the wire between them shows others.
// With one side hidden the other's announcement binds both directions.
func TestBindNAT(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, "10.0.0.5:4000", phoneB)
	// From A's NAT binding to B as announced, and back to where A came from.
	s.report(rtp("203.0.113.7:31000", phoneB, 0xa, 0.1, 10), rtp(phoneB, "203.0.113.7:31000", 0xb, 0.2, 10))
	rec := s.finish(c, 10)
	wantLines(t, "bindings", bindings(rec), `
		203.0.113.7:31000>192.0.2.2:4002 0x0000000a from_caller announced
		192.0.2.2:4002>203.0.113.7:31000 0x0000000b from_callee learned`)
	if codes(rec) != findNATMismatch {
		t.Errorf("findings %v, want %s", rec.Findings, findNATMismatch)
	}
}

// The report of the stream that goes to the learned address comes first, and
// its peer's, which teaches the address, ends the wait.
func TestBindLearnedLater(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio 10.0.0.5:4000 0")
	s.sdp(0, c.legs[0], callee, "audio 10.1.0.5:5000 0")
	// A media relay in between that no SDP names; it is symmetric with A's
	// wire address, and A sends to an address that nobody announced either.
	s.report(rtp("198.51.100.9:7000", "203.0.113.7:31000", 0xb, 0.2, 10))
	s.report(rtp("203.0.113.7:31000", "10.1.0.5:5000", 0xa, 0.1, 10))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		203.0.113.7:31000>10.1.0.5:5000 0x0000000a from_caller announced
		198.51.100.9:7000>203.0.113.7:31000 0x0000000b from_callee learned`)
}

// Behind a symmetric NAT only the source is as announced.
func TestBindBySource(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, "10.0.0.9:5000")
	s.report(rtp(phoneA, "203.0.113.9:6000", 0xa, 0.1, 10), rtp("203.0.113.9:6000", "198.18.0.1:9", 0xb, 0.2, 10))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		192.0.2.1:4000>203.0.113.9:6000 0x0000000a from_caller learned
		203.0.113.9:6000>198.18.0.1:9 0x0000000b from_callee learned`)
}

// A gateway announces itself for both of its phones; each phone's media goes
// between the phone and its own port there.
func TestBindGatewayOfBoth(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, "192.0.2.110:4374", "192.0.2.110:4376")
	s.report( // too short to teach an address: the callee's port is all that is known
		rtp("192.0.2.110:4374", "192.0.2.172:4376", 0xa, 0.1, 0.2),
		rtp("192.0.2.172:4376", "192.0.2.110:4376", 0xb, 0.1, 0.2))
	s.report(
		rtp("192.0.2.110:4374", "192.0.2.172:4376", 0xa, 0.1, 10),
		rtp("192.0.2.172:4376", "192.0.2.110:4376", 0xb, 0.1, 10))
	rec := s.finish(c, 10)
	wantLines(t, "bindings", bindings(rec), `
		192.0.2.110:4374>192.0.2.172:4376 0x0000000a from_caller learned
		192.0.2.172:4376>192.0.2.110:4376 0x0000000b from_callee learned`)
	if codes(rec) != "" {
		t.Errorf("findings %v, want none", rec.Findings)
	}
}

// A stray packet at an announced port teaches no address.
func TestStrayTeachesNothing(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	stray := rtp("198.18.0.7:7", phoneB, 0xe, 1, 1.1)
	stray.Packets = 3
	s.report(stray, rtp("198.18.0.8:8", "198.18.0.7:7", 0xf, 1, 9))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `198.18.0.7:7>192.0.2.2:4002 0x0000000e from_caller announced`)
}

func TestBindSSRC(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0 | a=ssrc:4711 cname:a")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 0")
	s.report(
		rtp("198.18.1.1:1000", "198.18.1.2:2000", 4711, 0.1, 10), // announced by a=ssrc
		rtp(phoneB, phoneA, 0xb, 0.2, 10),
		rtp("198.18.1.2:2000", "198.18.1.1:1002", 0xb, 0.21, 10), // the callee's, seen on another path
	)
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		198.18.1.1:1000>198.18.1.2:2000 0x00001267 from_caller ssrc
		192.0.2.2:4002>192.0.2.1:4000 0x0000000b from_callee announced
		198.18.1.2:2000>198.18.1.1:1002 0x0000000b from_callee ssrc`)
}

// An SSRC that two calls use at the same time proves nothing.
func TestSSRCOfTwoCalls(t *testing.T) {
	s := newScene(t, Config{})
	one := s.plainCall("one", 0, phoneA, phoneB)
	two := s.plainCall("two", 0, "192.0.2.3:4000", "192.0.2.4:4000")
	s.report(
		rtp(phoneA, phoneB, 1, 0.1, 10), rtp("192.0.2.3:4000", "192.0.2.4:4000", 1, 0.1, 10),
		rtp("198.18.1.2:2000", "198.18.1.1:1002", 1, 0.1, 10))
	last := rtp("198.18.1.2:2000", "198.18.1.1:1002", 1, 0.1, 10)
	last.Final = true
	s.report(last)
	if len(s.emitted) != 1 || s.emitted[0].Binding != BindingNone || s.emitted[0].Call != nil {
		t.Errorf("the third stream: %+v, want one of no call", s.emitted)
	}
	if n := len(s.finish(one, 10).Media) + len(s.finish(two, 10).Media); n != 2 {
		t.Errorf("%d streams of calls, want 2", n)
	}
}

// RTP that runs before its SDP waits for it; so does one that already ended
// when the SDP comes, if that is not long ago.
func TestBindMediaBeforeSDP(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.report(rtp(phoneB, phoneA, 0xb, 0.0, 1.5), rtp(phoneA, phoneB, 0xa, 0.0, 1))
	s.sdp(2, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(4, c.legs[0], callee, "audio "+phoneB+" 0")
	s.report(rtp(phoneB, phoneA, 0xb, 0.0, 9))
	// B's stream ran when its receiver was announced. A's had been over for 3 s
	// when B's endpoint was; it is A's by its source.
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		192.0.2.1:4000>192.0.2.2:4002 0x0000000a from_caller learned
		192.0.2.2:4002>192.0.2.1:4000 0x0000000b from_callee announced`)
}

// The next call takes the port over two seconds after the last one's BYE, and
// before that one's record was written.
func TestPortReuse(t *testing.T) {
	s := newScene(t, Config{})
	one := s.plainCall("one", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 1, 0.1, 10))
	one.end = clock(10)
	two := s.plainCall("two", 12, "192.0.2.3:4000", phoneB)
	s.report(rtp("192.0.2.3:4000", phoneB, 2, 12.1, 15), rtp(phoneA, phoneB, 1, 0.1, 10.2))
	wantLines(t, "first call", bindings(s.finish(one, 10)), `192.0.2.1:4000>192.0.2.2:4002 0x00000001 from_caller announced`)
	wantLines(t, "second call", bindings(s.finish(two, 20)), `192.0.2.3:4000>192.0.2.2:4002 0x00000002 from_caller announced`)
}

// The same without any BYE: the port's new announcement, long after the old
// one, is a new call's.
func TestPortReuseWithoutBye(t *testing.T) {
	s := newScene(t, Config{})
	one := s.plainCall("one", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 1, 0.1, 10))
	two := s.plainCall("two", 40, "192.0.2.3:4000", phoneB)
	s.report(rtp("192.0.2.3:4000", phoneB, 2, 41, 45), rtp("192.0.2.9:4000", phoneB, 3, 41, 45))
	wantLines(t, "first call", bindings(s.finish(one, 50)), `192.0.2.1:4000>192.0.2.2:4002 0x00000001 from_caller announced`)
	wantLines(t, "second call", bindings(s.finish(two, 50)), `
		192.0.2.3:4000>192.0.2.2:4002 0x00000002 from_caller announced
		192.0.2.9:4000>192.0.2.2:4002 0x00000003 from_caller announced`)
}

// A server with one port for all its calls: the other end tells them apart.
func TestSharedServerPort(t *testing.T) {
	s := newScene(t, Config{})
	server := "192.0.2.100:5000"
	one := s.plainCall("one", 0, phoneA, server)
	two := s.plainCall("two", 1, "192.0.2.3:4000", server)
	s.report(
		rtp(phoneA, server, 1, 2, 10), rtp("192.0.2.3:4000", server, 2, 2, 10),
		rtp(server, phoneA, 3, 2, 10), rtp(server, "192.0.2.3:4000", 4, 2, 10))
	wantLines(t, "first call", bindings(s.finish(one, 10)), `
		192.0.2.1:4000>192.0.2.100:5000 0x00000001 from_caller announced
		192.0.2.100:5000>192.0.2.1:4000 0x00000003 from_callee announced`)
	wantLines(t, "second call", bindings(s.finish(two, 10)), `
		192.0.2.3:4000>192.0.2.100:5000 0x00000002 from_caller announced
		192.0.2.100:5000>192.0.2.3:4000 0x00000004 from_callee announced`)
}

// A B2BUA that hands the SDPs through: both its calls announce the same
// endpoints. The one that began first has both directions, and the other, in
// whatever order they end, says where its media is.
func TestB2BUASameSDP(t *testing.T) {
	for _, order := range []string{"first", "second"} {
		t.Run(order+" ends first", func(t *testing.T) {
			s := newScene(t, Config{})
			one, two := s.sharedSDP()
			var recs [2]*CallRecord
			if order == "first" {
				recs[0], recs[1] = s.finish(one, 10), s.finish(two, 10)
			} else {
				recs[1], recs[0] = s.finish(two, 10), s.finish(one, 10)
			}
			wantLines(t, "bindings", bindings(recs[0]), `
				192.0.2.1:4000>192.0.2.2:4002 0x00000001 from_caller announced
				192.0.2.2:4002>192.0.2.1:4000 0x00000002 from_callee announced`)
			if codes(recs[0]) != "" || len(recs[1].Media) != 0 || codes(recs[1]) != findMediaElsewhere {
				t.Errorf("findings %q and %q, want none and %s", codes(recs[0]), codes(recs[1]), findMediaElsewhere)
			}
		})
	}
}

// Joined they are one call, and every leg of it has both directions.
func TestB2BUASameSDPJoined(t *testing.T) {
	s := newScene(t, Config{})
	one, two := s.sharedSDP()
	two.legs[0].call = one
	one.legs = append(one.legs, two.legs[0])
	rec := s.finish(one, 10)
	if len(rec.Media) != 2 || len(rec.Findings) != 0 {
		t.Errorf("%d streams, findings %v; want 2 and none", len(rec.Media), rec.Findings)
	}
}

func (s *scene) sharedSDP() (one, two *call) {
	one, two = s.call("one", 1), s.call("two", 1)
	two.start = clock(0.1)
	one.answer, two.answer = clock(3.1), clock(3)
	s.sdp(0, one.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0.1, two.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(3, two.legs[0], callee, "audio "+phoneB+" 0")
	s.sdp(3.1, one.legs[0], callee, "audio "+phoneB+" 0")
	s.report(rtp(phoneA, phoneB, 1, 3.5, 10), rtp(phoneB, phoneA, 2, 3.5, 10))
	return one, two
}

// A re-INVITE moves the callee; what was under way to the old port is still
// the call's, and so is a stream that begins there anew.
func TestReInviteMoves(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 1, 0.1, 10))
	s.describe(10, c.legs[0], callee, "audio 192.0.2.9:9000 0", false, false)
	s.report(rtp(phoneA, "192.0.2.9:9000", 1, 10.1, 20), rtp("192.0.2.7:7000", phoneB, 7, 15, 20))
	wantLines(t, "bindings", bindings(s.finish(c, 20)), `
		192.0.2.1:4000>192.0.2.2:4002 0x00000001 from_caller announced
		192.0.2.1:4000>192.0.2.9:9000 0x00000001 from_caller announced
		192.0.2.7:7000>192.0.2.2:4002 0x00000007 from_caller announced`)
}

// BUNDLE: audio and video on one port, told apart by payload type; the port of
// the second m-line is never used. ICE: the media goes to a candidate.
func TestBundleAndICE(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, `a=group:BUNDLE 0 1
---
audio 192.0.2.1:4000 111 | a=rtpmap:111 opus/48000/2 | a=mid:0 | a=rtcp-mux | a=candidate:1 1 UDP 2130706431 203.0.113.50 45000 typ srflx raddr 192.0.2.1 rport 4000
video 192.0.2.1:4002 96 | a=rtpmap:96 VP8/90000 | a=mid:1`)
	s.sdp(0, c.legs[0], callee, `a=group:BUNDLE 0 1
---
audio 192.0.2.2:5000 111 | a=rtpmap:111 opus/48000/2 | a=mid:0 | a=rtcp-mux
video 192.0.2.2:5000 96 | a=rtpmap:96 VP8/90000 | a=mid:1`)
	video := dynamic(rtp("192.0.2.2:5000", "203.0.113.50:45000", 2, 0.1, 10), 96, 90000)
	video.Kind = rtpstats.MediaUnknown
	s.report(dynamic(rtp("192.0.2.2:5000", "203.0.113.50:45000", 1, 0.1, 10), 111, 48000), video)
	rec := s.finish(c, 10)
	wantLines(t, "bindings", bindings(rec), `
		192.0.2.2:5000>203.0.113.50:45000 0x00000001 from_callee announced
		192.0.2.2:5000>203.0.113.50:45000 0x00000002 from_callee announced`)
	for i, want := range []string{"opus 48000 false audio", "VP8 90000 false video"} {
		r := rec.Media[i]
		if got := describeCodec(r); got != want {
			t.Errorf("stream %d: %s, want %s", i, got, want)
		}
	}
	if r := rec.Media[1].MOS.Reason; r == nil || *r != "video" {
		t.Errorf("video's reason %v, want video", r)
	}
}

// Port 0 rejects an m-line and announces nothing.
func TestPortZero(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0\nvideo 192.0.2.1:0 96 | a=rtpmap:96 VP8/90000")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 0\nvideo 192.0.2.2:0 96")
	if n := s.m.endpointCount; n != 2 {
		t.Errorf("%d endpoints, want 2", n)
	}
	s.finish(c, 1)
	if n := len(s.m.endpoints.at) + s.m.endpointCount + len(s.m.rtcpPorts.at); n != 0 {
		t.Errorf("%d endpoints left after the call, want 0", n)
	}
}

// Payload types are per direction: what goes to A is numbered by A's SDP.
func TestPayloadTypePerDirection(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio 10.0.0.1:4000 97 | a=rtpmap:97 AMR-WB/16000")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 97 98 | a=rtpmap:97 iLBC/8000 | a=rtpmap:98 AMR-WB/16000")
	s.report(
		dynamic(rtp("203.0.113.7:31000", phoneB, 1, 0.1, 10), 98, 16000),
		dynamic(rtp(phoneB, "203.0.113.7:31000", 2, 0.1, 10), 97, 16000))
	rec := s.finish(c, 10)
	for i, r := range rec.Media {
		if got, want := describeCodec(r), "AMR-WB 16000 false audio"; got != want {
			t.Errorf("stream %d: %s, want %s", i, got, want)
		}
	}
}

// The SDP names the codec; a clock that the wire contradicts stays the wire's.
func TestInferredClockDiffers(t *testing.T) {
	s := newScene(t, Config{})
	c := s.call("c", 1)
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[0], callee, "audio "+phoneB+" 97 | a=rtpmap:97 speex/16000")
	s.report(dynamic(rtp(phoneA, phoneB, 1, 0.1, 10), 97, 8000))
	if got, want := describeCodec(s.finish(c, 10).Media[0]), "speex 8000 true audio"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func describeCodec(r *StreamRecord) string {
	codec := "-"
	if r.Codec != nil {
		codec = *r.Codec
	}
	return codec + " " + strconv.Itoa(r.clock()) + " " + strconv.FormatBool(r.ClockInferred) + " " + r.Media
}
