package report

import (
	"html/template"
	"strings"
)

// sheet is a report on its way to paper: what it says, in order, without how it
// looks. Markdown and HTML are both made of it, so that they say the same. Its
// texts are clean; whoever writes them escapes them.
type sheet struct {
	Title    string
	Subtitle string
	Notice   string // of a draft: why it is not the last word; "" for none
	Tiles    []tile
	Sections []sheetSection
	Foot     string
}

// sheetSection is a heading and what stands under it.
type sheetSection struct {
	Title  string
	Blocks []block
}

// block is one piece of a section: just one of its fields is set, but that a
// paragraph may have a heading.
type block struct {
	Head  string
	Lines []string // a paragraph, line by line
	Gap   string   // what somebody still has to write here
	Facts []fact
	Table *sheetTable
	Chart *sheetChart
}

// sheetTable is a table; its first column names the rows.
type sheetTable struct {
	Caption string
	Columns []string
	Numbers []bool // by column: figures, to be aligned
	Rows    [][]string
}

// Class says how a cell is laid out: figures to the right, and long texts over
// several lines.
func (t *sheetTable) Class(column int, cell string) string {
	switch {
	case t.Numbers[column]:
		return "n"
	case len(cell) > wideCell:
		return "wrap"
	}
	return "t"
}

// wideCell is from how many octets on a text is broken into lines.
const wideCell = 24

// sheetChart is a drawing, and what it shows in words for who cannot see it.
type sheetChart struct {
	SVG     template.HTML // made by this package alone
	Text    string
	Picture bool // dark on white, whatever the page is
}

// prose makes a paragraph of a text; none of an empty one.
func prose(text string) []block {
	if text == "" {
		return nil
	}
	return []block{{Lines: strings.Split(text, "\n")}}
}

// gap marks what only people know.
func gap(what string) []block { return []block{{Gap: "To be filled in: " + what}} }

// maxReportText bounds one text of a report, in code points a line.
const maxReportText = 4000

// maxReportLines bounds the lines of one text.
const maxReportLines = 200

// cleanLines is clean for a text of several lines; empty ones are left out.
func cleanLines(text string) string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(clean(line, maxReportText)); line == "" {
			continue
		}
		if len(list) == maxReportLines {
			list = append(list, "…")
			break
		}
		list = append(list, line)
	}
	return strings.Join(list, "\n")
}

// brief is the report in a few lines: for the letter that brings it.
func (s *sheet) brief() string {
	lines := []string{s.Title, s.Subtitle, ""}
	for _, t := range s.Tiles {
		line := t.Name + ": " + t.Value
		if t.Note != "" {
			line += " (" + t.Note + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(append(lines, "", "The report is attached."), "\n") + "\n"
}
