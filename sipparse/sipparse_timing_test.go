package sipparse

import (
	"testing"

	"github.com/emiago/sipgo/sip"
)

// TestAllocs: telling SIP from the rest, and seeing that a message has no
// media, cost no memory; the others have a ceiling that shows a regression.
func TestAllocs(t *testing.T) {
	p := NewParser(Config{LegHeaders: []string{"X-Call-ID"}})
	rtp := []byte("\x80\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef\xff\xff\xff")
	request, response, description := []byte(invite), []byte(ringing), []byte(offer)
	for _, c := range []struct {
		name string
		max  float64
		run  func()
	}{
		{"Looks, RTP", 0, func() { Looks(rtp) }},
		{"Looks, SIP", 0, func() { Looks(request) }},
		{"Wants", 0, func() { Wants(request) }},
		{"Announce without media", 0, func() { Announce(response) }},
		{"FindSDP", 0, func() { FindSDP(request) }},
		{"ParseSDP", 4, func() { _, _ = ParseSDP(description) }},
		{"Parse, 180", 20, func() { _, _ = p.Parse(response) }},
		{"Parse, INVITE with SDP", 20, func() { _, _ = p.Parse(request) }},
		{"Next, 180", 10, func() { _, _ = p.Next(response) }},
		{"Next, INVITE with SDP", 10, func() { _, _ = p.Next(request) }},
	} {
		if got := testing.AllocsPerRun(100, c.run); got > c.max {
			t.Errorf("%s: %v allocations, want at most %v", c.name, got, c.max)
		}
	}
}

func BenchmarkLooks(b *testing.B) {
	for _, c := range []struct {
		name    string
		payload string
		want    bool
	}{
		{"rtp", "\x80\x00\x12\x34\x00\x00\x00\xa0\xde\xad\xbe\xef\xff\xff\xff", false},
		{"dns", "a\x2b\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www", false},
		{"http", "GET /star-123456/index.m3u8 HTTP/1.1\r\nHost: example.com\r\n\r\n", false},
		{"invite", invite, true},
	} {
		payload := []byte(c.payload)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if Looks(payload) != c.want {
					b.Fatal("wrong answer")
				}
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"invite", invite}, {"ringing", ringing}} {
		p := NewParser(Config{LegHeaders: []string{"X-Call-ID"}})
		text := []byte(c.text)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if m, err := p.Next(text); err != nil || m.From.User != "alice" {
					b.Fatal(m, err)
				}
			}
		})
	}
}

// BenchmarkSipgo is what sipgo's whole parser takes for the same messages,
// without the session description: the reason why only the structured headers
// go through it.
func BenchmarkSipgo(b *testing.B) {
	for _, c := range []struct{ name, text string }{{"invite", invite}, {"ringing", ringing}} {
		p := sip.NewParser()
		text := []byte(c.text)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.ParseSIP(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkParseSDP(b *testing.B) {
	text := []byte(offer)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if d, err := ParseSDP(text); err != nil || len(d.Media[0].Formats) != 4 {
			b.Fatal(d, err)
		}
	}
}

func BenchmarkAnnounce(b *testing.B) {
	for _, c := range []struct {
		name, text string
		media      bool
	}{{"invite", invite, true}, {"ringing", ringing, false}} {
		text := []byte(c.text)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if owner, sdp := Announce(text); owner == 0 || (sdp != nil) != c.media {
					b.Fatal(owner, sdp)
				}
			}
		})
	}
}

func BenchmarkFramer(b *testing.B) {
	var f Framer
	segment := []byte(invite + ringing)
	b.SetBytes(int64(len(segment)))
	b.ReportAllocs()
	for b.Loop() {
		f.Write(segment)
		for range 2 {
			if _, ok := f.Next(); !ok {
				b.Fatal("no message")
			}
		}
	}
}
