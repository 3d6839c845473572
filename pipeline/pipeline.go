package pipeline

import (
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
	RingSize  int // batches a ring holds, a power of two; 0: 16. The records don't depend on it.

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
	cfg      Config
	sink     Sink
	lanes    []*lane
	shards   []*shard
	corr     *correlator
	recorder *recorder
	progress []progress
	snapshot atomic.Pointer[Snapshot]
	plan     atomic.Pointer[topology.Plan]
}

// New wires a pipeline for the given sources, one lane each.
func New(cfg Config, sources []capture.Source, sink Sink) *Pipeline {
	cfg = cfg.withDefaults()
	p := &Pipeline{cfg: cfg, sink: sink, progress: make([]progress, len(sources))}
	p.snapshot.Store(&Snapshot{})

	recorderPark := newParker()
	records := newRing[recordBatch](cfg.RingSize, recorderPark)
	p.recorder = &recorder{in: records, sink: sink, wakeup: recorderPark}
	p.corr = p.newCorrelator(records, len(sources))
	for range cfg.Shards {
		p.shards = append(p.shards, p.newShard(len(sources)))
	}
	for i, src := range sources {
		p.lanes = append(p.lanes, p.newLane(i, src))
	}
	return p
}

func (c Config) withDefaults() Config {
	if c.Shards <= 0 {
		c.Shards = max(1, runtime.GOMAXPROCS(0)-1)
	}
	if c.BatchSize <= 0 || c.BatchSize > packetBatchLen {
		c.BatchSize = packetBatchLen
	}
	if c.RingSize <= 0 {
		c.RingSize = 16
	}
	c.TCP.Want = sipparse.Wants
	return c
}

func (p *Pipeline) newCorrelator(records *ring[recordBatch], lanes int) *correlator {
	c := &correlator{
		waiting: make([]bool, lanes),
		at:      make([]int64, lanes),
		parser:  sipparse.NewParser(p.cfg.SIP),
		table:   dialog.NewTable(p.cfg.Dialog),
		wakeup:  newParker(),
	}
	c.out = outlet[recordBatch]{ring: records, reset: (*recordBatch).reset, flush: func() {}}
	c.publish = func(at int64) { p.snapshot.Store(&Snapshot{At: at, Totals: c.table.Totals()}) }
	return c
}

func (p *Pipeline) newShard(lanes int) *shard {
	reports := newRing[reportBatch](p.cfg.RingSize, p.corr.wakeup)
	p.corr.shards = append(p.corr.shards, inbox{ring: reports})
	return &shard{
		waiting: make([]bool, lanes),
		at:      make([]int64, lanes),
		table:   rtpstats.NewTable(share(p.cfg.Streams, p.cfg.Shards)),
		out:     outlet[reportBatch]{ring: reports, reset: (*reportBatch).reset, flush: func() {}},
		wakeup:  newParker(),
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
		msgLen:   min(messageBatchLen, p.cfg.BatchSize),
		progress: &p.progress[i],
	}
	messages := newRing[messageBatch](p.cfg.RingSize, p.corr.wakeup)
	p.corr.lanes = append(p.corr.lanes, messages)
	l.messages = outlet[messageBatch]{ring: messages, reset: (*messageBatch).reset, flush: l.flush}
	for _, s := range p.shards {
		packets := newRing[packetBatch](p.cfg.RingSize, s.wakeup)
		s.lanes = append(s.lanes, packets)
		l.shards = append(l.shards, packetOutlet{
			outlet: outlet[packetBatch]{ring: packets, reset: (*packetBatch).reset, flush: l.flush},
			size:   p.cfg.BatchSize,
		})
	}
	return l
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
func (p *Pipeline) Stages() Stages { return Stages{} }

// ExtractRecent writes the packets of the call whose id, or one of whose
// Call-IDs, is given, as far as the ring of recent packets holds them, as
// pcapng, and returns how many it wrote: 0 where the ring knows no such call.
// Any goroutine may call it.
func (p *Pipeline) ExtractRecent(id string, w io.Writer) (int, error) { return 0, nil }
