package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"sync"

	"earshot/dialog"
)

// recordFile writes finished records as JSON lines, the same as replay --json,
// to a file that rotates by size. Errors don't end the probe: lines that could
// not be written are counted, and the file never holds a part of a line.
// The recorder writes; flush, reopen and close may be called by other goroutines.
type recordFile struct {
	name      string // "-": out
	out       io.Writer
	intervals bool
	max       int64 // octets of a file
	files     int   // kept, the current one included

	mu      sync.Mutex
	file    *os.File
	buf     *bufio.Writer
	size    int64 // of whole lines that the file holds
	pending int64 // octets in buf
	lines   uint64
	line    []byte
	lost    uint64 // lines that could not be written
	err     error  // why, the last time
}

// openRecords opens the file that the configuration names; nil where it names none.
func openRecords(c *config, out io.Writer) (*recordFile, error) {
	r := &c.Records
	if r.File.text == "" {
		return nil, nil
	}
	f := &recordFile{
		name: c.path(r.File.text), out: out, intervals: r.Intervals,
		max: int64(r.FileMB.or(presetFileMB)) * mebibyte, files: int(r.Files.or(presetRecordFiles)),
	}
	if err := f.open(); err != nil {
		return nil, fmt.Errorf("cannot write records: %w", err)
	}
	return f, nil
}

func (f *recordFile) open() error {
	if f.name == "-" {
		f.buf = bufio.NewWriterSize(f.out, 64<<10)
		return nil
	}
	file, err := os.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return err
	}
	f.file, f.size, f.buf = file, info.Size(), bufio.NewWriterSize(file, 64<<10)
	return nil
}

// Record writes what replay would write of a record: a call after its streams,
// streams of a call only with it.
func (f *recordFile) Record(r dialog.Record) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r := r.(type) {
	case *dialog.CallRecord:
		for _, s := range r.Media {
			f.write(s)
		}
		f.write(r)
	case *dialog.StreamRecord:
		if r.Call == nil {
			f.write(r)
		}
	default:
		f.write(r)
	}
}

func (f *recordFile) write(r dialog.Record) {
	f.line = append(dialog.AppendJSON(f.line[:0], r, dialog.JSONOptions{Intervals: f.intervals}), '\n')
	if f.file != nil && f.size+f.pending+int64(len(f.line)) > f.max && f.size+f.pending > 0 {
		f.flushLocked()
		f.rotate()
	}
	if f.pending+int64(len(f.line)) > int64(f.buf.Size()) {
		f.flushLocked()
	}
	f.pending += int64(len(f.line))
	f.lines++
	_, _ = f.buf.Write(f.line) // bufio keeps the error for Flush
}

// flushLocked writes what is pending. What fails is cut off again, so that a
// disk that was full for a while leaves whole lines.
func (f *recordFile) flushLocked() {
	if f.pending == 0 {
		return
	}
	err := f.buf.Flush()
	if err == nil {
		f.size += f.pending
	} else {
		f.lost += f.lines
		f.err = err
		if f.file != nil {
			_ = f.file.Truncate(f.size)
			f.buf.Reset(f.file)
		} else {
			f.buf.Reset(f.out)
		}
	}
	f.pending, f.lines = 0, 0
}

// rotate renames FILE to FILE.1, FILE.1 to FILE.2 and so on, and begins anew.
func (f *recordFile) rotate() {
	numbered := func(n int) string { return fmt.Sprintf("%s.%d", f.name, n) }
	for n := f.files - 1; n >= 2; n-- {
		_ = os.Rename(numbered(n-1), numbered(n)) // the older one may not be there yet
	}
	var err error
	if f.files > 1 {
		err = os.Rename(f.name, numbered(1))
	} else {
		err = os.Remove(f.name)
	}
	if err == nil {
		err = f.reopenLocked()
	}
	if err != nil {
		f.err = err // it goes on in the old file
	}
}

func (f *recordFile) reopenLocked() error {
	old := f.file
	if err := f.open(); err != nil {
		return err
	}
	if old != nil {
		_ = old.Close() // everything has been written
	}
	return nil
}

// flush writes what is buffered, and returns how many lines were lost since
// the last call, and why.
func (f *recordFile) flush() (lost uint64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flushLocked()
	lost, err = f.lost, f.err
	f.lost, f.err = 0, nil
	return lost, err
}

// reopen opens the file again by name, for programs that have moved it away.
func (f *recordFile) reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flushLocked()
	if f.name == "-" {
		return nil
	}
	return f.reopenLocked()
}

// close writes the rest.
func (f *recordFile) close() error {
	_, err := f.flush()
	if f.file == nil {
		return err
	}
	if closeErr := f.file.Close(); err == nil {
		err = closeErr
	}
	return err
}
