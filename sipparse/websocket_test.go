package sipparse

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

const upgradeGET = "GET / HTTP/1.1\r\nHost: sip-ws.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://www.example.com\r\n" +
	"Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"

const upgrade101 = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

// wsFrame is one frame as gobwas/ws writes it.
func wsFrame(op ws.OpCode, fin, masked bool, payload string) string {
	f := ws.NewFrame(op, fin, []byte(payload))
	if masked {
		f = ws.MaskFrameWith(f, [4]byte{0x37, 0xfa, 0x21, 0x3d})
	}
	return string(ws.MustCompileFrame(f))
}

func TestWebSocket(t *testing.T) {
	text := func(s string) string { return wsFrame(ws.OpText, true, true, s) }
	ping := wsFrame(ws.OpPing, true, true, "are you there")
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"client", []string{upgradeGET, text(invite), text(bye)}, []string{invite, bye}},
		{"server", []string{upgrade101 + wsFrame(ws.OpBinary, true, false, ringing)}, []string{ringing}},
		{"fragments with a ping between", []string{upgradeGET + wsFrame(ws.OpText, false, true, invite[:100]),
			wsFrame(ws.OpContinuation, false, true, invite[100:700]) + ping, wsFrame(ws.OpContinuation, true, true, invite[700:]) + text(bye)},
			[]string{invite, bye}},
		{"keep-alive message", []string{upgradeGET, text("\r\n\r\n"), text(bye)}, []string{bye}},
		{"another protocol inside", []string{upgradeGET, text(`{"event":"x"}`), text(bye)}, []string{bye}},
		{"joined at a frame", []string{text(bye), text(invite)}, []string{bye, invite}},
		{"joined in the middle of one", []string{text(invite)[200:], text(bye)}, []string{bye}},
		{"refused, then with credentials", []string{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\n\r\nno no", upgrade101, wsFrame(ws.OpText, true, false, ringing)},
			[]string{ringing}},
		{"asked twice", []string{upgradeGET, upgradeGET, text(bye)}, []string{bye}},
		{"too long", []string{upgradeGET, text(strings.Repeat("x", 200_000)) + text(bye)}, []string{bye}},
		{"reserved opcode, then in step again", []string{upgradeGET, "\x83\x01x" + text(bye), text(invite)}, []string{invite}},
	} {
		var w WebSocket
		if got := frame(&w, c.chunks...); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWebSocketGap(t *testing.T) {
	var w WebSocket
	whole := wsFrame(ws.OpText, true, true, invite)
	got := frame(&w, upgradeGET+whole+whole[:300])
	w.Gap()
	got = append(got, frame(&w, whole[900:], whole+whole)...)
	if want := []string{invite, invite, invite}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if want := uint64(300 + len(whole) - 900); w.Resyncs != 1 || w.Discarded != want {
		t.Errorf("%d resyncs, %d octets discarded, want 1 and %d", w.Resyncs, w.Discarded, want)
	}
}

// TestWebSocketCompressed: permessage-deflate (RFC 7692) is counted, and the
// frames behind it are still found.
func TestWebSocketCompressed(t *testing.T) {
	compressed := []byte(wsFrame(ws.OpText, true, false, "\x01\x02\x03\x04"))
	compressed[0] |= 0x40
	var w WebSocket
	got := frame(&w, upgrade101+string(compressed)+wsFrame(ws.OpText, true, false, bye))
	if !slices.Equal(got, []string{bye}) || w.Unreadable != 1 {
		t.Errorf("got %q, %d unreadable", got, w.Unreadable)
	}
}

func TestWebSocketSegmentation(t *testing.T) {
	text := upgradeGET + wsFrame(ws.OpText, true, true, invite) + wsFrame(ws.OpPong, true, true, "") +
		wsFrame(ws.OpText, false, true, bye[:20]) + wsFrame(ws.OpContinuation, true, true, bye[20:]) + wsFrame(ws.OpBinary, true, true, ringing)
	want := []string{invite, bye, ringing}
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		var w WebSocket
		if got := frame(&w, pieces(r, text)...); !slices.Equal(got, want) {
			t.Fatalf("got %q", got)
		}
	}
}

// TestFrameHeader holds the header against gobwas/ws for every first two octets.
func TestFrameHeader(t *testing.T) {
	b := make([]byte, 14)
	binary.BigEndian.PutUint64(b[2:], 0x0000_0001_0203_0405)
	copy(b[10:], "mask")
	sizes := [256]int{} // RFC 6455 5.2: by the second octet
	for second := range sizes {
		sizes[second] = 2 + map[int]int{126: 2, 127: 8}[second&0x7f] + second>>7*4
	}
	for first := range 1 << 16 {
		binary.BigEndian.PutUint16(b, uint16(first))
		got, ok := readFrameHeader(b)
		want, err := ws.ReadHeader(bytes.NewReader(b))
		valid := err == nil && want.Rsv&0x03 == 0 && !want.OpCode.IsReserved() &&
			(!want.OpCode.IsControl() || want.Fin && want.Rsv == 0 && first&0x7f <= ws.MaxControlFramePayloadSize)
		if ok != valid {
			t.Fatalf("%04x: valid %v, want %v (%v)", first, ok, valid, err)
		}
		if ok && (got.opcode != want.OpCode || got.fin != want.Fin || got.masked != want.Masked ||
			got.length != uint64(want.Length) || got.mask != want.Mask || got.size != sizes[first&0xff]) {
			t.Fatalf("%04x: got %+v, want %+v", first, got, want)
		}
	}
}
