package main

import (
	"context"
	"io"
	"log/slog"
	"os"
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

// throttle logs each kind of event at most once in repeatAfter, and says how
// many were left out. Kinds are from a closed set. Any goroutine may log.
type throttle struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	kinds map[string]*held
}

type held struct {
	last    time.Time
	skipped int
}

func newThrottle(log *slog.Logger) *throttle {
	return &throttle{log: log, now: time.Now, kinds: map[string]*held{}}
}

// event logs text, or counts it for the next line of its kind.
func (t *throttle) event(level slog.Level, kind, text string, args ...any) {
	t.mu.Lock()
	h, now := t.kinds[kind], t.now()
	if h == nil {
		h = new(held)
		t.kinds[kind] = h
	} else if now.Sub(h.last) < repeatAfter {
		h.skipped++
		t.mu.Unlock()
		return
	}
	skipped := h.skipped
	h.last, h.skipped = now, 0
	t.mu.Unlock()
	if skipped > 0 {
		args = append(args, "more_of_these", skipped)
	}
	t.log.Log(context.Background(), level, text, args...)
}
