// Command earshot listens in on SIP and RTP, tells how every call sounded,
// where it was hurt and why.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	_ "earshot/cmd/earshot/quiet" // must be the first to be initialised, see there
	"earshot/spelling"
)

// Exit statuses, as the manual lists them.
const (
	exitOK      = 0
	exitFailure = 1 // it could not be done
	exitUsage   = 2 // the command line or the configuration is wrong
	exitFailOn  = 3 // --fail-on met what it was told to look for
)

// stdio is where a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// gcPercent trades collections for memory: at 10,000 concurrent calls 60 takes
// a tenth less memory than Go's 100 and no more time than a run varies by.
const gcPercent = 60

// secondSignal is how long after the first signal another one ends the program
// at once: timeout(1) and some supervisors send each signal twice.
const secondSignal = time.Second

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(secondSignal)
		stop()
	})
	os.Exit(run(ctx, os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, std stdio) int {
	if len(args) == 0 {
		fmt.Fprint(std.err, overview())
		return exitUsage
	}
	name := args[0]
	if name == "-h" || name == "--help" {
		name = "help"
	}
	c := find(name)
	if c == nil {
		fmt.Fprintf(std.err, "earshot: unknown command %q%s\nRun \"earshot help\" for the list.\n", name, spelling.Hint(name, commandNames()))
		return exitUsage
	}
	err := c.run(ctx, args[1:], std)
	var status exitError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(std.out, c.help())
		return exitOK
	case errors.As(err, &status):
		if status.text != "" {
			fmt.Fprintf(std.err, "earshot: %s\n", status.text)
		}
		return status.code
	}
	fmt.Fprintf(std.err, "earshot: %s\n", err)
	return exitFailure
}

// exitError ends the program with a status of its own.
type exitError struct {
	code int
	text string
}

func (e exitError) Error() string { return e.text }

func usageError(format string, args ...any) error {
	return exitError{exitUsage, fmt.Sprintf(format, args...)}
}
