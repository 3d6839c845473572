package sipparse

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParse: no message panics; what comes out is bounded and points into the
// message; the short cuts and a second reading agree with it.
func FuzzParse(f *testing.F) {
	p := NewParser(Config{LegHeaders: []string{"X-Call-ID"}})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := p.Parse(b)
		if m == nil {
			if err == nil || Looks(b) {
				t.Fatalf("no message, error %v, looks %v", err, Looks(b))
			}
			return
		}
		if len(m.CallID) > maxValue || len(m.RequestURI) > 2*maxValue || len(m.LegIDs) > maxValues {
			t.Fatalf("unbounded: %d, %d, %d", len(m.CallID), len(m.RequestURI), len(m.LegIDs))
		}
		if len(m.Body) > 0 && !bytes.Contains(b, m.Body) || m.Size > len(b) {
			t.Fatalf("body of %d, size %d, of %d", len(m.Body), m.Size, len(b))
		}
		if !utf8.ValidString(m.From.Display + m.From.URI + m.Reason + m.UserAgent + m.RequestURI) {
			t.Fatal("text is no UTF-8")
		}
		owner, sdp := Announce(b)
		if m.CallID != "" && m.Damage&DamageHeader == 0 && owner != HashCallID(m.CallID) {
			t.Fatalf("owner %x, want that of %q", owner, m.CallID)
		}
		if m.Damage&DamageHeader == 0 && m.CallID != "" && (sdp == nil) != (m.SDP == nil) {
			t.Fatalf("announced %v, parsed %v", sdp, m.SDP)
		}
		if again, _ := p.Parse(b); again.CallID != m.CallID || again.From != m.From || again.Damage != m.Damage {
			t.Fatalf("a second reading differs: %+v, %+v", m, again)
		}
		next, nextErr := p.Next(b)
		if diff := cmp.Diff(m, next, sameContent...); diff != "" || nextErr != err || !bytes.Equal(m.Body, next.Body) {
			t.Fatalf("in used memory it differs, %v, %v:\n%s", err, nextErr, diff)
		}
	})
}

// sameContent lets an empty list be as good as none.
var sameContent = []cmp.Option{cmpopts.IgnoreFields(Message{}, "Body"), cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })}

// FuzzVia: a value that is read as it stands says the same as through sipgo.
func FuzzVia(f *testing.F) {
	for _, v := range []string{
		"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",
		"SIP/2.0/UDP pc33.example.com;rport=5060;received=192.0.2.7;branch=z9hG4bK-a.b!c",
		"SIP/2.0/TCP [2001:db8::1]:5060;branch=z9hG4bK1",
		"SIP/2.0/UDP Host:05060;branch=z9hG4bK1;Branch=2",
		"SIP / 2.0 / UDP a : 5060 ;branch=1;branch=2",
		"SIP/2.0/UDP a;branch=1,SIP/2.0/UDP b;branch=2;;x",
	} {
		f.Add(v)
	}
	p := NewParser(Config{})
	f.Fuzz(func(t *testing.T, v string) {
		sentBy, branch, ok := plainVia(v)
		if !ok {
			return
		}
		var m Message
		p.anyVia(&m, v)
		if m.SentBy != sentBy || m.Branch != branch || m.Damage != 0 {
			t.Fatalf("%q: %q %q, through sipgo %q %q, damage %b", v, sentBy, branch, m.SentBy, m.Branch, m.Damage)
		}
	})
}

// FuzzSDP: bounded, and a valid port and address wherever one is given.
func FuzzSDP(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseSDP(b)
		if (d == nil) == (err == nil) {
			t.Fatalf("got %v, %v", d, err)
		}
		if d == nil {
			return
		}
		if len(d.Media) > maxMedia || len(d.Bundle) > maxBundles {
			t.Fatalf("%d m-lines, %d groups", len(d.Media), len(d.Bundle))
		}
		for _, m := range d.Media {
			if len(m.Formats) > maxFormats || len(m.Candidates) > maxCandidates || len(m.SSRCs) > maxSSRCs {
				t.Fatalf("%d formats, %d candidates, %d sources", len(m.Formats), len(m.Candidates), len(m.SSRCs))
			}
			if m.Addr.Addr().IsValid() && m.Host != "" {
				t.Fatalf("both an address %v and a name %q", m.Addr, m.Host)
			}
			for _, c := range m.Candidates {
				if !c.IsValid() {
					t.Fatal("invalid candidate")
				}
			}
		}
	})
}

// split cuts fuzzed bytes into segments: the first octet says how long they are.
func split(b []byte) (chunks [][]byte) {
	if len(b) == 0 {
		return nil
	}
	n := int(b[0])%97 + 1
	for b = b[1:]; len(b) > 0; {
		size := min(n, len(b))
		chunks = append(chunks, b[:size])
		b = b[size:]
		n = n*7%97 + 1
	}
	return chunks
}

// FuzzFramer: every octet is delivered, discarded or kept, whatever the
// segments; each message begins like one; a gap leaves nothing behind.
func FuzzFramer(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var framer Framer
		delivered, written, kept := 0, 0, 0
		for _, chunk := range split(b) {
			framer.Write(chunk)
			written += len(chunk)
			for msg, ok := framer.Next(); ok; msg, ok = framer.Next() {
				if !Looks(msg) && len(msg) >= minStartLine {
					t.Fatalf("delivered %q", msg)
				}
				delivered += len(msg)
			}
			kept = len(framer.buf) - framer.pos
		}
		if sum := delivered + int(framer.Discarded) + kept; sum > written {
			t.Fatalf("%d delivered, %d discarded, %d kept, of %d", delivered, framer.Discarded, kept, written)
		}
		framer.Gap()
		framer.Next()
		if _, ok := framer.Next(); ok || len(framer.buf) != 0 {
			t.Fatal("something is left behind a gap")
		}
		framer.Write([]byte("\r\n" + bye))
		if msg, _ := framer.Next(); string(msg) != bye {
			t.Fatalf("not in step again: %q", msg)
		}
	})
}

// FuzzWebSocket: whatever the frames, a message is SIP and bounded, and after a
// gap the next frame with a message is found.
func FuzzWebSocket(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var w WebSocket
		for _, chunk := range split(b) {
			w.Write(bytes.Clone(chunk)) // frames are unmasked in place, in the copy that w keeps
			for msg, ok := w.Next(); ok; msg, ok = w.Next() {
				if !Looks(msg) || len(msg) > maxMessage {
					t.Fatalf("delivered %d octets: %.40q", len(msg), msg)
				}
			}
		}
		if len(w.buf) > maxBuffered+97 || len(w.message) > maxMessage {
			t.Fatalf("%d octets kept", len(w.buf)+len(w.message))
		}
		w.Gap()
		w.Write([]byte(wsFrame(1, true, true, bye)))
		if msg, _ := w.Next(); string(msg) != bye {
			t.Fatalf("not in step again: %q", msg)
		}
	})
}

// FuzzStream: the same for the front that tells the transport, with a gap now
// and then.
func FuzzStream(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Stream
		Wants(b)
		for i, chunk := range split(b) {
			if i%5 == 4 {
				s.Gap()
			}
			s.Write(chunk)
			for msg, ok := s.Next(); ok; msg, ok = s.Next() {
				if len(strings.TrimSpace(string(msg))) == 0 || len(msg) > maxMessage {
					t.Fatalf("delivered %q", msg)
				}
			}
		}
	})
}
