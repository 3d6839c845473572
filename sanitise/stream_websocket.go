package sanitise

import (
	"bytes"
	"errors"
	"io"

	"github.com/gobwas/ws"

	"earshot/sipparse"
)

// maxUpgrade bounds the HTTP header section that opens a WebSocket, maxFrame the
// frames that are kept.
const (
	maxUpgrade = 32 << 10
	maxFrame   = 64 << 10
)

// frames takes what a WebSocket carries off a run (RFC 6455 5, RFC 7118): the
// HTTP of its upgrade, then frames. SIP messages are rewritten, the rest is
// zeros in frames of the same length.
func (s *survey) frames(t *stream) {
	for len(t.run) > 0 {
		if n := min(t.skip, int64(len(t.run))); n > 0 {
			t.skip -= n
			t.pass(int(n))
			continue
		}
		more := false
		if isUpgrade(t.run) {
			more = s.upgrade(t)
		} else {
			more = s.frame(t)
		}
		if !more {
			return
		}
	}
}

func isUpgrade(b []byte) bool {
	return bytes.HasPrefix(b, []byte("GET ")) || bytes.HasPrefix(b, []byte("HTTP/1.1 "))
}

// upgrade takes an HTTP header section; more is false until it has come whole.
func (s *survey) upgrade(t *stream) (more bool) {
	end := bytes.Index(t.run, []byte("\r\n\r\n"))
	switch {
	case end < 0 && len(t.run) < maxUpgrade:
		return false
	case end < 0:
		t.pass(len(t.run))
		return true
	}
	end += 4
	s.text = s.rewriter.text.HTTPUpgrade(s.text[:0], t.run[:end])
	s.replace(t, end, s.text)
	return true
}

// wsFrame is a frame with its payload, unmasked.
type wsFrame struct {
	ws.Header
	size    int // of the header
	payload []byte
}

// readFrame reads a frame; size 0 means that it has not come whole.
func readFrame(b []byte) (f wsFrame, ok bool) {
	r := bytes.NewReader(b)
	h, err := ws.ReadHeader(r)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return f, true
	}
	if err != nil || h.OpCode.IsReserved() || h.Length < 0 {
		return f, false
	}
	f.Header = h
	size := len(b) - r.Len()
	if h.Length > maxFrame {
		f.size = size
		return f, true
	}
	if r.Len() < int(h.Length) {
		return f, true
	}
	f.size = size
	f.payload = bytes.Clone(b[size : size+int(h.Length)])
	if h.Masked {
		ws.Cipher(f.payload, h.Mask, 0)
	}
	return f, true
}

// frame takes a message in its frames, or one frame of something else; more is
// false until all of it has come.
func (s *survey) frame(t *stream) (more bool) {
	f, ok := readFrame(t.run)
	switch {
	case !ok:
		t.pass(len(t.run)) // out of step
		return true
	case f.size == 0:
		return false
	case f.Length > maxFrame:
		t.skip = int64(f.size) + f.Length
		return true
	}
	if f.OpCode == ws.OpText || f.OpCode == ws.OpBinary {
		if f.Fin && f.Rsv == 0 && sipparse.Looks(f.payload) {
			s.single(t, &f)
			return true
		}
		if !f.Fin && f.Rsv == 0 {
			return s.several(t, f)
		}
	}
	s.blankFrame(t, &f)
	return true
}

// single rewrites a message in one frame.
func (s *survey) single(t *stream, f *wsFrame) {
	s.plan.announce(&s.room, f.payload)
	s.plan.messages++
	m := s.rewriter.text.SIP(nil, f.payload)
	s.text = appendFrame(s.text[:0], f.Header, m)
	s.replace(t, f.size+int(f.Length), s.text)
}

// several rewrites a message in several frames: all but the last keep their
// lengths as far as the message goes.
func (s *survey) several(t *stream, first wsFrame) (more bool) {
	list, message := []wsFrame{first}, bytes.Clone(first.payload)
	at := first.size + int(first.Length)
	for !list[len(list)-1].Fin {
		f, ok := readFrame(t.run[at:])
		if ok && f.size == 0 {
			return false
		}
		if !ok || f.OpCode != ws.OpContinuation || f.Length > maxFrame || len(message) > maxFrame {
			s.blankFrame(t, &list[0])
			return true
		}
		list, message = append(list, f), append(message, f.payload...)
		at += f.size + int(f.Length)
	}
	if !sipparse.Looks(message) {
		s.blankFrame(t, &list[0])
		return true
	}
	s.plan.announce(&s.room, message)
	s.plan.messages++
	rest := s.rewriter.text.SIP(nil, message)
	s.text = s.text[:0]
	for i, f := range list {
		n := min(len(f.payload), len(rest))
		if i == len(list)-1 {
			n = len(rest)
		}
		s.text = appendFrame(s.text, f.Header, rest[:n])
		rest = rest[n:]
	}
	s.replace(t, at, s.text)
	return true
}

// blankFrame writes a frame with zeros.
func (s *survey) blankFrame(t *stream, f *wsFrame) {
	s.text = appendFrame(s.text[:0], f.Header, make([]byte, len(f.payload)))
	s.replace(t, f.size+int(f.Length), s.text)
}

// appendFrame writes a frame. Its mask, where it has one, is zero, so that the
// payload can be read.
func appendFrame(dst []byte, h ws.Header, payload []byte) []byte {
	h.Mask = [4]byte{}
	h.Length = int64(len(payload))
	b := bytes.NewBuffer(dst)
	_ = ws.WriteHeader(b, h) // a buffer takes everything
	return append(b.Bytes(), payload...)
}
