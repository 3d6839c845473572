package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// dryRun prints the requests that would tell of a case, and makes none.
func (f *outboxFlags) dryRun(ctx context.Context, number string, std stdio) (err error) {
	n, err := caseNumber(number)
	if err != nil {
		return err
	}
	if f.book.config == "" {
		return usageError("dry-run needs --config FILE: the configuration that names the destinations; the case is looked up in its store, which may be in use")
	}
	c, err := loadConfig(f.book.config)
	if err != nil {
		return err
	}
	all, err := c.destinations()
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return usageError("the configuration %q has no destinations; docs/integrations.md shows how they are set up", f.book.config)
	}
	settings, err := destinationsOf(all, f.destination)
	if err != nil {
		return err
	}
	book, err := f.book.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()
	found, err := book.show(ctx, n)
	if err != nil {
		return err
	}
	for _, s := range settings {
		if err := dryTell(ctx, s, found.Case, time.Now(), std.out); err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return nil
}

// dryTell prints what one destination would be told first: how it is looked
// for, and how it is made.
func dryTell(ctx context.Context, s *outbox.Setting, c *alerting.Case, now time.Time, w io.Writer) error {
	open := *c
	open.Status = alerting.StatusOpen // a closed one is not told where it was not before
	box := outbox.NewBox(outbox.Config{Destinations: []outbox.Terms{s.Terms}})
	box.Cases(now, []*alerting.Case{&open})
	jobs := box.Due(now)
	if len(jobs) == 0 {
		_, err := fmt.Fprintf(w, "# %s is not told of case %d: its filter does not let it pass.\n", s.Name, c.Number)
		return err
	}
	steps := []outbox.Step{outbox.StepCreate}
	if jobs[0].Step == outbox.StepFind {
		steps = []outbox.Step{outbox.StepFind, outbox.StepCreate}
	}
	for _, step := range steps {
		job := *jobs[0]
		job.Step, job.Case = step, c
		if _, err := fmt.Fprintf(w, "# %s (%s), %s:\n", s.Name, s.Kind, step); err != nil {
			return err
		}
		o := outbox.Perform(outbox.DryRun(ctx, w), s.Destination, &job, s.Content(&job, nil), nil)
		if o.Err != nil && !errors.Is(o.Err, outbox.ErrDry) {
			return o.Err
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}
