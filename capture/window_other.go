//go:build !linux

package capture

import (
	"errors"
	"os"
)

// newMapping leaves every file to the stream: mapping is done on Linux only.
func newMapping(string, *os.File, int64, *progress) (window, error) {
	return window{}, errors.ErrUnsupported
}
