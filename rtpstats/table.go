package rtpstats

// Config bounds a table.
type Config struct {
	MaxStreams   int   // 0: 262144
	MaxProbation int   // candidates not yet known to be RTP; 0: 65536
	Interval     int64 // ns; 0: 5 s
	Idle         int64 // a stream without packets for so long has ended, ns; 0: 60 s
}

// Table holds the streams of one shard. One goroutine drives it; time is packet time.
type Table struct{ cfg Config }

// NewTable returns an empty table.
func NewTable(cfg Config) *Table { return &Table{cfg: cfg} }

// UpdateBatch takes packets in capture order.
func (t *Table) UpdateBatch(ps []Packet) {}

// Hint takes what an SDP announced.
func (t *Table) Hint(h *Hint) {}

// Tick passes packet time at, in whole seconds: it closes intervals, ends idle
// streams and emits their reports. Drops is how many packets the capture lost since the last tick.
// The report is valid until emit returns.
func (t *Table) Tick(at int64, drops uint64, emit func(*Report)) {}

// Close ends all streams.
func (t *Table) Close(emit func(*Report)) {}

// Counters returns what the table refused.
func (t *Table) Counters() Counters { return Counters{} }

// Counters says what a table did with the packets that belong to no stream.
type Counters struct {
	Streams, Probation int    // now
	Rejected           uint64 // packets of candidates that turned out not to be RTP
	RefusedStreams     uint64 // packets turned away because the table was full
	RefusedProbation   uint64
	Copies             uint64
}
