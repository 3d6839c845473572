package outbox

import (
	"cmp"
	"time"
)

// longestAfter bounds how long the other side may tell us to stay away.
const longestAfter = time.Hour

// preset fills in what was left at zero.
func (t *Terms) preset() {
	t.Attempts = cmp.Or(t.Attempts, 20)
	t.FirstWait = cmp.Or(t.FirstWait, 5*time.Second)
	t.LongestWait = max(cmp.Or(t.LongestWait, 30*time.Minute), t.FirstWait)
	t.PerMinute = cmp.Or(t.PerMinute, 60)
	t.CommentEvery = cmp.Or(t.CommentEvery, 15*time.Minute)
	t.ReadEvery = cmp.Or(t.ReadEvery, 5*time.Minute)
	t.MaxNew = cmp.Or(t.MaxNew, 10)
	t.Broken = cmp.Or(t.Broken, 5)
	t.Pause = cmp.Or(t.Pause, time.Minute)
}

// doubled is a wait after so many failures in a row, the first of them once.
func doubled(first, longest time.Duration, failures int) time.Duration {
	wait := first
	for i := 1; i < failures && wait < longest; i++ {
		wait *= 2
	}
	return min(wait, longest)
}

// wait is how long a ticket waits after a failure: half to one and a half times
// what is due, so that those who failed together do not come back together. It
// is never less than what the other side asked for.
func (t *Terms) wait(failures int, after time.Duration, lot float64) time.Duration {
	wait := time.Duration(float64(doubled(t.FirstWait, t.LongestWait, failures)) * (0.5 + lot))
	return max(wait, min(after, longestAfter))
}

// window counts what happened within the last minute, and lets so much happen.
type window struct {
	most  int
	times []time.Time
}

// room is how much may happen yet. What lies ahead is of before the clock was
// put back.
func (w *window) room(now time.Time) int {
	kept := w.times[:0]
	for _, t := range w.times {
		if age := now.Sub(t); age >= 0 && age < time.Minute {
			kept = append(kept, t)
		}
	}
	w.times = kept
	return w.most - len(kept)
}

// add notes that something happened. Nobody asks for more than the latest.
func (w *window) add(at time.Time) {
	if n := len(w.times) - w.most; n >= 0 && w.most > 0 {
		w.times = w.times[n+1:]
	}
	w.times = append(w.times, at)
}
