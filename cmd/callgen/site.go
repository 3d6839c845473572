package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// siteOptions reads the site scenario; given are the flags of the command line,
// of which those that make groups of calls say nothing here.
func (o *options) siteOptions(given map[string]string) error {
	if o.site == "" {
		if o.siteConfig != "" || o.siteLength != 0 {
			return fmt.Errorf("-site-config and -site-length go with -site")
		}
		return nil
	}
	allowed := []string{"o", "truth", "seed", "format", "snaplen", "site", "site-config", "site-length"}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("-%s with -site: the scenario says that", name)
		}
	}
	w, s, err := readSite(o.site)
	if err != nil {
		return err
	}
	if s.Seed != nil && !o.seedIsFromTheCLI {
		o.seed = *s.Seed
	}
	if len(w.drops) > 0 && o.format != "pcapng" {
		return fmt.Errorf("-format %s: a scenario with capture-drops wants pcapng, which alone can tell them", o.format)
	}
	if o.siteLength < 0 {
		return fmt.Errorf("-site-length %s: want more than 0", o.siteLength)
	}
	if o.siteLength > 0 {
		w.cut(w.start + int64(o.siteLength))
	}
	o.world, o.start = w, time.Unix(0, w.start).UTC()
	return nil
}

// cut ends the scenario earlier; what lies beyond goes.
func (w *siteWorld) cut(end int64) {
	if end >= w.end {
		return
	}
	w.end = end
	w.quiet = within(w.quiet, end, func(q *quiet) *window { return &q.when })
	w.upkeep = within(w.upkeep, end, func(u *upkeep) *window { return &u.when })
	w.changes = within(w.changes, end, func(c *change) *window { return &c.when })
	w.drops = within(w.drops, end, func(d *drop) *window { return &d.when })
	w.faults = within(w.faults, end, func(f **fault) *window { return &(*f).when })
	for i, f := range w.faults {
		f.index = uint64(i)
	}
}

// within keeps what begins before the end, and ends it there.
func within[T any](list []T, end int64, when func(*T) *window) []T {
	kept := list[:0]
	for i := range list {
		x := when(&list[i])
		x.to = min(x.to, end)
		if x.from < end {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// runSite makes the capture of a site scenario.
func runSite(e *engine, o *options, stderr io.Writer, began time.Time) error {
	w := o.world
	if err := w.writeConfig(o.siteConfig); err != nil {
		return err
	}
	e.now = w.start
	if len(w.drops) > 0 {
		e.out.drops = &dropper{drops: w.drops, counts: make([]int64, len(w.drops)), r: e.random(30)}
	}
	startSite(e, w)
	err := e.run()
	if e := e.out.close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	w.writeTruth(e.truth, e.out.drops)
	if err := e.truth.close(e.total()); err != nil {
		return err
	}
	report(stderr, e, time.Since(began))
	return nil
}
