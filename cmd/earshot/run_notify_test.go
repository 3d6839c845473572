package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"earshot/pipeline"
)

// notified opens a socket as systemd does, and returns its name.
func notified(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// state reads one notification.
func state(c *net.UnixConn) (string, error) {
	var b [256]byte
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	n, err := c.Read(b[:])
	return string(b[:n]), err
}

func TestNotify(t *testing.T) {
	file := filepath.Join(t.TempDir(), "notify")
	abstract := "earshot-test-" + strconv.Itoa(os.Getpid())
	for name, socket := range map[string]*net.UnixConn{file: notified(t, file), "@" + abstract: notified(t, "\x00"+abstract)} {
		t.Setenv("NOTIFY_SOCKET", name)
		notifySocket().tell("READY=1")
		if got, err := state(socket); got != "READY=1" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	notifySocket().tell("READY=1") // nobody hears it, and that is all
}

func TestWatchdog(t *testing.T) {
	self := strconv.Itoa(os.Getpid())
	for _, tt := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"", "", 0}, {"30000000", "", 15 * time.Second}, {"30000000", self, 15 * time.Second},
		{"30000000", "1", 0}, {"-1", "", 0}, {"soon", "", 0},
	} {
		t.Setenv("WATCHDOG_USEC", tt.usec)
		t.Setenv("WATCHDOG_PID", tt.pid)
		if got := watchdog(); got != tt.want {
			t.Errorf("%q, %q: got %v, want %v", tt.usec, tt.pid, got, tt.want)
		}
	}
}

// A lane that stands still stops the heartbeat, even while another one moves.
func TestHeartbeat(t *testing.T) {
	var h heartbeat
	for i, step := range []struct {
		a, b, correlator int64
		want             bool
	}{
		{0, 0, 0, true}, {10, 0, 0, true}, {10, 10, 10, true}, {20, 20, 20, true}, {30, 20, 20, false}, {40, 30, 30, true}, {50, 50, 30, false},
	} {
		s := pipeline.Stages{Lanes: []pipeline.LaneStage{{At: step.a}, {At: step.b}}, Correlator: pipeline.CorrelatorStage{At: step.correlator}}
		if got := h.beats(s); got != step.want {
			t.Errorf("step %d: got %v, want %v", i, got, step.want)
		}
	}
}
