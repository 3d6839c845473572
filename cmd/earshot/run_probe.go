package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"earshot/alerting"
	"earshot/capture"
	"earshot/pipeline"
	"earshot/topology"
	"earshot/web"
)

// probe is one run of "earshot run": everything that is open, and what it is told.
type probe struct {
	cfg    *config                 // as it was started; what a reload may change is applied, not kept here
	load   func() (*config, error) // the configuration again
	points []string

	level  slog.LevelVar
	log    *slog.Logger
	events *throttle

	live       []*capture.Live
	hep        *capture.HEP // nil: none
	hepCert    *certificate // of its TLS listener; nil: none
	forward    *forwarder   // nil: nobody
	listener   net.Listener // nil: none
	records    *recordFile  // nil: none
	store      *recordQueue // nil: none
	judge      *judge
	desk       *caseDesk    // nil: alerts open no cases
	reports    *reportClerk // nil: nor is there anything to report on
	found      atomic.Pointer[verdicts]
	ruleSet    atomic.Pointer[alerting.RuleSet]
	metrics    *web.Metrics
	pipe       *pipeline.Pipeline
	server     *web.Server
	plan       *topology.Plan
	started    time.Time
	reloads    chan os.Signal
	privileges string // "dropped", or "kept" where that cannot be
	supervisor serviceManager
}

// newProbe opens everything, drops privileges and wires the pipeline. What was
// opened is closed again on an error.
func newProbe(cfg *config, load func() (*config, error), std stdio) (_ *probe, err error) {
	p := &probe{cfg: cfg, load: load, points: cfg.points(), started: time.Now(), supervisor: notifySocket(), reloads: make(chan os.Signal, 1)}
	signal.Notify(p.reloads, syscall.SIGHUP) // from the very start, where it would end the program
	p.log = newLog(std.err, &cfg.Log, &p.level)
	p.events = newThrottle(p.log)
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	pipe, err := cfg.measuring()
	if err != nil {
		return nil, err
	}
	if p.plan, err = topology.New(cfg.topology(), p.points); err != nil {
		return nil, usageError("%v", err)
	}
	if p.metrics, err = web.NewMetrics(cfg.metricsConfig(p.plan)); err != nil {
		return nil, usageError("%v", err)
	}
	if err := p.open(); err != nil {
		return nil, err
	}
	if err := p.dropPrivileges(); err != nil {
		return nil, err
	}
	// What a reload reads again is read without privileges at the start too, so
	// that a file that cannot be read is found now and not at three in the morning.
	if p.records, err = openRecords(cfg, std.out); err != nil {
		return nil, err
	}
	if p.store, err = p.openStore(); err != nil {
		return nil, err
	}
	if err := p.startAlerting(); err != nil {
		return nil, err
	}
	if err := p.wire(pipe); err != nil {
		return nil, err
	}
	return p, nil
}

// wire makes the pipeline and the server.
func (p *probe) wire(pipe pipeline.Config) (err error) {
	if pipe.Decoder.HEP, err = p.cfg.hepDecoding(); err != nil {
		return err
	}
	pipe.Live, pipe.Observe, pipe.View = true, true, true
	pipe.Plan = p.plan
	pipe.Shards = p.cfg.Shards.whole()
	pipe.Dialog.KeepTimeline = p.cfg.Records.Intervals || p.cfg.Store.Intervals
	pipe.Keep, pipe.Save = p.cfg.keep(), p.cfg.save()
	pipe.Save.Notice = p.savingChanged
	if p.forward != nil {
		pipe.Forward = p.forward
	}
	if err := writable(pipe.Save.Dir); err != nil {
		return err
	}
	p.pipe = pipeline.New(pipe, p.sources(), &liveSink{p.metrics, p.records, p.store, p.judge})
	if p.desk != nil {
		p.desk.files.maker.listen(p.pipe)
	}
	p.server, err = web.NewServer(*p.cfg.server(p.log), p.view(), p.metrics)
	return err
}

// sources lists what packets come from: a lane for each.
func (p *probe) sources() []capture.Source {
	var list []capture.Source
	for _, l := range p.live {
		list = append(list, l)
	}
	if p.hep != nil {
		list = append(list, p.hep)
	}
	return list
}

// view is what metrics and the API look at.
func (p *probe) view() web.Probe {
	v := web.Probe{
		Snapshot: p.pipe.Snapshot, Stages: p.pipe.Stages, Ready: p.ready,
		Points: p.points, Version: version, Started: p.started,
		Alerts: p.alerts, Rules: p.ruleSet.Load, Watch: p.watchStats,
	}
	if p.store != nil {
		v.Records = keptCalls{p.store, p.cfg.store().Dir}
	}
	if p.desk != nil {
		v.Desk, v.Hooks = deskAPI{p.desk}, deskAPI{p.desk}
		v.Reports = reportAPI{p.reports.reporter}
		v.Outbox = outboxAPI{p.desk}
	}
	if p.desk != nil && p.desk.files.kept != nil {
		v.Attachments = p.desk.files.intake
	}
	if p.cfg.keep().Bytes > 0 {
		v.ExtractRecent = func(id string, w io.Writer) (int, error) { return p.pipe.ExtractRecent(id, w) }
	}
	if len(p.live) > 0 {
		v.Interfaces = p.interfaces
	}
	if p.hep != nil {
		v.HEP = func() []capture.HEPStats { return []capture.HEPStats{p.hep.Stats()} }
	}
	if p.forward != nil {
		v.Senders = p.forward.stats
		for i := range p.cfg.HEPOut {
			v.SenderNames = append(v.SenderNames, p.cfg.HEPOut[i].Address.text)
		}
	}
	return v
}

// interfaces is what the kernel counted, over all lanes.
func (p *probe) interfaces() []capture.InterfaceStats { return p.live[0].Stats() }

// ready says why the probe hears nothing; nil: it does.
func (p *probe) ready() error {
	if p.hep != nil || len(p.live) == 0 {
		return nil
	}
	var down []string
	for _, s := range p.interfaces() {
		if s.Up {
			return nil
		}
		down = append(down, s.Name)
	}
	return fmt.Errorf("no interface is up: %s", strings.Join(down, ", "))
}

// close closes everything that is open. The pipeline has ended.
func (p *probe) close() {
	signal.Stop(p.reloads)
	if p.records != nil {
		if err := p.records.close(); err != nil {
			p.log.Error("cannot write the last records", "error", err)
		}
	}
	if p.store != nil {
		if err := p.store.close(); err != nil {
			p.log.Error("cannot close the store", "error", err)
		}
	}
	if p.desk != nil {
		if err := p.desk.close(); err != nil {
			p.log.Error("cannot close the cases", "error", err)
		}
	}
	if p.forward != nil {
		for _, s := range p.forward.senders {
			_ = s.Close() // what it could not send is in its counters
		}
	}
	if p.listener != nil {
		_ = p.listener.Close() // the server may have done so
	}
	for _, s := range p.sources() {
		_ = s.Close()
	}
}

// push sends metrics away until ctx is done.
func (p *probe) push(ctx context.Context) {
	if err := p.metrics.Push(ctx, p.cfg.push(p.log)); err != nil {
		p.log.Error("pushing metrics has ended", "error", err)
	}
}
