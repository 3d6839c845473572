//go:build linux

package capture

import "time"

// A reader that must wait for others may do so while the rings have room for
// what comes meanwhile. A quarter of a ring is kept for the burst that comes next.
const (
	restLimit = 0.75
	restTime  = 100 * time.Microsecond
)

// Rest sleeps a moment and returns true, or returns false at once where a ring
// is three quarters full of what Next has not given yet.
func (l *Live) Rest() bool {
	for _, t := range l.taps {
		if t.ring.used() > restLimit {
			return false
		}
	}
	time.Sleep(restTime)
	return true
}
