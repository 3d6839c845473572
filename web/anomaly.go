package web

import (
	"sync/atomic"

	"earshot/dialog"
	"earshot/topology"
)

// anomaly is something wrong with a call's media, as a call is counted by.
type anomaly uint8

const (
	oneWay anomaly = iota
	noMedia
	lateMedia
	codecMismatch
	ptimeMismatch
	natMismatch
	dscpMismatch
	clockSkew
	anomalies
)

var anomalyNames = [anomalies]string{
	"one_way", "no_media", "late_media", "codec_mismatch", "ptime_mismatch", "nat_mismatch", "dscp_mismatch", "clock_skew",
}

// anomalyOf tells which anomaly a finding's code is of. Findings that are a
// matter of degree (loss, jitter, MOS) are in the histograms instead.
var anomalyOf = map[string]anomaly{
	"one_way_audio":   oneWay,
	"no_media":        noMedia,
	"late_media":      lateMedia,
	"codec_mismatch":  codecMismatch,
	"ptime_mismatch":  ptimeMismatch,
	"nat_mismatch":    natMismatch,
	"dscp_not_ef":     dscpMismatch,
	"marking_changed": dscpMismatch,
	"clock_skew":      clockSkew,
}

// anomalyCounts are the series of earshot_calls_media_anomalies_total of one segment.
type anomalyCounts struct {
	labels [anomalies]string
	counts [anomalies]atomic.Uint64
}

func newAnomalyCounts(segment string) *anomalyCounts {
	c := &anomalyCounts{}
	for a := range anomalies {
		c.labels[a] = labels("segment", segment, "kind", anomalyNames[a])
	}
	return c
}

// countAnomalies counts each kind of anomaly of a call once in each segment
// that it was found in.
func (l *layout) countAnomalies(r *dialog.CallRecord) {
	var seen [2 * anomalies]struct {
		segment topology.SegmentID
		kind    anomaly
	}
	n := 0
next:
	for i := range r.Findings {
		kind, known := anomalyOf[r.Findings[i].Code]
		if !known || n == len(seen) {
			continue
		}
		segment := segmentOf(r, r.Findings[i].Stream)
		for _, s := range seen[:n] {
			if s.segment == segment && s.kind == kind {
				continue next
			}
		}
		seen[n].segment, seen[n].kind = segment, kind
		n++
		l.anomalies(segment).counts[kind].Add(1)
	}
}

// segmentOf returns the segment of a call's stream; of the call where the
// finding is about no stream.
func segmentOf(r *dialog.CallRecord, stream string) topology.SegmentID {
	for _, s := range r.Media {
		if s.ID == stream && stream != "" {
			return s.SegmentID
		}
	}
	if r.SegmentFromCaller != topology.Other {
		return r.SegmentFromCaller
	}
	return r.SegmentFromCallee
}

func (l *layout) anomalies(number topology.SegmentID) *anomalyCounts {
	if int(number) >= len(l.segments) {
		number = topology.Other
	}
	return l.segments[number].anomalies
}
