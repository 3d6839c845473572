package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"earshot/alerting"
)

// deliverTime is how long a replay tries to reach its destinations.
const deliverTime = 2 * time.Minute

// notWaitedFor is how far ahead a replay waits for what is still to be told: comments
// that are capped in a live probe are none of its business.
const notWaitedFor = 30 * time.Second

// evidenceFolder holds the files of cases, in a folder for each.
type evidenceFolder string

func (e evidenceFolder) path(number int) string {
	return filepath.Join(string(e), "case-"+strconv.Itoa(number))
}

// Open opens a file of a case.
func (e evidenceFolder) Open(number int, f *alerting.Attachment) (*os.File, error) {
	if !alerting.SafeName(f.Name) {
		return nil, fmt.Errorf("%q is no name of a file of evidence", f.Name)
	}
	return os.Open(filepath.Join(e.path(number), f.Name))
}

// deliver brings the cases of a replay to the destinations of its configuration,
// where --deliver asks for it.
func (r *replayRun) deliver(ctx context.Context) error {
	if !r.flags.deliver || ctx.Err() != nil {
		return nil
	}
	log := slog.New(slog.DiscardHandler) // each ticket is told of in the end
	c, err := newCourier(r.destinations, nil, evidenceFolder(r.flags.evidence), r.rules.desk, log, newThrottle(log))
	if err != nil {
		return err
	}
	defer c.cancel()
	ctx, cancel := context.WithTimeout(ctx, deliverTime)
	defer cancel()
	for c.turn(ctx) {
	}
	return r.delivered(c)
}

// turn has everything told that is due, and waits for what comes of it or for
// what is due next; false: there is nothing left to wait for.
func (c *courier) turn(ctx context.Context) bool {
	now := time.Now()
	c.perform(c.box.Due(now))
	wait := notWaitedFor
	if next := c.box.Next(); !next.IsZero() {
		wait = next.Sub(now)
	}
	if c.flying == 0 && wait >= notWaitedFor {
		return false
	}
	timer := time.NewTimer(max(0, wait))
	defer timer.Stop()
	select {
	case o := <-c.outcomes:
		c.landed(time.Now(), &o)
	case <-timer.C:
	case <-ctx.Done():
		return false
	}
	return true
}

// delivered says what became of each ticket.
func (r *replayRun) delivered(c *courier) error {
	undone := 0
	for _, t := range c.box.Tickets() {
		text := string(t.State)
		switch {
		case t.Error != "":
			text += ": " + t.Error
			undone++
		case t.Remote.Name != "":
			text += " as " + t.Remote.Name
		}
		about := fmt.Sprintf("case %d", t.Case)
		if t.Case == 0 {
			about = "summary of a storm"
		}
		fmt.Fprintf(r.std.err, "%s -> %s: %s\n", about, t.Destination, text)
	}
	if undone > 0 {
		return fmt.Errorf("cannot deliver everything: %d tickets were not confirmed", undone)
	}
	return nil
}

// checkDelivery finds what contradicts itself, and reads where cases go.
func (r *replayRun) checkDelivery(cfg *config) error {
	if !r.flags.deliver {
		return nil
	}
	var err error
	if r.destinations, err = cfg.destinations(); err != nil {
		return configError(cfg.file, problemsOf("", err))
	}
	if len(r.destinations) == 0 {
		return usageError("--deliver wants destinations in the configuration: name it with --config FILE")
	}
	return nil
}
