package sipparse

import (
	"slices"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

func TestWants(t *testing.T) {
	for _, c := range []struct {
		name  string
		first string
		want  bool
	}{
		{"request", invite, true},
		{"response", ringing, true},
		{"keep-alive", "\r\n\r\n", true},
		{"beginning of a method", "INV", true},
		{"beginning of a request", "INVITE sip:bob@biloxi", true},
		{"beginning of a response", "SIP/2", true},
		{"joined in the headers", ringing[40:], true},
		{"WebSocket request", upgradeGET, true},
		{"WebSocket response", upgrade101, true},
		{"WebSocket request cut off", upgradeGET[:120], true},
		{"several subprotocols", strings.Replace(upgradeGET, "Protocol: sip", "Protocol: msrp, SIP", 1), true},
		{"WebSocket frame", wsFrame(ws.OpText, true, true, invite), true},

		{"nothing", "", false},
		{"another subprotocol", strings.Replace(upgrade101, "Protocol: sip", "Protocol: chat", 1), false},
		{"no subprotocol", strings.Replace(upgradeGET, "Sec-WebSocket-Protocol: sip\r\n", "", 1), false},
		{"HTTP", "GET /index.html HTTP/1.1\r\nHost: example.com\r\n\r\n", false},
		{"HTTP response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
		{"HTTP cut off", "GET /index.html HTTP/1.1\r\nHost: exam", false},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", false},
		{"SSH", "SSH-2.0-OpenSSH_9.2\r\n", false},
		{"RTSP", "DESCRIBE rtsp://example.com RTSP/1.0\r\n\r\n", false},
		{"WebSocket frame with something else", wsFrame(ws.OpText, true, true, "hello"), false},
	} {
		if got := Wants([]byte(c.first)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestStream(t *testing.T) {
	text := wsFrame(ws.OpText, true, true, invite)
	for _, c := range []struct {
		name, transport string
		chunks, want    []string
	}{
		{"TCP", "tcp", []string{invite + ringing[:50], ringing[50:]}, []string{invite, ringing}},
		{"TCP after a keep-alive", "tcp", []string{"\r\n\r\n", bye}, []string{bye}},
		{"TCP joined in a message", "tcp", []string{ringing[40:] + bye}, []string{bye}},
		{"TCP joined in a body", "tcp", []string{offer[9:], bye}, []string{bye}},
		{"WebSocket", "ws", []string{upgradeGET, text}, []string{invite}},
		{"WebSocket joined", "ws", []string{text, text}, []string{invite, invite}},
		{"WebSocket joined in a frame", "ws", []string{text[100:], text}, []string{invite}},
		{"nothing", "", []string{"\x16\x03\x01", "\x17\x03\x03\x00\x10"}, nil},
	} {
		var s Stream
		got := frame(&s, c.chunks...)
		if !slices.Equal(got, c.want) || s.Transport() != c.transport {
			t.Errorf("%s: transport %q, got %q, want %q", c.name, s.Transport(), got, c.want)
		}
	}
}

func TestStreamGap(t *testing.T) {
	for _, whole := range []string{bye, wsFrame(ws.OpText, true, true, bye)} {
		var s Stream
		got := frame(&s, whole, whole[:30])
		s.Gap()
		got = append(got, frame(&s, whole)...)
		if n := len(got); n < 2 || got[0] != bye || got[n-1] != bye || s.Resyncs() != 1 {
			t.Errorf("%s: got %q, %d resyncs", s.Transport(), got, s.Resyncs())
		}
		if s.Discarded() > 30 {
			t.Errorf("%s: %d octets discarded", s.Transport(), s.Discarded())
		}
	}
}

// TestStreamGapBeforeNext: the messages written before a gap are not lost when
// they are asked for after it only; what was not complete comes as it is.
func TestStreamGapBeforeNext(t *testing.T) {
	text := func(s string) string { return wsFrame(ws.OpText, true, true, s) }
	for _, c := range []struct {
		transport, before, after string
		want                     []string
	}{
		{"tcp", bye + invite + ringing[:100], bye, []string{bye, invite, ringing[:100], bye}},
		{"ws", upgradeGET + text(bye) + text(invite) + text(ringing)[:100], text(bye), []string{bye, invite, bye}},
	} {
		var s Stream
		s.Write([]byte(c.before))
		if !s.Partial() {
			t.Errorf("%s: nothing partial", c.transport)
		}
		s.Gap()
		if s.Partial() {
			t.Errorf("%s: partial behind a gap", c.transport)
		}
		if got := frame(&s, c.after); !slices.Equal(got, c.want) || s.Transport() != c.transport {
			t.Errorf("%s: got %q", s.Transport(), got)
		}
	}
}
