package sipparse

import "bytes"

const (
	maxMessage  = 64 << 10       // octets of one message; what is longer is delivered cut
	maxBuffered = 2 * maxMessage // octets kept when the next Write comes
	maxReady    = 256            // messages kept over a gap that nobody asked for
	maxLength   = 1 << 20        // a larger Content-Length is taken for damage
)

// Framer cuts one direction of a TCP connection into SIP messages by their
// Content-Length (RFC 3261 18.3). The zero value is ready; one goroutine uses it.
//
// After each Write or Gap call Next until it has no more.
type Framer struct {
	Resyncs   uint64 // times a start line was found again after a gap or garbage
	Discarded uint64 // octets that belong to no message

	buf     []byte
	pos     int      // buf[pos:] is not delivered yet
	scanned int      // buf[pos:pos+scanned] holds no end of headers
	want    int      // octets that the message at hand needs, once known
	skip    int      // octets of an overlong message still to come
	lost    bool     // out of step: the next start line is to be found
	ready   [][]byte // messages before a gap, the last of them maybe cut short
}

// Write appends what came next in the stream.
func (f *Framer) Write(chunk []byte) {
	if n := min(f.skip, len(chunk)); n > 0 {
		f.skip -= n
		f.Discarded += uint64(n)
		chunk = chunk[n:]
	}
	if f.pos > 0 {
		f.buf = f.buf[:copy(f.buf, f.buf[f.pos:])]
		f.pos = 0
	}
	if len(f.buf) > maxBuffered { // nobody calls Next
		f.Discarded += uint64(len(f.buf))
		f.buf, f.lost = f.buf[:0], true
		f.advance(0)
	}
	f.buf = append(f.buf, chunk...)
}

// Gap says that octets are missing before the next Write, or that the stream
// ends. A message that had begun is delivered as far as it came.
func (f *Framer) Gap() {
	for msg, ok := f.take(); ok; msg, ok = f.take() {
		f.keep(msg)
	}
	rest := f.buf[f.pos:]
	_, begun := startLineAt(rest, 0)
	if begun && !f.lost && bytes.IndexByte(rest, '\n') >= 0 {
		f.keep(rest)
	} else {
		f.Discarded += uint64(len(rest))
	}
	f.buf, f.pos, f.skip, f.lost = f.buf[:0], 0, 0, true
	f.advance(0)
}

// keep copies a message that nobody asked for before the gap.
func (f *Framer) keep(msg []byte) {
	if len(f.ready) == maxReady {
		f.Discarded += uint64(len(msg))
		return
	}
	f.ready = append(f.ready, bytes.Clone(msg))
}

// Next returns the next message; it is valid until the next Write.
func (f *Framer) Next() (msg []byte, ok bool) {
	if len(f.ready) > 0 {
		msg, f.ready = f.ready[0], f.ready[1:]
		return msg, true
	}
	return f.take()
}

// take cuts the next message off the buffer.
func (f *Framer) take() (msg []byte, ok bool) {
	for f.inStep() {
		rest := f.buf[f.pos:]
		if len(rest) < f.want {
			return nil, false
		}
		head := f.headerEnd(rest)
		if head < 0 {
			if len(rest) < maxMessage {
				return nil, false
			}
			f.loseStep(1) // headers that never end: a start line further on may be real
			continue
		}
		size, known := messageSize(rest, head)
		if f.want = min(size, maxMessage); !known || len(rest) < f.want {
			return nil, false
		}
		return f.deliver(rest, size), true
	}
	return nil, false
}

// deliver hands out a message of the given size, cut at maxMessage.
func (f *Framer) deliver(rest []byte, size int) []byte {
	if size > maxMessage {
		here := min(size, len(rest))
		f.skip = size - here
		f.Discarded += uint64(here - maxMessage)
		f.advance(here)
		return rest[:maxMessage]
	}
	f.advance(size)
	return rest[:size]
}

func (f *Framer) advance(n int) {
	f.pos += n
	f.scanned, f.want = 0, 0
}

// loseStep gives up n octets and looks for the next start line behind them.
func (f *Framer) loseStep(n int) {
	f.Discarded += uint64(n)
	f.advance(n)
	f.lost = true
}

// inStep brings the unread octets to a start line, and reports whether one,
// complete, is there.
func (f *Framer) inStep() bool {
	for {
		if f.lost && !f.resync() {
			return false
		}
		rest := f.buf[f.pos:]
		if blank := keepAlive(rest); blank > 0 {
			f.advance(blank)
			rest = rest[blank:]
		}
		if len(rest) == 0 {
			return false
		}
		if _, ok := startLineAt(rest, 0); ok && bytes.IndexByte(rest, '\n') >= 0 {
			return true
		}
		if mayBecomeStart(rest) {
			return false
		}
		f.loseStep(0)
		if f.skipLine(rest) {
			continue
		}
		return false
	}
}

// keepAlive is the length of the CRLFs between messages (RFC 5626 3.5.1).
func keepAlive(b []byte) (n int) {
	for n < len(b) && (b[n] == '\r' || b[n] == '\n') {
		n++
	}
	return n
}

// mayBecomeStart reports whether b is an unfinished line that a start line may
// still grow from.
func mayBecomeStart(b []byte) bool {
	if len(b) > maxStartLine || bytes.IndexByte(b, '\n') >= 0 {
		return false
	}
	n := tokenLen(b)
	if n == len(b) {
		return true
	}
	return n > 0 && (isBlank(b[n]) || b[n] == '/' && equalFold(b[:n], "sip"))
}

// resync discards lines up to one that is a start line beyond doubt: a status
// line, or a registered method. Without step there is no telling a foreign
// method from the tail of a torn line.
func (f *Framer) resync() bool {
	for {
		rest := f.buf[f.pos:]
		if bytes.IndexByte(rest, '\n') < 0 {
			f.boundLine(rest)
			return false
		}
		if n, ok := surelyStart(rest); ok {
			f.Discarded += uint64(n)
			f.advance(n)
			f.lost = false
			f.Resyncs++
			return true
		}
		f.skipLine(rest)
	}
}

// skipLine discards the line at hand; false where it has no end yet.
func (f *Framer) skipLine(rest []byte) bool {
	lf := bytes.IndexByte(rest, '\n')
	if lf < 0 {
		f.boundLine(rest)
		return false
	}
	f.Discarded += uint64(lf + 1)
	f.advance(lf + 1)
	return true
}

// boundLine discards a line too long to become a start line.
func (f *Framer) boundLine(rest []byte) {
	if len(rest) > maxStartLine {
		f.Discarded += uint64(len(rest))
		f.advance(len(rest))
	}
}

// surelyStart reports whether the line at hand is a start line, and how many
// octets of it are the tail of something else: a body without a line end.
func surelyStart(b []byte) (tail int, ok bool) {
	if _, ok := startLineAt(b, 0); !ok {
		return 0, false
	}
	n := tokenLen(b)
	if b[n] == '/' {
		return 0, true
	}
	method := registeredSuffix(string(b[:n]))
	return n - len(method), method != ""
}

// headerEnd is the length of start line and headers with the blank line, or -1
// while its end has not come.
func (f *Framer) headerEnd(b []byte) int {
	for i := max(f.scanned-2, 0); ; {
		lf := bytes.IndexByte(b[i:], '\n')
		if lf < 0 {
			f.scanned = len(b)
			return -1
		}
		i += lf + 1
		if i < len(b) && b[i] == '\n' {
			return i + 1
		}
		if i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n' {
			return i + 2
		}
	}
}

// messageSize is the size of the message that b begins with, whose headers end
// at head. Without a Content-Length there is no body (RFC 3261 20.14 demands
// one on a stream), unless a Content-Type announces one: it then goes to the
// next start line, or to what has come; known is false while nothing has.
func messageSize(b []byte, head int) (size int, known bool) {
	length, typed := bodyHeaders(b[:head])
	if length >= 0 {
		return head + length, true
	}
	if !typed {
		return head, true
	}
	if head == len(b) {
		return 0, false
	}
	for i := head; i < len(b); {
		if _, ok := surelyStart(b[i:]); ok {
			return i, true
		}
		lf := bytes.IndexByte(b[i:], '\n')
		if lf < 0 {
			break
		}
		i += lf + 1
	}
	return min(len(b), maxMessage), true
}

// bodyHeaders reads Content-Length, -1 where there is none that can be, and
// whether there is a Content-Type.
func bodyHeaders(b []byte) (length int, typed bool) {
	length = -1
	_, n, _ := nextHeader(b[lineEnd(b, 0):])
	for b = b[lineEnd(b, 0)+n:]; ; {
		h, n, more := nextHeader(b)
		if !more {
			return length, typed
		}
		b = b[n:]
		switch briefID(h.name) {
		case hdrContentType:
			typed = true
		case hdrContentLength:
			v, digits, ok := decimal(h.value, maxLength)
			if ok && digits == len(h.value) && length < 0 {
				length = int(v)
			}
		}
	}
}
