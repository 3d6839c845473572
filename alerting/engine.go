package alerting

import (
	"time"

	"earshot/topology"
)

// The engine's bounds where its Config has none.
const (
	DefaultMaxSets    = 10_000  // label sets of all rules together
	DefaultMaxStreams = 100_000 // streams alive at once
)

// Config is what an engine needs.
type Config struct {
	Rules *RuleSet
	Emit  func(Change) // told every change, in a reproducible order

	// InMaintenance reports whether a segment is being worked on: nothing of it
	// is judged then. Nil: never.
	InMaintenance func(at time.Time, segment string) bool

	// Plan names the peers and segments of registrations, which carry none.
	Plan *topology.Plan

	MaxSets    int // label sets of all rules together; 0: 10,000. About 2 kB each, 9 kB for a percentile
	MaxStreams int // streams alive at once; 0: 100,000. About 100 octets each and 16 for every rule of intervals
}

// Engine aggregates what was measured by the rules' labels and tells which
// alerts that makes. One goroutine drives it, in packet time.
//
// What is measured counts at the time of the last tick, so that late
// observations are not lost. Judgement is passed at ticks alone.
type Engine struct {
	cfg   Config
	now   int64 // ns, of the last tick; 0 before anything came
	plans plans
	names names

	rules   []*ruleState // in the order of the set
	feeds   [fromProbe + 1][]*ruleState
	sets    int // of all rules
	streams streamTable
	blind   blindness
	locator *locator   // told every judgement of a unit; nil: nobody is
	covered []coverage // by segment

	stats Stats
}

// Stats counts what an engine did and what it had no room for.
type Stats struct {
	Rules, Sets, Streams int    // now
	Pending, Firing      int    // alerts now
	Observations         uint64 // intervals that came
	Records              uint64 // calls, streams and transactions that came
	Suspect              uint64 // of both: not judged, because the capture or the probe lost packets
	Maintained           uint64 // of both: not judged, because of maintenance
	RefusedSets          uint64 // times that a label set found no room
	RefusedStreams       uint64 // intervals of streams that found no room: they count in shares, not in numbers
	FoldedNames          uint64 // names of segments, peers and codecs that became "other", being too many
}

// New returns an engine that has seen nothing.
func New(cfg Config) *Engine {
	if cfg.MaxSets == 0 {
		cfg.MaxSets = DefaultMaxSets
	}
	if cfg.MaxStreams == 0 {
		cfg.MaxStreams = DefaultMaxStreams
	}
	e := &Engine{cfg: cfg, names: newNames()}
	for i := range cfg.Rules.Rules {
		e.rules = append(e.rules, e.newRuleState(&cfg.Rules.Rules[i]))
	}
	e.wire()
	return e
}

// wire sorts the rules by what feeds them, and makes room for what they keep
// of each stream.
func (e *Engine) wire() {
	clear(e.feeds[:])
	for _, rs := range e.rules {
		rs.slot = len(e.feeds[rs.info.source])
		e.feeds[rs.info.source] = append(e.feeds[rs.info.source], rs)
	}
	e.streams = newStreamTable(len(e.feeds[fromIntervals]), e.cfg.MaxStreams)
	if e.locator != nil {
		e.locator.rejudge(e.rules)
	}
}

// SetPlan takes the plan that registrations belong to from now on. Streams and
// calls bring their own.
func (e *Engine) SetPlan(p *topology.Plan) { e.cfg.Plan = p }

// Tick tells the time, at the latest when a second of packet time is over, and
// how the probe was since the last tick; then it passes judgement. Time never
// goes back.
func (e *Engine) Tick(at int64, h Health) {
	e.begin(at)
	if at < e.now {
		return
	}
	passed := at - e.now
	e.blind.note(e.now, at, &h)
	e.now = at
	e.health(&h)
	e.streams.sweep(at)
	for _, rs := range e.rules {
		rs.judge(e, passed)
	}
}

// begin sets the clock with the first thing that comes.
func (e *Engine) begin(at int64) {
	if e.now == 0 {
		e.now = at
	}
}

// Stats returns the counters.
func (e *Engine) Stats() Stats {
	s := e.stats
	s.Rules, s.Sets, s.Streams = len(e.rules), e.sets, len(e.streams.index)
	s.FoldedNames = e.names.folded
	for _, rs := range e.rules {
		for _, set := range rs.list {
			switch {
			case set == nil:
			case set.state == Pending:
				s.Pending++
			case set.state == Firing:
				s.Firing++
			}
		}
	}
	return s
}

// Alerts lists what is pending and firing, by rule and then by age.
func (e *Engine) Alerts() []Alert {
	var list []Alert
	for _, rs := range e.rules {
		for _, set := range rs.list {
			if set != nil && set.state != Inactive {
				list = append(list, rs.alert(e, set))
			}
		}
	}
	return list
}

// Rules returns the rules in force. They belong to the engine.
func (e *Engine) Rules() *RuleSet { return e.cfg.Rules }
