package main

import (
	"fmt"
	"log/slog"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
)

// deliver keeps what changed and what is told of it, and then has it told. The
// requests are made when they are kept as sent, and not before: whatever ends
// the probe, the next one knows of them.
func (d *caseDesk) deliver(now time.Time) (changed bool) {
	jobs := d.mail.box.Due(now)
	changed, err := d.keep(now)
	if err != nil {
		d.events.event(slog.LevelError, "cases", "cannot keep cases; they go on in memory, and keeping is tried again", "error", err)
		for _, j := range jobs {
			d.mail.box.Unsent(now, j)
		}
		return changed
	}
	d.mail.perform(jobs)
	return changed
}

// keep commits what changed, and reports whether anything did. What the disk
// refuses is committed with the next.
func (d *caseDesk) keep(now time.Time) (changed bool, err error) {
	j := d.desk.Take()
	changed = !j.Empty()
	d.tell(&j)
	tickets := d.mail.changed(now, &j)
	if d.cases == nil {
		d.mail.unkept = nil
		return changed, nil
	}
	d.unkept.Append(j)
	if d.unkept.Empty() && len(tickets) == 0 {
		return changed, nil
	}
	if err := d.cases.Commit(&d.unkept, tickets); err != nil {
		d.failed++
		return changed, err
	}
	d.unkept, d.mail.unkept = alerting.Journal{}, nil
	return changed, nil
}

// landed takes the outcome of a request, and does what people on the other side
// have decided.
func (d *caseDesk) landed(now time.Time, o *outbox.Outcome) {
	d.mail.landed(now, o)
	for _, c := range d.mail.box.Commands(now) {
		if _, err := d.desk.Do(now, c); err != nil {
			d.refused++
			d.events.event(slog.LevelWarn, "outbox command", "what was done with a ticket cannot be done with its case", "case", c.Case, "author", c.Author, "error", err)
		}
	}
	d.publish(now, d.deliver(now))
}

// groundTime is how long requests that are under way may go on when the probe ends.
const groundTime = 5 * time.Second

// ground waits for the requests that are under way, not for ever: one that is
// cut off is looked after by the next probe.
func (d *caseDesk) ground() {
	limit := time.NewTimer(groundTime)
	defer limit.Stop()
	for d.mail.flying > 0 {
		select {
		case o := <-d.mail.outcomes:
			d.mail.landed(time.Now(), &o)
		case <-limit.C:
			d.mail.cancel()
		}
	}
	d.mail.cancel()
	if _, err := d.keep(time.Now()); err != nil {
		d.log.Error("cannot keep what destinations were told", "error", err)
	}
}

// obey does a command and keeps its outcome. Where the disk refuses that,
// nothing was done.
func (d *caseDesk) obey(now time.Time, c alerting.Command) (*alerting.Case, error) {
	if _, err := d.keep(now); err != nil {
		return nil, fmt.Errorf("nothing was done, because the disk takes no changes: %w", err)
	}
	done, err := d.desk.Do(now, c)
	if err != nil {
		d.refused++
		return nil, err
	}
	if _, err := d.keep(now); err != nil {
		return nil, d.takeBack(now, err)
	}
	if done != nil {
		done = d.desk.Read(done, now)
	}
	return done, nil
}

// takeBack goes on from what is kept, without the command that was refused.
func (d *caseDesk) takeBack(now time.Time, why error) error {
	memory, err := d.cases.Load(now)
	if err != nil {
		return fmt.Errorf("the disk takes no changes: this one is lost unless it takes them before the probe ends: %w", why)
	}
	d.cfg.Memory = memory
	d.desk = alerting.NewDesk(d.cfg)
	d.unkept = alerting.Journal{}
	d.mail.unkept = d.mail.box.Rebegin(now, d.desk.Cases(), d.mail.unkept)
	return fmt.Errorf("nothing was done, because the disk takes no changes: %w", why)
}

// caseSweeps is how often what is too old is deleted.
const caseSweeps = time.Hour

// sweep deletes what has been kept for long enough.
func (d *caseDesk) sweep(now time.Time) {
	if d.cases == nil || now.Sub(d.swept) < caseSweeps {
		return
	}
	d.swept = now
	gone, err := d.cases.Sweep(now, d.retention)
	if err != nil {
		d.events.event(slog.LevelError, "cases", "cannot delete old cases", "error", err)
	}
	d.sweepFiles(now)
	if gone != (store.Swept{}) {
		d.log.Info("old cases deleted", "cases", gone.Cases, "changes", gone.Changes, "audit", gone.Audit)
	}
}
