package web

import (
	"earshot/pipeline"
)

// media writes what is heard, by segment and direction.
func (p *page) media(l *layout) {
	p.spots(l)
	p.family("earshot_rtp_impaired_seconds_total", counter,
		"Stream-seconds of audio by how users judge them (G.107 table B.1) and by whether the capture itself was whole.")
	l.eachWay(func(w *way) {
		for b := range bands {
			for t := range trusts {
				p.seconds(w.bandLabels[b][t], w.seconds[b][t].Load())
			}
		}
	})
	for _, h := range [...]struct {
		name, help string
		of         func(*way) *histogram
	}{
		{"earshot_rtp_stream_jitter_seconds", "Mean interarrival jitter of each interval of a stream (RFC 3550 6.4.1).",
			func(w *way) *histogram { return w.jitter }},
		{"earshot_rtp_delay_variation_seconds", "Mean playout delay that an adaptive jitter buffer needs, in each interval of a stream.",
			func(w *way) *histogram { return w.delay }},
		{"earshot_rtp_interval_loss_ratio", "Lost over expected packets of each interval of a stream, 0 to 1.",
			func(w *way) *histogram { return w.loss }},
		{"earshot_rtp_interval_mos", "Listening quality (MOS-LQ) of each interval of a stream, by the E-model of its codec.",
			func(w *way) *histogram { return w.mos }},
		{"earshot_rtp_interval_mos_cq", "Conversational quality (MOS-CQ) of each interval of a stream whose delay is known.",
			func(w *way) *histogram { return w.mosCQ }},
	} {
		p.family(h.name, histogramMetric, h.help)
		l.eachWay(func(w *way) { p.histogram(w.labels, h.of(w)) })
	}
	p.family("earshot_loss_located_packets_total", counter,
		"Lost packets by where they were lost: before the capture point, after it (by the receiver's RTCP), or undetermined because the capture itself lost packets.")
	l.eachWay(func(w *way) {
		for i := range wheres {
			p.count(w.locatedLabels[i], w.located[i].Load())
		}
	})
}

// spots writes the counters of packets by capture point.
func (p *page) spots(l *layout) {
	for _, c := range [...]struct {
		name, help string
		of         func(*spot) uint64
	}{
		{"earshot_rtp_packets_total", "RTP packets as captured, duplicates included.",
			func(s *spot) uint64 { return s.packets.Load() }},
		{"earshot_rtp_expected_packets_total", "RTP packets by their sequence numbers (RFC 3550 A.3), but for intervals in which the capture itself lost packets.",
			func(s *spot) uint64 { return s.expected.Load() }},
		{"earshot_rtp_lost_packets_total", "Of the expected RTP packets, those that never came (unique loss before the capture point).",
			func(s *spot) uint64 { return s.lost.Load() }},
		{"earshot_rtp_duplicate_packets_total", "RTP packets whose sequence number had come before.",
			func(s *spot) uint64 { return s.duplicates.Load() }},
		{"earshot_rtp_reordered_packets_total", "RTP packets that came after one with a higher sequence number.",
			func(s *spot) uint64 { return s.reordered.Load() }},
		{"earshot_rtp_late_packets_total", "RTP packets that an adaptive jitter buffer would have discarded.",
			func(s *spot) uint64 { return s.late.Load() }},
	} {
		p.family(c.name, counter, c.help)
		l.eachWay(func(w *way) {
			for i := range w.spots {
				p.count(w.spots[i].labels, c.of(&w.spots[i]))
			}
		})
	}
}

// rtcp writes what receivers said.
func (p *page) rtcp(l *layout, snap *pipeline.Snapshot) {
	p.family("earshot_rtcp_reported_lost_packets_total", counter,
		"Packets that the receivers of streams reported lost: growth of the cumulative number (RFC 3550 6.4.1).")
	l.eachWay(func(w *way) { p.count(w.witnessedLabel, w.remoteLost.Load()) })
	p.family("earshot_rtcp_round_trip_seconds", histogramMetric, "Round trip of each interval of a stream, by RTCP (RFC 3550 6.4.1).")
	l.eachWay(func(w *way) { p.histogram(w.witnessedLabel, w.roundTrip) })
	p.family("earshot_rtcp_reported_jitter_seconds", histogramMetric,
		"Interarrival jitter that the receiver last reported in each interval of a stream.")
	l.eachWay(func(w *way) { p.histogram(w.witnessedLabel, w.remoteJitter) })
	p.family("earshot_rtcp_reports_total", counter, "RTCP packets by type; a datagram holds several.")
	p.counts("type", snap.Totals.RTCPTypes, "sr", "rr", "sdes", "bye", "app", "xr", other)
}

// streams writes what goes on, and what could not be measured.
func (p *page) streams(m *Metrics, l *layout, probe *Probe, snap *pipeline.Snapshot) {
	p.family("earshot_rtp_streams", gauge, "RTP streams that go on, by codec.")
	m.codecs.write(p, l, probe, snap.View, &m.folded)
	p.family("earshot_rtp_unmeasured_streams_total", counter, "Ended streams of audio without a score, by the reason.")
	for i := range m.unmeasured {
		p.count(m.unmeasured[i].labels, m.unmeasured[i].count.Load())
	}
	p.family("earshot_calls_media_anomalies_total", counter, "Ended calls with something wrong with their media; a call counts once for each kind and segment.")
	for i := range l.segments {
		a := l.segments[i].anomalies
		for kind := range anomalies {
			p.count(a.labels[kind], a.counts[kind].Load())
		}
	}
}
