package sanitise

import (
	"fmt"
	"os"
)

// spool holds octets between the two passes, in a file that has no name any
// more once it is open.
type spool struct {
	file *os.File
	size int64
	err  error // the first; what is read after it is zeros
}

// append puts octets behind the others and returns where they are.
func (s *spool) append(b []byte) (at int64) {
	if s.file == nil && s.err == nil {
		s.open()
	}
	at = s.size
	if s.err != nil {
		return at
	}
	if _, err := s.file.WriteAt(b, at); err != nil {
		s.err = fmt.Errorf("cannot keep what the second pass needs: %w", err)
		return at
	}
	s.size += int64(len(b))
	return at
}

func (s *spool) open() {
	f, err := os.CreateTemp("", "earshot-sanitise-")
	if err != nil {
		s.err = fmt.Errorf("cannot keep what the second pass needs: %w; TMPDIR names another place", err)
		return
	}
	s.file = f
	_ = os.Remove(f.Name()) // where a file in use cannot be removed, close does it
}

// read fills b.
func (s *spool) read(b []byte, at int64) {
	if s.file != nil && s.err == nil {
		if _, err := s.file.ReadAt(b, at); err != nil {
			s.err = fmt.Errorf("cannot read what the first pass kept: %w", err)
		}
	}
	if s.err != nil {
		clear(b)
	}
}

func (s *spool) close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
	s.file = nil
}
