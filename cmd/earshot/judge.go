package main

import (
	"sync/atomic"
	"time"

	"earshot/alerting"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/topology"
)

// judge lets the rules judge what a pipeline finds. The pipeline's recorder
// drives it, from one goroutine, in packet time.
type judge struct {
	watch *alerting.Watch
	wire  *alerting.WireWatch
	terms *terms
	next  atomic.Pointer[terms] // that hold from the next second on; nil: no others
	last  pipeline.Beat
	// own is what else is known of the probe since the last beat; nil: nothing,
	// as in a replay.
	own  func(at int64, h *alerting.Health)
	told func(at time.Time) // called after each second has been judged
}

// terms are by what is judged: what a reload may change.
type terms struct {
	*alertingParts
	plan *topology.Plan
}

// terms reads them from the configuration. Rules of the command line come
// first, nil is none.
func (c *config) terms(plan *topology.Plan, rules *alerting.RuleSet) (*terms, error) {
	parts, err := c.alertingParts()
	if err != nil {
		return nil, err
	}
	if rules != nil {
		parts.rules = rules
	}
	return &terms{parts, plan}, nil
}

// newJudge makes a judge by the configuration's limits. emit hears every
// change of an alert and may be nil.
func newJudge(c *config, t *terms, emit func(alerting.Change), told func(time.Time)) *judge {
	j := &judge{terms: t, told: told, wire: alerting.NewWireWatch(alerting.WireConfig{Directory: t.directory})}
	j.watch = alerting.NewWatch(alerting.WatchConfig{
		Rules: t.rules, Plan: t.plan, Directory: t.directory, Emit: emit,
		InMaintenance: func(at time.Time, segment string) bool { return j.terms.inMaintenance(at, segment) },
		MaxSets:       int(c.Alerting.MaxSets.or(alerting.DefaultMaxSets)),
		MaxStreams:    int(c.Alerting.MaxStreams.or(alerting.DefaultMaxStreams)),
		MaxUnits:      int(c.Alerting.MaxUnits.or(alerting.DefaultMaxUnits)),
	})
	return j
}

// Observe takes one interval of one stream.
func (j *judge) Observe(o *dialog.Observation) {
	j.watch.Observe(o)
	j.wire.Observe(o)
}

// Record takes what ended.
func (j *judge) Record(r dialog.Record) {
	j.watch.Record(r)
	j.wire.Record(r)
}

// Tick tells the time: the second that is over is judged.
func (j *judge) Tick(b pipeline.Beat) {
	if t := j.next.Swap(nil); t != nil {
		j.take(t)
	}
	h := alerting.Health{
		Packets: b.Packets - j.last.Packets, Lost: b.Lost - j.last.Lost,
		Shed: b.Shed - j.last.Shed, ShedMessages: b.ShedMessages - j.last.ShedMessages,
	}
	if j.own != nil {
		j.own(b.At, &h)
	}
	j.last = b
	j.watch.Tick(b.At, h)
	j.wire.Tick(b.At)
	j.told(time.Unix(0, b.At).UTC())
}

// take judges by other terms from now on.
func (j *judge) take(t *terms) {
	j.terms = t
	j.watch.SetPlan(t.plan)
	j.watch.SetDirectory(t.directory)
	j.watch.SetRules(t.rules)
	j.wire.SetDirectory(t.directory)
}

// end judges what came with the end of the sources.
func (j *judge) end() {
	if j.last.At == 0 {
		return // there was no packet
	}
	b := j.last
	b.At += int64(time.Second)
	j.Tick(b)
}
