package dialog

import (
	"fmt"
	"strings"
	"testing"
)

// joined shows which Call-IDs make which call, and why.
func joined(calls []*CallRecord) string {
	var list []string
	for _, c := range calls {
		list = append(list, fmt.Sprintf("%v %v legs=%d", c.CallIDs, c.LegEvidence, len(c.Legs)))
	}
	return strings.Join(list, "; ")
}

func TestJoin(t *testing.T) {
	const (
		uuidA = "ab30317f1a784dc48ff824d0d3715d86"
		uuidB = "47755a9de7794ba387653f2099600ef2"
		null  = "00000000000000000000000000000000"
	)
	tests := []struct {
		name, flow, want string
		cfg              Config
	}{
		{name: "proxy: one Call-ID on two hops", flow: `
			0    A>P INVITE
			1    P>B INVITE via=2
			60000 close`,
			want: "[c1] [hop] legs=2"},
		{name: "a spiral passes the same pair twice", flow: `
			0    A>P INVITE
			1    P>Q INVITE via=2
			2    Q>P INVITE via=3
			3    P>B INVITE via=4
			60000 close`,
			want: "[c1] [hop] legs=4"},
		{name: "the same message before and behind a NAT is no hop of SIP", flow: `
			0    A>P INVITE br=one
			0.1  N>P INVITE br=one
			60000 close`,
			want: "[c1] [] legs=1"},
		{name: "Session-ID", flow: `
			0    A>P INVITE sid=` + uuidA + `;
			9000 P>B INVITE call=c2 from=x;p sid=` + uuidA + `;
			60000 close`,
			want: "[c1 c2] [session_id] legs=2"},
		{name: "Session-ID, the pair swapped", flow: `
			0    A>P INVITE sid=` + uuidA + `;
			10   P>A 180 Ringing to=bob;b sid=` + uuidB + ";" + uuidA + `
			9000 P>B INVITE call=c2 from=x;p sid=` + uuidB + ";" + uuidA + `
			60000 close`,
			want: "[c1 c2] [session_id] legs=2"},
		{name: "the nil UUID joins nobody", flow: `
			0    A>P INVITE sid=;
			9000 P>B INVITE call=c2 from=x;p sid=;
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "the nil UUID as digits joins nobody", flow: `
			0    A>P INVITE sid=` + uuidA + ";" + null + `
			9000 P>B INVITE call=c2 from=x;p sid=` + uuidB + ";" + null + `
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "ICID", flow: `
			0    A>P INVITE icid=AyretyU0dm
			9000 P>B INVITE call=c2 from=x;p icid=AyretyU0dm
			60000 close`,
			want: "[c1 c2] [icid] legs=2"},
		{name: "a header names the other leg's Call-ID", cfg: Config{LegHeaders: []string{"X-Call-ID"}}, flow: `
			0    A>P INVITE
			9000 P>B INVITE call=c2 from=x;p x=X-Call-ID:c1
			60000 close`,
			want: "[c1 c2] [header:X-Call-ID] legs=2"},
		{name: "both legs carry the same value", cfg: Config{LegHeaders: []string{"X-CID"}}, flow: `
			0    A>P INVITE x=X-CID:42
			9000 P>B INVITE call=c2 from=x;p x=X-CID:42
			60000 close`,
			want: "[c1 c2] [header:X-CID] legs=2"},
		{name: "the first leg names the second one's Call-ID", cfg: Config{LegHeaders: []string{"X-CID"}}, flow: `
			0    A>P INVITE x=X-CID:c2
			9000 P>B INVITE call=c2 from=x;p
			60000 close`,
			want: "[c1 c2] [header:X-CID] legs=2"},
		{name: "same numbers, at once, by the host that got the first INVITE", flow: `
			0    A>P INVITE from=+4930123;a to=030456
			1000 P>B INVITE call=c2 from=4930123;p to=030456
			60000 close`,
			want: "[c1 c2] [number_time] legs=2"},
		{name: "a B2BUA in two rows", flow: `
			0    A>P INVITE
			100  P>Q INVITE call=c2 from=alice;p
			200  Q>B INVITE call=c3 from=alice;q
			60000 close`,
			want: "[c1 c2 c3] [number_time] legs=3"},
		{name: "the B2BUA rings two phones", flow: `
			0    A>P INVITE
			100  P>B INVITE call=c2 from=alice;p
			101  P>C INVITE call=c3 from=alice;q
			60000 close`,
			want: "[c1 c2 c3] [number_time] legs=3"},
		{name: "two such calls at once: in order", flow: `
			0    A>P INVITE
			10   A>P INVITE call=d1 from=alice;d
			100  P>B INVITE call=c2 from=alice;p
			101  P>B INVITE call=d2 from=alice;q
			60000 close`,
			want: "[c1 c2] [number_time] legs=2; [d1 d2] [number_time] legs=2"},
		{name: "too late", flow: `
			0    A>P INVITE
			3100 P>B INVITE call=c2 from=alice;p
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "answered before", flow: `
			0    A>P INVITE
			500  P>A 200 OK to=bob;b
			1000 P>B INVITE call=c2 from=alice;p
			60000 close`,
			want: "[c2] [] legs=1; [c1] [] legs=1"},
		{name: "from another host", flow: `
			0    A>P INVITE
			100  Q>B INVITE call=c2 from=alice;p
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "the PBX turns the number into a name", flow: `
			0    A>P INVITE to=2302
			100  P>B INVITE call=c2 from=alice;p to=phone2
			60000 close`,
			want: "[c1 c2] [caller_time] legs=2"},
		{name: "a border controller with two addresses keeps the tag inside its own", flow: `
			0    A>P INVITE from=alice;00e9d478
			100  Q>B INVITE call=c2 from=alice;SD4909701-00e9d478
			60000 close`,
			want: "[c1 c2] [number_time] legs=2"},
		{name: "to another number, two calls fit", flow: `
			0    A>P INVITE
			10   A>P INVITE call=d1 from=alice;d to=dave
			100  P>B INVITE call=c2 from=alice;p to=carol
			60000 close`,
			want: "[c1] [] legs=1; [d1] [] legs=1; [c2] [] legs=1"},
		{name: "to another number, from nobody in particular", flow: `
			0    A>P INVITE from=anonymous;a
			100  P>B INVITE call=c2 from=anonymous;p to=carol
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "the caller tries again", flow: `
			0    A>P INVITE
			100  A>P INVITE call=c2 from=alice;p
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "a counted tag that begins another one is not inside it", flow: `
			0    A>S INVITE from=alice;1-SIPpTag012
			600  A>S INVITE call=c2 from=alice;1-SIPpTag0120
			60000 close`,
			want: "[c1] [] legs=1; [c2] [] legs=1"},
		{name: "on one host ports tell", flow: `
			0    A:5070>A:5060 INVITE
			100  A:5060>A:5080 INVITE call=c2 from=alice;p
			200  A:5070>A:5060 INVITE call=d1 from=alice;d
			60000 close`,
			want: "[c1 c2] [number_time] legs=2; [d1] [] legs=1"},
		{name: "what a REFER asked for is a call of its own", flow: `
			0    A>B INVITE sid=` + uuidA + `;
			100  B>A 200 OK to=bob;b sid=` + uuidB + ";" + uuidA + `
			110  A>B ACK to=bob;b br=ack
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com
			5010 B>A 202 Accepted to=bob;b cseq=2/REFER
			5100 B>C INVITE call=c2 from=bob;z to=carol ruri=sip:carol@example.com sid=` + uuidB + `;
			60000 close`,
			want: "[c2] [] legs=1; [c1] [] legs=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := joined(play(t, tt.cfg, tt.flow).calls()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// The caller's leg speaks for the call: its times, not those of the hop behind.
func TestLegsOfOneCall(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"proxy", `
			0     A>P INVITE
			2     P>A 100 Trying
			5     P>B INVITE via=2
			200   B>P 180 Ringing to=bob;b via=2
			210   P>A 180 Ringing to=bob;b
			3000  B>P 200 OK to=bob;b via=2
			3010  P>A 200 OK to=bob;b
			3020  A>P ACK to=bob;b br=ack1
			3030  P>B ACK to=bob;b br=ack2 via=2
			9000  B>P BYE from=bob;b to=alice;a cseq=1
			9010  P>A BYE from=bob;b to=alice;a cseq=1 via=2
			9020  A>P 200 OK from=bob;b to=alice;a cseq=1/BYE via=2
			9030  P>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=210 answer=3010 end=9010 duration=6000 srd=210 pdd=210 sdd=10 retrans=0 truncated=false"},
		{"proxy without Record-Route: ACK and BYE go directly", `
			0     A>P INVITE
			5     P>B INVITE via=2
			200   B>P 180 Ringing to=bob;b via=2
			210   P>A 180 Ringing to=bob;b
			3000  B>P 200 OK to=bob;b via=2
			3010  P>A 200 OK to=bob;b
			3020  A>B ACK to=bob;b br=ack1
			9000  B>A BYE from=bob;b to=alice;a cseq=1
			9020  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=210 answer=3010 end=9000 duration=5990 srd=210 pdd=210 sdd=20 retrans=0 truncated=false"},
		{"serial forking proxy: a busy phone is not a busy call", `
			0     A>P INVITE
			5     P>B INVITE via=2
			100   B>P 486 Busy to=bob;b via=2
			105   P>B ACK to=bob;b via=2
			110   P>C INVITE via=2
			200   C>P 180 Ringing to=bob;c via=2
			210   P>A 180 Ringing to=bob;c
			3000  C>P 200 OK to=bob;c via=2
			3010  P>A 200 OK to=bob;c
			3020  A>P ACK to=bob;c br=ack1
			9000  A>P BYE to=bob;c cseq=2
			9010  P>C BYE to=bob;c cseq=2 via=2
			9020  C>P 200 OK to=bob;c cseq=2/BYE via=2
			9030  P>A 200 OK to=bob;c cseq=2/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=210 answer=3010 end=9000 duration=5990 srd=210 pdd=210 sdd=30 retrans=0 truncated=false"},
		{"fork whose caller's side is out of sight", `
			5     P>B INVITE via=2
			6     P>C INVITE via=2
			100   B>P 486 Busy to=bob;b via=2
			105   P>B ACK to=bob;b via=2
			200   C>P 180 Ringing to=bob;c via=2
			3000  C>P 200 OK to=bob;c via=2
			3020  P>C ACK to=bob;c br=ack1 via=2
			9000  P>C BYE to=bob;c cseq=2 via=2
			9020  C>P 200 OK to=bob;c cseq=2/BYE via=2
			60000 close`,
			"answered status=200 by=caller start=5 ring=200 answer=3000 end=9000 duration=6000 srd=195 pdd=195 sdd=20 retrans=0 truncated=false"},
		{"the mirror shows the second hop first", `
			0     P>B INVITE via=2
			0.1   A>P INVITE
			200   B>P 180 Ringing to=bob;b via=2
			210   P>A 180 Ringing to=bob;b
			3000  B>P 486 Busy to=bob;b via=2
			3010  P>A 486 Busy to=bob;b
			60000 close`,
			"busy status=486 by=callee start=0.1 ring=210 answer=- end=3010 duration=null srd=209.9 pdd=209.9 sdd=null retrans=0 truncated=false"},
		{"B2BUA", `
			0     A>P INVITE
			2     P>A 100 Trying
			5     P>B INVITE call=c2 from=alice;p
			200   B>P 180 Ringing call=c2 from=alice;p to=bob;b
			210   P>A 180 Ringing to=bob;x
			3000  B>P 200 OK call=c2 from=alice;p to=bob;b
			3005  P>B ACK call=c2 from=alice;p to=bob;b br=ack2
			3010  P>A 200 OK to=bob;x
			3020  A>P ACK to=bob;x br=ack1
			9000  B>P BYE call=c2 from=bob;b to=alice;p cseq=1
			9010  P>B 200 OK call=c2 from=bob;b to=alice;p cseq=1/BYE
			9015  P>A BYE from=bob;x to=alice;a cseq=1
			9020  A>P 200 OK from=bob;x to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=210 answer=3010 end=9015 duration=6005 srd=210 pdd=210 sdd=5 retrans=0 truncated=false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(play(t, Config{}, tt.flow).call()); got != tt.want {
				t.Errorf("got\n  %s\nwant\n  %s", got, tt.want)
			}
		})
	}
}

func TestLegRecords(t *testing.T) {
	got := play(t, Config{}, `
		0     A>P INVITE
		5     P>B INVITE via=2
		3000  B>P 200 OK to=bob;b via=2
		3010  P>A 200 OK to=bob;b
		3020  A>B ACK to=bob;b br=ack1
		9000  B>A BYE from=bob;b to=alice;a cseq=1
		9020  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
		60000 close`).call().Legs
	want := []string{
		"192.0.2.65:5060>192.0.2.80:5060 c1 a b udp",
		"192.0.2.80:5060>192.0.2.66:5060 c1 a b udp",
		"192.0.2.65:5060>192.0.2.66:5060 c1 a b udp",
	}
	if len(got) != len(want) {
		t.Fatalf("got %d legs, want %d", len(got), len(want))
	}
	for i, l := range got {
		if s := fmt.Sprintf("%v>%v %s %s %s %s", l.Src, l.Dst, l.CallID, l.FromTag, l.ToTag, l.Transport); s != want[i] {
			t.Errorf("leg %d: got %s, want %s", i, s, want[i])
		}
	}
}
