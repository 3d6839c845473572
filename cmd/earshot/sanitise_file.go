package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"earshot/capture"
	"earshot/sanitise"
)

// sanitising is one run of sanitise.
type sanitising struct {
	ctx     context.Context
	in      []string
	flags   *sanitiseFlags
	std     stdio
	options sanitise.Options
	pass    int
	bars    []*progressBar
}

// write makes the result. It is there whole or not at all: it gets its name when
// it is done.
func (j *sanitising) write(out string) (*sanitise.Summary, error) {
	defer func() {
		for _, b := range j.bars {
			b.stop()
		}
	}()
	if out == "-" {
		return sanitise.Capture(j.open, j.std.out, j.options)
	}
	if info, err := os.Stat(out); err == nil && !info.Mode().IsRegular() {
		return j.writeTo(out, os.O_WRONLY) // a pipe, /dev/null
	}
	part := out + ".part"
	summary, err := j.writeTo(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err == nil {
		err = os.Rename(part, out)
	}
	if err != nil {
		return nil, errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	return summary, nil
}

func (j *sanitising) writeTo(name string, flags int) (*sanitise.Summary, error) {
	f, err := os.OpenFile(name, flags, 0o644)
	if err != nil {
		return nil, err
	}
	summary, err := sanitise.Capture(j.open, f, j.options)
	return summary, errors.Join(err, f.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// open gives the packets to one of the two passes.
func (j *sanitising) open() (capture.Source, error) {
	files, err := capture.Open(j.in, capture.Options{})
	if err != nil {
		return nil, err
	}
	j.pass++
	for _, b := range j.bars {
		b.stop()
	}
	j.bars = []*progressBar{watchFiles(j.flags.quiet || j.flags.json, j.std.err, files, fmt.Sprintf("pass %d of 2", j.pass))}
	return &interruptible{Files: files, ctx: j.ctx}, nil
}

// interruptible ends a source when its context does.
type interruptible struct {
	*capture.Files
	ctx   context.Context
	given uint
}

// Next gives the next packet.
func (s *interruptible) Next(f *capture.Frame) error {
	const pollEvery = 4096
	if s.given%pollEvery == 0 && s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	s.given++
	return s.Files.Next(f)
}

// watchFiles shows how far files have been read, on a terminal only, and not in
// the first second.
func watchFiles(quiet bool, w io.Writer, files *capture.Files, what string) *progressBar {
	f, ok := w.(*os.File)
	if quiet || !ok || !term.IsTerminal(int(f.Fd())) {
		return &progressBar{}
	}
	b := &progressBar{quit: make(chan struct{}), done: make(chan struct{})}
	b.bar = progressbar.NewOptions64(files.Size(),
		progressbar.OptionSetWriter(w), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription(what),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))
	go func() {
		defer close(b.done)
		t := time.NewTicker(200 * time.Millisecond)
		defer t.Stop()
		for ticks := 0; ; ticks++ {
			select {
			case <-b.quit:
				_ = b.bar.Clear()
				return
			case <-t.C:
			}
			if ticks > 5 {
				_ = b.bar.Set64(files.Offset())
			}
		}
	}()
	return b
}

// spoolInput keeps the standard input in a file, because it is read twice.
func spoolInput(in io.Reader) (name string, err error) {
	f, err := os.CreateTemp("", "earshot-stdin-*.pcap")
	if err != nil {
		return "", fmt.Errorf("cannot keep the standard input: %w", err)
	}
	_, err = io.Copy(f, in)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("cannot keep the standard input in %q: %w; TMPDIR names another place", filepath.Dir(f.Name()), err), os.Remove(f.Name()))
	}
	return f.Name(), nil
}
