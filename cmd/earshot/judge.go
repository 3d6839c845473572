package main

import (
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
	last  pipeline.Beat
	// own is what else is known of the probe since the last beat; nil: nothing,
	// as in a replay.
	own  func(*alerting.Health)
	told func(at time.Time) // called after each second has been judged
}

// newJudge makes a judge by the configuration. emit hears every change of
// an alert and may be nil.
func newJudge(c *config, plan *topology.Plan, rules *alerting.RuleSet, emit func(alerting.Change), told func(time.Time)) (*judge, *alerting.Directory, *alerting.Maintenance, error) {
	parties, err := c.directory()
	if err != nil {
		return nil, nil, nil, err
	}
	maintenance, err := c.maintenance()
	if err != nil {
		return nil, nil, nil, err
	}
	w := &judge{told: told}
	w.watch = alerting.NewWatch(alerting.WatchConfig{
		Rules: rules, Plan: plan, Directory: parties, Emit: emit,
		InMaintenance: inMaintenance(maintenance, parties),
		MaxSets:       int(c.Alerting.MaxSets.or(presetMaxSets)),
		MaxStreams:    int(c.Alerting.MaxStreams.or(presetMaxStreams)),
		MaxUnits:      int(c.Alerting.MaxUnits.or(presetMaxUnits)),
	})
	return w, parties, maintenance, nil
}

// inMaintenance asks for windows of a segment and of its tenant.
func inMaintenance(m *alerting.Maintenance, parties *alerting.Directory) func(time.Time, string) bool {
	return func(at time.Time, segment string) bool {
		return m.Covers(at, alerting.Where{Tenant: parties.TenantOf(segment).Name, Segment: segment})
	}
}

// Observe takes one interval of one stream.
func (w *judge) Observe(o *dialog.Observation) {
	w.watch.Observe(o)
}

// Record takes what ended.
func (w *judge) Record(r dialog.Record) {
	w.watch.Record(r)
}

// Tick tells the time: the second that is over is judged.
func (w *judge) Tick(b pipeline.Beat) {
	h := alerting.Health{
		Packets: b.Packets - w.last.Packets, Lost: b.Lost - w.last.Lost,
		Shed: b.Shed - w.last.Shed, ShedMessages: b.ShedMessages - w.last.ShedMessages,
	}
	if w.own != nil {
		w.own(&h)
	}
	w.last = b
	w.watch.Tick(b.At, h)
	w.told(time.Unix(0, b.At).UTC())
}

// end judges what came with the end of the sources.
func (w *judge) end() {
	if w.last.At == 0 {
		return // there was no packet
	}
	b := w.last
	b.At += int64(time.Second)
	w.Tick(b)
}
