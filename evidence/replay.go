package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/report"
)

// replayed is what a replay of a few packets gave.
type replayed struct {
	calls   []*dialog.CallRecord
	streams []*dialog.StreamRecord // of no call
}

// lines is a Sink that writes records as "earshot replay --json" does, and keeps
// them.
type lines struct {
	w    *bufio.Writer
	line []byte
	got  replayed
}

// Record takes a record as it ends.
func (l *lines) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.CallRecord:
		for _, s := range r.Media {
			l.write(s)
		}
		l.got.calls = append(l.got.calls, r)
		l.write(r)
	case *dialog.StreamRecord:
		if r.Call == nil { // those of a call come with it
			l.got.streams = append(l.got.streams, r)
			l.write(r)
		}
	case *dialog.TransactionRecord:
		l.write(r)
	}
}

func (l *lines) write(r dialog.Record) {
	l.line = append(dialog.AppendJSON(l.line[:0], r, dialog.JSONOptions{}), '\n')
	_, _ = l.w.Write(l.line) // bufio keeps the error for Flush
}

// replay measures packets, and writes the lines that "earshot replay --json
// NAME" prints of them.
func replay(ctx context.Context, cfg pipeline.Config, open func() (capture.Source, error), name string, w io.Writer) (*replayed, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	l := &lines{w: bufio.NewWriterSize(w, 64<<10)}
	p := pipeline.New(measuring(cfg), []capture.Source{src}, l)
	if err := errors.Join(p.Run(ctx), src.Close(), ctx.Err()); err != nil {
		return nil, fmt.Errorf("cannot replay %s: %w", name, err)
	}
	overview := report.Overview{Files: []string{name}, Summary: p.Summary()}
	_, _ = l.w.Write(append(overview.AppendJSON(nil), '\n'))
	return &l.got, l.w.Flush()
}

// opening opens one capture file, any number of times.
func opening(path string) func() (capture.Source, error) {
	return func() (capture.Source, error) {
		files, err := capture.Open([]string{path}, capture.Options{})
		if err != nil {
			return nil, err
		}
		return files, nil
	}
}
