//go:build !linux

package store

import (
	"math"
	"os"
	"path/filepath"
)

// freeOctets knows nothing of other systems' disks.
func freeOctets(string) (int64, error) { return math.MaxInt64 / 2, nil }

// lockFolder locks nothing on other systems.
func lockFolder(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o640)
}
