package main

import (
	"math"
	"strings"
	"testing"
	"time"
)

// samples are one every five seconds, of a figure that a function of minutes gives.
func samples(until time.Duration, f figure, value func(minutes float64) float64) []sample {
	var all []sample
	for at := sampleEvery; at <= until; at += sampleEvery {
		s := sample{at: at}
		s.values[f] = value(at.Minutes())
		all = append(all, s)
	}
	return all
}

// TestTrend: least squares find the slope of a line, and none in what goes up
// and down evenly.
func TestTrend(t *testing.T) {
	r := &run{samples: samples(10*time.Minute, heap, func(m float64) float64 { return 100 + 3*m })}
	mean, slope := r.trend(heap, 0, 10*time.Minute)
	if math.Abs(slope-3) > 1e-9 || math.Abs(mean-115.125) > 1e-9 { // of 5 s to 600 s: 302.5 s in the mean
		t.Errorf("got mean %v and slope %v, want 115.125 and 3", mean, slope)
	}
	if _, slope := r.trend(calls, 0, 10*time.Minute); slope != 0 {
		t.Errorf("got slope %v of zeros, want 0", slope)
	}
	if mean, slope := r.trend(heap, time.Hour, 2*time.Hour); mean != 0 || slope != 0 {
		t.Errorf("got %v and %v where nothing was sampled, want 0", mean, slope)
	}
}

// TestJudge: a leak, a table that stays full and a drop are each found, and a
// steady run passes.
func TestJudge(t *testing.T) {
	const total = 30 * time.Minute
	for _, c := range []struct {
		name  string
		leak  func(minutes float64) float64
		of    figure
		fails []string
	}{
		{"steady", func(float64) float64 { return 100 }, resident, nil},
		{"leak", func(m float64) float64 { return 100 + 2*m }, resident, []string{"flat", "second round"}},
		{"table", func(m float64) float64 { return 1000 * math.Min(m, 12) }, calls, []string{"calls came back"}},
		{"drop", func(m float64) float64 { return math.Floor(m / 29) }, drops, []string{"dropped"}},
	} {
		r := &run{phases: schedule(total), samples: samples(total, c.of, c.leak)}
		var failed []string
		for _, v := range r.judge() {
			if !v.passed {
				failed = append(failed, v.what)
			}
		}
		if len(failed) != len(c.fails) {
			t.Errorf("%s: failed %q, want %q", c.name, failed, c.fails)
			continue
		}
		for i := range failed {
			if !strings.Contains(failed[i], c.fails[i]) {
				t.Errorf("%s: failed %q, want %q", c.name, failed, c.fails)
			}
		}
	}
}

// TestCourse: a line has one mark for each part of the time, empty where there
// is nothing and full at the greatest.
func TestCourse(t *testing.T) {
	const total = 80 * time.Minute
	r := &run{phases: schedule(total), samples: samples(total, calls, func(m float64) float64 { return math.Max(0, m-40) })}
	line, top := r.line(calls, total)
	marks := []rune(line)
	if len(marks) != courseWidth || marks[0] != ' ' || marks[39] != ' ' || marks[79] != '█' {
		t.Errorf("got %q, want 80 marks, the first 40 empty and the last one full", line)
	}
	if top < 39 || top > 40 {
		t.Errorf("got %v at the top, want the mean of the last minute", top)
	}
	for _, p := range []figure{calls, drops} {
		if !strings.Contains(r.course(), figureNames[p]) {
			t.Errorf("the chart has no line of %q", figureNames[p])
		}
	}
}

// TestSchedule: the phases follow each other without a gap and fill the time.
func TestSchedule(t *testing.T) {
	var at time.Duration
	for _, p := range schedule(30 * time.Minute) {
		if p.from != at || p.until <= p.from {
			t.Errorf("%s runs from %v to %v, want from %v", p.name, p.from, p.until, at)
		}
		at = p.until
	}
	if at != 30*time.Minute {
		t.Errorf("ends after %v, want 30 minutes", at)
	}
}
