package main

import (
	"log/slog"
	"time"
)

// stateKeeper keeps what was firing, so that a restart knows: when that
// changes, and its figures now and then.
type stateKeeper struct {
	last  time.Time
	names string // of what was kept
}

// stateEvery is how old the figures of a kept alert may be.
const stateEvery = 30 * time.Second

func (k *stateKeeper) keep(d *caseDesk, now time.Time, force bool) {
	f := d.news.Load()
	if d.cases == nil || f == nil {
		return
	}
	names := f.names()
	if names == k.names && (names == "" || now.Sub(k.last) < stateEvery) && !force {
		return
	}
	if err := d.cases.SaveState(f.at, f.alerts, f.faults); err != nil {
		d.failed++
		d.events.event(slog.LevelError, "cases", "cannot keep the state of alerts; a restart will find out anew", "error", err)
		return
	}
	k.last, k.names = now, names
}

// names tells which faults go on and which alerts fire.
func (f *verdicts) names() string {
	var b []byte
	for i := range f.faults {
		b = append(b, f.faults[i].ID...)
		if !f.faults[i].Over.IsZero() {
			b = append(b, '!')
		}
	}
	for i := range f.alerts {
		b = append(b, byte(f.alerts[i].State))
		b = append(b, f.alerts[i].Fingerprint.String()...)
	}
	return string(b)
}
