package dialog

import (
	"fmt"
	"math"
	"slices"

	"earshot/rtpstats"
)

// minBad is how many bad packets make a finding: one may be an accident of any
// network, and 1 of 90 is more than 1 %.
const minBad = 3

// When a receiver should have spoken of a stream.
const (
	minHeard  = 200        // packets
	reportDue = 4 * second // after the stream's first packet: most reports come every 2.5 to 7.5 s (RFC 3550 6.2, 6.3.1)
)

// network says what the way to this point, and beyond it, did to a stream.
func (d *diagnosis) network(s *stream, r *StreamRecord) {
	switch {
	case s.pausedForFax():
		d.add(findMediaSwitched, r, "The call went from audio to other media (fax) and this stream paused: its loss and its score are not to be trusted.",
			fmt.Sprintf("%d packets missing of %d, the longest pause %.0f ms", r.Lost, r.Expected, r.DeltaMaxMS))
	case r.Trust == suspect:
		d.add(findCaptureLoss, r, "The figures of this stream are not to be trusted: "+r.TrustReason+".",
			fmt.Sprintf("%d packets missing of %d", r.Lost, r.Expected))
	default:
		d.loss(s, r)
	}
	d.remoteLoss(r)
	d.unheard(s, r)
	d.order(r)
	if r.Media == kindName(rtpstats.MediaAudio) {
		d.pace(s, r)
	}
}

// pace is about the times of packets. The packets of a video frame share one
// timestamp and leave in a row: their jitter says little of the network.
func (d *diagnosis) pace(s *stream, r *StreamRecord) {
	if jitter := r.JitterMS; jitter.Mean >= d.limits.JitterMS {
		d.add(findJitter, r, fmt.Sprintf("The packets of the %s arrived unevenly.", s.from),
			fmt.Sprintf("mean jitter %.1f ms, highest %.1f ms", jitter.Mean, jitter.Max))
	}
	if late := ratio(r.Late.Adaptive, r.Expected); late > d.limits.LossRatio && r.Late.Adaptive >= minBad {
		d.add(findLatePackets, r, fmt.Sprintf("Packets of the %s came too late to be played.", s.from),
			fmt.Sprintf("%d of %d (%s) missed an adaptive buffer of 40 to 200 ms", r.Late.Adaptive, r.Expected, percent(late)))
	}
	if skew := r.SkewPPM; skew != nil && math.Abs(*skew) >= d.limits.SkewPPM {
		d.add(findClockSkew, r, fmt.Sprintf("The %s's clock runs apart: its buffer will over- or underflow.", s.from),
			fmt.Sprintf("%+.0f ppm against the capture clock", *skew))
	}
}

// loss is what never arrived here: lost before this point.
func (d *diagnosis) loss(s *stream, r *StreamRecord) {
	if r.LossRatio > d.limits.LossRatio && r.Lost >= minBad {
		d.add(findLoss, r, fmt.Sprintf("%s of what the %s sent was lost before this point.", percent(r.LossRatio), s.from),
			fmt.Sprintf("%d lost of %d", r.Lost, r.Expected))
	}
	runs := &s.report.LossRuns
	if longest := float64(runs.Longest) * s.report.PTimeMS; longest >= d.limits.LossRunMS {
		d.add(findBurstLoss, r, fmt.Sprintf("Losses came in runs: up to %.0f ms of the %s in one piece.", longest, s.from),
			fmt.Sprintf("%d runs, the longest of %d packets; %d bursts, %s bad within them, BurstR %.2f",
				runs.Runs, runs.Longest, r.Bursts.Count, percent(r.Bursts.Density), r.BurstRatio))
	}
}

// remoteLoss is what the receiver misses beyond ours: lost after this point.
func (d *diagnosis) remoteLoss(r *StreamRecord) {
	if r.RTCP == nil || r.RTCP.LossRatio == nil || *r.RTCP.Lost-int64(r.Lost) < minBad {
		return
	}
	if beyond := *r.RTCP.LossRatio - r.LossRatio; beyond > d.limits.RemoteLossRatio {
		d.add(findRemoteLoss, r, "The receiver lost packets that passed this point.",
			fmt.Sprintf("its reports say %s lost, %s were missing here: %s lost after this point",
				percent(*r.RTCP.LossRatio), percent(r.LossRatio), percent(beyond)))
	}
}

// unheard finds a stream of which its receiver's reports say nothing: a sender
// report has a block for each source heard since the one before (RFC 3550 6.4),
// so that one without any, well into the stream, comes from a party that heard
// nothing, or from one that never reports.
func (d *diagnosis) unheard(s *stream, r *StreamRecord) {
	if r.RTCP != nil && r.RTCP.Reports > 0 || r.Packets < minHeard {
		return
	}
	for _, o := range d.streams {
		if o.from == s.from || o.key.src != s.key.dst || o.key.dst != s.key.src {
			continue
		}
		x := d.m.speakerOf(o)
		if x == nil || x.deafAt < s.report.Start+reportDue || x.deafAt > s.report.End {
			continue
		}
		d.add(findUnheard, r,
			fmt.Sprintf("The %s's own reports speak of no voice received: it heard nothing of the %s, whose voice passed this point, or does not report what it hears.", o.from, s.from),
			fmt.Sprintf("RTCP sender report without a report block %.1f s after the first of %d packets", float64(x.deafAt-s.report.Start)/float64(second), r.Packets))
		return
	}
}

// order says what came twice, in the wrong order or from a new beginning.
func (d *diagnosis) order(r *StreamRecord) {
	if share := ratio(r.Duplicates, r.Packets); share > d.limits.DuplicateRatio && r.Duplicates >= minBad {
		d.add(findDuplicates, r, "Packets arrived twice.", fmt.Sprintf("%d of %d (%s)", r.Duplicates, r.Packets, percent(share)))
	}
	if share := ratio(r.Reordered, r.Packets); share > d.limits.ReorderedRatio && r.Reordered >= minBad {
		d.add(findReordering, r, "Packets arrived out of order.", fmt.Sprintf("%d of %d (%s)", r.Reordered, r.Packets, percent(share)))
	}
	if r.Restarts > 0 {
		d.add(findRestart, r, "The sender began its count anew within the stream.", fmt.Sprintf("%d new sequence or timestamp bases", r.Restarts))
	}
}

func ratio(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// quality says how it sounded.
func (d *diagnosis) quality(r *StreamRecord) {
	if r.MOS.LQ != nil && *r.MOS.LQ < d.limits.MOS && r.Trust != suspect {
		d.add(findLowMOS, r, fmt.Sprintf("It sounded bad: MOS-LQ %.2f.", *r.MOS.LQ),
			fmt.Sprintf("%s, Ie %g, Bpl %g, Ppl %.2f %%, BurstR %.2f", *r.MOS.Model, *r.MOS.Ie, *r.MOS.Bpl, *r.MOS.Ppl, *r.MOS.BurstR))
	}
}

// latency finds a network delay beyond what talkers bear; both directions
// share one round trip, so it is said once.
func (d *diagnosis) latency() {
	var worst float64
	var at *StreamRecord
	for _, r := range d.rec.Media {
		if oneWay, source := d.m.networkDelay(saidOfDelay(r.RTCP)); source != "" && source != "declared" && oneWay > worst {
			worst, at = oneWay, r
		}
	}
	if worst >= d.limits.OneWayMS {
		d.add(findHighLatency, at, "The way is long: talkers will interrupt each other.",
			fmt.Sprintf("one-way network delay %.0f ms, half of the round trip", worst))
	}
}

// marking finds signalling and audio without their DSCP, and marks that change
// on the way.
func (d *diagnosis) marking() {
	if slices.ContainsFunc(d.call.marks, func(m uint8) bool { return int(m) != d.limits.SignallingDSCP }) {
		d.add(findSignallingDSCP, nil, "Signalling is not marked as it should be on every packet.",
			fmt.Sprintf("DSCP %v, should be %d", d.call.marks, d.limits.SignallingDSCP))
	}
	for i, s := range d.streams {
		if s.report.Kind != rtpstats.MediaAudio && s.carries().kind != rtpstats.MediaAudio {
			continue
		}
		r := d.rec.Media[i]
		for _, dscp := range r.DSCP {
			if dscp != d.limits.DSCP {
				d.add(findDSCP, r, fmt.Sprintf("The %s's voice is not marked as it should be on every packet.", s.from),
					fmt.Sprintf("DSCP %v, should be %d", r.DSCP, d.limits.DSCP))
				break
			}
		}
		if len(r.DSCP) > 1 || len(r.VLAN) > 1 {
			d.add(findMarkingChanged, r, "The marking changed within the stream.",
				fmt.Sprintf("DSCP %v, VLAN priorities %v; %d changes", r.DSCP, r.VLAN, s.report.MarkChanges))
		}
		if len(r.TTL) > 1 {
			d.add(findRouteChanged, r, "The way to this point changed within the stream.", fmt.Sprintf("TTL %v", r.TTL))
		}
		d.marksLost(s, r)
	}
}

// marksLost finds a mark that one hop carried and a later one does not.
func (d *diagnosis) marksLost(s *stream, r *StreamRecord) {
	for i, o := range d.streams {
		before := d.rec.Media[i]
		if o == s || o.key.ssrc != s.key.ssrc || o.from != s.from || o.key.dst != s.key.src && o.key.dst.Addr() != s.key.src.Addr() {
			continue
		}
		if len(before.DSCP) == 1 && len(r.DSCP) == 1 && before.DSCP[0] != r.DSCP[0] {
			d.add(findMarkingChanged, r, "The marking changed from one hop to the next.",
				fmt.Sprintf("DSCP %d to %s, %d from there to %s", before.DSCP[0], before.Dst, r.DSCP[0], r.Dst))
			return
		}
	}
}
