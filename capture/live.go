package capture

import "errors"

// Live captures from this host's interfaces, by TPACKET_V3 rings. It is a
// Source; only Stats may be called by other goroutines.
type Live struct{}

var errNotYet = errors.New("capture: not available")

// OpenLive opens every interface, once for each lane, and returns one source
// for each lane. An error names the interface, the missing capability where
// that is the reason, and the command that grants it.
func OpenLive(cfg LiveConfig) ([]*Live, error) { return nil, errNotYet }

// Next returns the next frame of any of the interfaces, in order of time.
func (l *Live) Next(f *Frame) error { return ErrIdle }

// Drops tells what the kernel dropped.
func (l *Live) Drops() (lost uint64, suspect bool) { return 0, false }

// Stats returns the state of the interfaces. Any goroutine may call it.
func (l *Live) Stats() []InterfaceStats { return nil }

// Close closes the rings.
func (l *Live) Close() error { return nil }
