package report

import (
	"encoding/csv"
	"io"
	"strings"

	"earshot/dialog"
)

// CSV writes comma-separated values (RFC 4180): a row of names, then one row a
// call or a stream. Columns have the names and units of the JSON records; new
// ones are added at the end only. A text that a spreadsheet would take for a
// formula gets an apostrophe in front.
type CSV struct {
	w   *csv.Writer
	row []string
}

// NewCSV writes the row of names and returns the writer, of streams or of calls.
func NewCSV(w io.Writer, streams bool) *CSV {
	c := &CSV{w: csv.NewWriter(w)}
	c.w.UseCRLF = true // RFC 4180 2.1
	if streams {
		c.header(streamFields())
	} else {
		c.header(callFields())
	}
	return c
}

func (c *CSV) header(fields []string) { _ = c.w.Write(fields) } // csv keeps the error for Flush

// Flush writes what is still held back, and returns the first error of all.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// cell adds a value of our own: a number, a time, a word.
func (c *CSV) cell(v string) { c.row = append(c.row, v) }

// text adds a text out of a packet.
func (c *CSV) text(v string) { c.row = append(c.row, tame(clean(v, 256))) }

// tame keeps a spreadsheet from running a text as a formula.
func tame(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// end writes the row.
func (c *CSV) end() {
	_ = c.w.Write(c.row) // csv keeps the error for Flush
	c.row = c.row[:0]
}

// Call writes a call.
func (c *CSV) Call(r *dialog.CallRecord) {
	for _, f := range callColumnsCSV {
		f.write(c, r)
	}
	for _, from := range sides {
		s := speaks(r, from)
		for _, f := range voiceColumnsCSV {
			if s == nil {
				c.cell("")
				continue
			}
			f.write(c, s)
		}
	}
	c.end()
}

// Stream writes a stream.
func (c *CSV) Stream(s *dialog.StreamRecord) {
	for _, f := range streamColumnsCSV {
		f.write(c, s)
	}
	c.end()
}

// field is one column: its name and how a record fills it.
type field[R any] struct {
	name  string
	write func(c *CSV, r R)
}

func callFields() []string {
	var names []string
	for _, f := range callColumnsCSV {
		names = append(names, f.name)
	}
	for _, from := range sides {
		for _, f := range voiceColumnsCSV {
			names = append(names, from.String()+"_"+f.name)
		}
	}
	return names
}

func streamFields() []string {
	var names []string
	for _, f := range streamColumnsCSV {
		names = append(names, f.name)
	}
	return names
}
