package sanitise

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"earshot/capture"
	"earshot/capture/wire"
	"earshot/sipparse"
)

// streamMessage is a SIP message whose number can be told before and after.
func streamMessage(n, size int) []byte {
	body := strings.Repeat("x", size)
	return []byte(fmt.Sprintf("MESSAGE sip:carol@chicago.example.com SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.77;branch=z9hG4bK%d\r\nFrom: <sip:alice@atlanta.example.com>;tag=1\r\n"+
		"To: <sip:carol@chicago.example.com>\r\nCall-ID: %d@203.0.113.77\r\nCSeq: %d MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", n, n, n, size, body))
}

// messagesOf gives what a capture's TCP says, as the pipeline would hear it.
func messagesOf(frames []capture.Frame) (list [][]byte, gaps uint64) {
	decoder := capture.NewDecoder(capture.DecoderConfig{})
	streams := capture.NewStreams(capture.StreamsConfig{Want: sipparse.Wants})
	var sip sipparse.Stream
	take := func(c capture.Chunk) {
		if c.Gap {
			sip.Gap()
		}
		sip.Write(c.Data)
		if c.End {
			sip.Gap()
		}
		for m, ok := sip.Next(); ok; m, ok = sip.Next() {
			list = append(list, bytes.Clone(m))
		}
	}
	for i := range frames {
		var dg capture.Datagram
		if decoder.Decode(&frames[i], &dg) {
			streams.Push(&dg, take)
		}
	}
	streams.Close(take)
	return list, streams.Counters().Gaps
}

// rewritten is what should become of messages.
func rewritten(messages [][]byte) (list [][]byte) {
	r := newRewriter(Options{Key: testKey(42)})
	for _, m := range messages {
		list = append(list, r.text.SIP(nil, m))
	}
	return list
}

// Property: however a connection is cut into segments, which come late, twice and
// overlapping, and wherever its numbers wrap, it says the same messages afterwards,
// rewritten, and its segments fit each other.
func TestStreamsStayWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		for n := range rapid.IntRange(1, 6).Draw(t, "messages") {
			if rapid.Bool().Draw(t, "keep-alive") {
				stream = append(stream, "\r\n\r\n"...)
			}
			stream = append(stream, streamMessage(n, rapid.IntRange(0, 900).Draw(t, "body"))...)
		}
		base := rapid.Uint32().Draw(t, "sequence number")
		var s testFrames
		add := func(seq uint32, flags byte, payload []byte) {
			id := len(s.frames) + 1
			s.add(testEther(wire.EtherIPv4, testIP(id, 0, wire.ProtocolTCP, nil, testTCP(5060, 40000, seq, 1, flags, nil, payload))))
		}
		add(base-1, 0x02, nil)
		for at := 0; at < len(stream); {
			least := 1
			if at == 0 {
				least = 40 // by less than a start line nobody knows SIP
			}
			n := min(rapid.IntRange(least, 700).Draw(t, "segment"), len(stream)-at)
			add(base+uint32(at), 0x18, stream[at:at+n])
			switch rapid.IntRange(0, 5).Draw(t, "mishap") {
			case 0: // again
				add(base+uint32(at), 0x18, stream[at:at+n])
			case 1: // overlapping
				from := max(0, at-50)
				add(base+uint32(from), 0x18, stream[from:at+n])
			case 2: // two in the wrong order
				if k := len(s.frames); k > 2 {
					s.frames[k-1].Data, s.frames[k-2].Data = s.frames[k-2].Data, s.frames[k-1].Data
				}
			}
			at += n
		}
		var whole testing.TB = silent{}
		frames, _, _ := sanitised(whole, &s, Options{})
		before, gaps := messagesOf(s.frames)
		after, gapsNow := messagesOf(frames)
		want := rewritten(before)
		if len(want) != len(after) || gaps != gapsNow {
			t.Fatalf("%d messages and %d gaps became %d and %d", len(before), gaps, len(after), gapsNow)
		}
		for i := range want {
			if !bytes.Equal(want[i], after[i]) {
				t.Fatalf("message %d: got\n%s\nwant\n%s", i, after[i], want[i])
			}
		}
		for i, f := range frames {
			tcp := f.Data[ethernetHeader+20:]
			if slowSum(f.Data[ethernetHeader+12:ethernetHeader+20], u16(6), u16(len(tcp)), tcp) != 0xffff {
				t.Fatalf("segment %d has a wrong checksum", i)
			}
		}
	})
}

// silent is a test that never fails, for what checks itself otherwise.
type silent struct{ testing.TB }

func (silent) Helper()           {}
func (silent) Error(args ...any) { panic(fmt.Sprint(args...)) }
func (silent) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// Acknowledgements follow the numbers that they acknowledge, selective ones too.
func TestAcknowledgements(t *testing.T) {
	message := streamMessage(1, 10)
	var s testFrames
	s.add(testEther(wire.EtherIPv4, testIP(1, 0, wire.ProtocolTCP, nil, testTCP(5060, 40000, 5000, 1, 0x18, nil, message))))
	back := testIP(2, 0, wire.ProtocolTCP, nil, testTCP(40000, 5060, 1, 5000+uint32(len(message)), 0x10,
		cat([]byte{1, 1, 5, 10}, u32(5000), u32(5000+uint32(len(message)))), nil))
	copy(back[12:16], testDst)
	copy(back[16:20], testSrc)
	s.add(testEther(wire.EtherIPv4, back))
	frames, _, _ := sanitised(t, &s, Options{})
	length := uint32(len(rewritten([][]byte{message})[0]))
	tcp := frames[1].Data[ethernetHeader+20:]
	if got := be32(tcp[8:]); got != 5000+length {
		t.Errorf("acknowledges %d, want %d", got, 5000+length)
	}
	if from, to := be32(tcp[24:]), be32(tcp[28:]); from != 5000 || to != 5000+length {
		t.Errorf("acknowledges %d to %d selectively, want 5000 to %d", from, to, 5000+length)
	}
	if length == uint32(len(message)) {
		t.Log("the message kept its length; the numbers prove little")
	}
}

// A WebSocket says the same messages, in frames masked and not, whole and in
// pieces, with pings between.
func TestWebSocketStaysWhole(t *testing.T) {
	message := streamMessage(1, 300)
	masked := bytes.Clone(message)
	mask := []byte{1, 2, 3, 4}
	for i := range masked {
		masked[i] ^= mask[i%4]
	}
	stream := cat(
		[]byte("GET /ws HTTP/1.1\r\nHost: pbx.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"),
		[]byte{0x81, 0x80 | 126}, u16(len(masked)), mask, masked,
		[]byte{0x89, 4}, []byte("ping"),
		[]byte{0x01, 126}, u16(200), message[:200], []byte{0x80, 126}, u16(len(message)-200), message[200:],
		[]byte{0x82, 126}, u16(len(message)), message)
	var s testFrames
	for at := 0; at < len(stream); at += 333 {
		s.add(testEther(wire.EtherIPv4, testIP(at+1, 0, wire.ProtocolTCP, nil, testTCP(40000, 80, 7+uint32(at), 1, 0x18, nil, stream[at:min(at+333, len(stream))]))))
	}
	frames, _, summary := sanitised(t, &s, Options{})
	before, _ := messagesOf(s.frames)
	after, _ := messagesOf(frames)
	if len(before) != 3 || len(after) != 3 || summary.Counts.Messages != 3 {
		t.Fatalf("%d messages became %d (%d counted), want 3", len(before), len(after), summary.Counts.Messages)
	}
	for i, want := range rewritten(before) {
		if !bytes.Equal(after[i], want) {
			t.Errorf("message %d: got\n%s\nwant\n%s", i, after[i], want)
		}
	}
}

// Two connections with the same addresses and ports do not disturb each other.
func TestConnectionsFollowEachOther(t *testing.T) {
	var s testFrames
	add := func(seq uint32, flags byte, payload []byte) {
		s.add(testEther(wire.EtherIPv4, testIP(len(s.frames)+1, 0, wire.ProtocolTCP, nil, testTCP(5060, 40000, seq, 1, flags, nil, payload))))
	}
	var want int
	for connection, base := range []uint32{1000, 900_000_000, 0xffffff00} {
		add(base-1, 0x02, nil)
		at := base
		for n := range 3 {
			m := streamMessage(connection*10+n, 100)
			add(at, 0x18, m)
			at += uint32(len(m))
			want++
		}
		add(at, 0x11, nil)
	}
	frames, _, _ := sanitised(t, &s, Options{})
	before, _ := messagesOf(s.frames)
	after, _ := messagesOf(frames)
	if len(before) != want || len(after) != want {
		t.Fatalf("%d messages became %d, want %d", len(before), len(after), want)
	}
	for i, m := range rewritten(before) {
		if !bytes.Equal(after[i], m) {
			t.Errorf("message %d: got\n%s\nwant\n%s", i, after[i], m)
		}
	}
}
