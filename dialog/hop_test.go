package dialog

import (
	"fmt"
	"testing"
)

// TestHops counts the hops of a call along the way from the caller, in the
// order of its legs.
func TestHops(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"one", `0 A>B INVITE`, "[1]"},
		{"a chain of proxies", `
			0 A>P INVITE
			1 P>Q INVITE via=2
			2 Q>B INVITE via=3`, "[1 2 3]"},
		{"a fork", `
			0 A>P INVITE
			1 P>B INVITE via=2 br=f1
			1 P>C INVITE via=2 br=f2`, "[1 2 2]"},
		{"the caller tries another proxy", `
			0 A>P INVITE
			1 P>B INVITE via=2
			9 A>Q INVITE cseq=2
			10 Q>B INVITE via=2 cseq=2`, "[1 2 1 2]"},
		{"a spiral", `
			0 A>P INVITE
			1 P>Q INVITE via=2
			2 Q>P INVITE via=3
			3 P>B INVITE via=4`, "[1 2 3 4]"},
		{"a B2BUA with one address, which tries two trunks", `
			0 A>P INVITE
			1 P>B INVITE call=c2 from=alice;p
			2 B>P 503 No call=c2 from=alice;p to=bob;b
			3 P>C INVITE call=c3 from=alice;q`, "[1 2 2]"},
		{"a border controller with another address outside", `
			0 A>P INVITE sid=ab30317f1a784dc48ff824d0d3715d86;
			1 O>B INVITE call=c2 from=alice;p sid=ab30317f1a784dc48ff824d0d3715d86;
			2 O>C INVITE call=c3 from=alice;q sid=ab30317f1a784dc48ff824d0d3715d86;`, "[1 2 2]"},
		{"all on one host", `
			0 A:5070>A:5060 INVITE
			1 A:5060>A:5080 INVITE via=2 br=f1
			1 A:5060>A:5090 INVITE via=2 br=f2`, "[1 2 2]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &flow{t: t, table: NewTable(Config{})}
			f.feed(tt.flow)
			var got []uint8
			for _, l := range f.table.sets["c1"].call.legs {
				got = append(got, l.hop)
			}
			if fmt.Sprint(got) != tt.want {
				t.Errorf("got hops %v, want %s", got, tt.want)
			}
		})
	}
}

// A border controller relays both voices: what it sends on lies behind what it
// got, on the hop of whoever announced to receive it.
func TestObserveHops(t *testing.T) {
	const inside, outside = "198.51.100.1:30000", "203.0.113.1:40000"
	s, got := watched(t, Config{})
	c := s.call("c", 2)
	c.legs[0].hop, c.legs[1].hop = 1, 2
	c.legs[0].agents = [2]agent{{name: "Phone/1"}, {name: "SBC/7"}}
	c.legs[1].agents = [2]agent{{name: "SBC/7"}, {name: "Gateway/2"}}
	s.sdp(0, c.legs[0], caller, "audio "+phoneA+" 0")
	s.sdp(0, c.legs[1], caller, "audio "+outside+" 0")
	s.sdp(0, c.legs[1], callee, "audio "+phoneB+" 0")
	s.sdp(0, c.legs[0], callee, "audio "+inside+" 0")
	for _, p := range []struct {
		src, dst string
		ssrc     uint32
	}{{phoneA, inside, 0xa}, {outside, phoneB, 0xa}, {phoneB, outside, 0xb}, {inside, phoneA, 0xb}} {
		r := rtp(p.src, p.dst, p.ssrc, 0.1, 5)
		r.Interval = interval(0, 0, 0)
		s.report(r)
	}
	stray := rtp("192.0.2.99:9", "192.0.2.98:9", 0xd, 0.1, 5)
	stray.Interval = interval(0, 0, 0)
	s.report(stray)
	var lines string
	for _, o := range *got {
		lines += fmt.Sprintf("%s>%s %q hop %d %q\n", o.Src, o.Dst, o.Speaker, o.Hop, o.UserAgent)
	}
	wantLines(t, "observations", lines, `
		`+phoneA+`>`+inside+` "caller" hop 1 "Phone/1"
		`+outside+`>`+phoneB+` "caller" hop 2 "SBC/7"
		`+phoneB+`>`+outside+` "callee" hop 2 "Gateway/2"
		`+inside+`>`+phoneA+` "callee" hop 1 "SBC/7"
		192.0.2.99:9>192.0.2.98:9 "" hop 0 ""`)
	for _, r := range s.finish(c, 5).Media {
		if o := (*got)[0]; r.Src == o.Src && (r.Speaker != SpeakerCaller || r.Hop != 1 || r.UserAgent != "Phone/1") {
			t.Errorf("record: got %v, hop %d, %q", r.Speaker, r.Hop, r.UserAgent)
		}
	}
}

// What only the SSRC binds may have been captured on any hop.
func TestWeakBindingTellsNoHop(t *testing.T) {
	s, got := watched(t, Config{})
	c := s.plainCall("c", 0, phoneA, phoneB)
	c.legs[0].hop = 1
	first := rtp(phoneA, phoneB, 0xa, 0.1, 5)
	second := rtp("203.0.113.1:40000", "203.0.113.2:40000", 0xa, 0.1, 5)
	first.Interval, second.Interval = interval(0, 0, 0), interval(0, 0, 0)
	s.report(first, second)
	if o := (*got)[1]; o.Speaker != SpeakerCaller || o.Hop != 0 {
		t.Errorf("got %q, hop %d; want the caller's voice, hop unknown", o.Speaker, o.Hop)
	}
}
