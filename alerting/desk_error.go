package alerting

import (
	"fmt"
	"time"
)

// Reason says why a command was not done, so that it can be told apart.
type Reason uint8

// The reasons.
const (
	NotFound Reason = iota + 1 // there is no such case
	Invalid                    // the words of the command: it never can be done
	Refused                    // the state of the case does not allow it now
	Conflict                   // the case has changed since its author looked
)

// CommandError is a command that was not done. Nothing changed.
type CommandError struct {
	Reason Reason
	Field  string    // of the command, as in its JSON; "" where it is none
	Text   string    // what is wrong, and what would be right
	From   time.Time // of a refused command: when it may be done; zero: unknown, or never
}

// Error returns the text.
func (e *CommandError) Error() string { return e.Text }

func notFound(format string, args ...any) error {
	return &CommandError{Reason: NotFound, Text: fmt.Sprintf(format, args...)}
}

func invalid(field, format string, args ...any) error {
	return &CommandError{Reason: Invalid, Field: field, Text: fmt.Sprintf(format, args...)}
}

func refused(format string, args ...any) error {
	return &CommandError{Reason: Refused, Text: fmt.Sprintf(format, args...)}
}

func refusedUntil(from time.Time, format string, args ...any) error {
	return &CommandError{Reason: Refused, Text: fmt.Sprintf(format, args...), From: from}
}
