package main

import (
	"fmt"
	"strings"
	"time"
)

// courseWidth is how many marks a line of the chart has.
const courseWidth = 80

// heights are the marks, from none to full.
const heights = " ▁▂▃▄▅▆▇█"

// course draws the figures over the time, one line each.
func (r *run) course() string {
	var b strings.Builder
	total := r.phases[len(r.phases)-1].until
	fmt.Fprintf(&b, "## The course\n\nEach mark is %.0f s; its height is the mean, between 0 and the greatest of its line.\n\n```\n",
		(total / courseWidth).Seconds())
	fmt.Fprintf(&b, "%-32s  %s\n", "", r.axis(total))
	for _, f := range []figure{resident, heap, packets, calls, streams, candidates, endpoints, drops} {
		line, top := r.line(f, total)
		fmt.Fprintf(&b, "%-32s |%s| up to %.0f\n", figureNames[f], line, top)
	}
	b.WriteString("```\n")
	return b.String()
}

// line draws one figure.
func (r *run) line(f figure, total time.Duration) (line string, top float64) {
	var means [courseWidth]float64
	for i := range means {
		from := time.Duration(i) * total / courseWidth
		means[i] = r.mean(f, from, from+total/courseWidth)
		top = max(top, means[i])
	}
	marks := []rune(heights)
	out := make([]rune, courseWidth)
	for i, v := range means {
		n := 0
		if v > 0 {
			n = max(1, int(v/top*float64(len(marks)-1)+0.5))
		}
		out[i] = marks[n]
	}
	return string(out), top
}

// axis writes the floods' names where they begin, cut to their room.
func (r *run) axis(total time.Duration) string {
	out := []rune(strings.Repeat(" ", courseWidth+1))
	for _, p := range r.phases {
		from, until := int(p.from*courseWidth/total), int(p.until*courseWidth/total)
		for i, c := range "|" + p.name {
			if from+i < until {
				out[from+i] = c
			}
		}
	}
	return string(out)
}

// mean is a figure's mean over a time; the last one before it where nothing was sampled in it.
func (r *run) mean(f figure, from, until time.Duration) float64 {
	n, sum, before := 0.0, 0.0, 0.0
	for _, s := range r.samples {
		switch {
		case s.at < from:
			before = s.values[f]
		case s.at < until:
			n, sum = n+1, sum+s.values[f]
		}
	}
	if n == 0 {
		return before
	}
	return sum / n
}
