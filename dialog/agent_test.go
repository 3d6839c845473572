package dialog

import "testing"

// Each end is called what its own messages say; what hops on the way say of
// themselves is not the end's.
func TestAgents(t *testing.T) {
	tests := []struct{ name, flow, from, to string }{
		{"both say it", `
			0  A>B INVITE ua=Phone/1
			10 B>A 180 Ringing to=bob;b ua=Gateway/2
			20 B>A 200 OK to=bob;b ua=Gateway/2
			60000 close`, "Phone/1", "Gateway/2"},
		{"nobody does", `
			0  A>B INVITE
			20 B>A 200 OK to=bob;b
			60000 close`, "", ""},
		{"the proxy says trying, the callee answers", `
			0  A>P INVITE ua=Phone/1
			1  P>A 100 Trying ua=Proxy/9
			20 P>A 200 OK to=bob;b ua=Gateway/2
			60000 close`, "Phone/1", "Gateway/2"},
		{"the proxy asks for a password", `
			0  A>P INVITE ua=Phone/1
			1  P>A 407 Proxy_Authentication_Required to=bob;p ua=Proxy/9
			2  A>P ACK to=bob;p ua=Proxy/9
			3  A>P INVITE cseq=2 ua=Phone/1
			20 P>A 183 Progress cseq=2 to=bob;b ua=Gateway/2
			60000 close`, "Phone/1", "Gateway/2"},
		{"who refuses is who was asked, as far as anybody knows", `
			0  A>B INVITE ua=Phone/1
			20 B>A 503 Service_Unavailable to=bob;b ua=Gateway/2
			60000 close`, "Phone/1", "Gateway/2"},
		{"the answering machine picks up after the phone rang", `
			0  A>P INVITE ua=Phone/1
			10 P>A 180 Ringing to=bob;b ua=Gateway/2
			20 P>A 200 OK to=bob;c ua=Mailbox/3
			60000 close`, "Phone/1", "Mailbox/3"},
		{"the callee hangs up: its BYE says it", `
			0     A>B INVITE ua=Phone/1
			20    B>A 200 OK to=bob;b
			5000  B>A BYE from=bob;b to=alice;a ua=Gateway/2
			60000 close`, "Phone/1", "Gateway/2"},
		{"a border controller stands for each end towards the other", `
			0  A>P INVITE ua=Phone/1
			1  P>B INVITE call=c2 from=alice;p ua=SBC/7
			20 B>P 200 OK call=c2 from=alice;p to=bob;b ua=Gateway/2
			21 P>A 200 OK to=bob;q ua=SBC/7
			60000 close`, "Phone/1", "Gateway/2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := play(t, Config{}, tt.flow).call()
			if c.AgentFrom != tt.from || c.AgentTo != tt.to {
				t.Errorf("got %q and %q, want %q and %q", c.AgentFrom, c.AgentTo, tt.from, tt.to)
			}
		})
	}
}
