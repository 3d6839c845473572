package report

// Style is what the place of the output can show.
type Style struct {
	Color bool // ANSI colours
	Width int  // columns; 0: not a terminal, nothing is cut
}

// color is how a piece of text is painted. Nothing is told by colour alone:
// a mark or a word always says the same.
type color uint8

const (
	noColor color = iota
	strong
	faint
	good
	fair
	bad
	heading
)

// sgr are the ANSI attributes: the eight basic colours, which every palette
// of a terminal makes readable on its own background.
var sgr = [...]string{
	noColor: "",
	strong:  "\x1b[1m",
	faint:   "\x1b[2m",
	good:    "\x1b[32m",
	fair:    "\x1b[33m",
	bad:     "\x1b[1;31m",
	heading: "\x1b[1;36m",
}

// paint colours s, where the style has colours.
func (s Style) paint(c color, text string) string {
	if !s.Color || c == noColor || text == "" {
		return text
	}
	return sgr[c] + text + "\x1b[0m"
}

// columns is the width to draw in where a drawing needs one.
func (s Style) columns() int {
	if s.Width == 0 {
		return 110
	}
	return max(40, min(s.Width, 160))
}
