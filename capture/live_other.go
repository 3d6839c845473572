//go:build !linux

package capture

import (
	"fmt"
	"io"
	"runtime"
)

// Live captures from this host's interfaces. Only Linux has the rings for it.
type Live struct{}

// OpenLive returns an error: only Linux has AF_PACKET.
func OpenLive(LiveConfig) ([]*Live, error) {
	return nil, fmt.Errorf("cannot capture from interfaces on %s: that needs Linux; capture files and HEP work", runtime.GOOS)
}

// Next returns io.EOF.
func (l *Live) Next(*Frame) error { return io.EOF }

// Drops returns nothing.
func (l *Live) Drops() (lost uint64, suspect bool) { return 0, false }

// Stats returns nothing.
func (l *Live) Stats() []InterfaceStats { return nil }

// Close does nothing.
func (l *Live) Close() error { return nil }
