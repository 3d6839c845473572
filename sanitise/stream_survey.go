package sanitise

import (
	"bytes"
	"net/netip"

	"earshot/capture"
	"earshot/sipparse"
)

// stream is one direction of a connection in the first pass. run is what has
// come without a hole and belongs to no message yet.
type stream struct {
	d    *direction
	sip  sipparse.Stream
	run  []byte
	at   int64 // position of run
	skip int64 // octets of a frame too long to be SIP, still to come
}

// maxRun bounds what waits for the end of a message: sipparse gives up before.
const maxRun = 512 << 10

// chunk takes octets of a connection, in order.
func (s *survey) chunk(c capture.Chunk) {
	f := flowOf(c.Src, c.Dst)
	t := s.streams[f]
	if t == nil {
		if len(c.Data) == 0 {
			return
		}
		if s.plan.begun >= maxFlows {
			s.plan.leftOut++
			return
		}
		t = &stream{d: s.begin(f, c.Seq)}
		s.streams[f] = t
	}
	at := t.d.position(c.Seq)
	if c.Gap || at != t.at+int64(len(t.run)) {
		s.hole(t)
		t.at = at
	}
	t.run = append(t.run, c.Data...)
	t.d.cursor = at + int64(len(c.Data))
	t.d.end = max(t.d.end, t.d.cursor)
	t.sip.Write(c.Data)
	s.messages(t)
	if c.End {
		s.hole(t)
		t.d.cursor = 0
		delete(s.streams, f)
		if list := s.plan.flows[f]; len(list) > 0 {
			s.plan.ended[f] = s.rewriter.ordinal
		}
	}
}

// begin returns a new direction. It may hold frames from where the one before it
// ended: what came out of order was waiting.
func (s *survey) begin(f flow, seq uint32) *direction {
	s.plan.begun++
	d := &direction{since: s.plan.ended[f], base: seq}
	s.plan.flows[f] = append(s.plan.flows[f], d)
	return d
}

// hole ends a run: a message that had begun is given as far as it came.
func (s *survey) hole(t *stream) {
	t.sip.Gap()
	s.messages(t)
	s.filler(t, len(t.run))
	t.run, t.skip = t.run[:0], 0
}

// messages takes the messages off a run.
func (s *survey) messages(t *stream) {
	for m, ok := t.sip.Next(); ok; m, ok = t.sip.Next() {
		if t.sip.Transport() == "ws" {
			continue // found in its frames
		}
		at := bytes.Index(t.run, m)
		if at < 0 {
			continue // put together over a hole: zeros
		}
		s.filler(t, at)
		s.message(t, m)
	}
	if t.sip.Transport() == "ws" {
		s.frames(t)
	}
	if len(t.run) > maxRun {
		s.filler(t, len(t.run))
	}
}

// message replaces the message that the run begins with.
func (s *survey) message(t *stream, m []byte) {
	s.plan.announce(&s.room, m)
	s.plan.messages++
	s.text = s.rewriter.text.SIP(s.text[:0], m)
	s.replace(t, len(m), s.text)
}

// replace replaces the n octets that the run begins with.
func (s *survey) replace(t *stream, n int, with []byte) {
	if s.plan.patches >= maxPatches {
		s.plan.leftOut++
	} else {
		s.plan.patches++
		t.d.replace(t.at, t.at+int64(n), int64(len(with)), s.plan.spool.append(with))
	}
	t.pass(n)
}

// filler passes over n octets that belong to no message. Of them line ends stay,
// which keep connections alive (RFC 5626 3.5.1), and the place of lines.
func (s *survey) filler(t *stream, n int) {
	if n == 0 {
		return
	}
	if sipparse.Looks(t.run[:n]) { // the beginning of a message that was cut off
		s.text = s.rewriter.text.SIP(s.text[:0], t.run[:n])
		s.replace(t, n, s.text)
		return
	}
	if bytes.IndexByte(t.run[:n], '\n') < 0 {
		t.pass(n)
		return
	}
	s.text = append(s.text[:0], t.run[:n]...)
	for i, c := range s.text {
		if c != '\r' && c != '\n' {
			s.text[i] = 0
		}
	}
	s.replace(t, n, s.text)
}

// pass takes n octets off the run.
func (t *stream) pass(n int) {
	t.at += int64(n)
	t.run = t.run[:copy(t.run, t.run[n:])]
}

func flowOf(src, dst netip.AddrPort) flow {
	return flow{src.Addr().As16(), dst.Addr().As16(), src.Port(), dst.Port()}
}
