package alerting

import (
	"time"

	"earshot/dialog"
	"earshot/topology"
)

// WatchConfig is what a watch needs.
type WatchConfig struct {
	Rules     *RuleSet
	Plan      *topology.Plan // names the peers and segments of what brings no plan of its own
	Directory *Directory     // owners and sites of segments; nil knows none

	// InMaintenance reports whether a segment is being worked on: nothing of it
	// is judged then. Nil: never.
	InMaintenance func(at time.Time, segment string) bool

	Emit func(Change) // told every change of an alert, in a reproducible order; may be nil

	MaxSets    int // of the engine; 0: its preset
	MaxStreams int // of the engine; 0: its preset
	MaxUnits   int // streams and calls that the locator remembers; 0: DefaultMaxUnits. About 400 octets each, with the shipped rules
}

// Watch judges what is measured by the rules, and finds for what is wrong where
// it arises and what those who suffer have in common. One goroutine drives it,
// in packet time; the same packets give the same faults.
type Watch struct {
	cfg     WatchConfig
	engine  *Engine
	locator *locator
	now     int64 // ns

	fired   []waiting
	faults  []*fault // in the order in which they fired
	held    []held   // that have none because of maintenance
	refused uint64   // alerts that found no room for another fault
}

// NewWatch returns a watch that has seen nothing.
func NewWatch(cfg WatchConfig) *Watch {
	w := &Watch{cfg: cfg}
	w.engine = New(Config{
		Rules: cfg.Rules, Emit: w.changed, InMaintenance: cfg.InMaintenance, Plan: cfg.Plan,
		MaxSets: cfg.MaxSets, MaxStreams: cfg.MaxStreams,
	})
	w.locator = newLocator(cfg.MaxUnits, cfg.Directory)
	w.engine.locator = w.locator
	w.engine.wire()
	return w
}

// Observe takes one interval of one stream.
func (w *Watch) Observe(o *dialog.Observation) { w.engine.Observe(o) }

// Record takes what ended.
func (w *Watch) Record(r dialog.Record) { w.engine.Record(r) }

// Tick tells the time once per second of packet time, and how the probe was
// since the last tick.
func (w *Watch) Tick(at int64, h Health) {
	w.now = max(w.now, at)
	w.engine.Tick(at, h)
	w.locator.sweep(w.now, w.leaves)
	w.live()
}

// Alerts lists what is pending and firing.
func (w *Watch) Alerts() []Alert { return w.engine.Alerts() }

// WatchStats counts what a watch did and what it had no room for.
type WatchStats struct {
	Stats
	Faults         int    // that go on
	Units          int    // streams, calls and registrations that the locator remembers
	Sampling       int    // one call of so many is remembered; 1: all
	Unsampled      uint64 // calls and streams that were left out by that
	RefusedFaults  uint64 // alerts that found no room for another fault
	RefusedFactors uint64 // values of factors beyond the bound: they explain nothing
}

// Stats returns the counters.
func (w *Watch) Stats() WatchStats {
	l := w.locator
	s := WatchStats{
		Stats: w.engine.Stats(), Units: l.size(), Sampling: 1 << l.level, Unsampled: l.sampled + l.lost,
		RefusedFaults: w.refused, RefusedFactors: l.words.refused,
	}
	for _, f := range w.faults {
		if f.over == 0 {
			s.Faults++
		}
	}
	return s
}

// SetRules takes other rules; see Engine.SetRules.
func (w *Watch) SetRules(set *RuleSet) { w.engine.SetRules(set) }

// SetPlan takes the plan that registrations belong to from now on.
func (w *Watch) SetPlan(p *topology.Plan) {
	w.cfg.Plan = p
	w.engine.SetPlan(p)
}

// SetDirectory takes other owners and sites.
func (w *Watch) SetDirectory(d *Directory) {
	w.cfg.Directory = d
	w.locator.setDirectory(d)
}
