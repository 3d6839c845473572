package dialog

import (
	"fmt"
	"slices"
	"testing"
)

// answeredCall sets up a call with media at A:4000 and B:4000.
const answeredCall = `
	0     A>B INVITE sdp=sendrecv@A:4000/PCMU,PCMA
	100   B>A 200 OK to=bob;b sdp=sendrecv@B:4000/PCMA
	110   A>B ACK to=bob;b br=ack
`

const hungUp = `
	60000 A>B BYE to=bob;b cseq=99
	60010 B>A 200 OK to=bob;b cseq=99/BYE
	90000 close`

func TestHold(t *testing.T) {
	tests := []struct {
		name, flow string
		holds      int
		ms         float64
	}{
		{"held and resumed", `
			10000 A>B INVITE to=bob;b cseq=2 sdp=sendonly@A:4000/PCMA
			10100 B>A 200 OK to=bob;b cseq=2 sdp=recvonly@B:4000/PCMA
			10110 A>B ACK to=bob;b cseq=2 br=ack2
			20000 A>B INVITE to=bob;b cseq=3 sdp=sendrecv@A:4000/PCMA
			20100 B>A 200 OK to=bob;b cseq=3 sdp=sendrecv@B:4000/PCMA
			20110 A>B ACK to=bob;b cseq=3 br=ack3`, 1, 10000},
		{"by the callee, inactive, twice", `
			10000 B>A INVITE from=bob;b to=alice;a cseq=1 sdp=inactive@B:4000/PCMA
			10100 A>B 200 OK from=bob;b to=alice;a cseq=1 sdp=inactive@A:4000/PCMA
			20000 B>A INVITE from=bob;b to=alice;a cseq=2 sdp=sendrecv@B:4000/PCMA
			20100 A>B 200 OK from=bob;b to=alice;a cseq=2 sdp=sendrecv@A:4000/PCMA
			30000 B>A INVITE from=bob;b to=alice;a cseq=3 sdp=inactive@B:4000/PCMA
			30100 A>B 200 OK from=bob;b to=alice;a cseq=3 sdp=inactive@A:4000/PCMA
			32000 B>A INVITE from=bob;b to=alice;a cseq=4 sdp=sendrecv@B:4000/PCMA
			32100 A>B 200 OK from=bob;b to=alice;a cseq=4 sdp=sendrecv@A:4000/PCMA`, 2, 12000},
		{"0.0.0.0 as RFC 2543 had it, until the end", `
			10000 A>B INVITE to=bob;b cseq=2 sdp=sendrecv@0.0.0.0:4000/PCMA
			10100 B>A 200 OK to=bob;b cseq=2 sdp=sendrecv@B:4000/PCMA`, 1, 49900},
		{"by UPDATE", `
			10000 A>B UPDATE to=bob;b cseq=2 sdp=sendonly@A:4000/PCMA
			10100 B>A 200 OK to=bob;b cseq=2/UPDATE sdp=recvonly@B:4000/PCMA
			15000 A>B UPDATE to=bob;b cseq=3 sdp=sendrecv@A:4000/PCMA
			15100 B>A 200 OK to=bob;b cseq=3/UPDATE sdp=sendrecv@B:4000/PCMA`, 1, 5000},
		{"by a delayed offer: the ACK answers", `
			10000 A>B INVITE to=bob;b cseq=2
			10100 B>A 200 OK to=bob;b cseq=2 sdp=sendrecv@B:4000/PCMA
			10200 A>B ACK to=bob;b cseq=2 br=ack2 sdp=sendonly@A:4000/PCMA
			15000 A>B INVITE to=bob;b cseq=3 sdp=sendrecv@A:4000/PCMA
			15200 B>A 200 OK to=bob;b cseq=3 sdp=sendrecv@B:4000/PCMA`, 1, 5000},
		{"glare: 491 changes nothing", `
			10000 A>B INVITE to=bob;b cseq=2 sdp=sendonly@A:4000/PCMA
			10001 B>A INVITE from=bob;b to=alice;a cseq=1 sdp=sendonly@B:4000/PCMA
			10100 B>A 491 Pending to=bob;b cseq=2
			10101 A>B 491 Pending from=bob;b to=alice;a cseq=1
			10110 A>B ACK to=bob;b cseq=2
			10111 B>A ACK from=bob;b to=alice;a cseq=1`, 0, 0},
		{"both sides hold, one interval", `
			10000 A>B INVITE to=bob;b cseq=2 sdp=sendonly@A:4000/PCMA
			10100 B>A 200 OK to=bob;b cseq=2 sdp=recvonly@B:4000/PCMA
			12000 B>A INVITE from=bob;b to=alice;a cseq=1 sdp=inactive@B:4000/PCMA
			12100 A>B 200 OK from=bob;b to=alice;a cseq=1 sdp=inactive@A:4000/PCMA
			20000 B>A INVITE from=bob;b to=alice;a cseq=2 sdp=recvonly@B:4000/PCMA
			20100 A>B 200 OK from=bob;b to=alice;a cseq=2 sdp=sendonly@A:4000/PCMA
			25000 A>B INVITE to=bob;b cseq=3 sdp=sendrecv@A:4000/PCMA
			25100 B>A 200 OK to=bob;b cseq=3 sdp=sendrecv@B:4000/PCMA`, 1, 15000},
		{"a re-INVITE without change is no hold", `
			10000 A>B INVITE to=bob;b cseq=2 sdp=sendrecv@A:4000/PCMA
			10100 B>A 200 OK to=bob;b cseq=2 sdp=sendrecv@B:4000/PCMA`, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := play(t, Config{}, answeredCall+tt.flow+hungUp).call()
			if c.Holds != tt.holds || c.HoldMS != tt.ms {
				t.Errorf("got %d holds of %g ms, want %d of %g", c.Holds, c.HoldMS, tt.holds, tt.ms)
			}
			if c.Disposition != Answered || c.EndedBy != EndedByCaller || c.DurationMS == nil || *c.DurationMS != 59900 {
				t.Errorf("got %s by %s in %s ms, want a call of 59900 ms ended by its caller", c.Disposition, c.EndedBy, show(c.DurationMS))
			}
		})
	}
}

// Through a proxy or a B2BUA one hold is seen on both legs.
func TestHoldOnTwoLegs(t *testing.T) {
	c := play(t, Config{}, `
		0     A>P INVITE sdp=sendrecv@A:4000/PCMU
		5     P>B INVITE call=c2 from=alice;p sdp=sendrecv@P:4000/PCMU
		1000  B>P 200 OK call=c2 from=alice;p to=bob;b sdp=sendrecv@B:4000/PCMU
		1005  P>B ACK call=c2 from=alice;p to=bob;b br=ack2
		1010  P>A 200 OK to=bob;x sdp=sendrecv@P:4002/PCMU
		1020  A>P ACK to=bob;x br=ack1
		5000  A>P INVITE to=bob;x cseq=2 sdp=sendonly@A:4000/PCMU
		5010  P>B INVITE call=c2 from=alice;p to=bob;b cseq=2 sdp=sendonly@P:4000/PCMU
		5100  B>P 200 OK call=c2 from=alice;p to=bob;b cseq=2 sdp=recvonly@B:4000/PCMU
		5110  P>A 200 OK to=bob;x cseq=2 sdp=recvonly@P:4002/PCMU
		8000  A>P INVITE to=bob;x cseq=3 sdp=sendrecv@A:4000/PCMU
		8010  P>B INVITE call=c2 from=alice;p to=bob;b cseq=3 sdp=sendrecv@P:4000/PCMU
		8100  B>P 200 OK call=c2 from=alice;p to=bob;b cseq=3 sdp=sendrecv@B:4000/PCMU
		8110  P>A 200 OK to=bob;x cseq=3 sdp=sendrecv@P:4002/PCMU
		9000  A>P BYE to=bob;x cseq=4
		9010  P>B BYE call=c2 from=alice;p to=bob;b cseq=4
		9020  B>P 200 OK call=c2 from=alice;p to=bob;b cseq=4/BYE
		9030  P>A 200 OK to=bob;x cseq=4/BYE
		60000 close`).call()
	if c.Holds != 1 || c.HoldMS != 3010 { // 5100 on the callee's leg to 8110 on the caller's
		t.Errorf("got %d holds of %g ms, want 1 of 3010", c.Holds, c.HoldMS)
	}
}

func TestOfferAnswerCodecs(t *testing.T) {
	tests := []struct {
		name, flow        string
		offered, answered []string
	}{
		{"offer in INVITE", `
			0     A>B INVITE sdp=sendrecv@A:4000/PCMU,PCMA,telephone-event
			100   B>A 183 Progress to=bob;b sdp=sendrecv@B:4000/PCMU
			200   B>A 200 OK to=bob;b sdp=sendrecv@B:4000/PCMA
			210   A>B ACK to=bob;b br=ack`,
			[]string{"PCMU", "PCMA", "telephone-event"}, []string{"PCMA"}},
		{"delayed offer", `
			0     A>B INVITE
			200   B>A 200 OK to=bob;b sdp=sendrecv@B:4000/opus,PCMA
			210   A>B ACK to=bob;b br=ack sdp=sendrecv@A:4000/PCMA`,
			[]string{"opus", "PCMA"}, []string{"PCMA"}},
		{"offer in a reliable 183, answer in PRACK", `
			0     A>B INVITE
			100   B>A 183 Progress to=bob;b rseq=1 sdp=sendrecv@B:4000/G722,PCMA
			110   A>B PRACK to=bob;b cseq=2 rack=1_1_INVITE sdp=sendrecv@A:4000/G722
			120   B>A 200 OK to=bob;b cseq=2/PRACK
			200   B>A 200 OK to=bob;b
			210   A>B ACK to=bob;b br=ack`,
			[]string{"G722", "PCMA"}, []string{"G722"}},
		{"delayed offer, the ACK passes the proxy by", `
			0     A>P INVITE
			1     P>B INVITE via=2
			200   B>P 200 OK to=bob;b via=2 sdp=sendrecv@B:4000/opus,PCMA
			201   P>A 200 OK to=bob;b sdp=sendrecv@B:4000/opus,PCMA
			210   A>B ACK to=bob;b br=ack sdp=sendrecv@A:4000/PCMA`,
			[]string{"opus", "PCMA"}, []string{"PCMA"}},
		{"the 200 repeats nothing", `
			0     A>B INVITE sdp=sendrecv@A:4000/PCMU
			100   B>A 183 Progress to=bob;b sdp=sendrecv@B:4000/PCMU
			200   B>A 200 OK to=bob;b
			210   A>B ACK to=bob;b br=ack`,
			[]string{"PCMU"}, []string{"PCMU"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := play(t, Config{}, tt.flow+hungUp).call()
			if !slices.Equal(c.Offered, tt.offered) || !slices.Equal(c.AnsweredCodecs, tt.answered) {
				t.Errorf("got offered %v, answered %v; want %v, %v", c.Offered, c.AnsweredCodecs, tt.offered, tt.answered)
			}
		})
	}
}

func TestTransfers(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"blind", `
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com
			5010 B>A 202 Accepted to=bob;b cseq=2/REFER
			5020 B>A NOTIFY from=bob;b to=alice;a cseq=1 event=refer body=SIP/2.0_100_Trying
			5030 A>B 200 OK from=bob;b to=alice;a cseq=1/NOTIFY
			8000 B>A NOTIFY from=bob;b to=alice;a cseq=2 event=refer body=SIP/2.0_200_OK
			8010 A>B 200 OK from=bob;b to=alice;a cseq=2/NOTIFY`,
			"5000 blind sip:carol@example.com 200"},
		{"attended", `
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com replaces=c9;to-tag=x;from-tag=y
			5010 B>A 202 Accepted to=bob;b cseq=2/REFER
			8000 B>A NOTIFY from=bob;b to=alice;a cseq=2 event=refer;id=2 body=SIP/2.0_200_OK`,
			"5000 attended sip:carol@example.com 200"},
		{"two at once (RFC 3515 4.2)", `
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com
			5010 B>A 202 Accepted to=bob;b cseq=2/REFER
			5100 A>B REFER to=bob;b cseq=3 refer=sip:dave@example.com
			5110 B>A 202 Accepted to=bob;b cseq=3/REFER
			8000 B>A NOTIFY from=bob;b to=alice;a cseq=2 event=refer;id=2 body=SIP/2.0_503_Service_Unavailable
			8100 B>A NOTIFY from=bob;b to=alice;a cseq=3 event=refer;id=3 body=SIP/2.0_200_OK`,
			"5000 blind sip:carol@example.com 503; 5100 blind sip:dave@example.com 200"},
		{"the NOTIFY comes after the BYE", `
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com
			5010 B>A 202 Accepted to=bob;b cseq=2/REFER
			5020 B>A NOTIFY from=bob;b to=alice;a cseq=1 event=refer body=SIP/2.0_100_Trying
			5030 A>B BYE to=bob;b cseq=3
			5040 B>A 200 OK to=bob;b cseq=3/BYE
			30000 B>A NOTIFY from=bob;b to=alice;a cseq=2 event=refer body=SIP/2.0_486_Busy`,
			"5000 blind sip:carol@example.com 486"},
		{"refused", `
			5000 A>B REFER to=bob;b cseq=2 refer=sip:carol@example.com
			5010 B>A 603 Declined to=bob;b cseq=2/REFER`,
			"5000 blind sip:carol@example.com 603"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := transfers(play(t, Config{}, answeredCall+tt.flow+hungUp).call()); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("INVITE with Replaces", func(t *testing.T) {
		f := play(t, Config{}, `
			0    A>B INVITE replaces=c9;to-tag=x;from-tag=y
			100  B>A 200 OK to=bob;b
			110  A>B ACK to=bob;b br=ack`+hungUp)
		if got, want := transfers(f.call()), "0 replaces c9 200"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func transfers(c *CallRecord) (s string) {
	for i, tr := range c.Transfers {
		if i > 0 {
			s += "; "
		}
		s += fmt.Sprintf("%g %s %s %s", float64(int64(tr.At)-epoch)/1e6, tr.Kind, tr.Target, show(tr.Status))
	}
	return s
}
