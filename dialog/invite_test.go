package dialog

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// outcome is what most flows are about, in one line that reads.
func outcome(r *CallRecord) string {
	rel := func(t Time) string {
		if t == 0 {
			return "-"
		}
		return strconv.FormatFloat(float64(int64(t)-epoch)/1e6, 'f', -1, 64)
	}
	ms := func(v *float64) string {
		if v == nil {
			return "null"
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	return fmt.Sprintf("%s status=%s by=%s start=%s ring=%s answer=%s end=%s duration=%s srd=%s pdd=%s sdd=%s retrans=%d truncated=%v",
		r.Disposition, show(r.FinalStatus), r.EndedBy, rel(r.Start), rel(r.Ringing), rel(r.Answer), rel(r.End),
		ms(r.DurationMS), ms(r.SetupMS), ms(r.PDDMS), ms(r.DisconnectMS), r.Retransmissions, r.Truncated)
}

// A capture whose clock begins at 0 still has a first INVITE.
func TestTimeZero(t *testing.T) {
	table := NewTable(Config{})
	for i, line := range []string{"A>B INVITE", "B>A 486 Busy to=bob;b"} {
		hop, m := parseLine(t, strings.Fields(line))
		table.SIP(int64(i)*1e9, hop, m)
	}
	table.Close(60e9, func(r Record) {
		if c, ok := r.(*CallRecord); !ok || c.Disposition != Busy || c.SetupMS == nil || c.Truncated {
			t.Errorf("got %+v, want a busy call", r)
		}
	})
	if got := table.Totals().KPI.Attempts; got != 1 {
		t.Errorf("got %d attempts, want 1", got)
	}
}

// Expected times are read off the ladders by hand: RFC 6076 4.3 (SRD), 4.4 (SDD).
func TestOutcome(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"answered, callee hangs up", `
			0     A>B INVITE
			20    B>A 100 Trying
			200   B>A 180 Ringing to=bob;b
			3000  B>A 200 OK to=bob;b
			3010  A>B ACK to=bob;b br=ack
			63000 B>A BYE from=bob;b to=alice;a cseq=7
			63020 A>B 200 OK from=bob;b to=alice;a cseq=7/BYE
			90000 close`,
			"answered status=200 by=callee start=0 ring=200 answer=3000 end=63000 duration=60000 srd=200 pdd=200 sdd=20 retrans=0 truncated=false"},
		{"181 is set-up, not ringing", `
			0     A>B INVITE
			20    B>A 100 Trying
			100   B>A 181 Forwarded to=bob;b
			400   B>A 183 Progress to=bob;b
			3000  B>A 200 OK to=bob;b
			3010  A>B ACK to=bob;b br=ack
			4000  A>B BYE to=bob;b cseq=2
			4020  B>A 200 OK to=bob;b cseq=2/BYE
			90000 close`,
			"answered status=200 by=caller start=0 ring=400 answer=3000 end=4000 duration=1000 srd=100 pdd=400 sdd=20 retrans=0 truncated=false"},
		{"answered at once", `
			0     A>B INVITE
			250   B>A 200 OK to=bob;b
			260   A>B ACK to=bob;b br=ack
			1260  A>B BYE to=bob;b cseq=2
			1300  B>A 200 OK to=bob;b cseq=2/BYE
			90000 close`,
			"answered status=200 by=caller start=0 ring=- answer=250 end=1260 duration=1010 srd=250 pdd=250 sdd=40 retrans=0 truncated=false"},
		{"everything twice", `
			0     A>B INVITE
			500   A>B INVITE
			1500  A>B INVITE
			1520  B>A 180 Ringing to=bob;b
			1521  B>A 180 Ringing to=bob;b
			3000  B>A 200 OK to=bob;b
			3010  A>B ACK to=bob;b br=ack
			3500  B>A 200 OK to=bob;b
			3510  A>B ACK to=bob;b br=ack
			5000  A>B BYE to=bob;b cseq=2
			5500  A>B BYE to=bob;b cseq=2
			5520  B>A 200 OK to=bob;b cseq=2/BYE
			5521  B>A 200 OK to=bob;b cseq=2/BYE
			90000 close`,
			"answered status=200 by=caller start=0 ring=1520 answer=3000 end=5000 duration=2000 srd=1520 pdd=1520 sdd=520 retrans=7 truncated=false"},
		{"the mirror swaps INVITE and 100", `
			0     B>A 100 Trying
			0.2   A>B INVITE
			100   B>A 180 Ringing to=bob;b
			3000  B>A 200 OK to=bob;b
			3010  A>B ACK to=bob;b br=ack
			4000  A>B BYE to=bob;b cseq=2
			4020  B>A 200 OK to=bob;b cseq=2/BYE
			90000 close`,
			"answered status=200 by=caller start=0.2 ring=100 answer=3000 end=4000 duration=1000 srd=99.8 pdd=99.8 sdd=20 retrans=0 truncated=false"},
		{"the mirror swaps BYE and its 200", `
			0     A>B INVITE
			3000  B>A 200 OK to=bob;b
			3010  A>B ACK to=bob;b br=ack
			4000  B>A 200 OK to=bob;b cseq=2/BYE
			4000.1 A>B BYE to=bob;b cseq=2
			90000 close`,
			"answered status=200 by=caller start=0 ring=- answer=3000 end=4000.1 duration=1000.1 srd=3000 pdd=3000 sdd=0 retrans=0 truncated=false"},
		{"nobody there", `
			0     A>B INVITE
			500   A>B INVITE
			1500  A>B INVITE
			3500  A>B INVITE
			60000 close`,
			"failed status=null by=timeout start=0 ring=- answer=- end=3500 duration=null srd=null pdd=null sdd=null retrans=3 truncated=false"},
		{"rings until Timer C", `
			0     A>B INVITE
			20    B>A 100 Trying
			200   B>A 180 Ringing to=bob;b
			179000 tick
			181000 close`,
			"no_answer status=null by=timeout start=0 ring=200 answer=- end=200 duration=null srd=200 pdd=200 sdd=null retrans=0 truncated=false"},
		{"busy", `
			0     A>B INVITE
			30    B>A 100 Trying
			500   B>A 486 Busy Here to=bob;b
			510   A>B ACK to=bob;b
			60000 close`,
			"busy status=486 by=callee start=0 ring=- answer=- end=500 duration=null srd=500 pdd=null sdd=null retrans=0 truncated=false"},
		{"the final response and its ACK repeat", `
			0     A>B INVITE
			500   B>A 486 Busy Here to=bob;b
			510   A>B ACK to=bob;b
			1000  B>A 486 Busy Here to=bob;b
			1010  A>B ACK to=bob;b
			60000 close`,
			"busy status=486 by=callee start=0 ring=- answer=- end=500 duration=null srd=500 pdd=null sdd=null retrans=2 truncated=false"},
		{"cancelled", `
			0     A>B INVITE
			200   B>A 180 Ringing to=bob;b
			5000  A>B CANCEL
			5010  B>A 200 OK cseq=1/CANCEL to=bob;b
			5020  B>A 487 Terminated to=bob;b
			5030  A>B ACK to=bob;b
			60000 close`,
			"cancelled status=487 by=caller start=0 ring=200 answer=- end=5020 duration=null srd=200 pdd=200 sdd=null retrans=0 truncated=false"},
		{"cancelled, the 487 is not seen", `
			0     A>B INVITE
			200   B>A 180 Ringing to=bob;b
			5000  A>B CANCEL
			60000 close`,
			"cancelled status=null by=timeout start=0 ring=200 answer=- end=5000 duration=null srd=200 pdd=200 sdd=null retrans=0 truncated=false"},
		{"200 crosses CANCEL", `
			0     A>B INVITE
			200   B>A 180 Ringing to=bob;b
			5000  A>B CANCEL
			5001  B>A 200 OK to=bob;b
			5010  B>A 200 OK cseq=1/CANCEL to=bob;b
			5020  A>B ACK to=bob;b br=ack
			5030  A>B BYE to=bob;b cseq=2
			5040  B>A 200 OK to=bob;b cseq=2/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=200 answer=5001 end=5030 duration=29 srd=200 pdd=200 sdd=10 retrans=0 truncated=false"},
		{"BYE in an early dialog", `
			0     A>B INVITE
			200   B>A 180 Ringing to=bob;b
			5000  A>B BYE to=bob;b cseq=2
			5010  B>A 200 OK to=bob;b cseq=2/BYE
			5020  B>A 487 Terminated to=bob;b
			5030  A>B ACK to=bob;b
			60000 close`,
			"cancelled status=487 by=caller start=0 ring=200 answer=- end=5020 duration=null srd=200 pdd=200 sdd=null retrans=0 truncated=false"},
		{"challenged twice, one attempt", `
			0     A>P INVITE
			50    P>A 407 Auth to=bob;x
			60    A>P ACK to=bob;x
			100   A>P INVITE cseq=2
			150   P>A 401 Auth to=bob;y cseq=2/INVITE
			160   A>P ACK to=bob;y cseq=2
			200   A>P INVITE cseq=3
			1000  P>A 180 Ringing to=bob;b cseq=3/INVITE
			2000  P>A 200 OK to=bob;b cseq=3/INVITE
			2010  A>P ACK to=bob;b cseq=3 br=ack
			3000  A>P BYE to=bob;b cseq=4
			3010  P>A 200 OK to=bob;b cseq=4/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=1000 answer=2000 end=3000 duration=1000 srd=1000 pdd=1000 sdd=10 retrans=0 truncated=false"},
		{"wrong password", `
			0     A>P INVITE
			50    P>A 407 Auth to=bob;x
			60    A>P ACK to=bob;x
			100   A>P INVITE cseq=2
			150   P>A 403 Forbidden to=bob;y cseq=2/INVITE
			160   A>P ACK to=bob;y cseq=2
			60000 close`,
			"rejected status=403 by=callee start=0 ring=- answer=- end=150 duration=null srd=150 pdd=null sdd=null retrans=0 truncated=false"},
		{"redirected, and that was it", `
			0     A>P INVITE
			50    P>A 302 Moved to=bob;x
			60    A>P ACK to=bob;x
			60000 close`,
			"redirected status=302 by=callee start=0 ring=- answer=- end=50 duration=null srd=50 pdd=null sdd=null retrans=0 truncated=false"},
		{"redirected to an answer elsewhere", `
			0     A>P INVITE
			50    P>A 302 Moved to=bob;x
			60    A>P ACK to=bob;x
			100   A>B INVITE cseq=2
			500   B>A 180 Ringing to=bob;b cseq=2/INVITE
			1000  B>A 200 OK to=bob;b cseq=2/INVITE
			1010  A>B ACK to=bob;b cseq=2 br=ack
			2000  A>B BYE to=bob;b cseq=3
			2010  B>A 200 OK to=bob;b cseq=3/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=500 answer=1000 end=2000 duration=1000 srd=500 pdd=500 sdd=10 retrans=0 truncated=false"},
		{"the first proxy is down, the second one answers", `
			0     A>P INVITE
			50    P>A 503 Unavailable to=bob;x
			60    A>P ACK to=bob;x
			100   A>Q INVITE
			500   Q>A 180 Ringing to=bob;b
			1000  Q>A 200 OK to=bob;b
			1010  A>Q ACK to=bob;b br=ack
			2000  A>Q BYE to=bob;b cseq=3
			2010  Q>A 200 OK to=bob;b cseq=3/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=500 answer=1000 end=2000 duration=1000 srd=500 pdd=500 sdd=10 retrans=0 truncated=false"},
		{"parallel fork, the second phone answers", `
			0     A>P INVITE
			100   P>A 180 Ringing to=bob;b1
			150   P>A 180 Ringing to=bob;b2
			2000  P>A 200 OK to=bob;b2
			2010  A>P ACK to=bob;b2 br=ack
			4000  P>A BYE from=bob;b2 to=alice;a cseq=1
			4010  A>P 200 OK from=bob;b2 to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=100 answer=2000 end=4000 duration=2000 srd=100 pdd=100 sdd=10 retrans=0 truncated=false"},
		{"two phones answer, the caller drops one", `
			0     A>P INVITE
			2000  P>A 200 OK to=bob;b1
			2005  P>A 200 OK to=bob;b2
			2010  A>P ACK to=bob;b1 br=ack1
			2015  A>P ACK to=bob;b2 br=ack2
			2020  A>P BYE to=bob;b2 cseq=2 br=bye2
			2030  P>A 200 OK to=bob;b2 cseq=2/BYE br=bye2
			62000 A>P BYE to=bob;b1 cseq=3
			62010 P>A 200 OK to=bob;b1 cseq=3/BYE
			90000 close`,
			"answered status=200 by=caller start=0 ring=- answer=2000 end=62000 duration=60000 srd=2000 pdd=2000 sdd=10 retrans=0 truncated=false"},
		{"two phones answer, the caller keeps the second", `
			0     A>P INVITE
			2000  P>A 200 OK to=bob;b1
			2005  P>A 200 OK to=bob;b2
			2010  A>P ACK to=bob;b1 br=ack1
			2015  A>P ACK to=bob;b2 br=ack2
			2020  A>P BYE to=bob;b1 cseq=2 br=bye1
			2030  P>A 200 OK to=bob;b1 cseq=2/BYE br=bye1
			62000 P>A BYE from=bob;b2 to=alice;a cseq=3
			62010 A>P 200 OK from=bob;b2 to=alice;a cseq=3/BYE
			90000 close`,
			"answered status=200 by=callee start=0 ring=- answer=2000 end=62000 duration=60000 srd=2000 pdd=2000 sdd=10 retrans=0 truncated=false"},
		{"both hang up at once", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			2000  A>B BYE to=bob;b cseq=2
			2001  B>A BYE from=bob;b to=alice;a cseq=9
			2010  B>A 481 Gone to=bob;b cseq=2/BYE
			2011  A>B 481 Gone from=bob;b to=alice;a cseq=9/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=- answer=1000 end=2000 duration=1000 srd=1000 pdd=1000 sdd=null retrans=0 truncated=false"},
		{"the BYE is challenged", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			2000  A>B BYE to=bob;b cseq=2
			2010  B>A 407 Auth to=bob;b cseq=2/BYE
			2020  A>B BYE to=bob;b cseq=3
			2030  B>A 200 OK to=bob;b cseq=3/BYE
			60000 close`,
			"answered status=200 by=caller start=0 ring=- answer=1000 end=2000 duration=1000 srd=1000 pdd=1000 sdd=30 retrans=0 truncated=false"},
		{"the 200 was not captured, the ACK proves it", `
			0     A>B INVITE
			200   B>A 180 Ringing to=bob;b
			1010  A>B ACK to=bob;b br=ack
			2000  A>B BYE to=bob;b cseq=2
			2010  B>A 200 OK to=bob;b cseq=2/BYE
			60000 close`,
			"answered status=null by=caller start=0 ring=200 answer=- end=2000 duration=null srd=200 pdd=200 sdd=10 retrans=0 truncated=false"},
		{"branches of RFC 2543", `
			0     A>B INVITE oldbr=
			500   A>B INVITE oldbr=
			700   B>A 200 OK to=bob;b oldbr=
			710   A>B ACK to=bob;b oldbr=
			2000  A>B BYE to=bob;b cseq=2 oldbr=
			2010  B>A 200 OK to=bob;b cseq=2/BYE oldbr=
			60000 close`,
			"answered status=200 by=caller start=0 ring=- answer=700 end=2000 duration=1300 srd=700 pdd=700 sdd=10 retrans=1 truncated=false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := outcome(play(t, Config{}, tt.flow).call())
			if got != tt.want {
				t.Errorf("got\n  %s\nwant\n  %s", got, tt.want)
			}
		})
	}
}
