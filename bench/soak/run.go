package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"earshot/bench/rig"
)

// run is one soak.
type run struct {
	o       options
	link    *rig.Link
	probe   *rig.Probe
	phases  []phase
	samples []sample
	sent    rig.Sent // of the calls
	flooded map[string]rig.Sent
}

// sample is what was seen at one moment.
type sample struct {
	at     time.Duration
	phase  string
	total  float64 // packets that the probe has read so far
	values [figureCount]float64
}

// figure is something that is sampled.
type figure uint8

const (
	resident figure = iota
	anonymous
	heap
	calls
	streams
	candidates
	endpoints
	packets
	drops
	refused
	figureCount
)

var figureNames = [figureCount]string{
	resident: "resident memory, MB", anonymous: "of it without capture rings, MB", heap: "objects on the heap, MB",
	calls: "calls", streams: "streams", candidates: "candidates", endpoints: "announced endpoints",
	packets: "packets/s", drops: "dropped", refused: "refused by full tables",
}

// sampleEvery is how often the probe is looked at.
const sampleEvery = 5 * time.Second

// do sends and samples until the last phase ends.
func (r *run) do(ctx context.Context) error {
	total := r.phases[len(r.phases)-1].until
	started := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- r.sendCalls(ctx, total) }()
	go func() { ended <- r.sendFloods(ctx, started) }()

	ticker := time.NewTicker(sampleEvery)
	defer ticker.Stop()
	for senders := 2; senders > 0; {
		select {
		case err := <-ended:
			if senders--; err != nil {
				return err
			}
		case <-ticker.C:
			s, err := r.sample(time.Since(started))
			if err != nil {
				return err
			}
			r.take(s)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	time.Sleep(2 * time.Second) // what is in the ring is read, and a tick passes
	s, err := r.sample(time.Since(started))
	if err != nil {
		return err
	}
	r.take(s)
	return nil
}

func (r *run) take(s sample) {
	r.samples = append(r.samples, s)
	fmt.Fprintf(os.Stderr, "%4.0f s  %-24s %5.0f MB  %6.0f calls  %6.0f streams  %6.0f candidates  %.0f dropped\n",
		s.at.Seconds(), s.phase, s.values[resident], s.values[calls], s.values[streams], s.values[candidates], s.values[drops])
}

// sendCalls has calls come and go.
func (r *run) sendCalls(ctx context.Context, d time.Duration) (err error) {
	traffic, err := rig.NewStream(r.o.callgen, r.o.callFlags()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, traffic.Close()) }()
	r.sent, err = r.send(ctx, traffic, 0, d)
	return err
}

// sendFloods sends each phase's flood in its time.
func (r *run) sendFloods(ctx context.Context, started time.Time) error {
	r.flooded = map[string]rig.Sent{}
	for i, p := range r.phases {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Until(started.Add(p.from))):
		}
		if p.flood == nil {
			continue
		}
		sent, err := r.send(ctx, p.flood(uint64(i)), p.rate, p.until-p.from)
		if err != nil {
			return err
		}
		r.flooded[p.name] = sent
	}
	return nil
}

func (r *run) send(ctx context.Context, t rig.Traffic, rate float64, d time.Duration) (rig.Sent, error) {
	s, err := rig.NewFrameSender(r.link.Sender, r.link.SenderEnd)
	if err != nil {
		return rig.Sent{}, err
	}
	defer s.Close()
	return s.Run(ctx, t, rate, d)
}

// sample looks at the probe.
func (r *run) sample(at time.Duration) (sample, error) {
	s := sample{at: at, phase: r.phases[len(r.phases)-1].name}
	for _, p := range r.phases {
		if at < p.until {
			s.phase = p.name
			break
		}
	}
	u, err := r.probe.Usage()
	if err != nil {
		return s, err
	}
	m, err := r.probe.Metrics()
	if err != nil {
		return s, err
	}
	s.total = m.Sum("earshot_capture_packets_total")
	const mega = 1 << 20
	s.values = [figureCount]float64{
		resident: float64(u.RSS) / mega, anonymous: float64(u.Anonymous) / mega, heap: m.Sum("go_memstats_heap_alloc_bytes") / mega,
		calls:      m.Sum("earshot_tracked", `table="calls"`),
		streams:    m.Sum("earshot_tracked", `table="streams"`),
		candidates: m.Sum("earshot_tracked", `table="candidates"`),
		endpoints:  m.Sum("earshot_tracked", `table="endpoints"`),
		drops: m.Sum("earshot_capture_dropped_packets_total", `stage="kernel"`) + m.Sum("earshot_capture_dropped_packets_total", `stage="ring"`) +
			m.Sum("earshot_capture_dropped_packets_total", `stage="queue"`) + m.Sum("earshot_shed_total"),
		refused: m.Sum("earshot_refused_total"),
	}
	if n := len(r.samples); n > 0 {
		before := r.samples[n-1]
		s.values[packets] = (s.total - before.total) / (at - before.at).Seconds()
	}
	return s, nil
}
