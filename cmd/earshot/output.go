package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"earshot/dialog"
	"earshot/report"
)

// output takes the chosen records in order and, at the end, the overview. An
// error of writing is kept for finish.
type output interface {
	call(*dialog.CallRecord)     // with its streams in Media
	stream(*dialog.StreamRecord) // of no call
	transaction(*dialog.TransactionRecord)
	finish(report.Overview) error
}

// newOutput returns the face that the flags ask for. rules is nil where no
// rules judge the traffic.
func newOutput(f *replayFlags, w io.Writer, s report.Style, rules *rehearsal) output {
	var out output
	switch {
	case f.json && rules != nil:
		out = &ruledJSON{&jsonOutput{w: bufio.NewWriterSize(w, 256<<10), intervals: f.intervals}, rules}
	case rules != nil:
		out = &rulesOutput{w: w, style: s, rules: rules}
	case f.json:
		out = &jsonOutput{w: bufio.NewWriterSize(w, 256<<10), intervals: f.intervals}
	case f.csv:
		out = &csvOutput{csv: report.NewCSV(w, f.streams), streams: f.streams}
	case f.call != "":
		out = &callOutput{w: w, style: s, id: f.call}
	case f.streams:
		out = &streamsOutput{w: w, style: s}
	default:
		out = &callsOutput{w: w, style: s}
	}
	if f.html != "" {
		return &htmlOutput{output: out, file: f.html}
	}
	return out
}

// jsonOutput streams records out as they end, so that memory stays flat.
type jsonOutput struct {
	w         *bufio.Writer
	line      []byte
	intervals bool
}

func (o *jsonOutput) write(r dialog.Record) {
	o.line = append(dialog.AppendJSON(o.line[:0], r, dialog.JSONOptions{Intervals: o.intervals}), '\n')
	_, _ = o.w.Write(o.line) // bufio keeps the error for Flush
}

func (o *jsonOutput) call(c *dialog.CallRecord) {
	for _, s := range c.Media {
		o.write(s)
	}
	o.write(c)
}
func (o *jsonOutput) stream(s *dialog.StreamRecord)           { o.write(s) }
func (o *jsonOutput) transaction(t *dialog.TransactionRecord) { o.write(t) }
func (o *jsonOutput) finish(v report.Overview) error {
	_, _ = o.w.Write(append(v.AppendJSON(nil), '\n'))
	return o.w.Flush()
}

type csvOutput struct {
	csv     *report.CSV
	streams bool
}

func (o *csvOutput) call(c *dialog.CallRecord) {
	if !o.streams {
		o.csv.Call(c)
		return
	}
	for _, s := range c.Media {
		o.csv.Stream(s)
	}
}
func (o *csvOutput) stream(s *dialog.StreamRecord) {
	if o.streams {
		o.csv.Stream(s)
	}
}
func (o *csvOutput) transaction(*dialog.TransactionRecord) {}
func (o *csvOutput) finish(report.Overview) error          { return o.csv.Flush() }

// callsOutput is the default: a table of calls, then what was wrong.
type callsOutput struct {
	w     io.Writer
	style report.Style
	calls report.Calls
}

func (o *callsOutput) call(c *dialog.CallRecord)               { o.calls.Add(c) }
func (o *callsOutput) stream(s *dialog.StreamRecord)           { o.calls.AddLoose(s) }
func (o *callsOutput) transaction(t *dialog.TransactionRecord) { o.calls.AddTransaction(t) }
func (o *callsOutput) finish(v report.Overview) error {
	w := bufio.NewWriter(o.w)
	o.calls.Write(w, o.style)
	v.Write(w, o.style)
	return w.Flush()
}

type streamsOutput struct {
	w       io.Writer
	style   report.Style
	streams report.Streams
}

func (o *streamsOutput) call(c *dialog.CallRecord) {
	for _, s := range c.Media {
		o.streams.Add(s)
	}
}
func (o *streamsOutput) stream(s *dialog.StreamRecord)         { o.streams.Add(s) }
func (o *streamsOutput) transaction(*dialog.TransactionRecord) {}
func (o *streamsOutput) finish(v report.Overview) error {
	w := bufio.NewWriter(o.w)
	o.streams.Write(w, o.style)
	v.Write(w, o.style)
	return w.Flush()
}

// callOutput shows the calls that --call names in full.
type callOutput struct {
	w     io.Writer
	style report.Style
	id    string
	calls []*dialog.CallRecord
}

func (o *callOutput) call(c *dialog.CallRecord)             { o.calls = append(o.calls, c) }
func (o *callOutput) stream(*dialog.StreamRecord)           {}
func (o *callOutput) transaction(*dialog.TransactionRecord) {}
func (o *callOutput) finish(report.Overview) error {
	if len(o.calls) == 0 {
		return fmt.Errorf("no call matches %q; run without --call for the list of ids", o.id)
	}
	w := bufio.NewWriter(o.w)
	for _, c := range o.calls {
		report.Call(w, c, o.style)
	}
	return w.Flush()
}

// htmlOutput writes the page beside what another output prints.
type htmlOutput struct {
	output
	file string
	page report.Page
}

func (o *htmlOutput) call(c *dialog.CallRecord) {
	o.page.Calls = append(o.page.Calls, c)
	o.output.call(c)
}

func (o *htmlOutput) stream(s *dialog.StreamRecord) {
	o.page.Loose = append(o.page.Loose, s)
	o.output.stream(s)
}

func (o *htmlOutput) finish(v report.Overview) error {
	if err := o.output.finish(v); err != nil {
		return err
	}
	o.page.Overview = v
	f, err := os.Create(o.file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err := o.page.Write(w); err != nil {
		f.Close()
		return err
	}
	if err := w.Flush(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
