//go:build !linux

package capture

import (
	"math"
	"os"
)

// freeOctets knows nothing of other systems' disks.
func freeOctets(string) (int64, error) { return math.MaxInt64 / 2, nil }

func startWriteback(*os.File, int64, int64) {}

// pathOf is by what an open file is opened once more, as long as it is there.
func pathOf(f *os.File) string { return f.Name() }
