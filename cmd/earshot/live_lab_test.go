package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLive runs the built probe in network namespaces beside real programs:
// phones, a proxy, a media server. testdata/real-opus/README.md says which, and
// of which versions.
//
//	alice 10.9.1.2 ------------------ ra router rb ---- bob   10.9.2.2
//	carol 10.9.4.2 -- wa impair wb -- rc        rp ---- proxy 10.9.3.2
//
// The router's addresses end in .1; the probe runs there.
func TestLive(t *testing.T) {
	l := newLab(t)
	t.Run("replayed", l.testReplayed)
	t.Run("impaired", l.testImpaired)
	t.Run("proxy", l.testProxy)
	t.Run("case", l.testCase)
	t.Run("overload", l.testOverload)
}

// lab is the namespaces and the binaries.
type lab struct {
	earshot, impair string
}

const labPrefix = "eslab-"

var labNames = []string{"alice", "bob", "carol", "proxy", "router", "wire"}

func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: network namespaces and packet sockets")
	}
	if testing.Short() {
		t.Skip("takes a minute")
	}
	needs(t, "ip", "go")
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir, ".", "../impair")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	remove := func() {
		for _, n := range labNames {
			pids, _ := exec.Command("ip", "netns", "pids", labPrefix+n).Output() // children of what was killed
			for _, pid := range strings.Fields(string(pids)) {
				// A thread of ours that was in the namespace may be our first one.
				if n, err := strconv.Atoi(pid); err == nil && n != os.Getpid() {
					_ = syscall.Kill(n, syscall.SIGKILL)
				}
			}
			_ = exec.Command("ip", "netns", "del", labPrefix+n).Run() // it may not be there
		}
	}
	remove()
	t.Cleanup(remove)
	if out, err := exec.Command("sh", "-ec", labScript).CombinedOutput(); err != nil {
		t.Skipf("cannot make network namespaces: %v: %s", err, out)
	}
	return &lab{earshot: filepath.Join(dir, "earshot"), impair: filepath.Join(dir, "impair")}
}

const labScript = `
for n in alice bob carol proxy router wire; do
	ip netns add eslab-$n
	ip netns exec eslab-$n sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6' || true
	ip -n eslab-$n link set lo up
done
addresses() { # host, router's interface, network
	ip -n eslab-router addr add $3.1/24 dev $2; ip -n eslab-router link set $2 up
	ip -n eslab-$1 addr add $3.2/24 dev e0; ip -n eslab-$1 link set e0 up
	ip -n eslab-$1 route add default via $3.1
}
for pair in "alice ra 10.9.1" "bob rb 10.9.2" "proxy rp 10.9.3"; do
	set -- $pair
	ip -n eslab-router link add $2 type veth peer name e0 netns eslab-$1
	addresses $pair
done
ip -n eslab-wire link add wa type veth peer name e0 netns eslab-carol
ip -n eslab-wire link add wb type veth peer name rc netns eslab-router
ip -n eslab-wire link set wa up; ip -n eslab-wire link set wb up
addresses carol rc 10.9.4
echo 1 | ip netns exec eslab-router tee /proc/sys/net/ipv4/ip_forward`

// needs skips the test where a program is missing.
func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s", p)
		}
	}
}

// running is a program in a namespace.
type running struct {
	t    *testing.T
	name string
	cmd  *exec.Cmd
	log  string // file with its output
	done chan error
}

// start runs a program in a namespace, in the folder dir. It is killed at the
// test's end at the latest.
func (l *lab) start(t *testing.T, namespace, dir string, args ...string) *running {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), filepath.Base(args[0]))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() // the program has its own
	cmd := exec.Command("ip", append([]string{"netns", "exec", labPrefix + namespace}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, file, file
	r := &running{t: t, name: filepath.Base(args[0]), cmd: cmd, log: file.Name(), done: make(chan error, 1)}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.done <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return r
}

func (r *running) output() string {
	b, err := os.ReadFile(r.log)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// until waits until the program has written text.
func (r *running) until(text string) {
	r.t.Helper()
	for range 200 {
		if strings.Contains(r.output(), text) {
			return
		}
		select {
		case err := <-r.done:
			r.t.Fatalf("%s ended: %v:\n%s", r.name, err, r.output())
		case <-time.After(50 * time.Millisecond):
		}
	}
	r.t.Fatalf("%s does not say %q:\n%s", r.name, text, r.output())
}

// wait waits for the program's end.
func (r *running) wait(most time.Duration) string {
	r.t.Helper()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Fatalf("%s: %v:\n%s", r.name, err, r.output())
		}
	case <-time.After(most):
		r.t.Fatalf("%s has not ended after %v:\n%s", r.name, most, r.output())
	}
	return r.output()
}

func (r *running) signal(s syscall.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatalf("%s: %v", r.name, err)
	}
}

// within runs fn on a thread of its own in a namespace. Sockets that it opens
// stay there.
func within(namespace string, fn func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		fd, err := unix.Open("/run/netns/"+labPrefix+namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			_ = unix.Close(fd)
		}
		if err == nil {
			err = fn()
		}
		result <- err
	}()
	return <-result
}

// get fetches a page from inside a namespace.
func (l *lab) get(t *testing.T, namespace, url string) string {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (conn net.Conn, err error) {
			err = within(namespace, func() (err error) {
				conn, err = new(net.Dialer).DialContext(ctx, network, address)
				return err
			})
			return conn, err
		},
	}}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return b.String()
}

// metric returns the sum of a family's samples in the Prometheus text format,
// or the one sample if its labels are given.
func metric(t *testing.T, page, name string) (sum float64) {
	t.Helper()
	found := false
	for line := range strings.Lines(page) {
		series, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		family, _, _ := strings.Cut(series, "{")
		if series != name && family != name {
			continue
		}
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		sum, found = sum+x, true
	}
	if !found {
		t.Fatalf("no %s in\n%s", name, page)
	}
	return sum
}

// labProbe is a running "earshot run" and what it writes.
type labProbe struct {
	*running
	dir     string
	records string
}

// probe starts the probe on the router with a configuration. File names in it
// are relative to the probe's folder.
func (l *lab) probe(t *testing.T, config string) *labProbe {
	t.Helper()
	dir := t.TempDir()
	p := &labProbe{dir: dir, records: filepath.Join(dir, "records.jsonl")}
	config += "\nrecords: {file: records.jsonl, intervals: true}\n"
	file := filepath.Join(dir, "probe.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p.running = l.start(t, "router", dir, l.earshot, "run", "--config", file)
	p.until("msg=listening")
	return p
}

// finish ends the probe and returns the lines of its records.
func (p *labProbe) finish() []string {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	p.wait(20 * time.Second)
	b, err := os.ReadFile(p.records)
	if err != nil {
		p.t.Fatal(err)
	}
	return nonEmpty(string(b))
}

func nonEmpty(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
