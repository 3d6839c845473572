package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

const (
	// mapStep is how far ahead a mapping is brought in at once. One system call
	// per MiB costs less than the page faults that it saves.
	mapStep = 1 << 20
	// mapRelease is how much of a mapping may stay resident behind the reader.
	mapRelease = 16 << 20
)

// mapping supplies a window from a mapped file. It shows the file in steps and
// looks before each whether the file is still as long as it was: reading a
// mapping past the end of its file is a fault (SIGBUS), not an error.
type mapping struct {
	file     *os.File
	data     []byte
	released int
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

// grow shows the next step of the file.
func (m *mapping) grow(w *window, n int) error {
	if w.end == len(m.data) {
		return io.EOF
	}
	// The file can still be cut while a step is in use, by us or by who got the
	// frame. The fault is then a panic on this goroutine, for AsFault.
	debug.SetPanicOnFault(true)
	to := min(w.end+max(mapStep, n), len(m.data))
	size, err := m.size()
	if err != nil {
		return err
	}
	if size < int64(len(m.data)) {
		to = min(to, int(size))
		if to <= w.end {
			return fmt.Errorf("the file shrank from %d to %d octets while it was read", len(m.data), size)
		}
	}
	if err := m.bringIn(m.data[w.end&^(pageSize-1) : to]); err != nil {
		return err
	}
	m.progress.add(int64(to - w.end))
	w.end = to
	m.release(w.pos)
	return nil
}

// pageSize is the alignment that the kernel asks of advice; 64 KiB is a
// multiple of the page size of every architecture that Go runs on.
const pageSize = 64 << 10

func (m *mapping) size() (int64, error) {
	info, err := m.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// bringIn reads pages into memory and turns what would be a fault into an
// error: MADV_POPULATE_READ reports it, and where the kernel is older than
// 5.14 the pages are touched one by one.
func (m *mapping) bringIn(pages []byte) error {
	err := unix.Madvise(pages, unix.MADV_POPULATE_READ)
	if err == nil {
		return nil
	}
	if errors.Is(err, unix.EINVAL) {
		return touch(pages)
	}
	return fmt.Errorf("cannot bring in the file's pages: %w", err)
}

// touch reads an octet of every page.
func touch(pages []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = AsFault(r)
		}
	}()
	var sum byte
	for i := 0; i < len(pages); i += 4096 {
		sum ^= pages[i]
	}
	runtime.KeepAlive(&sum)
	return nil
}

// release gives the pages before pos back, so that a capture of any length
// takes the same memory. Reading them again would only fault them in again.
func (m *mapping) release(pos int) {
	pos &^= pageSize - 1
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
