//go:build linux

package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// childVariable makes TestDropPrivileges be the child of itself: what it drops
// is dropped for the whole process.
const childVariable = "EARSHOT_TEST_DROP_PRIVILEGES"

// TestDropPrivileges: afterwards no thread has any capability, capturing goes
// on, and an interface that comes back is found.
func TestDropPrivileges(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		dropAndCapture(t)
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root: a network namespace and packet sockets")
	}
	for _, tool := range []string{"go", "ip", "sh"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: %v", tool, err)
		}
	}
	// A static binary, as it is released: with cgo threads can't be reached.
	binary := filepath.Join(t.TempDir(), "capture.test")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("cannot build: %v\n%s", err, out)
	}
	child := exec.Command(binary, "-test.run", "^TestDropPrivileges$", "-test.v")
	child.Env = append(os.Environ(), childVariable+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	out, err := child.CombinedOutput()
	if errors.Is(err, unix.EPERM) {
		t.Skipf("no network namespaces here: %v", err)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// rootShell runs commands with the privileges that we had when it was started.
type rootShell struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

func startRootShell(t *testing.T) rootShell {
	t.Helper()
	shell := exec.Command("sh")
	in, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := shell.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	shell.Stderr = os.Stderr
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); shell.Wait() })
	return rootShell{t, in, bufio.NewScanner(out)}
}

func (s rootShell) run(script string) {
	s.t.Helper()
	fmt.Fprintln(s.in, script+" && echo good || echo bad")
	if !s.out.Scan() || s.out.Text() != "good" {
		s.t.Fatalf("%s: %s", script, s.out.Text())
	}
}

// pairWithNeighbour is a veth pair and an address behind it to which any
// process can send UDP.
const pairWithNeighbour = "ip link add a0 type veth peer name a1 && ip link set a0 up && ip link set a1 up && " +
	"ip addr add 198.18.0.1/24 dev a0 && ip neigh replace 198.18.0.2 lladdr 02:00:00:00:00:02 dev a0 && " +
	"until ip link show a0 | grep -q 'state UP'; do sleep 0.01; done"

// dropAndCapture is the child.
func dropAndCapture(t *testing.T) {
	shell := startRootShell(t)
	shell.run(pairWithNeighbour)
	filter, err := CompileFilter("udp and dst host 198.18.0.2")
	if err != nil {
		t.Fatal(err)
	}
	interfaces := []Interface{{Name: "a1", Filter: filter}}
	alone := openLive(t, LiveConfig{Interfaces: interfaces, RingBytes: 1 << 20})
	shared := openLive(t, LiveConfig{Interfaces: interfaces, RingBytes: 1 << 20, Lanes: 2})
	stop := make(chan struct{})
	defer close(stop)
	for range 8 { // threads that are there before
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(started)
			<-stop
		}()
		<-started
	}
	if err := DropPrivileges("nobody"); err != nil {
		t.Fatal(err)
	}
	checkNoPrivileges(t)
	if err := DropPrivileges(""); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if err := DropPrivileges("root"); err == nil {
		t.Error("became root again")
	}
	if fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("opened packet socket %d: %v", fd, err)
	}
	checkCaptures(t, "before", alone, shared)
	shell.run("ip link del a0 && " + pairWithNeighbour)
	for _, l := range append(alone, shared...) {
		nextUntil(t, l, "a1 is back", func() bool { return l.taps[0].reopened == 1 })
	}
	checkCaptures(t, "after it came back", alone, shared)
}

// checkNoPrivileges reads what proc(5) says of every thread.
func checkNoPrivileges(t *testing.T) {
	t.Helper()
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(threads) < 8 {
		t.Fatalf("got %d threads, %v", len(threads), err)
	}
	for _, path := range threads {
		status, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
			"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1",
			"Uid:\t65534\t65534\t65534\t65534", "Groups:\t65534",
		} {
			if !strings.Contains(string(status), want) {
				t.Errorf("%s: want %q in\n%s", path, want, status)
			}
		}
	}
}

func checkCaptures(t *testing.T, when string, alone, shared []*Live) {
	t.Helper()
	conn, err := net.Dial("udp", "198.18.0.2:9")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 5 {
		if _, err := conn.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
	}
	for name, lanes := range map[string][]*Live{"one lane": alone, "two lanes": shared} {
		n := 0
		for _, l := range lanes {
			n += len(takeFrames(t, l, 10))
		}
		if n != 5 {
			t.Errorf("%s, %s: got %d frames, want 5", when, name, n)
		}
	}
}
