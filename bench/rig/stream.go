package rig

import (
	"errors"
	"fmt"
	"io"
	"os/exec"

	"earshot/capture"
)

// Stream is the traffic of a callgen that runs at the same time, so that it may
// be as long as one likes.
type Stream struct {
	cmd   *exec.Cmd
	src   *capture.Files
	frame capture.Frame
}

// NewStream starts callgen with these flags; it adds where the capture goes.
func NewStream(program string, flags ...string) (*Stream, error) {
	s := &Stream{cmd: exec.Command(program, append(flags, "-o", "-")...)}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start callgen: %w", err)
	}
	s.src, err = capture.Open([]string{"-"}, capture.Options{Stdin: out})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Next is Traffic's.
func (s *Stream) Next(buf []byte) (n int, at int64, err error) {
	if err := s.src.Next(&s.frame); err != nil {
		return 0, 0, err
	}
	if len(s.frame.Data) > len(buf) {
		return 0, 0, fmt.Errorf("cannot send a frame of %d octets: %w", len(s.frame.Data), io.ErrShortBuffer)
	}
	return copy(buf, s.frame.Data), s.frame.At, nil
}

// Close ends callgen, if it has not ended by itself.
func (s *Stream) Close() error {
	killed := s.cmd.Process.Kill() == nil
	err := s.cmd.Wait()
	if s.src != nil {
		err = errors.Join(err, s.src.Close())
	}
	if killed {
		return nil // what it says of that is no news
	}
	return err
}
