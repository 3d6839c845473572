package main

import (
	"fmt"
	"math"
	"strconv"

	"earshot/dialog"
	"earshot/rtpstats"
)

// bound is what a number may be. Bounds of findings begin above 0, since there
// 0 stands for the default.
type bound struct {
	key      string
	got      *number
	from, to float64
	preset   float64 // what holds where the key is left out
	whole    bool
}

const (
	smallestRatio = 0.0001
	longestMS     = 3_600_000
	most          = 10_000_000
)

// bounds lists every number of the configuration.
func (c *config) bounds() []bound {
	l, f, d := &c.Limits, &c.Findings, dialog.DefaultLimits()
	list := []bound{
		{"declared_delay_ms", &c.DeclaredDelayMS, 0, 10_000, 0, false},
		{"limits.calls", &l.Calls, 1, most, dialog.DefaultMaxCalls, true},
		{"limits.transactions", &l.Transactions, 1, most, dialog.DefaultMaxTransactions, true},
		{"limits.streams", &l.Streams, 1, most, dialog.DefaultMaxStreams, true},
		{"limits.candidates", &l.Candidates, 1, most, rtpstats.DefaultMaxProbation, true},
		{"findings.loss_ratio", &f.LossRatio, smallestRatio, 1, d.LossRatio, false},
		{"findings.jitter_ms", &f.JitterMS, 1, 10_000, d.JitterMS, false},
		{"findings.one_way_delay_ms", &f.OneWayDelayMS, 1, 10_000, d.OneWayMS, false},
		{"findings.dscp", &f.DSCP, 1, 63, float64(d.DSCP), true},
		{"findings.signalling_dscp", &f.SignallingDSCP, 1, 63, float64(d.SignallingDSCP), true},
		{"findings.mos_lq", &f.MOSLQ, 1, 5, d.MOS, false},
		{"findings.loss_run_ms", &f.LossRunMS, 1, longestMS, d.LossRunMS, false},
		{"findings.late_media_ms", &f.LateMediaMS, 1, longestMS, d.LateMediaMS, false},
		{"findings.media_after_bye_ms", &f.MediaAfterByeMS, 1, longestMS, d.AfterByeMS, false},
		{"findings.fell_silent_ms", &f.FellSilentMS, 1, longestMS, d.StoppedMS, false},
		{"findings.media_due_ms", &f.MediaDueMS, 1, longestMS, d.DueMS, false},
		{"findings.skew_ppm", &f.SkewPPM, 1, 100_000, d.SkewPPM, false},
		{"findings.duplicate_ratio", &f.DuplicateRatio, smallestRatio, 1, d.DuplicateRatio, false},
		{"findings.reordered_ratio", &f.ReorderedRatio, smallestRatio, 1, d.ReorderedRatio, false},
		{"findings.remote_loss_ratio", &f.RemoteLossRatio, smallestRatio, 1, d.RemoteLossRatio, false},
	}
	return append(list, c.liveBounds()...)
}

// What holds where the configuration of live monitoring says nothing.
const (
	presetRingMB       = 64
	presetNode         = 2002 // as heplify has it
	presetConnections  = 1024
	presetQueueMB      = 16
	presetBufferMB     = 64
	presetMaxSeries    = 100_000
	presetPushSeconds  = 15
	presetMemoryMB     = 64
	presetFileMB       = 256
	presetTotalMB      = 4096
	presetMinFreeMB    = 1024
	presetRecordFiles  = 8
	longestSnap        = 262_144 // as libpcap's MAXIMUM_SNAPLEN
	mostMB             = 1_000_000_000
	largestMemoryMB    = 1_000_000
	largestRingMB      = 16_384
	largestConnections = 65_536
)

// liveBounds lists the numbers that only live monitoring reads.
func (c *config) liveBounds() []bound {
	h, s, r := &c.HEP, &c.Save, &c.Records
	list := []bound{
		{"lanes", &c.Lanes, 1, 64, 1, true},
		{"ring_mb", &c.RingMB, 1, largestRingMB, presetRingMB, true},
		{"shards", &c.Shards, 0, 1024, 0, true},
		{"hep.max_connections", &h.MaxConnections, 1, largestConnections, presetConnections, true},
		{"hep.queue_mb", &h.QueueMB, 1, 1024, presetQueueMB, true},
		{"metrics.max_series", &c.Metrics.MaxSeries, 1000, most, presetMaxSeries, true},
		{"metrics.push.interval_s", &c.Metrics.Push.IntervalS, 1, 3600, presetPushSeconds, false},
		{"save.memory_mb", &s.MemoryMB, 0, largestMemoryMB, presetMemoryMB, true},
		{"save.file_mb", &s.FileMB, 1, largestMemoryMB, presetFileMB, true},
		{"save.total_mb", &s.TotalMB, 1, mostMB, presetTotalMB, true},
		{"save.min_free_mb", &s.MinFreeMB, 1, mostMB, presetMinFreeMB, true},
		{"records.file_mb", &r.FileMB, 1, largestMemoryMB, presetFileMB, true},
		{"records.files", &r.Files, 1, 10_000, presetRecordFiles, true},
	}
	list = append(list, c.Store.bounds()...)
	list = append(list, c.Evidence.bounds()...)
	list = append(list, c.Alerting.bounds()...)
	list = append(list, c.Alerting.Alertmanager.bounds()...)
	for i := range c.Tenants {
		t := &c.Tenants[i]
		list = append(list, bound{"tenants.users", &t.Users, 0, most, 0, true},
			bound{"tenants.records_days", &t.RecordsDays, 1, mostStoreDays, 0, true}, bound{"tenants.cases_months", &t.CasesMonths, 1, mostMonths, 0, true},
			bound{"tenants.uptime_target", &t.UptimeTarget, 1, 100, 0, false})
	}
	for i := range c.Reports {
		list = append(list, c.Reports[i].bounds()...)
	}
	for i := range c.Captures {
		list = append(list, bound{"captures.snap_length", &c.Captures[i].SnapLength, 0, longestSnap, 0, true})
	}
	for i := range c.HEPOut {
		list = append(list,
			bound{"hep_out.node", &c.HEPOut[i].Node, 0, math.MaxUint32, presetNode, true},
			bound{"hep_out.buffer_mb", &c.HEPOut[i].BufferMB, 1, largestMemoryMB, presetBufferMB, true})
	}
	for i := range h.Ports {
		list = append(list, bound{"hep.ports", &h.Ports[i], 1, math.MaxUint16, 9060, true})
	}
	for i := range c.Segments {
		for j := range c.Segments[i].VLANs {
			// 0 is a priority tag without a VLAN, 4095 is reserved (802.1Q 9.6).
			list = append(list, bound{"segments.vlans", &c.Segments[i].VLANs[j], 1, 4094, 0, true})
		}
	}
	return list
}

// outOfBounds says which numbers cannot be.
func (c *config) outOfBounds() []problem {
	var wrong []problem
	for _, b := range c.bounds() {
		v := b.got.value
		switch {
		case b.got.line == 0:
		case !(v >= b.from && v <= b.to): // NaN is neither
			wrong = append(wrong, problem{b.got.line, fmt.Sprintf("%s is %v, want %s", b.key, decimal(v), b.span())})
		case b.whole && v != math.Trunc(v):
			wrong = append(wrong, problem{b.got.line, fmt.Sprintf("%s is %v, want a whole number", b.key, v)})
		}
	}
	return wrong
}

// span is the allowed range for people.
func (b *bound) span() string { return decimal(b.from) + " to " + decimal(b.to) }

// decimal writes a number without an exponent.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
