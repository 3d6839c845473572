package web

import (
	"math"
	"slices"
	"strconv"
	"time"

	"earshot/pipeline"
)

// counts writes a counter by one label: the named values, 0 included.
func (p *page) counts(label string, counts map[string]uint64, values ...string) {
	for _, v := range values {
		p.count(labels(label, v), counts[v])
	}
}

// trackedTables are the tables whose size is shown.
var trackedTables = []string{"calls", "streams", "candidates", "endpoints", "fragments", "tcp_directions"}

// refusingTables are the tables that turn newcomers away when they are full.
var refusingTables = []string{
	"calls", "legs", "dialogs", "transactions", "call_transactions", "ladder",
	"streams", "candidates", "endpoints", "sip_connections",
}

// tables writes how full the tables are and what they refused.
func (p *page) tables(cfg *MetricsConfig, s *pipeline.Stages, snap *pipeline.Snapshot) {
	now, evicted, refused := map[string]uint64{}, map[string]uint64{}, map[string]uint64{}
	for i := range s.Lanes {
		l := &s.Lanes[i]
		now["fragments"] += l.Decode.Fragments.Pending
		now["tcp_directions"] += l.TCP.Followed
		evicted["fragments"] += l.Decode.Fragments.Evicted
		evicted["tcp_directions"] += l.TCP.Evicted
		refused["sip_connections"] += l.Refused
	}
	for i := range s.Shards {
		t := &s.Shards[i].Table
		now["streams"] += uint64(max(0, t.Streams))
		now["candidates"] += uint64(max(0, t.Probation))
		now["endpoints"] += uint64(max(0, t.Endpoints))
		refused["streams"] += t.RefusedStreams
		refused["candidates"] += t.RefusedProbation
		refused["endpoints"] += t.RefusedHints
	}
	if snap.View != nil {
		now["calls"] = uint64(len(snap.View.Calls))
	}
	for table, n := range snap.Totals.Refused {
		if slices.Contains(refusingTables, table) {
			refused[table] += n
		}
	}
	p.family("earshot_tracked", gauge, "Entries of each table.")
	p.counts("table", now, trackedTables...)
	p.family("earshot_tracked_limit", gauge, "The most entries that each table may have.")
	for _, table := range trackedTables {
		if limit, ok := cfg.Limits[table]; ok {
			p.count(labels("table", table), limit)
		}
	}
	p.family("earshot_evictions_total", counter, "Entries given up to make room for newer ones.")
	p.counts("table", evicted, "fragments", "tcp_directions")
	p.family("earshot_refused_total", counter, "What full tables turned away: packets of streams and candidates, announcements of endpoints, else entries.")
	p.counts("table", refused, refusingTables...)
}

// flow writes how the stages keep up.
func (p *page) flow(m *Metrics, s *pipeline.Stages, snap *pipeline.Snapshot, now time.Time) {
	var newest int64
	lanes, messages, shards := 0.0, 0.0, 0.0
	hints := uint64(0)
	for i := range s.Lanes {
		l := &s.Lanes[i]
		newest = max(newest, l.At)
		lanes, messages = max(lanes, l.RingUsed), max(messages, l.MessagesUsed)
		hints += l.ShedHints
	}
	for i := range s.Shards {
		shards = max(shards, s.Shards[i].RingUsed)
	}
	p.family("earshot_ring_used_ratio", gauge, "Fullest ring of each stage, 0 to 1: RTP towards shards, messages and reports towards the correlator, records towards the recorder.")
	p.value(`stage="lane_rtp"`, lanes)
	p.value(`stage="lane_messages"`, messages)
	p.value(`stage="shard"`, shards)
	p.value(`stage="correlator"`, s.Correlator.RingUsed)
	p.family("earshot_shard_lag_seconds", gauge, "Packet time that a shard is behind the newest lane.")
	for i := range s.Shards {
		p.value(labels("shard", strconv.Itoa(i)), behind(newest, s.Shards[i].At))
	}
	p.one("earshot_correlator_lag_seconds", gauge, "Packet time that the correlator is behind the newest lane.", behind(newest, s.Correlator.At))
	p.one("earshot_event_lag_seconds", gauge, "Wall clock less the packet time that these metrics have reached.", eventLag(snap, now))
	p.family("earshot_shed_total", counter, "What a busy probe left out besides packets: announcements of endpoints, records, observations.")
	p.count(`what="hints"`, hints)
	p.count(`what="records"`, s.Correlator.ShedRecords)
	p.count(`what="observations"`, s.Correlator.ShedObserved)
	p.family("earshot_records_total", counter, "Finished records by type.")
	for k := range recordKinds {
		p.count(labels("type", recordKindNames[k]), m.calls[k].Load())
	}
	p.total("earshot_observations_total", "Intervals of streams.", m.observations.Load())
}

// behind is how far a stage is behind another, s; 0 for one that has not begun.
func behind(newest, at int64) float64 {
	if at == 0 || newest == 0 {
		return 0
	}
	return math.Max(0, float64(newest-at)/1e9)
}

// eventLag is how far packet time is behind the wall clock, s; 0 before the first packet.
func eventLag(snap *pipeline.Snapshot, now time.Time) float64 {
	return behind(now.UnixNano(), snap.At)
}

// keeping writes the state of the recent packets and of the capture files.
func (p *page) keeping(s *pipeline.Stages) {
	k := &s.Keep
	p.one("earshot_keep_bytes", gauge, "Octets of recent packets in memory.", float64(k.RingBytes))
	p.one("earshot_keep_limit_bytes", gauge, "The most octets of recent packets.", float64(k.RingLimit))
	p.one("earshot_keep_oldest_timestamp_seconds", gauge, "Capture time of the oldest packet in memory, Unix; 0 while there is none.", float64(k.Oldest)/1e9)
	p.total("earshot_save_packets_total", "Packets written to capture files.", k.SavedPackets)
	p.total("earshot_save_bytes_total", "Octets written to capture files.", k.SavedBytes)
	p.total("earshot_save_dropped_packets_total", "Packets that the writer of capture files had no room for.", k.ShedPackets)
	p.total("earshot_save_errors_total", "Failures to write capture files.", k.SaveErrors)
	p.one("earshot_save_files", gauge, "Capture files there are.", float64(k.Files))
	p.one("earshot_save_files_bytes", gauge, "Octets of the capture files there are.", float64(k.FilesBytes))
}
