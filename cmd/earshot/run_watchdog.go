package main

import (
	"time"

	"earshot/pipeline"
)

// heartbeat tells the service manager's watchdog that packets are worked on.
type heartbeat struct {
	ticker *time.Ticker     // nil: nobody wants to know
	tick   <-chan time.Time // nil then
	at     int64            // the least packet time that a lane had reached
}

// heartbeat starts the ticker where systemd wants to hear.
func (p *probe) heartbeat() *heartbeat {
	every := watchdog()
	if every == 0 {
		return &heartbeat{}
	}
	t := time.NewTicker(every)
	return &heartbeat{ticker: t, tick: t.C}
}

// beats reports whether every lane and the correlator have moved since the last
// time. Packet time moves while nothing comes, too.
func (h *heartbeat) beats(s pipeline.Stages) bool {
	at := s.Correlator.At
	for _, l := range s.Lanes {
		at = min(at, l.At)
	}
	moved := at != h.at
	h.at = at
	return moved || at == 0 // 0: no packet yet
}

func (h *heartbeat) stop() {
	if h.ticker != nil {
		h.ticker.Stop()
	}
}
