package dialog

import "testing"

func TestTruncated(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"began before: BYE", `
			0     A>B BYE to=bob;b cseq=2
			10    B>A 200 OK to=bob;b cseq=2/BYE
			60000 close`,
			"answered status=null by=caller start=0 ring=- answer=- end=0 duration=null srd=null pdd=null sdd=10 retrans=0 truncated=true"},
		{"began before: re-INVITE", `
			0     A>B INVITE to=bob;b cseq=2 sdp=sendrecv@A:4000/PCMU
			10    B>A 200 OK to=bob;b cseq=2
			20    A>B ACK to=bob;b cseq=2 br=ack
			5000  B>A BYE from=bob;b to=alice;a cseq=1
			5010  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=null by=callee start=0 ring=- answer=- end=5000 duration=null srd=null pdd=null sdd=10 retrans=0 truncated=true"},
		{"began before: 200", `
			0     B>A 200 OK to=bob;b
			10    A>B ACK to=bob;b br=ack
			5000  B>A BYE from=bob;b to=alice;a cseq=1
			5010  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=- answer=- end=5000 duration=null srd=null pdd=null sdd=10 retrans=0 truncated=true"},
		{"began before: 180", `
			0     B>A 180 Ringing to=bob;b
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			5000  B>A BYE from=bob;b to=alice;a cseq=1
			5010  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=200 by=callee start=0 ring=0 answer=1000 end=5000 duration=4000 srd=null pdd=null sdd=10 retrans=0 truncated=true"},
		{"began before: ACK", `
			0     A>B ACK to=bob;b br=ack
			5000  B>A BYE from=bob;b to=alice;a cseq=1
			5010  A>B 200 OK from=bob;b to=alice;a cseq=1/BYE
			60000 close`,
			"answered status=null by=callee start=0 ring=- answer=- end=5000 duration=null srd=null pdd=null sdd=10 retrans=0 truncated=true"},
		{"began before: an ACK alone tells nothing", `
			0      A>B ACK to=bob;b br=ack
			181000 tick
			182000 close`,
			"in_progress status=null by=timeout start=0 ring=- answer=- end=0 duration=null srd=null pdd=null sdd=null retrans=0 truncated=true"},
		{"began before: CANCEL", `
			0     A>B CANCEL
			10    B>A 200 OK to=bob;b cseq=1/CANCEL
			20    B>A 487 Terminated to=bob;b
			60000 close`,
			"cancelled status=487 by=caller start=0 ring=- answer=- end=20 duration=null srd=null pdd=null sdd=null retrans=0 truncated=true"},
		{"goes on: answered", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			9000  close`,
			"in_progress status=200 by=capture_end start=0 ring=- answer=1000 end=9000 duration=8000 srd=1000 pdd=1000 sdd=null retrans=0 truncated=true"},
		{"goes on: ringing", `
			0     A>B INVITE
			1000  B>A 180 Ringing to=bob;b
			9000  close`,
			"in_progress status=null by=capture_end start=0 ring=1000 answer=- end=9000 duration=null srd=1000 pdd=1000 sdd=null retrans=0 truncated=true"},
		{"ends just before the capture does", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			8999  A>B BYE to=bob;b cseq=2
			9000  close`,
			"answered status=200 by=caller start=0 ring=- answer=1000 end=8999 duration=7999 srd=1000 pdd=1000 sdd=null retrans=0 truncated=false"},
		{"no sign of life for four hours", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			14401000 tick
			14402000 close`,
			"answered status=200 by=timeout start=0 ring=- answer=1000 end=1010 duration=10 srd=1000 pdd=1000 sdd=null retrans=0 truncated=false"},
		{"session refreshes keep it (RFC 4028)", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			14000000 A>B UPDATE to=bob;b cseq=2
			14000010 B>A 200 OK to=bob;b cseq=2/UPDATE
			14402000 close`,
			"in_progress status=200 by=capture_end start=0 ring=- answer=1000 end=14402000 duration=14401000 srd=1000 pdd=1000 sdd=null retrans=0 truncated=true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(play(t, Config{}, tt.flow).call()); got != tt.want {
				t.Errorf("got\n  %s\nwant\n  %s", got, tt.want)
			}
		})
	}
}

func TestNoAnswerToBye(t *testing.T) {
	const call = `
		0     A>B INVITE
		1000  B>A 200 OK to=bob;b
		1010  A>B ACK to=bob;b br=ack
		9000  A>B BYE to=bob;b cseq=2
		9500  A>B BYE to=bob;b cseq=2
	`
	tests := []struct {
		name, flow string
		want       bool
	}{
		{"silence for 64*T1", "41000 tick\n41001 close", true},
		{"the capture ends before", "40999 close", false},
		{"a late answer", "30000 B>A 200 OK to=bob;b cseq=2/BYE\n90000 close", false},
		{"the proxy answers for the peer", "41000 B>A 408 Timeout to=bob;b cseq=2/BYE\n90000 close", true},
		{"the peer forgot the call", "9600 B>A 481 Gone to=bob;b cseq=2/BYE\n90000 close", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := play(t, Config{}, call+tt.flow).call()
			got := false
			for _, f := range c.Findings {
				got = got || f.Code == "no_answer_to_bye"
			}
			if got != tt.want {
				t.Errorf("got finding: %v, want %v (%+v)", got, tt.want, c.Findings)
			}
			if c.End != at(9000) || c.Disposition != Answered {
				t.Errorf("got %s, end %v; want answered, 9 s", c.Disposition, c.End)
			}
		})
	}
}

func TestDispositionOfStatus(t *testing.T) {
	tests := []struct {
		status string
		rang   bool
		want   Disposition
	}{
		{"486", true, Busy}, {"600", true, Busy},
		{"480", true, NoAnswer}, {"408", true, NoAnswer}, {"408", false, Failed},
		{"487", true, Cancelled},
		{"403", false, Rejected}, {"603", true, Rejected}, {"607", true, Rejected}, {"608", false, Rejected},
		{"300", false, Redirected}, {"305", false, Redirected},
		{"401", false, Failed}, {"404", false, Failed}, {"488", false, Failed},
		{"500", false, Failed}, {"503", false, Failed}, {"604", true, Failed},
	}
	for _, tt := range tests {
		flow := "0 A>B INVITE\n"
		if tt.rang {
			flow += "100 B>A 180 Ringing to=bob;b\n"
		}
		c := play(t, Config{}, flow+"200 B>A "+tt.status+" No to=bob;b\n60000 close").call()
		if c.Disposition != tt.want {
			t.Errorf("%s, rang %v: got %s, want %s", tt.status, tt.rang, c.Disposition, tt.want)
		}
		if c.Reason != "No" {
			t.Errorf("%s: got reason %q, want the phrase", tt.status, c.Reason)
		}
	}
}

func TestReason(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"of the BYE", answeredCall + `
			2000 B>A BYE from=bob;b to=alice;a cseq=1 reason=Q.850;cause=16;text="Normal"
			60000 close`, `Q.850;cause=16;text="Normal"`},
		{"of the CANCEL", `
			0    A>B INVITE
			100  B>A 180 Ringing to=bob;b
			200  A>B CANCEL reason=SIP;cause=200;text="Call_completed_elsewhere"
			210  B>A 487 Terminated to=bob;b
			60000 close`, `SIP;cause=200;text="Call completed elsewhere"`},
		{"of the final response", `
			0    A>B INVITE
			210  B>A 503 Unavailable to=bob;b reason=Q.850;cause=34
			60000 close`, "Q.850;cause=34"},
		{"none", answeredCall + hungUp, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := play(t, Config{}, tt.flow).call().Reason; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
