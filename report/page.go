package report

import (
	"io"

	"earshot/dialog"
)

// Page is one self-contained page of HTML.
type Page struct {
	Overview Overview
	Calls    []*dialog.CallRecord
	Loose    []*dialog.StreamRecord
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error { return nil }
