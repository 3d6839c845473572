package dialog

import (
	"fmt"
	"strings"
	"testing"
)

// Ten attempts, one of each kind, and one that began before the capture; the
// counts by RFC 6076 4.1-4.9, by hand.
func TestKPI(t *testing.T) {
	var b strings.Builder
	call := func(n int, lines string) {
		for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
			fmt.Fprintf(&b, "%s call=k%d from=u%d;t%d\n", line, n, n, n)
		}
	}
	call(1, `0 A>B INVITE
		200 B>A 180 Ringing to=bob;b
		1000 B>A 200 OK to=bob;b
		1010 A>B ACK to=bob;b br=ack1
		4000 A>B BYE to=bob;b cseq=2
		4030 B>A 200 OK to=bob;b cseq=2/BYE`)
	call(2, `0 A>B INVITE
		50 B>A 407 Auth to=bob;b
		100 A>B INVITE cseq=2
		400 B>A 180 Ringing to=bob;b cseq=2
		2000 B>A 200 OK to=bob;b cseq=2
		3000 A>B BYE to=bob;b cseq=3`) // never answered: not completed
	call(3, "0 A>B INVITE\n100 B>A 486 Busy to=bob;b")
	call(4, "0 A>B INVITE\n100 B>A 180 Ringing to=bob;b\n20000 B>A 480 Unavailable to=bob;b")
	call(5, "0 A>B INVITE\n100 B>A 603 Decline to=bob;b")
	call(6, "0 A>B INVITE\n100 B>A 302 Moved to=bob;b")
	call(7, "0 A>B INVITE\n100 B>A 503 Unavailable to=bob;b")
	call(8, "0 A>B INVITE\n100 B>A 404 Not Found to=bob;b")
	call(9, "0 A>B INVITE\n100 B>A 408 Timeout to=bob;b")
	call(10, "0 A>B INVITE")
	call(11, "0 A>B BYE to=bob;b cseq=2\n50 B>A 200 OK to=bob;b cseq=2/BYE")
	b.WriteString(`
		0    A>R REGISTER call=r1 from=r;1
		20   R>A 401 Unauthorized call=r1 to=r;b cseq=1/REGISTER from=r;1
		30   A>R REGISTER cseq=2 call=r1 from=r;1
		60   R>A 200 OK call=r1 to=r;b cseq=2/REGISTER from=r;1
		0    A>R REGISTER call=r2 from=r;2
		20   R>A 403 Forbidden call=r2 to=r;b cseq=1/REGISTER from=r;2
		0    A>R REGISTER call=r3 from=r;3
		20   R>A 401 Unauthorized call=r3 to=r;b cseq=1/REGISTER from=r;3
		0    A>R REGISTER call=r4 from=r;4
		300000 close`)
	got := play(t, Config{}, b.String()).table.Totals().KPI
	want := KPI{
		Attempts: 10, Answered: 2, Redirected: 1,
		Effective:   5, // 200, 200, 486, 480, 603
		Ineffective: 2, // 503, 408
		Completed:   1,
		UserFault:   3,           // 486, 480, 603
		TalkMS:      3000 + 1000, // 1000 to 4000, 2000 to 3000
		SetupMS:     Distribution{Count: 2, Sum: 200 + 400, Max: 400},
		PDDMS:       Distribution{Count: 2, Sum: 200 + 400, Max: 400},
		Registers:   4, RegisterFailures: 2, // 403 and the silent one
		RegisterMS:   Distribution{Count: 1, Sum: 60, Max: 60},
		DisconnectMS: Distribution{Count: 2, Sum: 30 + 50, Max: 50},
	}
	if got != want {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestTotals(t *testing.T) {
	f := play(t, Config{}, answeredCall+`
		300 A>B WHATEVER to=bob;b cseq=2
		310 B>A 501 No to=bob;b cseq=2/WHATEVER damaged=1
		320 B>A 999 No call= cseq=2/WHATEVER`+hungUp)
	got := f.table.Totals()
	if got.SIPMessages != 8 || got.Calls != 1 || got.DamagedSIP != 1 || got.UnparsedSIP != 1 {
		t.Errorf("got %+v, want 8 messages, 1 call, 1 damaged, 1 unusable", got)
	}
	if want := map[string]uint64{"INVITE": 1, "ACK": 1, "BYE": 1, "OTHER": 1}; fmt.Sprint(got.SIPRequests) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got.SIPRequests, want)
	}
	if want := map[int]uint64{200: 2, 501: 1, 0: 1}; fmt.Sprint(got.SIPResponses) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got.SIPResponses, want)
	}
}
