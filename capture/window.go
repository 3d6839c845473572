package capture

import "io"

// window is the stretch of a capture that is in memory: data[pos:end] has not
// been read yet. Both file formats are parsed from a window, which moves through
// one reused buffer, and neither knows where its octets come from: a file, a
// pipe or a decompressor.
//
// Files are read, not mapped: a block of read(2) lies in the cache when it is
// parsed, where each page of a mapping costs a fault and each record a wait for
// memory (whole replay of 3 M packets: 11 % less processor time than mapped),
// and a file that somebody cuts short is an end, not a SIGBUS.
type window struct {
	name   string
	data   []byte
	pos    int
	end    int
	base   int64 // offset in the capture of data[0]
	supply supply
	err    error // why supply has no more, once it said so
}

// supply brings more octets into a window.
type supply interface {
	// grow raises w.end, at best so that n octets lie before it, or says why it
	// can't. It may move the unread octets, and then sets pos and base.
	grow(w *window, n int) error
	io.Closer
}

// peek returns the next n octets and stays before them, or nil where the
// capture ends sooner. They are valid until the next call of peek or skip.
func (w *window) peek(n int) []byte {
	if w.end-w.pos < n {
		return w.fill(n)
	}
	return w.data[w.pos : w.pos+n]
}

// fill is the slow path of peek.
func (w *window) fill(n int) []byte {
	for w.end-w.pos < n {
		if w.err == nil {
			w.err = w.supply.grow(w, n)
		}
		if w.err != nil {
			return nil
		}
	}
	return w.data[w.pos : w.pos+n]
}

// skip passes over n octets without having them all in memory, and returns
// false where the capture ends sooner.
func (w *window) skip(n int64) bool {
	for {
		step := min(int64(w.end-w.pos), n)
		w.pos += int(step)
		n -= step
		if n == 0 {
			return true
		}
		if w.fill(1) == nil {
			return false
		}
	}
}

// offset returns where in the capture the next octet lies.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// left returns how many octets the window still has after peek failed.
func (w *window) left() int { return w.end - w.pos }

// streamBlock is the size of a stream's buffer: large enough that moving the
// rest of a packet to its front is rare, small enough to stay in the L2 cache.
const streamBlock = 512 << 10

// stream supplies a window from a reader: a pipe or a decompressor.
type stream struct {
	r    io.Reader
	err  error // that came with the last octets
	done func() error
}

// newStream returns a window over r. done is called when it is closed.
func newStream(name string, r io.Reader, size int, done func() error) window {
	return window{name: name, data: make([]byte, size), supply: &stream{r: r, done: done}}
}

// grow reads once, so that packets from a pipe are given as they come.
func (s *stream) grow(w *window, n int) error {
	if w.pos+n > len(w.data) {
		s.toFront(w, n)
	}
	for range 100 {
		if s.err != nil {
			return s.err
		}
		var k int
		k, s.err = s.r.Read(w.data[w.end:])
		w.end += k
		if k > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

// toFront makes room for n octets. The callers bound n by maxBlock, so that a
// length in the file never decides how much memory is taken.
func (s *stream) toFront(w *window, n int) {
	rest := w.data[w.pos:w.end]
	if n > len(w.data) {
		w.data = make([]byte, n+streamBlock)
	}
	w.end = copy(w.data, rest)
	w.base += int64(w.pos)
	w.pos = 0
}

// Close ends the stream.
func (s *stream) Close() error {
	if s.done == nil {
		return nil
	}
	return s.done()
}

// close gives the window's memory and file back.
func (w *window) close() error { return w.supply.Close() }
