package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ProbePort is where the probe's web server listens, on its loopback.
const ProbePort = "10061"

// Probe is a running earshot in the probe's namespace.
type Probe struct {
	ns     string
	cmd    *exec.Cmd
	client *http.Client
	ended  chan error
}

// StartProbe runs earshot with a configuration file and waits until it is
// ready. What it logs goes to log.
func StartProbe(l *Link, program, config string, log io.Writer) (*Probe, error) {
	p := &Probe{ns: l.Probe, ended: make(chan error, 1)}
	// ip replaces itself by the program, so that the process is the program's.
	p.cmd = exec.Command("ip", "netns", "exec", l.Probe, program, "run", "--config", config)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.client = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: p.dial}}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	for range 200 {
		select {
		case err := <-p.ended:
			return nil, fmt.Errorf("the probe ended before it was ready: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
		if _, err := p.Get("/readyz"); err == nil {
			return p, nil
		}
	}
	return nil, errors.Join(errors.New("the probe is not ready after 10 s"), p.Stop())
}

// dial connects from within the probe's namespace.
func (p *Probe) dial(_ context.Context, network, address string) (conn net.Conn, err error) {
	err = Within(p.ns, func() (err error) {
		conn, err = net.DialTimeout(network, address, 5*time.Second)
		return err
	})
	return conn, err
}

// Get asks the probe's web server.
func (p *Probe) Get(path string) ([]byte, error) {
	resp, err := p.client.Get("http://127.0.0.1:" + ProbePort + path)
	if err != nil {
		return nil, err
	}
	return answerOf("GET "+path, resp)
}

// Post sends JSON to the probe's web server.
func (p *Probe) Post(path string, body []byte) ([]byte, error) {
	resp, err := p.client.Post("http://127.0.0.1:"+ProbePort+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return answerOf("POST "+path, resp)
}

// answerOf reads an answer that has to be 200.
func answerOf(what string, resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: %s", what, resp.Status, strings.TrimSpace(string(body)))
	}
	return body, nil
}

// Metrics reads /metrics.
func (p *Probe) Metrics() (Metrics, error) {
	body, err := p.Get("/metrics")
	if err != nil {
		return nil, err
	}
	return parseMetrics(string(body))
}

// Stop ends the probe as an operator does, and waits for it.
func (p *Probe) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(60 * time.Second):
		return errors.Join(errors.New("the probe did not end within 60 s"), p.cmd.Process.Kill())
	}
}

// Usage is what the probe's process has used.
type Usage struct {
	CPU       time.Duration // user and system time of all its threads
	RSS       int64         // resident octets, capture rings included
	Anonymous int64         // resident octets without mapped rings and files
}

// Usage reads /proc.
func (p *Probe) Usage() (Usage, error) {
	dir := fmt.Sprintf("/proc/%d/", p.cmd.Process.Pid)
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return Usage{}, err
	}
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return Usage{}, err
	}
	// After the name in parentheses, utime and stime are fields 14 and 15 (proc(5)).
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return Usage{}, fmt.Errorf("%sstat has %d fields", dir, len(fields))
	}
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return Usage{}, err
		}
		ticks += n
	}
	const perSecond = 100 // USER_HZ, on every Linux
	return Usage{
		CPU: time.Duration(ticks) * time.Second / perSecond,
		RSS: statusBytes(string(status), "VmRSS:"), Anonymous: statusBytes(string(status), "RssAnon:"),
	}, nil
}

func statusBytes(status, key string) int64 {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, key); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}
