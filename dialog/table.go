package dialog

import (
	"net/netip"

	"earshot/mos"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// Config is what correlation may be told.
type Config struct {
	Codecs                                *mos.CodecTable // nil: the built-in table
	LegHeaders                            []string        // X-Call-ID-like headers that join B2BUA legs
	KeepLadder                            bool            // keep every call's messages for display
	MaxLadder                             int             // 0: 200
	KeepTimeline                          bool            // keep the timelines of streams (else only the worst interval)
	DeclaredDelayMS                       float64         // one-way network delay to assume for MOS-CQ where none is measured; 0: none
	MaxCalls, MaxStreams, MaxTransactions int             // caps; 0: defaults
}

// Hop is where a message was seen.
type Hop struct {
	Src, Dst  netip.AddrPort
	Transport string // "udp", "tcp", "ws"
}

// Table is the state of all dialogs, calls and streams. One goroutine drives
// it, with packet time: messages and RTCP in capture order, then the reports
// of the same second in the order of their keys, then Tick.
type Table struct{ cfg Config }

// NewTable returns an empty table.
func NewTable(cfg Config) *Table { return &Table{cfg: cfg} }

// SIP takes one message.
func (t *Table) SIP(at int64, hop Hop, m *sipparse.Message) {}

// RTCP takes one datagram that looked like RTCP.
func (t *Table) RTCP(at int64, src, dst netip.AddrPort, b []byte) {}

// Report takes a stream report; it keeps nothing of r's slices.
func (t *Table) Report(r *rtpstats.Report) {}

// Tick ends what is over at this packet time and emits its records in a reproducible order.
func (t *Table) Tick(at int64, emit func(Record)) {}

// Close ends everything: the capture is over.
func (t *Table) Close(at int64, emit func(Record)) {}

// Totals returns the counts so far.
func (t *Table) Totals() Totals { return Totals{} }
