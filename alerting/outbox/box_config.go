package outbox

import (
	"time"

	"earshot/alerting"
)

// Config is what a box goes by.
type Config struct {
	Destinations []Terms
	Tickets      []*Ticket      // what an earlier box left
	NextTicket   int64          // the next number; 0 is 1
	Lot          func() float64 // in [0, 1), for the jitter of waits; nil: 0.5, always
}

// Terms is what a box knows of a destination.
type Terms struct {
	Name      string
	Abilities Abilities
	Filter    Filter

	Attempts     int           // of one step, while the other side does other things, before the ticket is dead; 0: 20
	FirstWait    time.Duration // after the first failure, doubled with each further one; 0: 5 s
	LongestWait  time.Duration // 0: 30 minutes
	PerMinute    int           // requests; 0: 60
	CommentEvery time.Duration // 0: 15 minutes; what is urgent does not wait
	ReadEvery    time.Duration // 0: 5 minutes
	MaxNew       int           // tickets a minute, before one sums up what comes then; 0: 10
	Broken       int           // failures in a row that open the circuit; 0: 5
	Pause        time.Duration // of an open circuit, before one request probes it; 0: a minute
	NoFiles      bool          // files of evidence stay in the house
}

// Filter says which cases a destination is told of; an empty list lets all pass.
type Filter struct {
	Tenants     []string
	Segments    []string
	Owners      []string
	MaxSeverity alerting.Severity // as "high": high and critical; 0: all
	Probe       bool              // cases about the probe itself too
}
