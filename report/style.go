package report

// Style is what the place of the output can show.
type Style struct {
	Color bool // ANSI colours
	Width int  // columns; 0: not a terminal, nothing is cut
}
