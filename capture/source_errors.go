package capture

import (
	"errors"
	"fmt"
	"io"
)

// ErrNoCapture is in the error for a file that is neither pcap nor pcapng.
var ErrNoCapture = errors.New("capture: not a capture file")

// ErrEmpty is in the error for a file without a single octet.
var ErrEmpty = errors.New("capture: empty file")

// DamageError says where a capture file ends before its end: it was cut off,
// or holds what can't be. Every packet before has been given.
type DamageError struct {
	Name   string // the file
	Packet uint64 // the packet that could not be read, counted from 1
	Offset int64  // octets from the start of the capture, after decompression
	Err    error  // why
}

// Error names the file, the place and the reason.
func (e *DamageError) Error() string {
	return fmt.Sprintf("cannot read packet %d at offset %d of %q: %v; kept the %d before it",
		e.Packet, e.Offset, e.Name, e.Err, e.Packet-1)
}

// Unwrap returns the reason.
func (e *DamageError) Unwrap() error { return e.Err }

// cutError is the reason of a file that ends in the middle of something. It is
// an io.ErrUnexpectedEOF.
type cutError struct{ got, want int }

func (e *cutError) Error() string {
	return fmt.Sprintf("the file ends after %d of its %d octets", e.got, e.want)
}

func (e *cutError) Unwrap() error { return io.ErrUnexpectedEOF }
