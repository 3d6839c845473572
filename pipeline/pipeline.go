package pipeline

import (
	"cmp"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"earshot/capture"
	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/sipparse"
	"earshot/topology"
)

// Config is what a pipeline may be told. The zero value is a good default.
type Config struct {
	Shards    int // 0: one per processor but one, which the lane keeps busy
	BatchSize int // RTP records a batch holds, 1 to 256; 0: 256. The records don't depend on it.
	RingSize  int // batches a ring holds, a power of two; 0: 16, on live sources more. The records don't depend on it.

	Decoder capture.DecoderConfig
	TCP     capture.StreamsConfig
	SIP     sipparse.Config
	Streams rtpstats.Config // limits are for all shards together
	Dialog  dialog.Config

	// For live sources.
	Live    bool           // a full ring drops and counts; else it waits
	Observe bool           // the Sink is an Observer and wants observations
	View    bool           // snapshots hold views of calls and streams
	Plan    *topology.Plan // peers and segments; nil: none
	Forward Forwarder      // nil: nobody
	Keep    KeepConfig
	Save    SaveConfig
}

// Pipeline runs sources to their end and gives the records to a Sink. It runs once.
type Pipeline struct {
	cfg       Config
	lanes     []*lane
	shards    []*shard
	corr      *correlator
	recorder  *recorder
	forwarder *forwarder // nil: nobody wants the messages
	keeping   *keeping   // nil: nothing is kept
	extractor *extractor
	progress  []progress
	snapshot  atomic.Pointer[Snapshot]
	plan      atomic.Pointer[topology.Plan]
}

// New wires a pipeline for the given sources, one lane each.
func New(cfg Config, sources []capture.Source, sink Sink) *Pipeline {
	cfg = cfg.withDefaults()
	p := &Pipeline{cfg: cfg, progress: make([]progress, len(sources))}
	p.snapshot.Store(&Snapshot{})
	p.plan.Store(cfg.Plan)
	p.keeping = newKeeping(cfg.Keep, cfg.Save, len(sources))
	p.extractor = newExtractor(p.keeping, cfg)

	p.recorder = newRecorder(cfg, sink)
	p.corr = p.newCorrelator(len(sources))
	for range cfg.Shards {
		p.shards = append(p.shards, p.newShard(len(sources)))
	}
	for i, src := range sources {
		p.lanes = append(p.lanes, p.newLane(i, src))
	}
	return p
}

// Sizes of the rings of live pipelines. Nobody waits for them, so they have to
// hold what comes while the scheduler, the garbage collector or a view takes the
// consumer's processor for some 50 ms. That of reports holds those of 32,000
// streams, so that no shard waits while the correlator works off an interval's end.
const (
	livePacketRing  = 128
	liveMessageRing = 256
	liveReportRing  = 512
	liveRecordRing  = 256
)

func (c Config) withDefaults() Config {
	if c.Shards <= 0 {
		c.Shards = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if c.BatchSize <= 0 || c.BatchSize > packetBatchLen {
		c.BatchSize = packetBatchLen
	}
	c.TCP.Want = sipparse.Wants
	return c
}

// ringSize returns the configured size, or the default.
func (c Config) ringSize(live int) int {
	switch {
	case c.RingSize > 0:
		return c.RingSize
	case c.Live:
		return live
	}
	return defaultRing
}

// defaultRing keeps a replay's rings within the second-level cache.
const defaultRing = 16

func newRecorder(cfg Config, sink Sink) *recorder {
	r := &recorder{sink: sink, wakeup: newParker()}
	r.in = newRing[recordBatch](cfg.ringSize(liveRecordRing), newParker(), r.wakeup)
	if cfg.Observe {
		r.observer, _ = sink.(Observer)
	}
	r.timekeeper, _ = sink.(Timekeeper)
	return r
}

func (p *Pipeline) newCorrelator(lanes int) *correlator {
	cfg := &p.cfg
	c := &correlator{
		waiting:  make([]bool, lanes),
		at:       make([]int64, lanes),
		seen:     make([]seen, lanes),
		beats:    p.recorder.timekeeper != nil,
		parser:   sipparse.NewParser(cfg.SIP),
		wakeup:   newParker(),
		live:     cfg.Live,
		plan:     cfg.Plan,
		wanted:   &p.plan,
		snapshot: &p.snapshot,
		views:    viewer{on: cfg.View, interval: cfg.Streams.Interval},
	}
	if c.views.interval <= 0 {
		c.views.interval = rtpstats.DefaultInterval
	}
	if p.recorder.observer != nil {
		cfg.Dialog.Observe = c.observe
	}
	c.table = dialog.NewTable(cfg.Dialog)
	c.table.SetPlan(cfg.Plan)
	c.out = outlet[recordBatch]{ring: p.recorder.in, reset: (*recordBatch).reset, flush: func() {}}
	if cfg.Forward != nil {
		p.forwarder = &forwarder{to: cfg.Forward, wakeup: newParker()}
		p.forwarder.in = newRing[forwardBatch](cfg.ringSize(liveMessageRing), newParker(), p.forwarder.wakeup)
		c.forward = &forwards{outlet: outlet[forwardBatch]{ring: p.forwarder.in, reset: (*forwardBatch).reset}}
	}
	return c
}

func (p *Pipeline) newShard(lanes int) *shard {
	reports := newRing[reportBatch](p.cfg.ringSize(liveReportRing), newParker(), p.corr.wakeup)
	p.corr.shards = append(p.corr.shards, inbox{ring: reports})
	return &shard{
		waiting: make([]bool, lanes),
		at:      make([]int64, lanes),
		table:   rtpstats.NewTable(share(p.cfg.Streams, p.cfg.Shards)),
		out:     outlet[reportBatch]{ring: reports, reset: (*reportBatch).reset, flush: func() {}},
		wakeup:  newParker(),
		live:    p.cfg.Live,
	}
}

// share divides the limits on streams among n shards, a little generously
// because hashing never divides evenly.
func share(c rtpstats.Config, n int) rtpstats.Config {
	if n > 1 {
		c.MaxStreams += c.MaxStreams / 4
		c.MaxStreams = (c.MaxStreams + n - 1) / n
		c.MaxProbation += c.MaxProbation / 4
		c.MaxProbation = (c.MaxProbation + n - 1) / n
	}
	return c
}

func (p *Pipeline) newLane(i int, src capture.Source) *lane {
	l := &lane{
		source:   src,
		decoder:  capture.NewDecoder(p.cfg.Decoder),
		tcp:      capture.NewStreams(p.cfg.TCP),
		sip:      map[flow]*sipparse.Stream{},
		keep:     p.keeping.lane(i),
		live:     p.cfg.Live,
		progress: &p.progress[i],
	}
	rest := patience(p.cfg.Live, src)
	room := newParker()
	messages := newRing[messageBatch](p.cfg.ringSize(liveMessageRing), room, p.corr.wakeup)
	p.corr.lanes = append(p.corr.lanes, messages)
	l.messages = messageOutlet{
		outlet: outlet[messageBatch]{ring: messages, reset: (*messageBatch).reset, flush: l.flush, rest: rest},
		size:   min(messageBatchLen, p.cfg.BatchSize),
	}
	for _, s := range p.shards {
		packets := newRing[packetBatch](p.cfg.ringSize(livePacketRing), room, s.wakeup)
		s.lanes = append(s.lanes, packets)
		l.shards = append(l.shards, packetOutlet{
			outlet: outlet[packetBatch]{ring: packets, reset: (*packetBatch).reset, flush: l.flush, rest: rest},
			size:   p.cfg.BatchSize,
		})
	}
	return l
}

// rester is a live source that can keep what comes for a while, such as a ring
// that the kernel fills. Rest sleeps a moment and returns true while there is
// plenty of room left, and returns false at once when there is not.
type rester interface{ Rest() bool }

// patience says what a lane does about a full ring: nil means that it waits.
func patience(live bool, src capture.Source) func() bool {
	if !live {
		return nil
	}
	if r, ok := src.(rester); ok {
		return r.Rest
	}
	return func() bool { return false }
}

// Run works until the sources end or ctx is done; in both cases everything
// that was captured is accounted for and every record is given. The error
// joins what the sources said.
func (p *Pipeline) Run(ctx context.Context) error {
	var stages sync.WaitGroup
	for _, l := range p.lanes {
		stages.Go(func() { l.run(ctx.Done()) })
	}
	for _, s := range p.shards {
		stages.Go(s.run)
	}
	stages.Go(p.corr.run)
	stages.Go(p.recorder.run)
	if p.forwarder != nil {
		stages.Go(p.forwarder.run)
	}
	stages.Go(p.keeping.run)
	stages.Wait()

	errs := make([]error, len(p.lanes))
	for i, l := range p.lanes {
		errs[i] = l.err
	}
	return errors.Join(errs...)
}

// Snapshot returns the latest view; any goroutine may call it at any time.
func (p *Pipeline) Snapshot() *Snapshot { return p.snapshot.Load() }

// Progress returns the frames and octets read so far; any goroutine may call it.
func (p *Pipeline) Progress() (packets, bytes uint64) {
	for i := range p.progress {
		packets += p.progress[i].packets.Load()
		bytes += p.progress[i].bytes.Load()
	}
	return packets, bytes
}

// SetPlan makes another plan hold from the next tick on. Any goroutine may call it.
func (p *Pipeline) SetPlan(plan *topology.Plan) { p.plan.Store(plan) }

// Stages returns what every stage counted. Any goroutine may call it.
func (p *Pipeline) Stages() Stages {
	var s Stages
	for _, l := range p.lanes {
		s.Lanes = append(s.Lanes, *cmp.Or(l.stage.Load(), &LaneStage{}))
	}
	for _, sh := range p.shards {
		s.Shards = append(s.Shards, *cmp.Or(sh.stage.Load(), &ShardStage{}))
	}
	s.Correlator = *cmp.Or(p.corr.stage.Load(), &CorrelatorStage{})
	s.Recorder = RecorderStage{Records: p.recorder.records.Load(), Observations: p.recorder.observations.Load()}
	s.Keep = p.keeping.stage()
	if f := p.corr.forward; f != nil {
		s.Forward = ForwardStage{Messages: f.messages.Load(), Shed: f.lost.Load()}
	}
	return s
}

// Recent lends what the rings of recent packets hold now, as sources that may be
// opened any number of times, with the view of this moment, nil where there is
// none. The rings get their memory back when do returns: it should not linger.
// Any goroutine may call it; beside too many others it returns ErrBusy.
func (p *Pipeline) Recent(do func(open func() (capture.Source, error), view *dialog.View) error) error {
	return p.extractor.recently(func(open func() (capture.Source, error)) error { return do(open, p.Snapshot().View) })
}

// ExtractRecent writes the packets of the call whose id, or one of whose
// Call-IDs, is given, as far as the ring of recent packets holds them, as
// pcapng, and returns how many it wrote: 0 where the ring knows no such call.
// Any goroutine may call it; beside too many others it returns ErrBusy.
func (p *Pipeline) ExtractRecent(id string, w io.Writer) (int, error) {
	return p.extractor.call(id, p.Snapshot().View, w)
}
