package web

import (
	"strings"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// capture writes what came in, and what was lost on the way.
func (p *page) capture(probe *Probe, stages *pipeline.Stages) {
	var packets, octets, truncated, copies uint64
	kinds := map[string]uint64{}
	for i := range stages.Lanes {
		l := &stages.Lanes[i]
		packets, octets = packets+l.Packets, octets+l.Bytes
		truncated, copies = truncated+l.Decode.Truncated, copies+l.Decode.Copies
		kinds["sip"] += l.SIP
		kinds["rtp"] += l.RTP
		kinds["rtcp"] += l.RTCP
	}
	p.total("earshot_capture_packets_total", "Frames read, from all sources.", packets)
	p.total("earshot_capture_bytes_total", "Octets on the wire of the frames read.", octets)
	p.total("earshot_capture_truncated_packets_total", "Frames that the snap length cut.", truncated)
	p.total("earshot_capture_copies_total", "Datagrams and segments that the capture held twice, in no other count of traffic.", copies)
	p.family("earshot_capture_voice_packets_total", counter, "SIP messages, RTCP datagrams and RTP packets recognised.")
	p.counts("kind", kinds, "sip", "rtp", "rtcp")
	drops := dropsOf(stages)
	p.family("earshot_capture_dropped_packets_total", counter,
		"Packets that the probe lost: before it could read them (kernel), at a busy shard (ring), at the busy correlator (queue), at a full table of streams (table_full).")
	p.count(`stage="kernel"`, drops.kernel)
	p.count(`stage="ring"`, drops.ring)
	p.count(`stage="queue"`, drops.queue)
	p.count(`stage="table_full"`, drops.tableFull)
	p.interfaces(probe)
}

// drops are packets that the probe lost, by stage.
type drops struct{ kernel, ring, queue, tableFull uint64 }

func dropsOf(s *pipeline.Stages) drops {
	var d drops
	for i := range s.Lanes {
		l := &s.Lanes[i]
		d.kernel += l.Lost
		d.ring += l.ShedRTP
		d.queue += l.ShedMessages
	}
	for i := range s.Shards {
		d.tableFull += s.Shards[i].Table.RefusedStreams + s.Shards[i].Table.RefusedProbation
	}
	return d
}

func (p *page) interfaces(probe *Probe) {
	var stats []capture.InterfaceStats
	if probe.Interfaces != nil {
		stats = probe.Interfaces()
	}
	names := make([]string, len(stats))
	for i := range stats {
		names[i] = labels("interface", stats[i].Name, "point", probe.point(stats[i].Point))
	}
	distinguish(names)
	for _, c := range [...]struct {
		name string
		kind kind
		help string
		of   func(*capture.InterfaceStats) float64
	}{
		{"earshot_interface_up", gauge, "1 while the interface is there and up.",
			func(s *capture.InterfaceStats) float64 { return fact(s.Up) }},
		{"earshot_interface_packets_total", counter, "Packets that passed the filter, by the kernel's count, dropped ones included.",
			func(s *capture.InterfaceStats) float64 { return float64(s.Packets) }},
		{"earshot_interface_dropped_packets_total", counter, "Packets that found the capture ring full, by the kernel's count.",
			func(s *capture.InterfaceStats) float64 { return float64(s.Drops) }},
		{"earshot_interface_missed_packets_total", counter, "Packets that the card had no room for, before any filter; not among the dropped ones.",
			func(s *capture.InterfaceStats) float64 { return float64(s.Missed) }},
		{"earshot_interface_ring_freezes_total", counter, "Times that the capture ring was full.",
			func(s *capture.InterfaceStats) float64 { return float64(s.Freezes) }},
		{"earshot_interface_ring_used_ratio", gauge, "Share of the capture ring that waits to be read, 0 to 1.",
			func(s *capture.InterfaceStats) float64 { return s.RingUsed }},
		{"earshot_interface_reopened_total", counter, "Times that the interface came back.",
			func(s *capture.InterfaceStats) float64 { return float64(s.Reopened) }},
		{"earshot_interface_hardware_timestamps", gauge, "1 where time stamps are the card's own.",
			func(s *capture.InterfaceStats) float64 { return fact(s.Hardware) }},
	} {
		p.family(c.name, c.kind, c.help)
		for i := range stats {
			p.value(names[i], c.of(&stats[i]))
		}
	}
	backlog := uint64(0)
	for i := range stats {
		backlog = max(backlog, stats[i].Backlog) // the host's: each says the same
	}
	p.total("earshot_host_backlog_dropped_packets_total", "Packets of all of the host's interfaces that found the kernel's input queue full.", backlog)
}

// parseLayer returns the layer of a decoder's reason that is an error; false
// for what is merely not voice.
func parseLayer(r capture.Reason) (layer string, isError bool) {
	switch r {
	case capture.PassedUnknownLink, capture.PassedTruncatedHeaders, capture.PassedBadHeader, capture.PassedTooDeep,
		capture.PassedFragmentRefused:
		return "packet", true
	case capture.PassedHEPBroken, capture.PassedHEPKey:
		return "hep", true
	}
	return "", false
}

// parsing writes what could not be read, and what was passed over.
func (p *page) parsing(s *pipeline.Stages, t *dialog.Totals) {
	var passed [capture.Reasons]uint64
	var tcp capture.StreamsCounters
	var timedOut, resyncs, rejected uint64
	kinds := map[string]uint64{}
	for i := range s.Lanes {
		l := &s.Lanes[i]
		for r, n := range l.Decode.Passed {
			passed[r] += n
		}
		for kind, n := range l.Passed {
			kinds[kind] += n
		}
		timedOut += l.Decode.Fragments.TimedOut
		tcp.Gaps += l.TCP.Gaps
		tcp.Overflows += l.TCP.Overflows
		resyncs += l.Resyncs
	}
	for i := range s.Shards {
		rejected += s.Shards[i].Table.Rejected
	}
	p.family("earshot_parse_errors_total", counter, "What could not be read, by layer and reason.")
	for r := capture.Reason(1); int(r) < capture.Reasons; r++ {
		if layer, isError := parseLayer(r); isError {
			p.count(labels("layer", layer, "reason", strings.TrimPrefix(r.String(), "hep_")), passed[r])
		}
	}
	p.count(`layer="fragment",reason="timed_out"`, timedOut)
	p.count(`layer="tcp",reason="gap"`, tcp.Gaps)
	p.count(`layer="tcp",reason="overflow"`, tcp.Overflows)
	p.count(`layer="sip",reason="no_call_id"`, s.Correlator.Unparsed+t.UnparsedSIP)
	p.count(`layer="sip",reason="damaged"`, t.DamagedSIP)
	p.count(`layer="sip",reason="resync"`, resyncs)
	p.count(`layer="rtp",reason="not_rtp"`, rejected)
	p.count(`layer="rtcp",reason="unreadable"`, t.UnparsedRTCP)
	p.family("earshot_capture_passed_packets_total", counter, "Frames and datagrams passed over because they are not voice, by what they are.")
	for r := capture.Reason(1); int(r) < capture.Reasons; r++ {
		if _, isError := parseLayer(r); !isError {
			p.count(labels("reason", r.String()), passed[r])
		}
	}
	p.counts("reason", kinds, passedKinds...)
}

// passedKinds are what the lanes tell apart of datagrams that are not voice.
var passedKinds = []string{
	"empty_datagram", "stun", "dtls", "zrtp", "turn_channel", "other_udp", "other_tcp", "not_rtp", "capture_copy",
}
