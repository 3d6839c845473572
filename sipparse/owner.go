package sipparse

// Owner is HashCallID of a message's Call-ID, found without a full parse; 0
// where there is none.
func Owner(b []byte) uint64 { return overview(b).owner() }

// Partial reports whether a message has begun that is not complete yet.
func (s *Stream) Partial() bool {
	f, w := &s.framer, &s.websocket
	return f.pos < len(f.buf) || f.skip > 0 || w.pos < len(w.buf) || w.skip > 0 || w.opened
}
