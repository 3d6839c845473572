package web

import (
	"io"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/pipeline"
)

// Probe is how a running probe is looked at. Every function may be nil, and is
// called from any goroutine.
type Probe struct {
	Snapshot      func() *pipeline.Snapshot
	Stages        func() pipeline.Stages
	Interfaces    func() []capture.InterfaceStats
	HEP           func() []capture.HEPStats
	Senders       func() []capture.HEPSenderStats
	ExtractRecent func(id string, w io.Writer) (int, error)
	Ready         func() error // why it cannot work; nil: it can

	Records Records // nil: no calls are kept

	Desk        Desk                     // nil: there are no cases
	Outbox      Outbox                   // nil: nobody is told of cases
	Attachments Attachments              // nil: no files are kept
	Reports     Reports                  // nil: there is nothing to report on
	Hooks       Hooks                    // nil: nobody tells of alerts
	Alerts      func() []alerting.Alert  // that are pending or firing, in a fixed order
	Rules       func() *alerting.RuleSet // in force
	Watch       func() alerting.Stats    // what the engine of rules did

	SenderNames []string  // of Senders, by place
	Points      []string  // names of the capture points by number
	Version     string    // of the program
	Started     time.Time // when the probe began
}

// snapshot returns the latest snapshot, an empty one where there is none.
func (p *Probe) snapshot() *pipeline.Snapshot {
	if p.Snapshot == nil {
		return &pipeline.Snapshot{}
	}
	if s := p.Snapshot(); s != nil {
		return s
	}
	return &pipeline.Snapshot{}
}

func (p *Probe) stages() pipeline.Stages {
	if p.Stages == nil {
		return pipeline.Stages{}
	}
	return p.Stages()
}

// point returns the name of a capture point.
func (p *Probe) point(number uint16) string {
	if int(number) < len(p.Points) {
		return p.Points[number]
	}
	return other
}

// other is the label value of everything beyond a closed set.
const other = "other"
