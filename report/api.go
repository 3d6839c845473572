package report

import (
	"io"
	"time"

	"earshot/dialog"
	"earshot/pipeline"
)

// Calls is the table of calls, with verdicts on the bad ones.
type Calls struct{}

// Add takes one call.
func (t *Calls) Add(c *dialog.CallRecord) {}

// AddLoose takes one stream of no call.
func (t *Calls) AddLoose(s *dialog.StreamRecord) {}

// Write writes the table.
func (t *Calls) Write(w io.Writer, s Style) {}

// Streams is the table of streams.
type Streams struct{}

// Add takes one stream.
func (t *Streams) Add(s *dialog.StreamRecord) {}

// Write writes the table.
func (t *Streams) Write(w io.Writer, s Style) {}

// Call writes one call in full.
func Call(w io.Writer, c *dialog.CallRecord, s Style) {}

// Overview is what a whole run saw.
type Overview struct {
	Files       []string
	Summary     pipeline.Summary
	Elapsed     time.Duration
	Interrupted bool
	Quiet       bool
}

// Write writes the overview's lines.
func (o Overview) Write(w io.Writer, s Style) {}

// AppendJSON appends the summary record.
func (o Overview) AppendJSON(dst []byte) []byte { return append(dst, `{"type":"summary"}`...) }

// CSV writes comma-separated values.
type CSV struct{}

// NewCSV returns a writer of calls, or of streams.
func NewCSV(w io.Writer, streams bool) *CSV { return &CSV{} }

// Call writes a call.
func (c *CSV) Call(r *dialog.CallRecord) {}

// Stream writes a stream.
func (c *CSV) Stream(r *dialog.StreamRecord) {}

// Flush ends the file.
func (c *CSV) Flush() error { return nil }

// Page is one self-contained page of HTML.
type Page struct {
	Overview Overview
	Calls    []*dialog.CallRecord
	Loose    []*dialog.StreamRecord
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error { return nil }

// Verdict says what was wrong with a call.
func Verdict(c *dialog.CallRecord) string { return "" }
