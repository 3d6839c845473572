package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// A kind of event is a line at once, then one in ten seconds: the last event,
// and how many there were. None is lost.
func TestThrottle(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(1_000_000, 0)
	th := newThrottle(slog.New(slog.NewTextHandler(&out, nil)))
	th.now = func() time.Time { return now }
	for i, step := range []struct {
		after       time.Duration
		kind, event string // kind "" flushes
		want        string // in the line; "" for no line
	}{
		{0, "a", "a1", "msg=a1\n"},
		{time.Second, "a", "a2", ""},
		{0, "b", "b1", "msg=b1\n"},
		{0, "", "", ""},
		{8 * time.Second, "a", "a3", ""},
		{time.Second, "a", "a4", "msg=a4 of_this_kind=3\n"},
		{9 * time.Second, "a", "a5", ""},
		{0, "", "", ""},
		{time.Second, "", "", "msg=a5\n"},
		{0, "", "", ""},
		{time.Minute, "a", "a6", "msg=a6\n"},
	} {
		now = now.Add(step.after)
		out.Reset()
		if step.kind == "" {
			th.flush()
		} else {
			th.event(slog.LevelInfo, step.kind, step.event)
		}
		if got := out.String(); (step.want == "") != (got == "") || !strings.HasSuffix(got, step.want) {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
}

func TestLogFormat(t *testing.T) {
	t.Setenv("JOURNAL_STREAM", "")
	var out bytes.Buffer
	var level slog.LevelVar
	log := newLog(&out, &logConfig{Level: word{"warn", 1}, Format: word{"json", 1}}, &level)
	log.Info("nothing")
	log.Warn("something", "n", 1)
	var line struct {
		Level, Msg, Time string
		N                int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Level != "WARN" || line.Msg != "something" || line.N != 1 {
		t.Errorf("got %q, %v", out.String(), err)
	}
	level.Set(slog.LevelInfo) // as a reload does
	out.Reset()
	if log.Info("more"); out.Len() == 0 {
		t.Error("the level cannot be changed")
	}
	t.Setenv("JOURNAL_STREAM", "8:1234")
	out.Reset()
	newLog(&out, &logConfig{}, &level).Info("x")
	if got := out.String(); got != "level=INFO msg=x\n" {
		t.Errorf("in the journal: got %q", got)
	}
}

// What the probe lost is told with its number; overload begins once and ends once.
func TestWatcher(t *testing.T) {
	var out bytes.Buffer
	w := &watcher{log: slog.New(slog.NewTextHandler(&out, nil))}
	at := time.Unix(1_000_000, 0)
	for i, step := range []struct {
		kernel, rtp, messages uint64
		want                  []string
	}{
		{0, 0, 0, nil},
		{7, 0, 0, []string{"the kernel dropped packets of eth0", "count=7 total=7", "raise ring_mb"}},
		{7, 0, 0, nil},
		{9, 50, 0, []string{"count=2 total=9", "overload begins", "rtp=50 sip_and_rtcp=0"}},
		{9, 80, 1, []string{"overload goes on", "rtp=30 sip_and_rtcp=1"}},
		{9, 80, 1, []string{"overload ended", "lasted=20s left_out=81"}},
		{9, 80, 1, nil},
		{9, 81, 1, []string{"overload begins", "rtp=1"}},
	} {
		out.Reset()
		w.look(at, []counted{{"kernel eth0", "the kernel dropped packets of eth0", "raise ring_mb", step.kernel}}, step.rtp, step.messages)
		at = at.Add(10 * time.Second)
		got := out.String()
		if step.want == nil && got != "" {
			t.Errorf("step %d: got %q, want nothing", i, got)
		}
		for _, want := range step.want {
			if !strings.Contains(got, want) {
				t.Errorf("step %d: got %q, want %q", i, got, want)
			}
		}
	}
}
