package dialog

import (
	"fmt"
	"slices"
	"testing"
)

// A record comes at a tick once nothing more is due: 6 s after the end, and as
// long as the last report of its media may take.
func TestWhenACallIsEmitted(t *testing.T) {
	tests := []struct {
		name, flow string
		after, by  int64 // not at the tick of this second, but at that one, s
	}{
		{"hung up", answeredCall + `
			2000 A>B BYE to=bob;b cseq=2
			2010 B>A 200 OK to=bob;b cseq=2/BYE`, 7, 9},
		{"an unanswered BYE is waited for", answeredCall + `
			2000 A>B BYE to=bob;b cseq=2`, 33, 34},
		{"a failure", `
			0    A>B INVITE
			1000 B>A 404 Not Found to=bob;b`, 6, 8},
		{"nobody there", `
			0    A>B INVITE`, 31, 38},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &flow{t: t, table: NewTable(Config{})}
			f.feed(tt.flow)
			f.tickUntil(tt.after)
			if len(f.calls()) != 0 {
				t.Errorf("emitted after %d s", tt.after)
			}
			f.tickUntil(tt.by)
			if len(f.calls()) != 1 {
				t.Errorf("not emitted after %d s", tt.by)
			}
			if n := len(f.table.sets); n != 0 || f.table.calls != 0 {
				t.Errorf("%d sets, %d calls still there", n, f.table.calls)
			}
		})
	}
}

// tickUntil ticks every second up to s after the epoch.
func (f *flow) tickUntil(s int64) {
	for f.last < epoch+s*1e9 {
		f.tick(f.last/1e9*1e9 + 1e9)
	}
}

// What comes after the record belongs to no new call, unless it begins one.
func TestStragglers(t *testing.T) {
	const ended = answeredCall + `
		2000  A>B BYE to=bob;b cseq=2
		2010  B>A 200 OK to=bob;b cseq=2/BYE
		10000 tick
	`
	tests := []struct {
		name, flow string
		calls      int
	}{
		{"retransmitted BYE", "10500 A>B BYE to=bob;b cseq=2\n60000 close", 1},
		{"retransmitted 200", "10500 B>A 200 OK to=bob;b cseq=2/BYE\n60000 close", 1},
		{"retransmitted INVITE", "10500 A>B INVITE\n60000 close", 1},
		{"the Call-ID is used again", "10500 A>B INVITE cseq=9\n60000 close", 2},
		{"by another caller", "10500 A>B INVITE from=carol;z\n60000 close", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := len(play(t, Config{}, ended+tt.flow).calls()); got != tt.calls {
				t.Errorf("got %d calls, want %d", got, tt.calls)
			}
		})
	}
	t.Run("again while the first one lingers", func(t *testing.T) {
		calls := play(t, Config{}, answeredCall+`
			2000  A>B BYE to=bob;b cseq=2
			2010  B>A 200 OK to=bob;b cseq=2/BYE
			3000  A>B INVITE from=alice;a2 cseq=1 br=new
			3500  B>A 486 Busy from=alice;a2 to=bob;b2 br=new
			60000 close`).calls()
		if len(calls) != 2 || calls[0].Disposition != Answered || calls[1].Disposition != Busy {
			t.Errorf("got %+v, want an answered and a busy call", calls)
		}
	})
}

func TestRecordOrder(t *testing.T) {
	// Three end in the same instant, one before; they come by end, then id.
	const text = `
		0     A>B INVITE call=z1
		0     A>B INVITE call=z2 from=x;2
		0     A>B INVITE call=z3 from=y;3
		0     A>B INVITE call=z0 from=z;0
		50    B>A 404 No call=z0 from=z;0
		100   B>A 404 No call=z3 from=y;3
		100   B>A 404 No call=z1
		100   B>A 404 No call=z2 from=x;2
		60000 close`
	calls := play(t, Config{}, text).calls()
	if len(calls) != 4 || calls[0].CallIDs[0] != "z0" {
		t.Fatalf("got %+v, want four, z0 first", calls)
	}
	if !slices.IsSortedFunc(calls[1:], func(a, b *CallRecord) int { return compareTimes(a.End, b.End) }) ||
		calls[1].ID > calls[2].ID || calls[2].ID > calls[3].ID {
		t.Errorf("not in order of end and id: %s %s %s", calls[1].ID, calls[2].ID, calls[3].ID)
	}
	again := play(t, Config{}, text).calls()
	for i := range calls {
		if fmt.Sprintf("%+v", *calls[i]) == "" || calls[i].ID != again[i].ID {
			t.Errorf("record %d: id %s, then %s", i, calls[i].ID, again[i].ID)
		}
	}
}

func TestIDIsContent(t *testing.T) {
	// FNV-1a, 64 bits, of "c1\0a\0" and the start in ns, worked by hand with
	// the reference constants of the FNV draft.
	h := uint64(0xcbf29ce484222325)
	for _, b := range []byte("c1\x00a\x00" + fmt.Sprint(epoch)) {
		h = (h ^ uint64(b)) * 0x100000001b3
	}
	if got, want := play(t, Config{}, "0 A>B INVITE\n60000 close").call().ID, fmt.Sprintf("%016x", h); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPartiesAndAgents(t *testing.T) {
	c := play(t, Config{}, `
		0    A>B INVITE ua=phone/1
		10   B>A 100 Trying ua=pbx
		20   B>A 180 Ringing to=bob;b ua=pbx
		30   B>A 486 Busy to=bob;b ua=other
		60000 close`).call()
	if c.From != "alice" || c.To != "bob" || c.FromURI != "sip:alice@example.com" || c.ToURI != "sip:bob@example.com" {
		t.Errorf("got %s (%s) to %s (%s)", c.From, c.FromURI, c.To, c.ToURI)
	}
	if want := []string{"phone/1", "pbx", "other"}; !slices.Equal(c.UserAgents, want) {
		t.Errorf("got %v, want %v", c.UserAgents, want)
	}
	if c.Transport != "udp" {
		t.Errorf("got transport %q", c.Transport)
	}
}

// Media keeps a call without BYE alive; without it a minute ends the call, at
// its last sign of life.
func TestPatience(t *testing.T) {
	const s = int64(1e9)
	tests := []struct {
		name  string
		set   dialogSet
		held  bool
		media int64
		want  int64
	}{
		{"answered, media heard", dialogSet{confirmed: true, heard: 10 * s}, false, 100 * s, 160 * s},
		{"answered, signalling later than media", dialogSet{confirmed: true, heard: 200 * s}, false, 100 * s, 260 * s},
		{"answered, never any media", dialogSet{confirmed: true, heard: 10 * s}, false, 0, 10*s + 4*3600*s},
		{"on hold", dialogSet{confirmed: true, heard: 10 * s}, true, 100 * s, 100*s + 4*3600*s},
	}
	for _, tt := range tests {
		tt.set.call = &call{}
		if tt.held {
			tt.set.call.holds = []span{{from: 5 * s}}
		}
		if got := tt.set.patience(tt.media); got != tt.want {
			t.Errorf("%s: got %d s, want %d s", tt.name, got/s, tt.want/s)
		}
	}
}
