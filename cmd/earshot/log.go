package main

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// newLog writes to w as the configuration says, from the level on that level
// holds, which a reload may change.
func newLog(w io.Writer, c *logConfig, level *slog.LevelVar) *slog.Logger {
	level.Set(c.level())
	options := &slog.HandlerOptions{Level: level}
	if c.Format.text == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	if os.Getenv("JOURNAL_STREAM") != "" { // the journal has its own time (systemd.exec(5))
		options.ReplaceAttr = withoutTime
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// level is the configured level; info where nothing is said.
func (c *logConfig) level() slog.Level {
	var l slog.Level
	if c.Level.text == "" || l.UnmarshalText([]byte(c.Level.text)) != nil {
		return slog.LevelInfo
	}
	return l
}

// repeatAfter is how often one kind of event is logged at most.
const repeatAfter = 10 * time.Second

// throttle logs each kind of event at most once in repeatAfter. What is held
// back is told later by flush: the last event of the kind, and how many there
// were. Kinds are from a closed set. Any goroutine may log.
type throttle struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*held
}

// held is one kind of event.
type held struct {
	last    time.Time // when a line was written
	skipped int       // events since then; the last one is below
	level   slog.Level
	text    string
	args    []any
}

func newThrottle(log *slog.Logger) *throttle {
	return &throttle{log: log, now: time.Now, kinds: map[string]*held{}}
}

// event logs text, or holds it back.
func (t *throttle) event(level slog.Level, kind, text string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.kinds[kind]
	if h == nil {
		h = new(held)
		t.kinds[kind] = h
	}
	h.skipped++
	h.level, h.text, h.args = level, text, args
	t.settle(h, t.now())
}

// flush tells what was held back long enough.
func (t *throttle) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, kind := range slices.Sorted(maps.Keys(t.kinds)) {
		t.settle(t.kinds[kind], now)
	}
}

// settle writes a kind's line where there is one to write and it is time.
func (t *throttle) settle(h *held, now time.Time) {
	if h.skipped == 0 || now.Sub(h.last) < repeatAfter {
		return
	}
	args := h.args
	if h.skipped > 1 {
		args = append(args, "of_this_kind", h.skipped)
	}
	t.log.Log(context.Background(), h.level, h.text, args...)
	*h = held{last: now}
}
