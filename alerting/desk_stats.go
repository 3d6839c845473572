package alerting

// DeskStats counts what a desk did since it began, and what it had no room for.
type DeskStats struct {
	Open, Closed   int    // cases, as they are now
	Opened         uint64 // by a fault or by hand
	ClosedTotal    uint64 // a case that closes again counts again
	Reopened       uint64
	Breached       [Goals]uint64 // targets missed
	InMaintenance  int           // faults that open no case because of a window, now
	Full           uint64        // faults and commands that found no room for another open case
	Summed         uint64        // updates that were summed up
	ChangesDropped uint64        // the oldest, to make room

	ForeignNew     uint64 // alerts of other systems that were taken into a case
	ForeignKnown   uint64 // told before
	ForeignEnded   uint64
	ForeignOurs    uint64 // Earshot's own, come back
	ForeignWaiting int    // for the end of maintenance, now
}

// Stats returns the counters.
func (d *Desk) Stats() DeskStats {
	s := d.stats
	s.Open, s.Closed = len(d.open), len(d.cases)-len(d.open)
	s.ForeignWaiting = len(d.strange.waiting)
	return s
}

// add sums up what one edit did.
func (s *DeskStats) add(o *DeskStats) {
	s.Opened += o.Opened
	s.ClosedTotal += o.ClosedTotal
	s.Reopened += o.Reopened
	s.Full += o.Full
	s.Summed += o.Summed
	for g := range o.Breached {
		s.Breached[g] += o.Breached[g]
	}
}
