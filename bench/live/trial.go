package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"earshot/bench/rig"
)

// bench is one measurement of everything.
type bench struct {
	ctx     context.Context
	o       options
	link    *rig.Link
	rows    []row
	scrapes string
	storms  string

	traffic *rig.Recording // the profile that was loaded last
	loaded  string
}

// row is one line of the table: what was sent, and what came of it.
type row struct {
	what, offered, result, cpu, memory string
}

// trial is one run of the probe under one load.
type trial struct {
	config  string // beside the web server: captures or HEP, and what else
	send    func(context.Context) (rig.Sent, error)
	during  func(*rig.Probe) error // runs beside the sender; may be nil
	counter string                 // of what arrives: the metric that counts packets
	sheds   bool                   // SIP that is recognised and then shed is no loss
}

// outcome is what a trial gave.
type outcome struct {
	sent     rig.Sent
	packets  float64 // that the probe counted
	dropped  float64 // by the kernel before it, and by its own stages
	cpu      time.Duration
	rss      int64   // octets at the end of the load, capture rings included
	own      int64   // octets without capture rings
	shed     float64 // SIP messages that the correlator had no room for
	evidence string  // which drops there were
}

// lossless reports that everything that was sent was measured.
func (o *outcome) lossless() bool { return o.dropped == 0 && o.packets >= float64(o.sent.Packets) }

// run starts a probe, has the traffic sent, and asks the probe what it saw.
func (b *bench) run(t trial) (outcome, error) {
	var o outcome
	config := filepath.Join(b.o.cache, "live.yaml")
	text := fmt.Sprintf("web: {listen: \"127.0.0.1:%s\"}\n%s", rig.ProbePort, t.config)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		return o, err
	}
	log, err := os.Create(filepath.Join(b.o.cache, "live.log"))
	if err != nil {
		return o, err
	}
	defer log.Close()
	p, err := rig.StartProbe(b.link, b.o.program, config, log)
	if err != nil {
		return o, fmt.Errorf("%w; its log is %s", err, log.Name())
	}
	o, err = b.load(p, t)
	return o, errors.Join(err, p.Stop())
}

// load sends while the probe runs, and takes the figures.
func (b *bench) load(p *rig.Probe, t trial) (o outcome, err error) {
	before, err := p.Usage()
	if err != nil {
		return o, err
	}
	beside := make(chan error, 1)
	go func() {
		if t.during == nil {
			beside <- nil
			return
		}
		beside <- t.during(p)
	}()
	o.sent, err = t.send(b.ctx)
	if err := errors.Join(err, <-beside, b.ctx.Err()); err != nil {
		return o, err
	}
	time.Sleep(2 * time.Second) // what is in the rings is read, and a tick passes
	after, err := p.Usage()
	if err != nil {
		return o, err
	}
	m, err := p.Metrics()
	if err != nil {
		return o, err
	}
	o.cpu, o.rss, o.own = after.CPU-before.CPU, after.RSS, after.Anonymous
	o.packets = m.Sum(t.counter)
	o.shed = m.Sum("earshot_capture_dropped_packets_total", `stage="queue"`)
	if !t.sheds {
		o.lose("earshot_capture_dropped_packets_total", `stage="queue"`, o.shed)
	}
	for _, d := range []struct{ name, part string }{
		{"earshot_capture_dropped_packets_total", `stage="kernel"`},
		{"earshot_capture_dropped_packets_total", `stage="ring"`},
		{"earshot_capture_dropped_packets_total", `stage="table_full"`},
		{"earshot_shed_total", ""},
		{"earshot_refused_total", ""},
	} {
		o.lose(d.name, d.part, m.Sum(d.name, d.part))
	}
	if missing := float64(o.sent.Packets) - o.packets; missing > 0 {
		o.evidence += fmt.Sprintf(" %.0f never arrived", missing)
	}
	fmt.Fprintf(os.Stderr, "%.0f/s for %.1f s: %d sent, %.0f seen, %.0f dropped%s; %.2f s of CPU, %d MB\n",
		o.sent.Rate(), o.sent.Elapsed.Seconds(), o.sent.Packets, o.packets, o.dropped, o.evidence, o.cpu.Seconds(), o.rss>>20)
	return o, nil
}

// lose notes packets that a counter says were lost.
func (o *outcome) lose(name, part string, n float64) {
	if n > 0 {
		o.dropped += n
		o.evidence += fmt.Sprintf(" %s{%s} %.0f", name, part, n)
	}
}

// highest finds the highest rate at which nothing is lost, up to what the
// sender reaches, to within 5 %. Where there is none from low on, it returns
// what low gave.
func highest(low, high float64, try func(rate float64) (outcome, error)) (best outcome, limited bool, err error) {
	rate := high
	for range 8 {
		o, err := try(rate)
		if err != nil {
			return o, false, err
		}
		if o.lossless() {
			best, low = o, rate
			if o.sent.Rate() < rate*0.97 {
				return best, true, nil // the sender cannot send more
			}
		} else {
			high = min(rate, o.sent.Rate())
		}
		if high <= low*1.05 {
			break
		}
		rate = (low + high) / 2
	}
	if best.sent.Packets == 0 {
		best, err = try(low)
	}
	return best, false, err
}
