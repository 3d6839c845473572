package outbox

import (
	"testing"
	"time"
)

var moment0 = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Waits by hand: 5 s doubled each time up to 30 minutes, times 0.5 to 1.5, and
// never less than what the other side asked for, which is an hour at most.
func TestWait(t *testing.T) {
	terms := Terms{}
	terms.preset()
	for _, tt := range []struct {
		failures int
		after    time.Duration
		lot      float64
		want     time.Duration
	}{
		{1, 0, 0.5, 5 * time.Second},
		{2, 0, 0.5, 10 * time.Second},
		{3, 0, 0.5, 20 * time.Second},
		{9, 0, 0.5, 1280 * time.Second},
		{10, 0, 0.5, 30 * time.Minute}, // 2560 s is more
		{1000, 0, 0.5, 30 * time.Minute},
		{1, 0, 0, 2500 * time.Millisecond},
		{3, 0, 0.75, 25 * time.Second},
		{1, 90 * time.Second, 0.5, 90 * time.Second},
		{10, 90 * time.Second, 0.5, 30 * time.Minute},
		{1, 48 * time.Hour, 0.5, time.Hour},
	} {
		if got := terms.wait(tt.failures, tt.after, tt.lot); got != tt.want {
			t.Errorf("after %d failures, asked for %s, lot %v: %s, want %s", tt.failures, tt.after, tt.lot, got, tt.want)
		}
	}
}

// At most three in any minute, whenever it begins.
func TestWindow(t *testing.T) {
	w := window{most: 3}
	for _, tt := range []struct {
		second, room int
	}{
		{0, 3}, {10, 2}, {20, 1}, {30, 0}, {59, 0}, {60, 1}, {69, 0}, {70, 1}, {200, 3},
	} {
		now := moment0.Add(time.Duration(tt.second) * time.Second)
		if got := w.room(now); got != tt.room {
			t.Errorf("at %d s there is room for %d, want %d", tt.second, got, tt.room)
		}
		if tt.room > 0 {
			w.add(now)
		}
	}
	if got := w.room(moment0.Add(-24 * time.Hour)); got != 3 {
		t.Errorf("the clock was put back: room for %d, want 3", got)
	}
}

// The circuit opens at the third failure in a row, for a minute; each probe that
// fails doubles that up to five; what fails while it is open says nothing new.
func TestBreaker(t *testing.T) {
	b := breaker{broken: 3, pause: time.Minute, longest: 5 * time.Minute}
	second := func(n int) time.Time { return moment0.Add(time.Duration(n) * time.Second) }
	room := func(at, want int) {
		t.Helper()
		if got := b.room(second(at), 4); got != want {
			t.Errorf("at %d s: room for %d, want %d", at, got, want)
		}
	}
	b.fail(second(0), false, "")
	b.fail(second(1), false, "")
	room(1, 4)
	b.succeed()
	b.fail(second(2), false, "")
	b.fail(second(3), false, "")
	room(3, 4)
	b.fail(second(4), false, "")
	b.fail(second(5), false, "") // was under way
	room(5, 0)
	room(63, 0)
	room(64, 1)
	for _, until := range []int{64 + 120, 184 + 240, 424 + 300, 724 + 300} {
		b.fail(second(until-1), false, "") // not yet: it is open
		room(until-1, 0)
		now := b.until
		room(int(now.Sub(moment0).Seconds()), 1)
		b.fail(now, false, "")
	}
	b.succeed()
	room(1, 4)
	b.fail(second(2000), true, "401")
	room(2059, 0)
	room(2060, 1)
	b.succeed()
	b.stay(second(3000), 2*time.Hour)
	room(3000+3599, 0)
	room(3000+3600, 4)
}
