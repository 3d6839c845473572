package main

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Colours of the terminal, as report has them. Nothing is told by colour alone.
const (
	sgrStrong  = "\x1b[1m"
	sgrFaint   = "\x1b[2m"
	sgrGood    = "\x1b[32m"
	sgrFair    = "\x1b[33m"
	sgrBad     = "\x1b[1;31m"
	sgrHeading = "\x1b[1;36m"
	sgrEnd     = "\x1b[0m"
)

// cell is a piece of text and how it is painted; color "" is plain.
type cell struct{ text, color string }

// column is one column of a table.
type column struct {
	title string
	right bool
	keep  int // those with the lowest go first where the terminal is narrow
}

// topTable is a table that gives up columns before it is cut.
type topTable struct {
	columns []column
	rows    [][]cell
}

const columnGap = 2

// lines draws the table within width columns; 0: as wide as it needs.
func (t *topTable) lines(width int, color bool) []string {
	widths := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i] = uniseg.StringWidth(c.title)
		for _, row := range t.rows {
			widths[i] = max(widths[i], uniseg.StringWidth(row[i].text))
		}
	}
	shown := t.fit(widths, width)
	head := make([]cell, len(t.columns))
	for i, c := range t.columns {
		head[i] = cell{c.title, sgrHeading}
	}
	lines := []string{t.line(head, widths, shown, width, color)}
	for _, row := range t.rows {
		lines = append(lines, t.line(row, widths, shown, width, color))
	}
	return lines
}

// fit says which columns there is room for.
func (t *topTable) fit(widths []int, width int) []bool {
	shown := make([]bool, len(widths))
	total := -columnGap
	for i, w := range widths {
		shown[i] = true
		total += w + columnGap
	}
	for width > 0 && total > width {
		least := -1
		for i, c := range t.columns {
			if shown[i] && (least < 0 || c.keep < t.columns[least].keep) {
				least = i
			}
		}
		if total -= widths[least] + columnGap; total < 0 {
			break // the last one is cut instead
		}
		shown[least] = false
	}
	return shown
}

func (t *topTable) line(row []cell, widths []int, shown []bool, width int, color bool) string {
	var cells []cell
	gap := ""
	for i, c := range row {
		if !shown[i] {
			continue
		}
		pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(c.text))
		if t.columns[i].right {
			cells = append(cells, cell{gap + pad, ""}, c)
			gap = ""
		} else {
			cells = append(cells, cell{gap, ""}, c)
			gap = pad
		}
		gap += strings.Repeat(" ", columnGap)
	}
	return paintLine(cells, width, color)
}

// paintLine joins cells, cut to width columns; 0: not cut.
func paintLine(cells []cell, width int, color bool) string {
	var b strings.Builder
	left := width
	for _, c := range cells {
		text := c.text
		if width > 0 {
			text = cut(text, left)
			left -= uniseg.StringWidth(text)
		}
		if color && c.color != "" && text != "" {
			b.WriteString(c.color + text + sgrEnd)
		} else {
			b.WriteString(text)
		}
	}
	return strings.TrimRight(b.String(), " ")
}

// cut keeps what fits in width columns.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	end, state, rest := 0, -1, s
	for rest != "" {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if width -= w; width < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}

// printable makes a text from the network harmless for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
