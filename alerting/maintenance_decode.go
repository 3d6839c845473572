package alerting

import (
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// MaxMaintenance is how many windows settings may declare.
const MaxMaintenance = 1000

// maxSingleWindow is the longest single window: more is no maintenance, and
// forgotten ones hide faults.
const maxSingleWindow = 31 * 24 * time.Hour

var maintenanceKeys = []string{"name", "tenants", "segments", "zone", "days", "hours", "since", "until", "from", "to"}

// DecodeMaintenance reads a list of windows strictly, recurring and single
// ones. Tenants and segments must be among the given ones; a window without
// both covers everything:
//
//   - name: sbc-updates
//     segments: [sbc-carrier-a]
//     zone: Europe/Berlin
//     days: sat,sun            # on which it begins
//     hours: "22:00-04:00"
//     since: 2026-01-01        # optional: the first day,
//     until: 2026-12-31        # and the last, on which it may begin
//   - name: move
//     tenants: [acme]
//     zone: Europe/Berlin
//     from: 2026-11-22 20:00
//     to: 2026-11-23 06:00
//
// The error joins a Problem for everything that is wrong.
func DecodeMaintenance(n *yaml.Node, tenants, segments []string) (*Maintenance, error) {
	s := &settings{}
	m := &Maintenance{}
	names := map[string]bool{}
	if absent(n) {
		return m, nil
	}
	s.list(n, "maintenance", MaxMaintenance, func(entry *yaml.Node) {
		w := s.window(entry, tenants, segments)
		if w.name != "" && names[w.name] {
			s.errorf(entry, "maintenance window %q is declared twice", w.name)
		}
		names[w.name] = true
		m.windows = append(m.windows, w)
	})
	if err := s.err(); err != nil {
		return nil, err
	}
	return m, nil
}

func (s *settings) window(n *yaml.Node, tenants, segments []string) maintenanceWindow {
	w := maintenanceWindow{zone: time.UTC, first: math.MinInt32, last: math.MaxInt32}
	given := map[string]*yaml.Node{}
	before := len(s.wrong)
	s.mapping(n, "a maintenance window", maintenanceKeys, func(key string, v *yaml.Node) bool {
		given[key] = v
		switch key {
		case "name":
			w.name = s.name(v, "name of a maintenance window")
		case "tenants":
			s.list(v, key, MaxMaintenance, func(e *yaml.Node) { s.oneOf(e, "tenant", tenants, &w.tenants) })
			s.notEmpty(v, key)
		case "segments":
			s.list(v, key, MaxMaintenance, func(e *yaml.Node) { s.oneOf(e, "segment", segments, &w.segments) })
			s.notEmpty(v, key)
		case "zone":
			w.zone = s.zone(v)
		default:
			return slices.Contains(maintenanceKeys, key)
		}
		return true
	})
	if len(s.wrong) > before {
		return w
	}
	if given["name"] == nil {
		s.errorf(n, "a maintenance window has no name")
	}
	if given["from"] != nil || given["to"] != nil {
		s.single(n, given, &w)
	} else {
		s.recurring(n, given, &w)
	}
	return w
}

// notEmpty refuses a list that would cover everything by naming nothing.
func (s *settings) notEmpty(n *yaml.Node, what string) {
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		s.errorf(n, "%s is empty: leave the key out to cover all", what)
	}
}

func (s *settings) oneOf(n *yaml.Node, what string, known []string, into *[]string) {
	name, ok := s.text(n, what)
	if !ok {
		return
	}
	if !slices.Contains(known, name) {
		s.errorf(n, "no %s is called %q%s", what, name, spelling.Hint(name, known))
		return
	}
	*into = append(*into, name)
}

// recurring reads days, hours and between which dates.
func (s *settings) recurring(n *yaml.Node, given map[string]*yaml.Node, w *maintenanceWindow) {
	if given["days"] == nil || given["hours"] == nil {
		s.errorf(n, `maintenance window %q has no time: want days and hours, or from and to`, w.name)
		return
	}
	w.recurs = true
	if text, ok := s.text(given["days"], "days"); ok {
		days, err := parseWeekdays(text)
		if err != nil {
			s.errorf(given["days"], "days: %v", err)
		}
		for _, d := range days {
			w.days[d] = true
		}
	}
	if text, ok := s.text(given["hours"], "hours"); ok {
		hours, err := parseDaySpan(text)
		if err != nil {
			s.errorf(given["hours"], "hours: %v", err)
		}
		w.hours = hours
	}
	s.date(given["since"], "since", &w.first)
	s.date(given["until"], "until", &w.last)
	if w.last < w.first {
		s.errorf(given["until"], "until is %s, before since, %s", w.last, w.first)
	}
}

func (s *settings) date(n *yaml.Node, what string, into *day) {
	if n == nil {
		return
	}
	text, ok := s.text(n, what)
	if !ok {
		return
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		s.errorf(n, `%s is %q, want a date as "2026-12-24"`, what, text)
		return
	}
	*into = dayOf(t.Date())
}

// single reads from and to.
func (s *settings) single(n *yaml.Node, given map[string]*yaml.Node, w *maintenanceWindow) {
	for _, key := range []string{"days", "hours", "since", "until"} {
		if given[key] != nil {
			s.errorf(given[key], "%s is for a recurring window, from and to for a single one: take one of both", key)
			return
		}
	}
	if given["from"] == nil || given["to"] == nil {
		s.errorf(n, "maintenance window %q has only one of from and to", w.name)
		return
	}
	from, okFrom := s.moment(given["from"], "from", w.zone)
	to, okTo := s.moment(given["to"], "to", w.zone)
	if !okFrom || !okTo {
		return
	}
	switch length := to.Sub(from); {
	case length <= 0:
		s.errorf(given["to"], "maintenance window %q ends before it begins", w.name)
	case length > maxSingleWindow:
		s.errorf(given["to"], "maintenance window %q lasts %d days, at most 31 are possible", w.name, length/(24*time.Hour))
	}
	w.single = period{from, to}
}

// moment reads a wall-clock time of the window's zone, or a time with its offset.
func (s *settings) moment(n *yaml.Node, what string, zone *time.Location) (time.Time, bool) {
	text, ok := s.text(n, what)
	if !ok {
		return time.Time{}, false
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.In(zone), true
	}
	t, err := time.Parse("2006-01-02 15:04", strings.Replace(text, "T", " ", 1))
	if err != nil {
		s.errorf(n, `%s is %q, want "2026-11-22 20:00" in the window's zone, or with its offset as "2026-11-22T20:00:00+01:00"`, what, text)
		return time.Time{}, false
	}
	return wallTime(dayOf(t.Date()), t.Hour()*60+t.Minute(), zone), true
}
