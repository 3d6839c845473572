package sipparse

import (
	"strings"
	"testing"
	"time"
)

// TestWorstCases: no message of 64 KiB takes out of proportion. They need up to
// 3 ms; anything quadratic in their size would need seconds.
func TestWorstCases(t *testing.T) {
	fill := func(s string, n int) string { return strings.Repeat(s, n/len(s)) }
	for _, c := range []struct{ name, text string }{
		{"quotes in Via", with("v: " + fill(`"\`, 60_000) + "\n")},
		{"items that do not close", with(fill("v: "+fill(`;\"`, 3_900)+"\n", 60_000))},
		{"commas", with("v: " + fill(",", 60_000) + "\n")},
		{"parameters", with(fill("m: <sip:a>"+fill(";a;b;c;d", 3_900)+"\n", 60_000))},
		{"percents", with("r: <sip:a?" + fill("Replaces=%41&", 60_000) + ">\n")},
		{"folds", with("s: a\n" + fill(" \n", 60_000))},
		{"colons", with(fill(":\n", 60_000))},
		{"Content-Type", with("c: multipart/x;boundary=b" + fill(`;\"`, 60_000) + "\n--b\n")},
		{"delimiters", with("c: multipart/x;boundary=b\n\n" + fill("--b\n\n", 60_000))},
		{"nested", with("c: multipart/x;boundary=b\n\n" + fill("--b\nContent-Type: multipart/x;boundary=b\n\n", 60_000))},
		{"m-lines", with("c: application/sdp\n\n" + fill("m=a 1 b 1\n", 60_000))},
		{"formats", with("c: application/sdp\n\nm=a 1 b" + fill(" 1", 60_000) + "\n")},
		{"attributes", with("c: application/sdp\n\nm=a 1 b 1 2 3 4 5 6\n" + fill("a=rtpmap:6 x\na=ssrc:1\n", 60_000))},
	} {
		b := []byte(c.text)
		p := NewParser(Config{LegHeaders: []string{"X-Call-ID"}})
		start := time.Now()
		_, _ = p.Parse(b)
		Announce(b)
		var f Framer
		f.Write(b)
		f.Next()
		f.Gap()
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("%s: %v", c.name, took)
		} else {
			t.Logf("%s: %v", c.name, took)
		}
	}
}
