package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"earshot/bench/rig"
)

// scrapedSegments is how many segments the scraped probe has: one for each
// gateway of the profile, which are the first addresses of callgen's -callee-net.
const scrapedSegments = 200

// scrape measures what a scrape costs while packets come at the promised rate.
func (b *bench) scrape() error {
	var took []time.Duration
	var size, series int
	during := func(p *rig.Probe) error {
		for end := time.Now().Add(b.o.short); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
			started := time.Now()
			body, err := p.Get("/metrics")
			if err != nil {
				return err
			}
			took = append(took, time.Since(started))
			size = len(body)
			series = bytes.Count(body, []byte("\n")) - bytes.Count(body, []byte("\n#"))
		}
		return nil
	}
	o, err := b.run(trial{
		config: b.onWire() + segments(), counter: capturedPackets, during: during,
		send: b.frames("bench-10k", promised, b.o.short),
	})
	if err != nil {
		return err
	}
	slices.Sort(took)
	b.add(fmt.Sprintf("10,000 calls, %d segments, a scrape every 200 ms", scrapedSegments), o, "")
	b.scrapes = fmt.Sprintf("%d scrapes of %d series (%d kB) while packets came: median %.1f ms, nine of ten within %.1f ms, the slowest %.1f ms.",
		len(took), series, size/1000, ms(took[len(took)/2]), ms(took[len(took)*9/10]), ms(took[len(took)-1]))
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// segments is a configuration with a peer and a segment for each gateway.
func segments() string {
	var peers, segments strings.Builder
	address := netip.MustParseAddr("198.19.0.0")
	for i := range scrapedSegments {
		address = address.Next()
		fmt.Fprintf(&peers, "  - {name: gateway-%d, networks: [%s]}\n", i, address)
		fmt.Fprintf(&segments, "  - {name: trunk-%d, far: [gateway-%d]}\n", i, i)
	}
	return "metrics: {max_series: 1000000}\npeers:\n" + peers.String() + "segments:\n" + segments.String()
}
