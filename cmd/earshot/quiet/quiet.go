// Package quiet turns the standard logger off before the packages that we
// import from others are initialised. VictoriaMetrics/metrics reports there, at
// the start of every program, that a kernel without pressure stall information
// has none: a line on the standard error of each "earshot replay". Nothing of
// ours logs there.
//
// It works because packages are initialised in the order of their import paths
// where their own imports allow it (Go specification, Program initialization):
// "earshot/..." comes before "github.com/...".
package quiet

import (
	"io"
	"log"
)

// Logger is the standard logger, silenced.
var Logger = silenced()

func silenced() *log.Logger {
	log.SetOutput(io.Discard)
	return log.Default()
}
