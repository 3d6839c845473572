package dialog

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// missing plays what the probe missed: "from-to what", seconds of the scene.
func (s *scene) missing(from, to float64, u Unseen) {
	s.m.unseen.frames, s.m.unseen.media, s.m.unseen.messages = u.Frames, u.Media, u.Messages
	s.m.unseen.note(clock(from), clock(to), s.m.full)
}

// A voice that was not seen is missing only where it would have been seen. The
// call lasts from 0 to 60.
func TestPresenceUnseen(t *testing.T) {
	tests := []struct {
		name     string
		from, to float64
		unseen   Unseen
		play     func(s *scene)
		want     string
	}{
		{"one way", 0, 0, Unseen{}, oneVoice, "one_way_audio"},
		{"one way, all the call unseen", -1, 61, Unseen{Frames: 1}, oneVoice, "capture_loss"},
		{"one way, RTP shed all the call", -1, 61, Unseen{Media: 1}, oneVoice, "capture_loss"},
		{"one way, only messages missed", 5, 60, Unseen{Messages: 1}, oneVoice, "one_way_audio"},
		{"one way, all but 2 s unseen", 0, 58, Unseen{Frames: 1}, oneVoice, "one_way_audio"},
		{"one way, all but 1.9 s unseen", 0, 58.1, Unseen{Frames: 1}, oneVoice, "capture_loss"},
		{"one way, unseen before the call", -9, -2, Unseen{Frames: 1}, oneVoice, "one_way_audio"},
		{"no media", 0, 0, Unseen{}, strangers, "no_media"},
		{"no media, unseen", -1, 61, Unseen{Media: 1}, strangers, "capture_loss"},
		{"no media, half of it unseen", 20, 50, Unseen{Media: 1}, strangers, "no_media"},
		{"falls silent", 0, 0, Unseen{}, fallsSilent, "one_way_audio"},
		{"falls silent when nothing is seen", 47, 60, Unseen{Frames: 3}, fallsSilent, ""},
		{"falls silent, 10 s of it seen", 47, 50, Unseen{Frames: 3}, fallsSilent, "one_way_audio"},
		{"late", 0, 0, Unseen{}, late, "late_media"},
		{"late, unseen before", 0, 2, Unseen{Media: 9}, late, ""},
		{"strange payload type", 0, 0, Unseen{}, strange, "codec_mismatch"},
		{"strange payload type, SDP may be missing", -1, 0.5, Unseen{Messages: 1}, strange, ""},
		{"strange payload type, the SDP was seen", 30, 31, Unseen{Messages: 1}, strange, "codec_mismatch"},
		{"strange payload type, a new SDP may be missing", 30, 40, Unseen{Messages: 1}, strange, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			tt.play(s)
			if tt.unseen != (Unseen{}) {
				s.missing(tt.from, tt.to, tt.unseen)
			}
			if got := codes(s.finish(c, 60)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func oneVoice(s *scene)  { s.report(rtp(phoneA, phoneB, 0xa, 0.1, 60)) }
func strangers(s *scene) { s.report(rtp("192.0.2.50:1", "192.0.2.51:1", 0xa, 0.1, 60)) }
func fallsSilent(s *scene) {
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 60), rtp(phoneB, phoneA, 0xb, 0.1, 47))
}
func late(s *scene) {
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 60), rtp(phoneB, phoneA, 0xb, 2.5, 60))
}
func strange(s *scene) {
	r := rtp(phoneA, phoneB, 0xa, 0.1, 60)
	r.PayloadTypes, r.Codecs, r.Codec = []uint8{77}, []string{""}, ""
	s.report(r, rtp(phoneB, phoneA, 0xb, 0.1, 60))
}

// An SDP that was captured in part says neither when media is due nor what may
// be in it.
func TestCutSDP(t *testing.T) {
	for what, play := range map[string]func(*scene){"one_way_audio": oneVoice, "no_media": strangers, "codec_mismatch": strange} {
		for _, cut := range []bool{false, true} {
			s := newScene(t, Config{})
			c := s.plainCall("c", 0, phoneA, phoneB)
			c.cutSDP = cut
			play(s)
			want := what
			switch {
			case cut && what == "codec_mismatch":
				want = ""
			case cut:
				want = "capture_loss"
			}
			if got := codes(s.finish(c, 60)); got != want {
				t.Errorf("%s, cut %v: got %q, want %q", what, cut, got, want)
			}
		}
	}
}

// A full table hides the streams of other calls: what is missing then is not
// the network's.
func TestPresenceBehindFullTable(t *testing.T) {
	s := newScene(t, Config{MaxStreams: 1})
	c := s.plainCall("c", 0, phoneA, phoneB)
	s.report(rtp(phoneA, phoneB, 0xa, 0.1, 60), rtp(phoneB, phoneA, 0xb, 0.1, 60))
	s.m.unseen.note(clock(-1), clock(60), s.m.full)
	if got := codes(s.finish(c, 60)); got != "capture_loss" {
		t.Errorf("got %q, want capture_loss", got)
	}
}

// How a call came out is doubtful where its messages may be missing. Messages
// are missed between the ticks at 20 and 21 s.
func TestCallUnseen(t *testing.T) {
	tests := []struct{ name, flow, want string }{
		{"decided before", `
			0     A>B INVITE
			18000 B>A 503 No to=bob;b
			19000 tick
			20000 MISSED
			90000 close`, ""},
		{"set up meanwhile", `
			19000 A>B INVITE
			20000 MISSED
			20900 B>A 503 No to=bob;b
			90000 close`, "suspect"},
		{"answered meanwhile", `
			0     A>B INVITE
			20000 MISSED
			20500 B>A 200 OK to=bob;b
			90000 B>A BYE from=bob;b to=alice;a
			90001 A>B 200 OK cseq=1/BYE from=bob;b to=alice;a
			99000 close`, "suspect"},
		{"talking meanwhile", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			20000 MISSED
			90000 B>A BYE from=bob;b to=alice;a
			90001 A>B 200 OK cseq=1/BYE from=bob;b to=alice;a
			99000 close`, ""},
		{"begun after", `
			20000 MISSED
			22000 A>B INVITE
			22900 B>A 503 No to=bob;b
			90000 close`, ""},
		{"nobody answered, as far as was seen", `
			0     A>B INVITE
			20000 MISSED
			90000 close`, "suspect"},
		{"a goodbye may be unseen", `
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			1010  A>B ACK to=bob;b br=ack
			20000 MISSED
			14500000 tick
			14600000 close`, "suspect"},
		{"no goodbye, long before", `
			-90000 A>B INVITE
			-89000 B>A 200 OK to=bob;b
			-88990 A>B ACK to=bob;b br=ack
			20000 MISSED
			14500000 tick
			14600000 close`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &flow{t: t, table: NewTable(Config{})}
			before, after, _ := strings.Cut(tt.flow, "20000 MISSED")
			f.feed(before + "\n20000 tick")
			f.table.Missed(Unseen{Messages: 1})
			if !strings.Contains(after, "\t20") {
				f.feed("21000 tick")
			}
			f.feed(after)
			f.table.Close(f.last, f.emit)
			c := f.call()
			if c.Trust != tt.want || (c.TrustReason == "") != (tt.want == "") {
				t.Errorf("got %q %q, want %q", c.Trust, c.TrustReason, tt.want)
			}
			if got, want := strings.Contains(string(AppendJSON(nil, c, JSONOptions{})), `"trust":"suspect"`), tt.want != ""; got != want {
				t.Errorf("JSON says suspect: %v, want %v", got, want)
			}
		})
	}
}

// A BYE without an answer is one only where the answer would have been seen.
func TestByeUnansweredUnseen(t *testing.T) {
	for _, missed := range []bool{false, true} {
		f := &flow{t: t, table: NewTable(Config{})}
		f.feed(`
			0     A>B INVITE
			1000  B>A 200 OK to=bob;b
			9000  A>B BYE to=bob;b cseq=2
			9100  tick`)
		if missed {
			f.table.Missed(Unseen{Messages: 1})
		}
		f.feed("10000 tick\n90000 tick\n90001 close")
		f.table.Close(f.last, f.emit)
		if got := codes(f.call()); (got == findUnanswered) == missed {
			t.Errorf("missed %v: findings %q", missed, got)
		}
	}
}

// gaps against a list of every moment.
func TestGaps(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var g gaps
	var dark [1000]bool // [i, i+1]
	for at := int64(0); at < 1000; {
		from := at + int64(r.IntN(6))
		at = min(from+1+int64(r.IntN(4)), 1000)
		if from >= at {
			break
		}
		g.add(span{from: from, to: at})
		for i := from; i < at; i++ {
			dark[i] = true
		}
	}
	for range 1000 {
		from := int64(r.IntN(999))
		to := from + int64(r.IntN(int(1000-from)))
		want := int64(0)
		for i := from; i < to; i++ {
			if dark[i] {
				want++
			}
		}
		if got := g.within(from, to); got != want {
			t.Fatalf("%d to %d: got %d dark, want %d", from, to, got, want)
		}
		touched := want > 0 || from > 0 && dark[from-1] || dark[min(to, 999)] || dark[from]
		if got := g.touch(from, to); got != touched {
			t.Fatalf("%d to %d: touched %v, want %v", from, to, got, touched)
		}
	}
}

// Of too many gaps the oldest goes; neighbours are one.
func TestGapsAreBounded(t *testing.T) {
	var g gaps
	for i := range int64(1000) {
		g.add(span{from: 10 * i, to: 10*i + 1})
		g.add(span{from: 10*i + 1, to: 10*i + 2})
	}
	if len(g) != maxGaps || g[maxGaps-1] != (span{9990, 9992}) || g[0] != (span{10 * (1000 - maxGaps), 10*(1000-maxGaps) + 2}) {
		t.Errorf("got %s", fmt.Sprint(len(g), g[0], g[len(g)-1]))
	}
}
