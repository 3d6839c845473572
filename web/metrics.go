package web

import (
	"io"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// MetricsConfig says what metrics are about.
type MetricsConfig struct {
	Plan         *topology.Plan    // peers, segments and capture points; nil: none
	MaxSeries    int               // the most time series that may be; 0: 100,000
	Limits       map[string]uint64 // caps of the tables, by the name of earshot_tracked's table
	Interval     time.Duration     // of the pipeline's observations; 0: 5 s
	Interfaces   int               // captured from, for the worst case
	Shards       int               // of the pipeline, for the worst case
	Senders      int               // HEP destinations, for the worst case
	Rules        int               // of alerts, for the worst case; those beyond are counted as other; 0: 50
	Destinations int               // of cases, for the worst case; those beyond are counted as other; 0: 10
	ConfigHash   string            // of the configuration in force
}

// defaultMaxSeries is what a Prometheus of any size takes from one target.
const defaultMaxSeries = 100_000

func (c MetricsConfig) withDefaults() MetricsConfig {
	if c.MaxSeries <= 0 {
		c.MaxSeries = defaultMaxSeries
	}
	return c
}

// Metrics keeps what /metrics shows. It is a pipeline.Sink and a
// pipeline.Observer: Record and Observe are for one goroutine, everything else
// may be called by any. That goroutine never waits for a reader: what it writes
// are atomics, but for the windows of the API, whose mutexes are held for
// nanoseconds.
type Metrics struct {
	cfg    MetricsConfig
	step   int64 // of the windows, ns
	layout atomic.Pointer[layout]
	making sync.Mutex // of layouts

	lastPlan *topology.Plan // of the last observation; the recorder's
	probe    atomic.Pointer[Probe]

	calls        [recordKinds]atomic.Uint64
	observations atomic.Uint64
	unmeasured   []reasonCount
	folded       [foldings]atomic.Uint64
	sip          sipSeries
	codecs       streamSeries
	reloads      reloads
	pushes       pushes
	refused      atomic.Uint64 // requests without the right secret
	locked       atomic.Uint64 // accounts locked after failed sign-ins
	shown        atomic.Int64  // series of the last page
}

// recordKind is the type of a record.
type recordKind uint8

const (
	callRecord recordKind = iota
	streamRecord
	transactionRecord
	recordKinds
)

var recordKindNames = [recordKinds]string{"call", "stream", "transaction"}

// folding is a label whose values have a cap.
type folding uint8

const (
	foldedCause folding = iota
	foldedCode
	foldedMethod
	foldedCodec
	foldings
)

var foldingNames = [foldings]string{"release_cause", "code", "method", "codec"}

// reasonCount is a series of earshot_rtp_unmeasured_streams_total.
type reasonCount struct {
	reason string
	labels string
	count  atomic.Uint64
}

// NewMetrics makes the series of a plan, at 0. It refuses a plan whose worst
// case is above the limit.
func NewMetrics(cfg MetricsConfig) (*Metrics, error) {
	cfg = cfg.withDefaults()
	if err := WorstCase(cfg.Plan, cfg).Err(); err != nil {
		return nil, err
	}
	m := &Metrics{cfg: cfg, step: max(minStep, int64(cfg.Interval)), unmeasured: newReasons()}
	m.layout.Store(m.newLayout(cfg.Plan, nil))
	m.sip.addPeers(m.layout.Load())
	m.probe.Store(&Probe{})
	m.reloads.hash.Store(&cfg.ConfigHash)
	return m, nil
}

func newReasons() []reasonCount {
	counts := make([]reasonCount, 0, len(dialog.Reasons)+1)
	for _, reason := range append(append([]string(nil), dialog.Reasons...), other) {
		counts = append(counts, reasonCount{reason: reason, labels: labels("reason", reason)})
	}
	return counts
}

// Attach says which probe is shown. NewServer does it too.
func (m *Metrics) Attach(p Probe) { m.probe.Store(&p) }

// SetPlan makes another plan hold. Series of peers and segments that both plans
// name go on. An error says that the plan's worst case is beyond the limit; the
// old plan then holds.
func (m *Metrics) SetPlan(plan *topology.Plan) error {
	if err := WorstCase(plan, m.cfg).Err(); err != nil {
		return err
	}
	m.making.Lock()
	defer m.making.Unlock()
	old := m.layout.Load()
	m.sip.update(m.probe.Load().snapshot(), old, &m.folded) // what came until now has the old names
	l := m.newLayout(plan, old)
	m.sip.addPeers(l)
	m.layout.Store(l)
	m.codecs.forget()
	return nil
}

// Observe counts an interval of a stream.
func (m *Metrics) Observe(o *dialog.Observation) {
	m.observations.Add(1)
	m.lastPlan = o.Plan
	if o.Empty() && o.RTCP.Reports == 0 && o.RTCP.RTTMS == 0 {
		return // it only says that its stream is over
	}
	w := m.layout.Load().of(o.Plan).way(o.Segment, o.Direction)
	w.observe(w.spot(o.Point), o)
}

// Record counts a finished call, stream or transaction.
func (m *Metrics) Record(r dialog.Record) {
	l := m.layout.Load()
	switch r := r.(type) {
	case *dialog.CallRecord:
		m.calls[callRecord].Add(1)
		m.call(l, r)
	case *dialog.StreamRecord:
		m.calls[streamRecord].Add(1)
		m.stream(r)
	case *dialog.TransactionRecord:
		m.calls[transactionRecord].Add(1)
		m.transaction(l, r)
	}
}

// call counts a call once at each end, like earshot_sip_active_calls.
func (m *Metrics) call(l *layout, r *dialog.CallRecord) {
	var caller, callee netip.Addr
	if n := len(r.Legs); n > 0 {
		caller, callee = r.Legs[0].Src.Addr(), r.Legs[n-1].Dst.Addr()
	}
	folded := l.peerOf(caller).from.call(r)
	if l.peerOf(callee).to.call(r) || folded {
		m.folded[foldedCause].Add(1)
	}
	l.of(m.lastPlan).countAnomalies(r)
}

// stream counts a stream that had no score. Video never has one, and is not missed.
func (m *Metrics) stream(r *dialog.StreamRecord) {
	if r.Unmeasured == "" || r.Media == "video" || r.Media == "other" {
		return
	}
	for i := range m.unmeasured {
		if c := &m.unmeasured[i]; c.reason == r.Unmeasured || c.reason == other {
			c.count.Add(1)
			return
		}
	}
}

func (m *Metrics) transaction(l *layout, r *dialog.TransactionRecord) {
	from, to := l.peerOf(r.Src.Addr()).from, l.peerOf(r.Dst.Addr()).to
	for _, p := range [...]*peer{from, to} {
		p.retransmissions.Add(uint64(max(0, r.Retransmissions)))
		if r.Method == "REGISTER" {
			p.registration(r)
		}
	}
}

// Write writes all series.
func (m *Metrics) Write(w io.Writer, f Format) error {
	_, err := w.Write(m.page(f, time.Now()).b)
	return err
}

// page writes all series as of now.
func (m *Metrics) page(f Format, now time.Time) *page {
	p := &page{format: f}
	p.b = make([]byte, 0, 64<<10+100*int(m.shown.Load())) // about what the last one took
	probe := m.probe.Load()
	l := m.layout.Load()
	snapshot, stages := probe.snapshot(), probe.stages()
	p.media(l)
	p.streams(m, l, probe, snapshot)
	p.rtcp(l, snapshot)
	p.signalling(m, l, snapshot)
	p.capture(probe, &stages)
	p.parsing(&stages, &snapshot.Totals)
	p.tables(&m.cfg, &stages, snapshot)
	p.flow(m, &stages, snapshot, now)
	p.keeping(&stages)
	p.hep(probe, &stages)
	p.rules(m, probe)
	p.store(probe)
	p.cases(probe)
	p.attachments(probe)
	p.outbox(m, probe)
	p.self(m, probe, &snapshot.Totals)
	p.process()
	m.shown.Store(int64(p.series))
	p.end()
	return p
}
