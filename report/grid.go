package report

import (
	"io"
	"strings"
)

// grid writes a table to a terminal: columns as wide as their contents, cut to
// the terminal's width by shortening what may be shortened and then by leaving
// out what can be asked for otherwise. Rows are asked for twice instead of
// kept, so that a table of a million calls costs nothing beside its calls.
type grid struct {
	columns []column
	rows    int
	row     func(i int, cells []cell) // fills cells, one a column
	above   func(i int) string        // a line before row i, "" for none; nil for never
}

// column is one column of a grid.
type column struct {
	title string
	right bool // numbers
	least int  // may be shortened to this width; 0: never
	first bool // a name: shortened before the others, in its middle
	leave int  // order in which columns are left out; 0: never
}

// cell is what stands in one row's column.
type cell struct {
	text  string
	color color
}

func (c *column) cut(text string, wide int) string {
	if c.first {
		return cutMiddle(text, wide)
	}
	return cut(text, wide)
}

// gutter is the space between columns.
const gutter = 2

// write writes the heading and the rows.
func (g *grid) write(w io.Writer, s Style) {
	wide := g.natural()
	if s.Width > 0 {
		fit(g.columns, wide, s.Width)
	}
	head := make([]cell, len(g.columns))
	for i, c := range g.columns {
		head[i] = cell{c.title, heading}
	}
	g.line(w, s, wide, head)
	cells := make([]cell, len(g.columns))
	for i := range g.rows {
		if g.above != nil {
			if text := g.above(i); text != "" {
				io.WriteString(w, s.paint(strong, text)+"\n")
			}
		}
		clear(cells)
		g.row(i, cells)
		g.line(w, s, wide, cells)
	}
}

// natural is how wide each column would like to be.
func (g *grid) natural() []int {
	wide := make([]int, len(g.columns))
	for i, c := range g.columns {
		wide[i] = width(c.title)
	}
	cells := make([]cell, len(g.columns))
	for i := range g.rows {
		clear(cells)
		g.row(i, cells)
		for j, c := range cells {
			wide[j] = max(wide[j], width(c.text))
		}
	}
	return wide
}

// line writes one row; a column of width 0 is left out.
func (g *grid) line(w io.Writer, s Style, wide []int, cells []cell) {
	var b strings.Builder
	blank := 0 // spaces owed, so that no line ends in any
	for i, c := range cells {
		if wide[i] == 0 {
			continue
		}
		text := g.columns[i].cut(c.text, wide[i])
		fill := wide[i] - width(text)
		if g.columns[i].right {
			blank, fill = blank+fill, 0
		}
		body := strings.TrimRight(text, " ")
		if body != "" {
			b.WriteString(strings.Repeat(" ", blank))
			b.WriteString(s.paint(c.color, body))
			blank = 0
		}
		blank += len(text) - len(body) + fill + gutter
	}
	b.WriteByte('\n')
	io.WriteString(w, b.String())
}

// fit makes the columns' widths fit into total columns of the terminal.
func fit(columns []column, wide []int, total int) {
	for leave := 0; ; leave++ {
		last := true
		for i, c := range columns {
			if c.leave > 0 && c.leave <= leave {
				wide[i] = 0
			}
			last = last && c.leave <= leave
		}
		if last || smallest(columns, wide) <= total {
			break
		}
	}
	shorten(columns, wide, total, true)
	shorten(columns, wide, total, false)
	if smallest(columns, wide) <= total {
		return
	}
	for i := range columns { // nothing else is left to give
		if columns[i].first {
			columns[i].least = shortestName
		}
	}
	shorten(columns, wide, total, true)
}

// shortestName is how short a name becomes on the narrowest terminals.
const shortestName = 9

// smallest is the width of the line when everything is as short as it may be.
func smallest(columns []column, wide []int) int {
	sum := -gutter
	for i, c := range columns {
		if wide[i] == 0 {
			continue
		}
		sum += gutter + wide[i]
		if c.least > 0 {
			sum -= max(0, wide[i]-c.least)
		}
	}
	return sum
}

// shorten takes columns of the terminal away from the widest that may be
// shortened, one by one, until the line fits.
func shorten(columns []column, wide []int, total int, first bool) {
	sum := -gutter
	for _, w := range wide {
		if w > 0 {
			sum += gutter + w
		}
	}
	for ; sum > total; sum-- {
		widest := -1
		for i, c := range columns {
			if c.first == first && c.least > 0 && wide[i] > c.least && (widest < 0 || wide[i] > wide[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		wide[widest]--
	}
}
