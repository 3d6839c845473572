package web

import (
	"errors"
	"fmt"

	"earshot/capture"
	"earshot/dialog"
	"earshot/topology"
)

// ErrBudget says that a configuration could lead to more series than allowed.
var ErrBudget = errors.New("web: too many metric series")

// Budget is the worst-case number of series of a configuration: every label
// value that its closed sets and caps allow.
type Budget struct {
	Items []BudgetItem
	Total int
	Limit int
}

// BudgetItem is a share of the budget.
type BudgetItem struct {
	Name   string // "RTP by segment and direction"
	Count  int    // how many there are of them
	Each   int    // series of each
	Series int    // Count times Each
}

// WorstCase reckons how many series a plan can lead to; docs/metrics.md has
// the formula.
func WorstCase(plan *topology.Plan, cfg MetricsConfig) Budget {
	b := Budget{Limit: cfg.withDefaults().MaxSeries}
	segments, peers, points := len(plan.Segments()), len(plan.Peers()), len(plan.Points())+1 // and other
	ways := 0
	for i := range segments {
		ways += len(plan.Directions(topology.SegmentID(i)))
	}
	streams := ways * points * (len(codecNames) + 2)
	b.add("RTP counters by point, segment and direction", ways*points, spotSeries)
	b.add("RTP quality by segment and direction", ways, waySeries())
	b.add("streams by point, segment, direction and codec", min(streams, maxStreamSeries+ways*points), 1)
	b.add("media anomalies by segment", segments, int(anomalies))
	b.add("calls and registrations by peer and direction", 2*peers, peerSeries())
	b.add("SIP messages by peer and direction", 2*peers,
		maxRequestSeries+maxResponseSeries+2*foldedSeries)
	b.add("interfaces", cfg.Interfaces, interfaceSeries)
	b.add("HEP destinations", cfg.Senders, senderSeries)
	b.add("shards", cfg.Shards, 1)
	b.add("alerts by rule, severity and state", cfg.ruleCap()+1, alertSeries)
	b.add("rules, cases and their desk", 1, engineSeries+caseSeries())
	b.add("destinations of cases", cfg.destinationCap()+1, destinationSeries())
	b.add("the store of records", 1, storeSeries)
	b.add("the files of cases", 1, attachmentSeries)
	b.add("the probe itself", 1, fixedSeries())
	return b
}

// Series of each of what the budget counts.
const (
	spotSeries      = 6 // packets, expected, lost, duplicate, reordered, late
	interfaceSeries = 8
	senderSeries    = 7

	// foldedSeries are those of method or code other, one for each transport.
	foldedSeries = 8
)

func waySeries() int {
	histograms := 2*jitterBuckets.series() + delayBuckets.series() + lossBuckets.series() + 2*mosBuckets.series() + roundTripBuckets.series()
	return histograms + int(bands)*int(trusts) + int(wheres) + 1 // reported lost packets
}

func peerSeries() int {
	const singles = 3 // active calls, talk time, retransmissions
	return 2*callBuckets.series() + registerBuckets.series() + int(outcomes) + singles + maxCallSeries + foldedOutcomes
}

// foldedOutcomes are the outcomes that may have a cause other beyond the cap.
const foldedOutcomes = 9

// fixedSeries are the series that every probe has.
func fixedSeries() int {
	const scalars = 79 // capture, parsing, flow, files, HEP, configuration; see TestBudget
	return scalars + processSeries + len(dialog.Reasons) + capture.Reasons + len(passedKinds) + 2*len(trackedTables) + len(refusingTables)
}

func (b *Budget) add(name string, count, each int) {
	b.Items = append(b.Items, BudgetItem{Name: name, Count: count, Each: each, Series: count * each})
	b.Total += count * each
}

// Err says that the budget is above its limit, and what to do; nil where it is not.
func (b Budget) Err() error {
	if b.Total <= b.Limit {
		return nil
	}
	most := b.Items[0]
	for _, item := range b.Items {
		if item.Series > most.Series {
			most = item
		}
	}
	return fmt.Errorf("%w: up to %d where %d are allowed, most of them %s (%d times %d); name fewer peers, segments or points, or raise metrics.max_series",
		ErrBudget, b.Total, b.Limit, most.Name, most.Count, most.Each)
}
