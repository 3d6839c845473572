package dialog

import (
	"testing"

	"earshot/rtpstats"
)

// report tells that a stream from B to A went on until ms.
func (f *flow) report(ms int64) {
	f.table.Report(&rtpstats.Report{
		Src: host(f.t, "B:4000"), Dst: host(f.t, "A:4000"), SSRC: 1,
		Start: epoch + 200e6, End: epoch + ms*1e6,
		Kind: rtpstats.MediaAudio, Codec: "PCMA", ClockRate: 8000, Announced: true,
		Packets: uint64(ms / 20), Expected: uint64(ms / 20), MediaPackets: uint64(ms / 20),
		Interval: rtpstats.Interval{Start: epoch + (ms-5000)*1e6, End: epoch + ms*1e6, Packets: 250, Expected: 250},
	})
}

// A call whose BYE is not seen lasts as long as its media, and ends with it.
func TestMediaKeepsACallAlive(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{})}
	f.feed(answeredCall)
	for ms := int64(5000); ms <= 300_000; ms += 5000 { // five minutes without a word of SIP
		f.tickUntil(ms / 1000)
		f.report(ms)
	}
	f.tickUntil(300 + 59)
	if n := len(f.calls()); n != 0 {
		t.Fatalf("%d records 59 s after the last packet", n)
	}
	f.tickUntil(300 + 130) // looked at once a minute at least
	c := f.call()
	if c.End != at(300_000) || c.EndedBy != EndedByTimeout || c.Disposition != Answered || c.Truncated {
		t.Errorf("got %s by %s at %v, truncated %v; want answered by timeout at 300 s", c.Disposition, c.EndedBy, c.End, c.Truncated)
	}
	if c.DurationMS == nil || *c.DurationMS != 300_000-100 {
		t.Errorf("got %s ms, want 299900", show(c.DurationMS))
	}
	if len(c.Streams) != 1 {
		t.Errorf("got streams %v, want one", c.Streams)
	}
}

// After the BYE media that goes on is waited for, but not for more than 30 s.
func TestMediaAfterTheEnd(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{})}
	f.feed(answeredCall + `
		2000 A>B BYE to=bob;b cseq=2
		2010 B>A 200 OK to=bob;b cseq=2/BYE`)
	for s := int64(5); s <= 60; s += 5 {
		f.tickUntil(s)
		f.report(s * 1000)
		if n := len(f.calls()); s <= 30 && n != 0 || s > 35 && n != 1 {
			t.Fatalf("%d records after %d s, the end being at 2 s", n, s)
		}
	}
}
