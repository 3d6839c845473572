package dialog

import (
	"fmt"
	"strings"
	"testing"
)

func listed(list []*TransactionRecord) string {
	var lines []string
	for _, x := range list {
		lines = append(lines, fmt.Sprintf("%s %s %v>%v at %g: %s in %s ms, %d again", x.Method, x.CallID,
			x.Src.Port(), x.Dst.Port(), float64(int64(x.Start)-epoch)/1e6, show(x.FinalStatus), show(x.ResponseMS), x.Retransmissions))
	}
	return strings.Join(lines, "; ")
}

func TestExchanges(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"OPTIONS", `
			0    A:1>P:2 OPTIONS
			20   P:2>A:1 200 OK to=bob;b cseq=1/OPTIONS
			9000 close`,
			"OPTIONS c1 1>2 at 0: 200 in 20 ms, 0 again"},
		{"REGISTER with its challenge is one (RFC 6076 4.1)", `
			0    A:1>P:2 REGISTER cseq=5
			20   P:2>A:1 401 Unauthorized to=bob;b cseq=5/REGISTER
			30   A:1>P:2 REGISTER cseq=6 from=alice;other
			80   P:2>A:1 200 OK to=bob;b cseq=6/REGISTER from=alice;other
			9000 close`,
			"REGISTER c1 1>2 at 0: 200 in 80 ms, 0 again"},
		{"423 asks for a longer expiry", `
			0    A:1>P:2 REGISTER cseq=5
			20   P:2>A:1 423 Brief to=bob;b cseq=5/REGISTER
			30   A:1>P:2 REGISTER cseq=6
			80   P:2>A:1 200 OK to=bob;b cseq=6/REGISTER
			9000 close`,
			"REGISTER c1 1>2 at 0: 200 in 80 ms, 0 again"},
		{"a refresh is another one", `
			0    A:1>P:2 REGISTER cseq=5
			20   P:2>A:1 200 OK to=bob;b cseq=5/REGISTER
			1000 A:1>P:2 REGISTER cseq=6
			1080 P:2>A:1 200 OK to=bob;b cseq=6/REGISTER
			9000 close`,
			"REGISTER c1 1>2 at 0: 200 in 20 ms, 0 again; REGISTER c1 1>2 at 1000: 200 in 80 ms, 0 again"},
		{"nobody answers", `
			0    A:1>P:2 OPTIONS
			500  A:1>P:2 OPTIONS
			1500 A:1>P:2 OPTIONS
			33500 tick
			34000 close`,
			"OPTIONS c1 1>2 at 0: null in null ms, 2 again"},
		{"both directions again", `
			0    A:1>P:2 MESSAGE
			500  A:1>P:2 MESSAGE
			520  P:2>A:1 202 Accepted to=bob;b cseq=1/MESSAGE
			521  P:2>A:1 202 Accepted to=bob;b cseq=1/MESSAGE
			9000 close`,
			"MESSAGE c1 1>2 at 0: 202 in 520 ms, 2 again"},
		{"two hops of a proxy are one", `
			0    A:1>P:2 REGISTER
			5    P:2>R:3 REGISTER via=2
			20   R:3>P:2 200 OK to=bob;b cseq=1/REGISTER via=2
			25   P:2>A:1 200 OK to=bob;b cseq=1/REGISTER
			9000 close`,
			"REGISTER c1 1>2 at 0: 200 in 25 ms, 0 again"},
		{"response first", `
			0    P:2>A:1 200 OK to=bob;b cseq=1/OPTIONS
			0.2  A:1>P:2 OPTIONS
			9000 close`,
			"OPTIONS c1 1>2 at 0.2: 200 in 0 ms, 0 again"},
		{"the request was before the capture", `
			0    P:2>A:1 200 OK to=bob;b cseq=1/OPTIONS
			9000 close`,
			"OPTIONS c1 1>2 at 0: 200 in null ms, 0 again"},
		{"each end counts CSeq for itself", `
			0    A:1>P:2 SUBSCRIBE
			20   P:2>A:1 200 OK to=bob;b cseq=1/SUBSCRIBE
			30   P:2>A:1 NOTIFY from=bob;b to=alice;a
			40   A:1>P:2 200 OK from=bob;b to=alice;a cseq=1/NOTIFY
			50   A:1>P:2 NOTIFY to=bob;b
			60   P:2>A:1 200 OK to=bob;b cseq=1/NOTIFY
			9000 close`,
			"SUBSCRIBE c1 1>2 at 0: 200 in 20 ms, 0 again; NOTIFY c1 2>1 at 30: 200 in 10 ms, 0 again; NOTIFY c1 1>2 at 50: 200 in 10 ms, 0 again"},
		{"a provisional response is not final", `
			0    A:1>P:2 SUBSCRIBE
			10   P:2>A:1 100 Trying cseq=1/SUBSCRIBE
			20   P:2>A:1 489 Bad to=bob;b cseq=1/SUBSCRIBE
			9000 close`,
			"SUBSCRIBE c1 1>2 at 0: 489 in 20 ms, 0 again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := play(t, Config{}, tt.flow)
			if got := listed(f.transactions()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if n := len(f.table.exchanges); n != 0 {
				t.Errorf("%d exchanges still there", n)
			}
			if n := len(f.calls()); n != 0 {
				t.Errorf("got %d calls, want none", n)
			}
		})
	}
}

// What happens inside a call is the call's.
func TestTransactionsInsideACall(t *testing.T) {
	f := play(t, Config{}, answeredCall+`
		2000 A>B INFO to=bob;b cseq=2
		2010 B>A 200 OK to=bob;b cseq=2/INFO
		3000 B>A OPTIONS from=bob;b to=alice;a cseq=1
		3010 A>B 200 OK from=bob;b to=alice;a cseq=1/OPTIONS
		4000 A>B REGISTER cseq=7
		4010 B>A 200 OK cseq=7/REGISTER`+hungUp)
	if got, want := listed(f.transactions()), "REGISTER c1 5060>5060 at 4000: 200 in 10 ms, 0 again"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f.call()
}

// Who goes on after three tries guesses passwords: these are records of their own.
func TestGuessingIsNotOneRegistration(t *testing.T) {
	text := ""
	for i := range 6 {
		text += fmt.Sprintf("%d A:1>P:2 REGISTER cseq=%d\n%d P:2>A:1 401 No to=bob;b cseq=%d/REGISTER\n", i*100, i+1, i*100+20, i+1)
	}
	f := play(t, Config{}, text+"60000 close")
	if got, want := listed(f.transactions()), "REGISTER c1 1>2 at 0: 401 in 220 ms, 0 again; REGISTER c1 1>2 at 300: 401 in 220 ms, 0 again"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Registrations say what sort of phone asks; the registrar's own name is not it.
func TestExchangeAgent(t *testing.T) {
	f := play(t, Config{}, `
		0    A:1>P:2 REGISTER ua=Phone/1
		20   P:2>A:1 200 OK to=bob;b cseq=1/REGISTER ua=Registrar/9
		100  P:2>B:1 200 OK call=c2 cseq=1/OPTIONS ua=Registrar/9
		9000 close`)
	var got []string
	for _, x := range f.transactions() {
		got = append(got, x.Method+" "+x.UserAgent)
	}
	if want := "REGISTER Phone/1; OPTIONS "; strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
	}
}
