package rig

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Addresses of the two ends, from the range for documentation.
const (
	SenderAddress = "192.0.2.1"
	ProbeAddress  = "192.0.2.2"
)

// Link is a pair of network namespaces, one for senders and one for the probe,
// and the veth pair that joins them.
type Link struct {
	Sender, Probe       string // names of the namespaces
	SenderEnd, ProbeEnd string // names of the interfaces in them
}

// NewLink makes a link whose names begin with prefix, in the place of one that
// an earlier run left.
func NewLink(prefix string) (*Link, error) {
	if os.Getuid() != 0 {
		return nil, errors.New("network namespaces need root: run it with sudo")
	}
	l := &Link{Sender: prefix + "tx", Probe: prefix + "rx", SenderEnd: prefix + "v0", ProbeEnd: prefix + "v1"}
	for _, ns := range []string{l.Sender, l.Probe} {
		if _, err := os.Stat(namespaceFile(ns)); err == nil {
			if err := ip("netns", "delete", ns); err != nil {
				return nil, err
			}
		}
	}
	steps := [][]string{
		{"netns", "add", l.Sender},
		{"netns", "add", l.Probe},
		{"link", "add", l.SenderEnd, "netns", l.Sender, "type", "veth", "peer", "name", l.ProbeEnd, "netns", l.Probe},
	}
	for _, end := range [][3]string{{l.Sender, l.SenderEnd, SenderAddress}, {l.Probe, l.ProbeEnd, ProbeAddress}} {
		steps = append(steps,
			[]string{"netns", "exec", end[0], "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"}, // no neighbour discovery among the frames
			[]string{"-n", end[0], "address", "add", end[2] + "/30", "dev", end[1]},
			[]string{"-n", end[0], "link", "set", "lo", "up"},
			[]string{"-n", end[0], "link", "set", end[1], "up"})
	}
	for _, s := range steps {
		if err := ip(s...); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return l, nil
}

// Close deletes the namespaces, and the interfaces with them.
func (l *Link) Close() error {
	var errs []error
	for _, ns := range []string{l.Sender, l.Probe} {
		if _, err := os.Stat(namespaceFile(ns)); err == nil {
			errs = append(errs, ip("netns", "delete", ns))
		}
	}
	return errors.Join(errs...)
}

func namespaceFile(ns string) string { return filepath.Join("/var/run/netns", ns) }

func ip(args ...string) error {
	out, err := exec.Command("ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot run ip %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// Within runs fn on a thread that is in a namespace. Sockets that it opens stay there.
func Within(ns string, fn func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		done <- enter(ns, fn)
	}()
	return <-done
}

func enter(ns string, fn func() error) error {
	fd, err := unix.Open(namespaceFile(ns), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("cannot open the namespace %s: %w", ns, err)
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("cannot enter the namespace %s: %w", ns, err)
	}
	return fn()
}
