package main

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// hourProfile is the share of the busiest hour's calls in each hour of the day, UTC.
type hourProfile []float64

// hourProfiles are the profiles that have a name.
var hourProfiles = map[string]hourProfile{
	"flat":           {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
	"office":         {0, 0, 0, 0, 0, 0, .05, .3, .8, 1, 1, .9, .6, .7, .9, 1, .8, .5, .2, .05, .02, 0, 0, 0},
	"contact-centre": {.05, .03, .02, .02, .02, .05, .15, .4, .8, 1, 1, .95, .85, .85, .9, .95, .95, .8, .6, .5, .4, .3, .2, .1},
}

// UnmarshalYAML takes a profile's name or 24 shares.
func (p *hourProfile) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		known, ok := hourProfiles[node.Value]
		if !ok {
			return fmt.Errorf("line %d: hours %q: want one of %s, or 24 shares", node.Line, node.Value, joinKeys(hourProfiles))
		}
		*p = known
		return nil
	}
	var list []float64
	if err := node.Decode(&list); err != nil {
		return err
	}
	if len(list) != 24 {
		return fmt.Errorf("line %d: hours has %d shares: want 24", node.Line, len(list))
	}
	*p = list
	return nil
}

// rhythm is how many calls there are at a moment, as a share of the busiest hour.
type rhythm struct {
	hours    hourProfile
	weekdays []float64 // Monday first
}

func newRhythm(s *callsSpec) (rhythm, error) {
	r := rhythm{s.Hours, s.Weekdays}
	if r.hours == nil {
		r.hours = hourProfiles["flat"]
	}
	if r.weekdays == nil {
		r.weekdays = []float64{1, 1, 1, 1, 1, 1, 1}
	}
	if len(r.weekdays) != 7 {
		return r, fmt.Errorf("calls.weekdays has %d shares: want 7, Monday first", len(r.weekdays))
	}
	for _, list := range [][]float64{r.hours, r.weekdays} {
		for _, v := range list {
			if !(v >= 0 && v <= 1) {
				return r, fmt.Errorf("calls.hours and calls.weekdays: %g is no share from 0 to 1", v)
			}
		}
	}
	return r, nil
}

func (r *rhythm) at(ns int64) float64 {
	t := time.Unix(0, ns).UTC()
	return r.hours[t.Hour()] * r.weekdays[(int(t.Weekday())+6)%7]
}

// window is a time of the scenario in ns since 1970; with on it is open for so
// long, closed for off, and so forth.
type window struct {
	from, to int64
	on, off  int64
}

// open reports whether a moment lies in the window.
func (w *window) open(at int64) bool {
	if at < w.from || at >= w.to {
		return false
	}
	return w.on == 0 || (at-w.from)%(w.on+w.off) < w.on
}

// meets reports whether the window is open at any moment from a to b.
func (w *window) meets(a, b int64) bool {
	a, b = max(a, w.from), min(b, w.to-1)
	if a > b {
		return false
	}
	if w.open(a) {
		return true
	}
	cycle := w.on + w.off
	return a+cycle-(a-w.from)%cycle <= b
}

// window reads a time of the scenario that begins at start and ends at end.
func (s *whenSpec) window(start, end int64) (window, error) {
	w := window{start, end, 0, 0}
	for _, f := range []struct {
		key, text string
		into      *int64
		base      int64
	}{{"from", s.From, &w.from, start}, {"to", s.To, &w.to, start}, {"on", s.On, &w.on, 0}, {"off", s.Off, &w.off, 0}} {
		if f.text == "" {
			continue
		}
		d, err := time.ParseDuration(f.text)
		if err != nil || d < 0 {
			return w, fmt.Errorf("when.%s %q: want a time from the scenario's beginning such as 90m", f.key, f.text)
		}
		*f.into = f.base + int64(d)
	}
	switch {
	case w.from >= w.to || w.to > end:
		return w, fmt.Errorf("when: from %q to %q is no time within the scenario", s.From, s.To)
	case (w.on == 0) != (w.off == 0):
		return w, fmt.Errorf("when: on %q and off %q: want both or none", s.On, s.Off)
	}
	return w, nil
}

func joinKeys[V any](m map[string]V) string { return strings.Join(sortedKeys(m), ", ") }
