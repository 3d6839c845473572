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

// The segments of the scraped probe: one for each site and carrier.
const (
	sites    = 10
	carriers = 20
	gateways = 200 // callgen's
)

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
		return fits(p)
	}
	o, err := b.run(trial{
		config: b.onWire() + segments(), counter: capturedPackets, during: during,
		send: b.frames("bench-10k", promised, b.o.short),
	})
	if err != nil {
		return err
	}
	slices.Sort(took)
	b.add(fmt.Sprintf("10,000 calls, %d segments, %d peers, a scrape every 200 ms", sites*carriers, sites+carriers), o, "")
	b.scrapes = fmt.Sprintf("%d scrapes of %d series (%d kB) while packets came: median %.1f ms, nine of ten within %.1f ms, the slowest %.1f ms.",
		len(took), series, size/1000, ms(took[len(took)/2]), ms(took[len(took)*9/10]), ms(took[len(took)-1]))
	return nil
}

// fits makes sure that the segments are those of the traffic.
func fits(p *rig.Probe) error {
	m, err := p.Metrics()
	if err != nil {
		return err
	}
	all, other := m.Sum("earshot_rtp_packets_total"), m.Sum("earshot_rtp_packets_total", `segment="other"`)
	if other > all/100 {
		return fmt.Errorf("%.0f of %.0f RTP packets belong to no segment", other, all)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// segments is a configuration with a segment for each pair of a site and a
// carrier. Sites are blocks of callgen's -caller-net, which it fills from the
// beginning, and carriers are some of its gateways each, the first addresses of
// -callee-net.
func segments() string {
	var peers, segments strings.Builder
	for i := range sites {
		fmt.Fprintf(&peers, "  - {name: site-%d, networks: [198.18.%d.0/22]}\n", i, 4*i) // 1,024 callers
	}
	gateway := netip.MustParseAddr("198.19.0.0")
	for i := range carriers {
		var networks []string
		for range gateways / carriers {
			gateway = gateway.Next()
			networks = append(networks, gateway.String())
		}
		fmt.Fprintf(&peers, "  - {name: carrier-%d, networks: [%s]}\n", i, strings.Join(networks, ", "))
		for k := range sites {
			fmt.Fprintf(&segments, "  - {name: site-%[1]d-carrier-%[2]d, near: [site-%[1]d], far: [carrier-%[2]d]}\n", k, i)
		}
	}
	return "metrics: {max_series: 1000000}\npeers:\n" + peers.String() + "segments:\n" + segments.String()
}
