package main

import (
	"bufio"
	"io"

	"earshot/dialog"
	"earshot/report"
	"earshot/store"
)

// foundOutput takes what was found, one by one.
type foundOutput interface {
	take(*store.Found) error
	finish() error
}

// foundLines prints JSON lines.
type foundLines struct{ w *bufio.Writer }

func newFoundLines(w io.Writer) *foundLines { return &foundLines{bufio.NewWriterSize(w, 256<<10)} }

func (o *foundLines) take(f *store.Found) error {
	_, err := o.w.WriteString(f.Lines)
	return err
}

func (o *foundLines) finish() error { return o.w.Flush() }

// foundCSV prints calls, or their streams and those of no call.
type foundCSV struct {
	csv     *report.CSV
	streams bool
}

func (o *foundCSV) take(f *store.Found) error {
	rec, err := f.Record()
	switch rec := rec.(type) {
	case *dialog.CallRecord:
		if !o.streams {
			o.csv.Call(rec)
			return nil
		}
		for _, s := range rec.Media {
			o.csv.Stream(s)
		}
	case *dialog.StreamRecord:
		if o.streams {
			o.csv.Stream(rec)
		}
	}
	return err
}

func (o *foundCSV) finish() error { return o.csv.Flush() }

// foundTable prints a table as replay's.
type foundTable struct {
	w     io.Writer
	style report.Style
	calls report.Calls
	found int
	limit int // what was asked for at most
}

func (o *foundTable) take(f *store.Found) error {
	rec, err := f.Record()
	switch rec := rec.(type) {
	case *dialog.CallRecord:
		o.calls.Add(rec)
	case *dialog.StreamRecord:
		o.calls.AddLoose(rec)
	}
	o.found++
	return err
}

func (o *foundTable) finish() error {
	w := bufio.NewWriter(o.w)
	if o.found == 0 {
		_, _ = w.WriteString("No call of the store meets all of this.\n") // bufio keeps the error for Flush
	} else {
		o.calls.Write(w, o.style)
	}
	if o.found > 0 && o.found == o.limit {
		_, _ = w.WriteString("\nThese are the newest; --limit shows more.\n")
	}
	return w.Flush()
}
