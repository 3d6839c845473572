package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// run measures until ctx is done, then flushes what is going on.
func (p *probe) run(ctx context.Context) error {
	defer p.close()
	// The server outlives the pipeline, so that the last figures can be had.
	side, stop := context.WithCancel(context.Background())
	var beside sync.WaitGroup
	defer beside.Wait()
	defer stop()
	failed := make(chan error, 1)
	if p.listener != nil {
		beside.Go(func() { p.serve(side, failed) })
	}
	if p.cfg.Metrics.Push.URL.text != "" {
		beside.Go(func() { p.push(side) })
	}
	beside.Go(func() { p.watch(side) })
	if p.reports != nil {
		beside.Go(func() { p.reports.run(side) })
	}

	ended := make(chan error, 1)
	inner, end := context.WithCancel(ctx)
	defer end()
	go func() {
		ended <- p.pipe.Run(inner)
		close(ended) // so that waiting twice is no harm
	}()
	p.logStart()
	p.supervisor.tell("READY=1")
	err := p.attend(ctx, ended, failed)
	p.supervisor.tell("STOPPING=1")
	if err != nil {
		end()
		<-ended
	}
	p.logEnd()
	return err
}

// attend answers signals and the watchdog until the pipeline has ended. After
// an error of the server the pipeline still runs.
func (p *probe) attend(ctx context.Context, ended <-chan error, failed <-chan error) error {
	alive := p.heartbeat()
	defer alive.stop()
	done := ctx.Done()
	for {
		select {
		case <-p.reloads:
			p.reload()
		case <-alive.tick:
			if alive.beats(p.pipe.Stages()) {
				p.supervisor.tell("WATCHDOG=1")
			}
		case <-done:
			done = nil
			p.log.Info("ending: flushing what is going on")
		case err := <-failed:
			return err
		case err := <-ended:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("capturing has ended: %w", orUnknown(err))
		}
	}
}

var errUnknown = errors.New("no source is left")

func orUnknown(err error) error {
	if err == nil {
		return errUnknown
	}
	return err
}

func (p *probe) serve(ctx context.Context, failed chan<- error) {
	if err := p.server.Serve(ctx, p.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		failed <- fmt.Errorf("cannot serve metrics and the API: %w", err)
	}
}

// logStart says what this probe is.
func (p *probe) logStart() {
	args := []any{"version", version, "config", p.cfg.file, "points", p.points}
	if len(p.cfg.Captures) > 0 {
		args = append(args, "interfaces", p.cfg.captureNames(), "lanes", int(p.cfg.Lanes.or(1)))
	}
	h := &p.cfg.HEP
	for _, l := range []struct {
		key  string
		addr word
	}{{"hep_udp", h.UDP}, {"hep_tcp", h.TCP}, {"hep_tls", h.TLS}} {
		if l.addr.text != "" {
			args = append(args, l.key, l.addr.text)
		}
	}
	if p.listener != nil {
		args = append(args, "web", p.listener.Addr())
	}
	b := p.cfg.budget(p.plan)
	args = append(args, "peers", len(p.cfg.Peers), "segments", len(p.cfg.Segments), "series_at_most", b.Total, "privileges", p.privileges)
	p.log.Info("listening", args...)
}

// logEnd sums up.
func (p *probe) logEnd() {
	packets, _ := p.pipe.Progress()
	t := p.pipe.Snapshot().Totals
	p.log.Info("ended", "ran", time.Since(p.started).Round(time.Second), "packets", packets, "calls", t.Calls, "streams", t.Streams, "transactions", t.Transactions)
}

func (c *config) captureNames() []string {
	var names []string
	for i := range c.Captures {
		names = append(names, c.Captures[i].Name.text)
	}
	return names
}
