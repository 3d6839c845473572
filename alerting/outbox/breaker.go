package outbox

import "time"

// breaker holds requests back from a destination that does not work: after some
// failures in a row its circuit opens; when the pause is over one request probes
// it, whose success closes the circuit and whose failure doubles the pause.
type breaker struct {
	broken         int
	pause, longest time.Duration

	failures int // in a row
	trips    int // openings since the last success
	until    time.Time
	hold     time.Time // as the other side asked for
	why      string    // it is open
}

func (b *breaker) terms(t *Terms) { b.broken, b.pause, b.longest = t.Broken, t.Pause, t.LongestWait }

// room is how many requests may be under way: none while the circuit is open,
// one while it is being probed.
func (b *breaker) room(now time.Time, most int) int {
	switch {
	case now.Before(b.ready()):
		return 0
	case b.open():
		return 1
	}
	return most
}

// ready is from when on requests may be made; zero: always.
func (b *breaker) ready() time.Time {
	if b.hold.After(b.until) {
		return b.hold
	}
	return b.until
}

// open reports whether the destination is not known to work again.
func (b *breaker) open() bool { return b.trips > 0 }

// succeed closes the circuit.
func (b *breaker) succeed() { b.failures, b.trips, b.until, b.why = 0, 0, time.Time{}, "" }

// fail counts a failure; surely opens the circuit at once. One whose request was
// made before the circuit opened says nothing new.
func (b *breaker) fail(now time.Time, surely bool, why string) {
	if now.Before(b.until) {
		return
	}
	b.failures++
	if !surely && !b.open() && b.failures < b.broken {
		return
	}
	b.trips++
	b.until, b.why = now.Add(doubled(b.pause, max(b.pause, b.longest), b.trips)), why
}

// stay holds all requests back for as long as the other side asked for.
func (b *breaker) stay(now time.Time, after time.Duration) {
	if until := now.Add(min(after, longestAfter)); until.After(b.hold) {
		b.hold = until
	}
}

// retry lets the next request pass: somebody has mended it.
func (b *breaker) retry() { b.until, b.hold = time.Time{}, time.Time{} }
