package pipeline

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"golang.org/x/sys/unix"

	"earshot/capture"
)

// shrinking is a source whose mapped file is cut to nothing while its frame is in use.
type shrinking struct {
	data []byte
	file *os.File
	left int
}

func (s *shrinking) Next(f *capture.Frame) error {
	debug.SetPanicOnFault(true)
	if s.left == 0 {
		return io.EOF
	}
	if s.left == 1 {
		if err := s.file.Truncate(0); err != nil {
			return err
		}
	}
	s.left--
	*f = capture.Frame{At: 1e18, Data: s.data, OrigLen: len(s.data), Link: capture.LinkEthernet}
	return nil
}

func (s *shrinking) Drops() uint64 { return 0 }
func (s *shrinking) Close() error  { return nil }

// TestFileCutUnderTheLane: the run goes on to its end, with the frames before.
func TestFileCutUnderTheLane(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "mapped"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(4096); err != nil {
		t.Fatal(err)
	}
	data, err := unix.Mmap(int(file.Fd()), 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Skipf("cannot map a file here: %v", err)
	}
	defer func() { _ = unix.Munmap(data) }()
	p := New(Config{}, []capture.Source{&shrinking{data: data, file: file, left: 3}}, &lines{})
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := p.Summary().Packets; got != 3 {
		t.Errorf("got %d packets, want 3", got)
	}
}
