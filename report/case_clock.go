package report

import (
	"bytes"
	"strings"
	"time"

	"earshot/alerting"
)

// The states of a clock that are told of, as the alerting package names them.
const (
	clockRunning  = "running"
	clockPaused   = "paused"
	clockWarning  = "warning"
	clockBreached = "breached"
	clockMet      = "met"
	clockMissed   = "missed"
	clockVoid     = "void"
)

// writeCaseClocks writes a line for each target.
func writeCaseClocks(b *bytes.Buffer, s Style, c *alerting.Case, now time.Time) {
	var lines []string
	var colors []color
	for _, k := range c.Clocks {
		if text := clockText(&k, now); text != "" {
			lines = append(lines, clockMark(k.State)+" "+pad(clean(k.Goal, 20), 11, false)+"  "+clean(text, maxText))
			colors = append(colors, clockColor(k.State))
		}
	}
	if len(lines) == 0 {
		return
	}
	section(b, s, "Clocks")
	for i, line := range lines {
		b.WriteString(s.paint(colors[i], line) + "\n")
	}
}

// clockText is how a clock stands, "" where there is no target.
func clockText(k *alerting.CaseClock, now time.Time) string {
	target := " (target " + k.Target + ")"
	switch k.State {
	case clockRunning, clockWarning:
		return "due " + caseTime(k.Due) + ", in " + caseSpan(k.Due.Sub(now)) + target
	case clockPaused:
		return "stands still; due " + caseTime(k.Due) + " if it went on now" + target
	case clockBreached:
		return "missed since " + caseTime(k.Breached) + ", " + caseSpan(now.Sub(k.Breached)) + " ago, and not met yet" + target
	case clockMet:
		return "met " + caseTime(k.Ended) + ", " + passed(k) + target
	case clockMissed:
		return "missed; ended " + caseTime(k.Ended) + ", " + passed(k) + target
	case clockVoid:
		return "void: the case was cancelled in time" + target
	}
	return ""
}

// passed is the time that a clock took, as its target counts it.
func passed(k *alerting.CaseClock) string {
	switch {
	case k.Elapsed != "none":
		return "after " + k.Elapsed
	case strings.HasSuffix(k.Target, " bh"), strings.HasSuffix(k.Target, " bd"):
		return "outside business hours"
	}
	return "at once"
}

func clockMark(state string) string {
	switch state {
	case clockBreached, clockMissed:
		return "!"
	case clockWarning:
		return "~"
	}
	return " "
}

func clockColor(state string) color {
	switch state {
	case clockBreached, clockMissed:
		return bad
	case clockWarning:
		return fair
	}
	return noColor
}

// nextClock is the clock of a case that calls for somebody first: one that is
// missed and still runs, else the one that is due first; nil where none runs.
func nextClock(c *alerting.Case) *alerting.CaseClock {
	var next *alerting.CaseClock
	for i := range c.Clocks {
		k := &c.Clocks[i]
		switch {
		case k.State != clockRunning && k.State != clockWarning && k.State != clockBreached:
		case next == nil, k.State == clockBreached && next.State != clockBreached:
			next = k
		case k.State == clockBreached && k.Breached.Before(next.Breached):
			next = k
		case k.State != clockBreached && next.State != clockBreached && k.Due.Before(next.Due):
			next = k
		}
	}
	return next
}
