package capture

// HEPSender sends HEP v3. One goroutine drives it; only Stats may be called by others.
type HEPSender struct{}

// HEPMessage is one message to be sent.
type HEPMessage struct {
	At               int64 // capture time, ns
	SrcAddr, DstAddr [16]byte
	SrcPort, DstPort uint16
	Protocol         uint8  // IP protocol: 17 UDP, 6 TCP
	Kind             uint8  // HEP protocol type: 1 SIP, 5 RTCP
	Correlation      string // Call-ID, chunk 0x11; "" leaves it out
	Payload          []byte
}

// NewHEPSender returns a sender that has not connected yet.
func NewHEPSender(cfg HEPSenderConfig) *HEPSender { return nil }

// Send sends one message, or buffers it while the receiver is away. It never
// waits longer than a few milliseconds.
func (s *HEPSender) Send(m *HEPMessage) {}

// Idle is called about every 100 ms when there is nothing to send: it
// reconnects and sends what is buffered.
func (s *HEPSender) Idle() {}

// Stats returns what was counted. Any goroutine may call it.
func (s *HEPSender) Stats() HEPSenderStats { return HEPSenderStats{} }

// Close sends what it can within a second, and closes the connection.
func (s *HEPSender) Close() error { return nil }
