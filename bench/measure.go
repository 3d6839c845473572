package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sample is one run of one program.
type sample struct {
	wall, cpu time.Duration
	anon      int64 // peak of resident memory without file pages, bytes
	out       []byte
}

// row is one line of the table.
type row struct {
	workload
	file    string
	packets float64
	size    int64
	earshot []sample // default output, sorted by wall time
	json    []sample
	tshark  *sample
}

func (r row) best() sample   { return r.earshot[0] }
func (r row) median() sample { return r.earshot[len(r.earshot)/2] }

func compare(w workload, file string, runs int, withTshark bool) (row, error) {
	r := row{workload: w, file: file}
	if err := warm(file, &r.size); err != nil {
		return r, err
	}
	var err error
	if r.earshot, err = repeat(runs, program, "replay", file); err != nil {
		return r, err
	}
	if r.json, err = repeat(runs, program, "replay", "--json", file); err != nil {
		return r, err
	}
	if r.packets, err = packetCount(r.json[0].out); err != nil {
		return r, err
	}
	if !withTshark {
		return r, nil
	}
	s, err := measure("tshark", "-q", "-n", "-z", "rtp,streams", "-r", file)
	if err != nil {
		return r, err
	}
	r.tshark = &s
	return r, nil
}

// warm reads the file once, so that every program finds it in the page cache.
func warm(file string, size *int64) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	*size, err = io.Copy(io.Discard, f)
	return err
}

func repeat(n int, name string, args ...string) ([]sample, error) {
	var all []sample
	for range n {
		s, err := measure(name, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b sample) int { return int(a.wall - b.wall) })
	return all, nil
}

// measure runs a program and watches its memory.
func measure(name string, args ...string) (sample, error) {
	var s sample
	var out bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout = &out
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return s, err
	}
	stop, peak := make(chan struct{}), make(chan int64)
	go func() { peak <- watchMemory(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	s.wall = time.Since(started)
	close(stop)
	s.anon = <-peak
	if err != nil {
		return s, fmt.Errorf("cannot run %s %s: %w", name, strings.Join(args, " "), err)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.out = out.Bytes()
	return s, nil
}

// watchMemory samples RssAnon every 10 ms: resident memory without the pages
// of mapped files.
func watchMemory(pid int, stop <-chan struct{}) int64 {
	t := time.NewTicker(10 * time.Millisecond)
	defer t.Stop()
	var peak int64
	for {
		peak = max(peak, rssAnon(pid))
		select {
		case <-stop:
			return peak
		case <-t.C:
		}
	}
}

func rssAnon(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kb << 10
		}
	}
	return 0
}

// packetCount takes the number of packets from the summary, the last JSON line.
func packetCount(out []byte) (float64, error) {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var summary struct {
		Type    string  `json:"type"`
		Packets float64 `json:"packets"`
	}
	if err := json.Unmarshal(lines[len(lines)-1], &summary); err != nil {
		return 0, err
	}
	if summary.Type != "summary" || summary.Packets == 0 {
		return 0, fmt.Errorf("the last line of --json is no summary with packets: %s", lines[len(lines)-1])
	}
	return summary.Packets, nil
}
