package sipparse

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// frame writes chunks and collects the messages.
func frame(f interface {
	Write([]byte)
	Next() ([]byte, bool)
}, chunks ...string) (messages []string) {
	for _, chunk := range chunks {
		f.Write([]byte(chunk))
		for msg, ok := f.Next(); ok; msg, ok = f.Next() {
			messages = append(messages, string(msg))
		}
	}
	return messages
}

// pieces cuts a text at random.
func pieces(r *rand.Rand, text string) (chunks []string) {
	for text != "" {
		n := min(1+r.IntN(1+r.IntN(1500)), len(text))
		chunks = append(chunks, text[:n])
		text = text[n:]
	}
	return chunks
}

var bye = with("Content-Length: 0\n")

func TestFramer(t *testing.T) {
	withoutLength := strings.Replace(invite, "Content-Length: 275\r\n", "", 1)
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"two in one segment", []string{invite + ringing}, []string{invite, ringing}},
		{"one over three", []string{invite[:7], invite[7:500], invite[500:] + ringing[:3], ringing[3:]}, []string{invite, ringing}},
		{"keep-alives", []string{"\r\n\r\n", "\r\n\r\n" + invite, "\r\n", "\r\n" + bye + "\r\n\r\n"}, []string{invite, bye}},
		{"bare LF", []string{strings.ReplaceAll(bye, "\r\n", "\n") + bye}, []string{strings.ReplaceAll(bye, "\r\n", "\n"), bye}},
		{"no Content-Length, no body", []string{with("") + with("")}, []string{with(""), with("")}},
		{"no Content-Length, a body, a start line", []string{withoutLength + bye}, []string{withoutLength, bye}},
		{"no Content-Length, a body behind", []string{strings.TrimSuffix(withoutLength, offer), offer, bye}, []string{withoutLength, bye}},
		{"tail of a message before", []string{offer[50:] + invite}, []string{invite}},
		{"tail without a line end", []string{"\x01\x02tail\r\n.." + "INVITE sip:x SIP/2.0\r\n\r\n" + bye},
			[]string{"INVITE sip:x SIP/2.0\r\n\r\n", bye}},
		{"tail that is a token", []string{"\x01\r\nxyz" + bye}, []string{bye}},
		{"foreign bytes before", []string{"\x16\x03\x01\r\n\x00\x00 abc\n", bye}, []string{bye}},
		{"wrong Content-Length: too short", []string{strings.Replace(invite, "275", "200", 1) + bye},
			[]string{strings.Replace(invite, "275", "200", 1)[:len(invite)-75], bye}},
		{"no number in Content-Length", []string{strings.Replace(bye, "Length: 0", "Length: x", 1) + bye},
			[]string{strings.Replace(bye, "Length: 0", "Length: x", 1), bye}},
	} {
		var f Framer
		if got := frame(&f, c.chunks...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFramerGap(t *testing.T) {
	var f Framer
	got := frame(&f, invite+invite[:900])
	f.Gap()
	got = append(got, frame(&f, "a=ptime:20\r\n"+ringing[5:200]+"\r\n\r\n"+bye+invite)...)
	want := []string{invite, invite[:900], bye, invite}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if lost := len("a=ptime:20\r\n") + 195 + 4; f.Resyncs != 1 || f.Discarded != uint64(lost) {
		t.Errorf("%d resyncs, %d octets discarded, want 1 and %d", f.Resyncs, f.Discarded, lost)
	}
}

func TestFramerBounds(t *testing.T) {
	for _, c := range []struct {
		name string
		head string
		want int // messages beside the last
	}{
		{"line that never ends", "INVITE sip:", 0},
		{"headers that never end", "INVITE sip:a SIP/2.0\r\nX: y", 0},
		{"body larger than a message", strings.Replace(bye, "Length: 0", "Length: 1000000", 1), 1},
	} {
		var f Framer
		got := frame(&f, c.head)
		for range 1000 {
			got = append(got, frame(&f, strings.Repeat("x", 1000))...)
			if cap(f.buf) > 4*maxBuffered {
				t.Fatalf("%s: %d octets buffered", c.name, cap(f.buf))
			}
		}
		got = append(got, frame(&f, "\r\n"+bye)...)
		if len(got) != c.want+1 || got[len(got)-1] != bye {
			t.Errorf("%s: %d messages, last %.60q", c.name, len(got), got[max(len(got)-1, 0):])
		}
	}
}

// TestFramerSegmentation: the segments make no difference.
func TestFramerSegmentation(t *testing.T) {
	text := invite + "\r\n\r\n" + ringing + bye + invite + bye
	want := []string{invite, ringing, bye, invite, bye}
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var f Framer
		if got := frame(&f, pieces(r, text)...); !slices.Equal(got, want) {
			t.Fatalf("got %q", got)
		}
	}
}

// TestStreamTexts frames recorded sequences of messages by whole lines and
// counts them by their start lines.
func TestStreamTexts(t *testing.T) {
	files, _ := filepath.Glob(textsDir + "/stream_*.txt")
	if len(files) == 0 {
		t.Skipf("no messages in %s", textsDir)
	}
	startRE := regexp.MustCompile(`(?m)^(?:SIP/2.0 \d|[A-Z]+ \S+ SIP/2.0)`)
	callIDRE := regexp.MustCompile(`(?m)^(?:Call-ID|i): *(\S+)`)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f Framer
		got := frame(&f, strings.SplitAfter(string(b), "\n")...)
		if want := startRE.FindAll(b, -1); len(got) != len(want) {
			t.Errorf("%s: %d messages, want %d", file, len(got), len(want))
		}
		var ids, want []string
		for _, msg := range got {
			m, _ := NewParser(Config{}).Parse([]byte(msg))
			ids = append(ids, m.CallID)
		}
		for _, id := range callIDRE.FindAllSubmatch(b, -1) {
			want = append(want, string(id[1]))
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: Call-IDs %q, want %q", file, ids, want)
		}
	}
}
