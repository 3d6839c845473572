package capture

import (
	"crypto/tls"
	"net/netip"
)

// HEPConfig says where to take HEP from. An empty address is no listener.
type HEPConfig struct {
	UDP, TCP, TLS  string         // listening addresses, "127.0.0.1:9060"
	TLSConfig      *tls.Config    // for TLS: certificate, and client certificates where wanted; TLS 1.2 at least
	MaxConnections int            // of TCP and TLS together; 0: 1024
	QueueBytes     int            // octets that wait between connections and Next; 0: 16 MiB
	Point          uint16         // capture point of frames; nodes that DecoderConfig.HEP names get their own
	Notice         func(HEPEvent) // told of connections; may be nil; called from their goroutines, several at once
}

// HEPEvent says that a sender connected, left or was refused.
type HEPEvent struct {
	Remote netip.AddrPort
	Kind   string // "connected", "closed", "refused", "broken"
	Err    error  // why, where there is a reason
}

// HEPStats is what the listeners counted.
type HEPStats struct {
	Packets, Bytes uint64
	Connections    int
	Refused        uint64 // connections beyond the cap
	Broken         uint64 // connections that lost the framing, or never began to speak HEP or TLS
	Foreign        uint64 // datagrams that are no HEP
	Dropped        uint64 // packets that found the queue, or the socket's buffer, full
}

// HEPDecoding is how the decoder unwraps HEP.
type HEPDecoding struct {
	Keys  []string          // authentication keys that are accepted; none: any or no key. HEP v1 and v2 have none
	Nodes map[uint32]uint16 // capture node id to capture point; other nodes keep the frame's
	Ports []uint16          // UDP ports on which HEP v1 and v2, which have no magic, are believed; nil: 9060
}

// HEPSenderConfig says where to send HEP v3 to.
type HEPSenderConfig struct {
	Network     string // "udp", "tcp", "tls"
	Address     string
	TLSConfig   *tls.Config
	Node        uint32 // capture node id
	Name        string // capture agent name, chunk 0x13; "" leaves it out
	Key         string // authentication key; "" leaves it out
	Compress    bool   // gzip payloads (chunk 0x10)
	BufferBytes int    // kept through an outage, oldest dropped first; 0: 64 MiB
	Notice      func(up bool, err error)
}

// HEPSenderStats is what the sender counted.
type HEPSenderStats struct {
	Connected              bool
	Sent, Dropped, Retries uint64 // packets sent, packets dropped from a full buffer, connection attempts that failed
	Refused                uint64 // datagrams that came back: nothing listens there (UDP)
	Unsendable             uint64 // messages too long for HEP, and RTCP that holds no report
	Buffered               int    // octets waiting
}
