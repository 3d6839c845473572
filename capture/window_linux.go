package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

const (
	// mapStep is how far ahead a mapping is brought in at once. One system call
	// per MiB costs less than the page faults that it saves.
	mapStep = 1 << 20
	// mapTouch is how far ahead every cache line is read. Records are found one
	// through the other, so that without it each waits for memory alone: 25
	// rather than 38 ns per packet of 214 octets, and 36 for read(2) into a buffer.
	mapTouch = 4 << 10
	// mapRelease is how much of a mapping may stay resident behind the reader.
	mapRelease = 16 << 20
	// mapAlign is a multiple of the page size of every architecture.
	mapAlign  = 64 << 10
	cacheLine = 64
)

// mapping supplies a window from a mapped file. It shows the file in steps and
// looks before each whether the file is still as long as it was: reading a
// mapping past the end of its file is a fault (SIGBUS), not an error.
type mapping struct {
	file     *os.File
	data     []byte
	present  int // octets that have been brought in
	released int // octets that have been given back
	progress *progress
}

// newMapping returns a window over the regular file f of the given size.
func newMapping(name string, f *os.File, size int64, progress *progress) (window, error) {
	if size == 0 || int64(int(size)) != size {
		return window{}, errors.ErrUnsupported
	}
	data, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return window{}, fmt.Errorf("cannot map %q: %w", name, err)
	}
	// Advice: a kernel that can't follow it reads as correctly, only slower.
	_ = unix.Madvise(data, unix.MADV_SEQUENTIAL)
	m := &mapping{file: f, data: data, progress: progress}
	return window{name: name, data: data, supply: m}, nil
}

// grow shows the next stretch of the file.
func (m *mapping) grow(w *window, n int) error {
	if w.end == m.present {
		if err := m.bringIn(n); err != nil {
			return err
		}
		m.release(w.pos)
	}
	to := min(w.end+max(mapTouch, n), m.present)
	if _, err := touch(m.data[w.end:to]); err != nil {
		return err
	}
	w.end = to
	return nil
}

// bringIn reads the next step of the file into memory, as far as the file still
// reaches.
func (m *mapping) bringIn(n int) error {
	if m.present == len(m.data) {
		return io.EOF
	}
	// The file can still be cut while a step is in use, by us or by who got the
	// frame. The fault is then a panic on this goroutine, for AsFault.
	debug.SetPanicOnFault(true)
	info, err := m.file.Stat()
	if err != nil {
		return err
	}
	to := min(m.present+max(mapStep, n), len(m.data))
	if size := info.Size(); size < int64(to) {
		to = int(size)
	}
	if to <= m.present {
		return fmt.Errorf("%w, from %d to %d octets", ErrShrunk, len(m.data), info.Size())
	}
	// A kernel before 5.14 does not know this; then touch takes the page faults.
	_ = unix.Madvise(m.data[m.present&^(mapAlign-1):to], unix.MADV_POPULATE_READ)
	m.progress.add(int64(to - m.present))
	m.present = to
	return nil
}

// touch reads every cache line of b, all at once as far as the processor can.
// It returns a sum so that the reads are not optimised away.
func touch(b []byte) (sum byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = AsFault(r)
		}
	}()
	for i := 0; i < len(b); i += cacheLine {
		sum += b[i]
	}
	return sum, nil
}

// release gives the pages before pos back, so that a capture of any length
// takes the same memory. Reading them again would only fault them in again.
func (m *mapping) release(pos int) {
	pos &^= mapAlign - 1
	if pos-m.released < mapRelease {
		return
	}
	_ = unix.Madvise(m.data[m.released:pos], unix.MADV_DONTNEED)
	m.released = pos
}

// Close unmaps the file: frames that were read from it are gone.
func (m *mapping) Close() error {
	return errors.Join(unix.Munmap(m.data), m.file.Close())
}
