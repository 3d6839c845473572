package outbox

import (
	"io"
	"strings"
	"time"

	"earshot/alerting"
)

// Content is what a destination may show of a case. All of it may leave the
// house: numbers and addresses of customers are masked unless the configuration
// says otherwise.
type Content struct {
	Case    *alerting.Case    // masked, with its clocks; nil in a summary
	Subject string            // one line, from the destination's template
	Text    string            // plain, from the template: the whole case for somebody who has only this
	HTML    string            // the same as HTML, its markup complete; for mail
	Link    string            // to the case at the probe; "" where the probe has no public address
	Notes   []alerting.Update // of a comment: what happened since the last one, masked
	Note    string            // the same as text
	At      time.Time         // now
	Files   []File            // that belong to it, for who sends all at once
	Cases   []*alerting.Case  // of a summary: those that it sums up, masked
	Trouble string            // why a template of the configuration was not used; "" all were
}

// File is one file of evidence.
type File struct {
	Name   string
	Type   string // of media: "image/png"
	Bytes  int64
	SHA256 string // hex
	Open   func() (io.ReadCloser, error)
}

// chart is the newest picture of the course, nil where there is none.
func (c *Content) chart() *File {
	for i := len(c.Files) - 1; i >= 0; i-- {
		if f := &c.Files[i]; f.Type == "image/png" && strings.HasPrefix(f.Name, "chart") {
			return f
		}
	}
	return nil
}
