package main

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// when is what is expected of a time: that it comes ("true"), that it does not
// ("false"), or that it comes at a time or between two. A time is one of the
// packets' clock, or how long after the first packet.
type when struct {
	said, never bool
	from, to    instant // zero: open
	text        string  // as written
	line        int
}

// instant is a time, absolute or after the first packet.
type instant struct {
	at    time.Time
	after time.Duration
	is    bool
}

// soon is how far from an expected time a thing may happen: cases open within
// five seconds of packet time.
const soon = 5 * time.Second

// UnmarshalYAML reads "11m", "11m..12m30s", "2026-11-22T10:11:00Z..", "true".
func (w *when) UnmarshalYAML(node *yaml.Node) error {
	w.said, w.line, w.text = true, node.Line, node.Value
	if node.Kind != yaml.ScalarNode {
		return w.refuse()
	}
	switch node.Value {
	case "true":
		return nil
	case "false":
		w.never = true
		return nil
	}
	from, to, isSpan := strings.Cut(node.Value, "..")
	first, ok := parseInstant(from)
	last, ok2 := parseInstant(to)
	switch {
	case isSpan && (first.is || last.is) && (ok || from == "") && (ok2 || to == ""):
		w.from, w.to = first, last
	case !isSpan && ok:
		w.from, w.to = first.add(-soon), first.add(soon)
	default:
		return w.refuse()
	}
	return nil
}

func (w *when) refuse() error {
	text := fmt.Sprintf("line %d: got %q, want true, false, a time such as 11m30s (after the first packet) or 2026-11-22T10:11:30Z, or a span such as 11m..12m", w.line, w.text)
	return &yaml.TypeError{Errors: []string{text}}
}

func parseInstant(text string) (instant, bool) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return instant{at: at, is: true}, true
	}
	after, err := time.ParseDuration(text)
	if err != nil || after < 0 {
		return instant{}, false
	}
	return instant{after: after, is: true}, true
}

func (i instant) add(d time.Duration) instant {
	if i.at.IsZero() {
		i.after += d
	} else {
		i.at = i.at.Add(d)
	}
	return i
}

// time is the instant, given when the first packet came.
func (i instant) time(first time.Time) time.Time {
	if i.at.IsZero() {
		return first.Add(i.after)
	}
	return i.at
}

// holds reports whether a time is as expected; the zero time never came.
func (w *when) holds(at, first time.Time) bool {
	switch {
	case !w.said:
		return true
	case w.never || at.IsZero():
		return w.never == at.IsZero()
	}
	return !(w.from.is && at.Before(w.from.time(first)) || w.to.is && at.After(w.to.time(first)))
}

// words writes the expectation behind what happens: "fires 11m..12m".
func (w *when) words(what string) string {
	switch {
	case w.never:
		return "not " + what
	case !w.from.is && !w.to.is:
		return what
	}
	return what + " " + w.text
}

// afterFirst writes a time as the file does: after the first packet, in whole seconds.
func afterFirst(at, first time.Time) string {
	return alerting.FormatSpan(at.Sub(first).Round(time.Second))
}
