package capture

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// RotatingConfig bounds what a Rotating writer leaves on the disk. Zero values
// mean the defaults.
type RotatingConfig struct {
	Dir        string // is made where it is missing
	FileBytes  int64  // a new file after so many octets, 256 MiB
	TotalBytes int64  // of all its files; the oldest are deleted, 4 GiB
	MinFree    int64  // octets that stay free on the disk; the oldest files are deleted, 1 GiB
}

const (
	defaultFileBytes  = 256 << 20
	defaultTotalBytes = 4 << 30
	defaultMinFree    = 1 << 30

	// rotatingBuffer is what is collected before it is written: whole blocks only.
	rotatingBuffer = 256 << 10
)

// ErrDiskFull is in the error for a disk with less than MinFree octets left
// when there is no file left to delete.
var ErrDiskFull = errors.New("capture: not enough free space on the disk")

// Rotating writes frames to a row of pcapng files, named by the time of their
// first packet and a running number, and deletes the oldest when there are too many octets of them.
// It touches only files that are named as it names them; those that it finds
// count as its own.
//
// Files end between two packets at every moment, but for what the system call
// under way at a crash leaves. After an error the next frame begins a new file.
// It is for one goroutine.
type Rotating struct {
	cfg   RotatingConfig
	known bool        // files was read from the folder
	files []savedFile // oldest first; the one being written is the last
	total int64       // octets of files

	file    *os.File
	writer  *Writer
	pending blockBuffer // whole blocks that are not in the file yet
	synced  int64       // octets of the file that were on their way to the disk
}

// blockBuffer collects octets.
type blockBuffer struct{ b []byte }

// Write is io.Writer's.
func (b *blockBuffer) Write(p []byte) (int, error) {
	b.b = append(b.b, p...)
	return len(p), nil
}

// NewRotating returns a writer that has not touched the disk yet.
func NewRotating(cfg RotatingConfig) *Rotating {
	if cfg.FileBytes <= 0 {
		cfg.FileBytes = defaultFileBytes
	}
	if cfg.TotalBytes <= 0 {
		cfg.TotalBytes = defaultTotalBytes
	}
	if cfg.MinFree <= 0 {
		cfg.MinFree = defaultMinFree
	}
	cfg.FileBytes = min(cfg.FileBytes, cfg.TotalBytes)
	return &Rotating{cfg: cfg}
}

// WriteFrame writes one frame, to a new file where the last one is full.
func (r *Rotating) WriteFrame(f *Frame) error {
	if f.At < 0 {
		return fmt.Errorf("cannot save a packet: %w", ErrBeforeEpoch)
	}
	if r.file != nil && r.current().size+int64(len(r.pending.b)) >= r.cfg.FileBytes {
		if err := r.Close(); err != nil {
			return err
		}
	}
	if r.file == nil {
		if err := r.open(f.At); err != nil {
			return err
		}
	}
	if err := errors.Join(r.writer.WriteFrame(f), r.writer.Flush()); err != nil {
		return err
	}
	if len(r.pending.b) < rotatingBuffer {
		return nil
	}
	return r.write()
}

// Flush writes what is pending and has the system bring it to the disk. Called
// about once a second, it also keeps MinFree octets free.
func (r *Rotating) Flush() error {
	if r.file == nil {
		return nil
	}
	if err := r.write(); err != nil {
		return err
	}
	size := r.current().size
	startWriteback(r.file, r.synced, size-r.synced)
	r.synced = size
	if err := r.makeRoom(0); err != nil {
		return errors.Join(err, r.Close())
	}
	return nil
}

// Close ends the current file, on the disk. The next frame begins a new one.
func (r *Rotating) Close() error {
	if r.file == nil {
		return nil
	}
	if err := r.write(); err != nil {
		return err
	}
	file := r.file
	r.file = nil
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("cannot save packets: %w", err)
	}
	return nil
}

// Usage returns how many files there are, and their octets.
func (r *Rotating) Usage() (files int, octets int64) { return len(r.files), r.total }

func (r *Rotating) current() *savedFile { return &r.files[len(r.files)-1] }

// open begins a new file for a packet of the given time.
func (r *Rotating) open(at int64) error {
	if err := r.survey(); err != nil {
		return err
	}
	if err := r.makeRoom(r.cfg.FileBytes); err != nil {
		return err
	}
	name := savedName{stamp: at, number: 1}
	if len(r.files) > 0 {
		name.number = r.current().name.number + 1
	}
	for {
		path := filepath.Join(r.cfg.Dir, name.String())
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
		if errors.Is(err, os.ErrExist) {
			name.number++
			continue
		}
		if err != nil {
			return fmt.Errorf("cannot save packets: %w", err)
		}
		r.file = file
		break
	}
	r.files = append(r.files, savedFile{name: name})
	return r.begin()
}

// begin writes what a file begins with, at once, so that none is ever empty.
// Interfaces have the numbers that they had in the file before, so that a
// replay tells capture points alike.
func (r *Rotating) begin() error {
	r.pending.b, r.synced = r.pending.b[:0], 0
	before := r.writer
	w, err := NewWriter(&r.pending)
	if err != nil {
		return err
	}
	r.writer = w
	if before != nil {
		for _, in := range before.interfaces {
			if _, err := w.declared(in); err != nil {
				return err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return r.write()
}

// write writes what is pending. Where that fails it takes back the part that
// was written, so that the file ends with a whole packet, and gives the file up.
func (r *Rotating) write() error {
	_, err := r.file.Write(r.pending.b)
	if err == nil {
		r.grow(int64(len(r.pending.b)))
		r.pending.b = r.pending.b[:0]
		return nil
	}
	file, size := r.file, r.current().size
	r.file = nil
	err = errors.Join(err, file.Truncate(size), file.Close())
	if size == 0 {
		err = errors.Join(err, os.Remove(file.Name()))
		r.files = r.files[:len(r.files)-1]
	}
	return fmt.Errorf("cannot save packets: %w", err)
}

func (r *Rotating) grow(octets int64) {
	r.current().size += octets
	r.total += octets
}
