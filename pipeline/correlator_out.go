package pipeline

import "earshot/dialog"

// records returns the batch being filled; nil where a live recorder is behind.
func (c *correlator) records() *recordBatch {
	if c.live {
		return c.out.try()
	}
	return c.out.open()
}

// emit passes a finished record on.
func (c *correlator) emit(r dialog.Record) {
	b := c.records()
	if b == nil {
		c.shedRecords++
		return
	}
	b.records = append(b.records, r)
	if len(b.records) >= recordBatchLen {
		c.out.send()
	}
}

// observe passes an observation on.
func (c *correlator) observe(o *dialog.Observation) {
	b := c.records()
	if b == nil {
		c.shedObserved++
		return
	}
	b.observations = append(b.observations, *o)
	if len(b.observations) >= recordBatchLen {
		c.out.send()
	}
}

// viewer says when a view of all calls and streams is due: at every interval's
// end, when the figures of streams change.
type viewer struct {
	on       bool
	interval int64 // ns
	cell     int64 // number of the interval at hand
	last     *dialog.View
}

// publish shows the state at a tick to whoever asks for it.
func (c *correlator) publish(at int64) {
	s := &Snapshot{At: at, Totals: c.table.Totals(), Plan: c.plan}
	if c.views.on {
		if cell := at / c.views.interval; cell != c.views.cell || c.views.last == nil {
			c.views.cell = cell
			c.views.last = c.table.View()
		}
		s.View = c.views.last
	}
	if c.live {
		s.SIP = c.table.SIPCounts(nil)
		c.stage.Store(&CorrelatorStage{
			At: at, Unparsed: c.unparsed, ShedRecords: c.shedRecords, ShedObserved: c.shedObserved,
			RingUsed: c.out.ring.used(),
		})
	}
	c.snapshot.Store(s)
}
