package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// actVariable holds the arguments of a child that acts as earshot.
const actVariable = "EARSHOT_TEST_ARGS"

// TestActAsEarshot is not a test: it is the program, in a process of its own,
// because run takes signals and drops its process' privileges.
func TestActAsEarshot(t *testing.T) {
	var args []string
	if err := json.Unmarshal([]byte(os.Getenv(actVariable)), &args); err != nil {
		return // called as a test
	}
	os.Args = append([]string{"earshot"}, args...)
	main()
}

// patience is how long a child may take for anything; a loaded machine is slow.
const patience = 30 * time.Second

// child is a running earshot.
type child struct {
	t      *testing.T
	cmd    *exec.Cmd
	notify *net.UnixConn
	mu     sync.Mutex
	errs   bytes.Buffer
}

// Write takes what the child logs.
func (c *child) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.errs.Write(b)
}

func (c *child) log() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.errs.String()
}

// start runs a command line in a process of its own, with a notification socket.
func start(t *testing.T, args ...string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "notify")
	c := &child{t: t, cmd: exec.Command(self, "-test.run=^TestActAsEarshot$"), notify: notified(t, socket)}
	c.cmd.Env = append(os.Environ(), actVariable+"="+string(text), "NOTIFY_SOCKET="+socket, "WATCHDOG_USEC=200000", "JOURNAL_STREAM=")
	c.cmd.Stderr = c
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it has mostly ended
		_ = c.cmd.Wait()
	})
	return c
}

// hears waits for a notification.
func (c *child) hears(want string) {
	c.t.Helper()
	for range 1000 {
		got, err := state(c.notify)
		if got == want {
			return
		}
		if err != nil {
			break
		}
	}
	c.t.Fatalf("did not hear %q; log:\n%s", want, c.log())
}

// logs waits until the log holds a text.
func (c *child) logs(want string) {
	c.t.Helper()
	c.until("log "+want, func() bool { return strings.Contains(c.log(), want) })
}

// until waits for something to be so.
func (c *child) until(what string, so func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-ctx.Done():
			c.t.Fatalf("waited in vain for %s; log:\n%s", what, c.log())
		case <-tick.C:
		}
	}
}

func (c *child) signal(s syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the child and returns its status.
func (c *child) end() int {
	c.t.Helper()
	timer := time.AfterFunc(patience, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	_ = c.cmd.Wait() // the status says it
	return c.cmd.ProcessState.ExitCode()
}

// fetch gets a page of the child.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	a, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(body)
}

// freePort returns a loopback address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
