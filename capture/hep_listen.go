package capture

// HEP receives HEP from other probes, proxies and media servers. It is a
// Source: every frame is an IP and UDP header, as long as the sender used, in
// front of one HEP packet, so that a file of them replays like the live feed.
// Only Stats may be called by other goroutines.
type HEP struct{}

// ListenHEP opens the listeners.
func ListenHEP(cfg HEPConfig) (*HEP, error) { return nil, errNotYet }

// Next returns the next packet.
func (h *HEP) Next(f *Frame) error { return ErrIdle }

// Drops tells what the socket's buffer and the queue had no room for.
func (h *HEP) Drops() (lost uint64, suspect bool) { return 0, false }

// Stats returns what was counted. Any goroutine may call it.
func (h *HEP) Stats() HEPStats { return HEPStats{} }

// Close closes the listeners and their connections.
func (h *HEP) Close() error { return nil }
