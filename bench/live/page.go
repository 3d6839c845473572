package main

import (
	"fmt"
	"strings"

	"earshot/bench/rig"
)

// published is what others say of themselves, or what was measured of them.
const published = `
| program | figure | where it comes from |
|---|---|---|
| VoIPmonitor 2026.04 | live from a veth on 2 cores: 60,000 packets/s without a drop at 19.6 µs a packet; 86,000/s with a growing backlog; at 128,000/s (10,000 calls) 23 % dropped; without its jitter buffers 149,000/s at 9.8 µs | measured on a machine of 2 cores with the same kind of traffic, sender on the same machine |
| sip-exporter | 1,800 calls/s, complete, with 2 CPUs and 256 MiB, scraped meanwhile | its own README |
| Homer 11 | 1.46 million HEP packets/s taken by TCP on loopback; about 120,000 SIP messages/s and core into storage | its own HEP_INGEST_MPPS.md |
`

// page is the whole of bench/LIVE.md.
func (b *bench) page() string {
	var s strings.Builder
	s.WriteString("# How fast, live\n\nWritten by `make bench-live`. `earshot run` with default settings listens at one end of a veth pair, in a network namespace of its own; " +
		"frames of `callgen -profile bench-1k` and `bench-10k` come in at the other end (AF_PACKET, `sendmmsg`, no queueing discipline), again and again as new calls. " +
		"Sender and kernel share the processors with the probe. *No drop* means: the probe has counted as many packets as were sent, and none of its counters of drops, shed records or refused entries has moved.\n\n")
	fmt.Fprintf(&s, "%s\n\n", rig.Machine(b.o.program))
	s.WriteString("| load | offered | result | processor time | resident memory |\n|---|---|---|---|---|\n")
	for _, r := range b.rows {
		fmt.Fprintf(&s, "| %s | %s | %s | %s | %s |\n", r.what, r.offered, r.result, r.cpu, r.memory)
	}
	s.WriteString("\nProcessor time is user and system time of the probe's process (`/proc/PID/stat`); what the kernel spends on delivering a packet to the capture ring falls to the sender.\n")
	if b.scrapes != "" {
		fmt.Fprintf(&s, "\n%s\n", b.scrapes)
	}
	if b.storms != "" {
		fmt.Fprintf(&s, "\n%s\n", b.storms)
	}
	s.WriteString("\n## Others\n" + published)
	return s.String()
}
