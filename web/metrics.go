package web

import (
	"io"

	"earshot/dialog"
	"earshot/topology"
)

// MetricsConfig says what metrics are about.
type MetricsConfig struct {
	Plan       *topology.Plan    // peers, segments and capture points; nil: none
	MaxSeries  int               // the most time series that may be; 0: 100,000
	Limits     map[string]uint64 // caps of the tables, by the name of earshot_tracked's table
	Interfaces int               // captured from, for the worst case
	Shards     int               // of the pipeline, for the worst case
	ConfigHash string            // of the configuration in force
}

// Metrics keeps what /metrics shows. It is a pipeline.Sink and a
// pipeline.Observer, both for one goroutine; everything else may be called by
// any goroutine.
type Metrics struct{}

// Format is how metrics are written.
type Format uint8

// The formats.
const (
	Text        Format = iota // Prometheus text 0.0.4
	OpenMetrics               // OpenMetrics 1.0, with exemplars
)

// NewMetrics makes the series of a plan, at 0. It refuses a plan whose worst
// case is above the limit.
func NewMetrics(cfg MetricsConfig) (*Metrics, error) {
	return &Metrics{}, WorstCase(cfg.Plan, cfg).Err()
}

// Attach says which probe is shown. NewServer does it too.
func (m *Metrics) Attach(p Probe) {}

// SetPlan makes another plan hold. Series of peers and segments that both plans
// name go on; an error says that the plan is beyond the limit, and the old one holds.
func (m *Metrics) SetPlan(plan *topology.Plan) error { return nil }

// Reloaded counts a reload of the configuration; err says why it failed.
func (m *Metrics) Reloaded(hash string, err error) {}

// Record counts a finished call, stream or transaction.
func (m *Metrics) Record(r dialog.Record) {}

// Observe counts an interval of a stream.
func (m *Metrics) Observe(o *dialog.Observation) {}

// Write writes all series.
func (m *Metrics) Write(w io.Writer, f Format) error { return nil }
