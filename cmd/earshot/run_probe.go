package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

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
	if err := p.wire(pipe); err != nil {
		return nil, err
	}
	return p, nil
}

// dropPrivileges gives up what capturing took. A binary that cannot, because it
// was built with cgo, goes on unless it was told to become another user.
func (p *probe) dropPrivileges() error {
	err := capture.DropPrivileges(p.cfg.User.text)
	if errors.Is(err, errors.ErrUnsupported) && p.cfg.User.text == "" {
		p.log.Warn("privileges are kept", "error", err)
		p.privileges = "kept"
		return nil
	}
	p.privileges = "dropped"
	return err
}

// open opens what may need privileges: captures and listeners.
func (p *probe) open() (err error) {
	if p.listener, err = p.cfg.listen(); err != nil {
		return err
	}
	if err := p.openHEP(); err != nil {
		return err
	}
	if len(p.cfg.Captures) == 0 {
		return nil
	}
	interfaces, err := p.cfg.interfaces()
	if err != nil {
		return err
	}
	p.live, err = capture.OpenLive(capture.LiveConfig{
		Interfaces: interfaces,
		Lanes:      int(p.cfg.Lanes.or(1)),
		RingBytes:  int(p.cfg.RingMB.or(presetRingMB)) * mebibyte,
		Notice:     p.interfaceChanged,
	})
	return err
}

func (p *probe) openHEP() (err error) {
	if err := p.openSenders(); err != nil || !p.cfg.HEP.listens() {
		return err
	}
	h := &p.cfg.HEP
	cfg := capture.HEPConfig{
		UDP: h.UDP.text, TCP: h.TCP.text, TLS: h.TLS.text,
		MaxConnections: h.MaxConnections.whole(), QueueBytes: h.QueueMB.whole() * mebibyte,
		Point: p.cfg.pointNumber(h.point()), Notice: p.hepEvent,
	}
	if cfg.TLSConfig, p.hepCert, err = p.cfg.hepServerTLS(); err != nil {
		return err
	}
	if p.hep, err = capture.ListenHEP(cfg); err != nil {
		return fmt.Errorf("%w%s", err, inUse(err))
	}
	return nil
}

// openSenders makes the senders to HEP's receivers, which connect on their own.
func (p *probe) openSenders() error {
	if len(p.cfg.HEPOut) == 0 {
		return nil
	}
	p.forward = &forwarder{}
	for i := range p.cfg.HEPOut {
		o := &p.cfg.HEPOut[i]
		key, err := secret(p.cfg.path(o.KeyFile.text), o.KeyEnv.text)
		if err != nil {
			return err
		}
		secure, err := p.cfg.senderTLS(o)
		if err != nil {
			return err
		}
		p.forward.senders = append(p.forward.senders, capture.NewHEPSender(capture.HEPSenderConfig{
			Network: o.network(), Address: o.Address.text, TLSConfig: secure,
			Node: uint32(o.Node.or(presetNode)), Name: o.Name.text, Key: key,
			Compress: o.Compress, BufferBytes: int(o.BufferMB.or(presetBufferMB)) * mebibyte,
			Notice: func(up bool, err error) { p.receiverChanged(o.Address.text, up, err) },
		}))
	}
	return nil
}

// listen opens the listener for metrics and the API; nil where none is wanted.
func (c *config) listen() (net.Listener, error) {
	address := c.webAddress()
	if address == "" {
		return nil, nil
	}
	if err := c.server(nil).Check(address); err != nil {
		return nil, usageError("%v", err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for metrics and the API (web.listen, --listen): %w%s", err, inUse(err))
	}
	return l, nil
}

// inUse says what to do about an address that is taken.
func inUse(err error) string {
	if errors.Is(err, syscall.EADDRINUSE) {
		return "; another earshot, or \"ss -lntup\" tells who has it"
	}
	return ""
}

// wire makes the pipeline and the server.
func (p *probe) wire(pipe pipeline.Config) (err error) {
	if pipe.Decoder.HEP, err = p.cfg.hepDecoding(); err != nil {
		return err
	}
	pipe.Live, pipe.Observe, pipe.View = true, true, true
	pipe.Plan = p.plan
	pipe.Shards = p.cfg.Shards.whole()
	pipe.Dialog.KeepTimeline = p.cfg.Records.Intervals
	pipe.Keep, pipe.Save = p.cfg.keep(), p.cfg.save()
	pipe.Save.Notice = p.savingChanged
	if p.forward != nil {
		pipe.Forward = p.forward
	}
	if err := writable(pipe.Save.Dir); err != nil {
		return err
	}
	p.pipe = pipeline.New(pipe, p.sources(), &liveSink{p.metrics, p.records})
	p.server, err = web.NewServer(*p.cfg.server(p.log), p.view(), p.metrics)
	return err
}

// writable makes the folder of capture files where it is not there, and finds
// out whether this user, without privileges, may write there.
func writable(dir string) error {
	if dir == "" {
		return nil
	}
	err := os.MkdirAll(dir, 0o750)
	if err == nil {
		err = unix.Access(dir, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		return fmt.Errorf("cannot save packets in %q as user %d without privileges: %w; give it that folder, or run as its owner (user, --user)", dir, os.Geteuid(), err)
	}
	return nil
}

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
