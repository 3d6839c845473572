package dialog

import (
	"fmt"
	"testing"

	"earshot/rtpstats"
)

// permute calls use with every order of list.
func permute[T any](list []T, use func([]T)) {
	if len(list) < 2 {
		use(list)
		return
	}
	for i := range list {
		list[0], list[i] = list[i], list[0]
		permute(list[1:], func([]T) { use(list) })
		list[0], list[i] = list[i], list[0]
	}
}

// Reports of one tick come in the order of their streams' addresses, which says
// nothing of the call: whatever they are, the proofs are the same. Each scene
// has its reports twice, as in two ticks.
func TestOrderDecidesNothing(t *testing.T) {
	for _, tt := range []struct {
		name  string
		scene func(s *scene) *call
		rtp   []func() *rtpstats.Report
		want  string
	}{
		{
			// A gateway announces itself for both phones; the port of the one is
			// where media towards the callee goes, and the phone's where it comes from.
			name:  "gateway of both",
			scene: func(s *scene) *call { return s.plainCall("c", 0, "192.0.2.110:4374", "192.0.2.110:4376") },
			rtp: []func() *rtpstats.Report{
				func() *rtpstats.Report { return rtp("192.0.2.110:4374", "192.0.2.172:4376", 0xa, 0.1, 10) },
				func() *rtpstats.Report { return rtp("192.0.2.172:4376", "192.0.2.110:4376", 0xb, 0.2, 10) },
			},
			want: `
				192.0.2.110:4374>192.0.2.172:4376 0x0000000a from_caller learned
				192.0.2.172:4376>192.0.2.110:4376 0x0000000b from_callee learned`,
		},
		{
			// A media server hands the voices on to a host that no SDP names, and
			// RTCP names both SSRCs: that they are the call's own proves more.
			name: "handed on",
			scene: func(s *scene) *call {
				c := s.plainCall("c", 0, phoneA, phoneB)
				s.say(1, rtcpA, rtcpB, senderReport(0xa, 1, 50))
				s.say(1, rtcpB, rtcpA, senderReport(0xb, 1, 50))
				return c
			},
			rtp: []func() *rtpstats.Report{
				func() *rtpstats.Report { return rtp(phoneA, phoneB, 0xa, 0.1, 10) },
				func() *rtpstats.Report { return rtp(phoneB, phoneA, 0xb, 0.2, 10) },
				func() *rtpstats.Report { return rtp("192.0.2.2:7000", "198.51.100.9:4800", 0xa, 0.3, 10) },
				func() *rtpstats.Report { return rtp("198.51.100.9:4800", "192.0.2.2:7000", 0xb, 0.4, 10) },
			},
			want: `
				192.0.2.1:4000>192.0.2.2:4002 0x0000000a from_caller announced
				192.0.2.2:4002>192.0.2.1:4000 0x0000000b from_callee announced
				192.0.2.2:7000>198.51.100.9:4800 0x0000000a from_caller ssrc
				198.51.100.9:4800>192.0.2.2:7000 0x0000000b from_callee ssrc`,
		},
		{
			// RTCP names one SSRC that runs on two paths, of which it suits one.
			name: "kin",
			scene: func(s *scene) *call {
				c := s.plainCall("c", 0, phoneA, phoneB)
				s.say(1, rtcpA, rtcpB, senderReport(0xa, 1, 50))
				return c
			},
			rtp: []func() *rtpstats.Report{
				func() *rtpstats.Report { return rtp("192.0.2.1:7777", "203.0.113.1:8888", 0xa, 0.1, 10) },
				func() *rtpstats.Report { return rtp("203.0.113.1:8890", "203.0.113.2:8888", 0xa, 0.2, 10) },
			},
			want: `
				192.0.2.1:7777>203.0.113.1:8888 0x0000000a from_caller rtcp
				203.0.113.1:8890>203.0.113.2:8888 0x0000000a from_caller ssrc`,
		},
		{
			// Behind NAT on both sides, of which one is symmetric.
			name:  "both behind NAT",
			scene: func(s *scene) *call { return s.plainCall("c", 0, "10.0.0.5:4000", phoneB) },
			rtp: []func() *rtpstats.Report{
				func() *rtpstats.Report { return rtp("203.0.113.7:31000", phoneB, 0xa, 0.1, 10) },
				func() *rtpstats.Report { return rtp(phoneB, "203.0.113.7:31000", 0xb, 0.2, 10) },
				func() *rtpstats.Report { return rtp("203.0.113.7:31000", "198.51.100.3:9", 0xc, 0.3, 10) },
			},
			want: `
				203.0.113.7:31000>192.0.2.2:4002 0x0000000a from_caller announced
				192.0.2.2:4002>203.0.113.7:31000 0x0000000b from_callee learned
				203.0.113.7:31000>198.51.100.3:9 0x0000000c from_caller learned`,
		},
	} {
		permute(tt.rtp, func(order []func() *rtpstats.Report) {
			s := newScene(t, Config{})
			c := tt.scene(s)
			for range 2 {
				for _, r := range order {
					s.report(r())
				}
			}
			rec := s.finish(c, 10)
			wantLines(t, fmt.Sprintf("%s, in the order of %s", tt.name, firsts(order)), bindings(rec), tt.want)
		})
	}
}

// firsts names an order by its reports' SSRCs and sources.
func firsts(order []func() *rtpstats.Report) (names []string) {
	for _, r := range order {
		names = append(names, fmt.Sprintf("%#x from %s", r().SSRC, r().Src))
	}
	return names
}

// A stream that RTCP alone proved is given its address's proof as soon as there
// is one, although nothing more is heard of it.
func TestLaterProof(t *testing.T) {
	s := newScene(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.say(1, rtcpB, rtcpA, senderReport(0xb, 1, 50))
	s.report(rtp("198.51.100.9:7000", "192.0.2.1:9000", 0xb, 0.1, 10))
	s.report(rtp("198.51.100.9:7000", phoneA, 0xc, 0.1, 10))
	wantLines(t, "bindings", bindings(s.finish(c, 10)), `
		198.51.100.9:7000>192.0.2.1:4000 0x0000000c from_callee announced
		198.51.100.9:7000>192.0.2.1:9000 0x0000000b from_callee learned`)
}
