package dialog

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
)

// FuzzMedia plays any order of announcements, reports, RTCP and ends on a few
// addresses. Whatever the order, each stream that ended comes out exactly once,
// with one first and one final observation, the same input gives the same
// lines, and nothing is left behind.
func FuzzMedia(f *testing.F) {
	f.Add([]byte{0, 1, 0, 64, 2, 3, 1, 0, 1, 65, 9, 2, 2, 7, 7, 3, 0, 0})
	f.Add([]byte{1, 0, 1, 0, 16, 0, 0, 65, 1, 1, 130, 7, 3, 1, 4, 1, 16, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 600)]
		one, two := playMedia(t, b), playMedia(t, b)
		if !bytes.Equal(one, two) {
			t.Errorf("two runs differ:\n%s\n%s", one, two)
		}
	})
}

// playMedia runs one script, three octets a step, and returns all lines.
func playMedia(t *testing.T, script []byte) []byte {
	var lines []byte
	seen := make(map[string]int) // observations by stream, negative after the final one
	s := newScene(t, Config{Observe: func(o *Observation) {
		lines = fmt.Appendf(lines, "%+v\n", *o)
		id := o.StreamID()
		if seen[id] < 0 || o.First != (seen[id] == 0) {
			t.Errorf("stream %s: observation %d: %+v", id, seen[id], *o)
		}
		seen[id]++
		if o.Final {
			seen[id] = -1
		}
	}})
	out := make(map[string]int)
	emit := func(r *StreamRecord) {
		out[r.ID]++
		lines = append(AppendJSON(lines, r, JSONOptions{}), '\n')
	}
	calls := make([]*call, 4)
	over := make(map[string]bool) // by id: the shards report every stream, and none after its end
	current := make(map[streamKey]string)
	end := func(i int, when float64) {
		if calls[i] == nil {
			return
		}
		rec := s.finish(calls[i], when)
		for _, r := range rec.Media {
			emit(r)
		}
		lines = append(AppendJSON(lines, rec, JSONOptions{}), '\n')
		calls[i] = nil
	}
	addr := func(n byte) string { return fmt.Sprintf("192.0.2.%d:%d", 1+n&3, 4000+2*int(n>>2&1)) }
	when := 1.0
	for ; len(script) >= 3; script = script[3:] {
		op, x, y := script[0], script[1], script[2]
		i := int(op >> 2 & 3)
		when += float64(y&7) / 2
		switch op & 3 {
		case 0: // an SDP of either side, from the wire or on hold
			if calls[i] == nil {
				calls[i] = s.call(fmt.Sprintf("call%d-%v", i, when), 1+int(op>>4&1))
				calls[i].start, calls[i].answer = clock(when), clock(when)
			}
			legs := calls[i].legs
			media := "audio " + addr(x) + " 0 | a=ssrc:" + fmt.Sprint(x>>5) + " cname:x"
			s.describe(when, legs[int(x>>3)%len(legs)], side(op>>5&1), media, op&64 != 0, op&128 != 0)
		case 1: // a report, final or not
			from := float64(int(op>>4)) / 2
			r := rtp(addr(x), addr(y), uint32(x>>5), from, max(from, when))
			r.Final = y&128 != 0
			r.Lost = uint64(y >> 4)
			if x&8 != 0 {
				r.Interval = interval(int(y), int32(y>>4)-4, uint32(op>>4))
			}
			key := streamKey{r.Src, r.Dst, r.SSRC}
			id := (&stream{key: key, report: figures{Start: r.Start}}).id()
			if before := current[key]; before != "" && before != id {
				over[before] = true
			}
			if over[id] {
				continue
			}
			current[key], over[id] = id, r.Final
			s.m.report(r)
		case 2: // RTCP
			sr := senderReport(uint32(x>>5), uint64(y)<<16, uint32(y), block{ssrc: uint32(x >> 5), lsr: uint32(y), lost: int32(y)})
			var named *dialogSet
			if c := calls[i]; c != nil && op&16 != 0 {
				named = &dialogSet{call: c, legs: c.legs}
			}
			s.m.rtcp(clock(when), netip.MustParseAddrPort(addr(x)), netip.MustParseAddrPort(addr(y)), named, sr)
		case 3:
			if op&64 == 0 {
				end(i, when)
			}
			s.m.tick(clock(when), emit)
		}
	}
	for i := range calls {
		end(i, when)
	}
	s.m.close(clock(when), emit)
	for id := range over {
		if out[id] != 1 {
			t.Errorf("stream %s came out %d times", id, out[id])
		}
		if seen[id] != -1 {
			t.Errorf("stream %s has no final observation after %d", id, seen[id])
		}
	}
	m := s.m
	if n := len(m.streams) + len(m.waiting.at) + len(m.near) + len(m.bySSRC.at) + len(m.endpoints.at) + m.endpointCount + len(m.announcedSSRC.at); n != 0 {
		t.Errorf("%d things left behind", n)
	}
	return lines
}
