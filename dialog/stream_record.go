package dialog

import (
	"fmt"

	"earshot/rtpstats"
)

// streamRecord writes what is known of a stream; callID is "" where it belongs
// to no call.
func (m *media) streamRecord(s *stream, callID string) *StreamRecord {
	r, c := &s.report, s.carries()
	rec := &StreamRecord{
		Type:           "stream",
		ID:             s.id(),
		Binding:        s.proof.binding(),
		Src:            s.key.src,
		Dst:            s.key.dst,
		SSRC:           fmt.Sprintf("0x%08x", s.key.ssrc),
		Media:          kindName(c.kind),
		ClockInferred:  c.clockInferred,
		PayloadTypes:   ints(r.PayloadTypes.values()),
		CodecChanges:   int(r.CodecChanges),
		PTimeChanges:   int(r.PTimeChanges),
		Start:          Time(r.Start),
		End:            Time(r.End),
		DurationMS:     float64(r.End-r.Start) / float64(millisecond),
		Packets:        r.Packets,
		Bytes:          r.Bytes,
		Expected:       r.Expected,
		Lost:           r.Lost,
		CumulativeLost: r.CumulativeLost,
		Duplicates:     r.Duplicates,
		CaptureCopies:  r.CaptureCopies,
		Reordered:      r.Reordered,
		Restarts:       r.Restarts,
		LossRuns:       append([]uint32(nil), r.LossRuns.Count[:]...),
		ComfortNoise:   r.ComfortNoise,
		Silences:       r.Silences,
		Events:         r.Events,
		EventPackets:   r.EventPackets,
		JitterMS:       JitterRecord(r.Jitter),
		DeltaMaxMS:     r.DeltaMaxMS,
		Late:           LateRecord{Fixed60MS: r.LateFixed, Adaptive: r.LateAdaptive},
		Bursts:         PeriodRecord{Count: r.Bursts.Bursts, Density: r.Bursts.BurstDensity, DurationMS: r.Bursts.BurstMS},
		Gaps:           PeriodRecord{Count: r.Bursts.Gaps, Density: r.Bursts.GapDensity, DurationMS: r.Bursts.GapMS},
		BurstRatio:     max(1, r.Bursts.BurstRatio),
		DSCP:           ints(r.DSCP.values()),
		VLAN:           ints(r.VLAN.values()),
		TTL:            ints(r.TTL.values()),
		SRTP:           r.SRTP || s.secure(),
		Timeline:       s.timeline.records(),
	}
	rec.Path, rec.Plan = r.Path, m.plan
	rec.SegmentID, rec.Toward = m.locate(s)
	rec.Trunk = s.place.trunk
	if s.bound() {
		rec.Call, rec.Direction = new(callID), direction(s.from)
		rec.Speaker, rec.Hop, rec.UserAgent = s.speaker(), s.hop(), s.leg.agents[s.from].name
	}
	rec.optional(r, &c)
	rec.RTCP = m.rtcpOf(s, rec.clock())
	m.trust(s, rec)
	m.score(s, &c, rec)
	return rec
}

// optional fills in the fields that may be unknown.
func (rec *StreamRecord) optional(r *figures, c *carried) {
	if c.codec != "" {
		rec.Codec = new(c.codec)
	}
	if c.clockRate > 0 {
		rec.ClockRate = new(c.clockRate)
	}
	if r.PTimeMS > 0 {
		rec.PTimeMS = new(r.PTimeMS)
	}
	if r.Expected > 0 {
		rec.LossRatio = float64(r.Lost) / float64(r.Expected)
	}
	if r.SkewValid {
		rec.SkewPPM = new(r.SkewPPM)
	}
	if r.End > r.Start {
		rec.BitrateBPS = new(float64(r.Bytes) * 8 * float64(second) / float64(r.End-r.Start))
	}
}

func (rec *StreamRecord) clock() int {
	if rec.ClockRate == nil {
		return 0
	}
	return *rec.ClockRate
}

// secure reports whether the receiver's SDP asked for SRTP.
func (s *stream) secure() bool {
	line := s.receiverLine()
	return line != nil && line.secure
}

// direction names whose voice a stream carries.
func direction(from side) string {
	if from == caller {
		return fromCaller
	}
	return fromCallee
}

// The directions of a stream.
const (
	fromCaller = "from_caller"
	fromCallee = "from_callee"
)

func kindName(k rtpstats.MediaKind) string {
	switch k {
	case rtpstats.MediaAudio:
		return "audio"
	case rtpstats.MediaVideo:
		return "video"
	case rtpstats.MediaOther:
		return "other"
	}
	return "unknown"
}

// ints widens a list, so that it prints as numbers.
func ints(list []uint8) []int {
	wide := make([]int, len(list))
	for i, v := range list {
		wide[i] = int(v)
	}
	return wide
}

// What a stream's figures are worth.
const (
	trusted = "ok"
	suspect = "suspect" // the capture's own trouble is in them
)

// Loss that the receiver should have reported too, if the network and not the
// capture lost the packets.
const (
	contradictLost  = 10  // packets lost by our count, at least
	contradictShare = 0.1 // of them in the receiver's count, at most
)

// trust tells the network's trouble from the monitor's own. What the network
// lost before this point the receiver misses too; where it reports next to
// nothing missing, the packets were lost between the wire and our count.
func (m *media) trust(s *stream, rec *StreamRecord) {
	rec.Trust = trusted
	if s.report.CaptureDrops > 0 || s.timeline.suspect > 0 {
		rec.Trust = suspect
		rec.TrustReason = fmt.Sprintf("the capture itself dropped packets in %d of the stream's intervals",
			max(s.report.CaptureDrops, s.timeline.suspect))
		return
	}
	if s.pausedForFax() {
		rec.Trust = suspect
		rec.TrustReason = "the call went from audio to other media (fax) within it: packets that were numbered and not sent count as lost"
		return
	}
	if x := m.witnessOf(s); s.contradicts(x) {
		lost, _ := s.lostBy(x.last)
		rec.Trust = suspect
		rec.TrustReason = fmt.Sprintf("its receiver reported %d packets lost when the capture missed %d already: the capture lost them", x.lost, lost)
	}
}

// contradicts reports whether the stream's receiver, nil where it is silent,
// misses next to none of the packets that the capture misses.
func (s *stream) contradicts(x *witness) bool {
	if x == nil || x.blocks == 0 {
		return false
	}
	lost, ok := s.lostBy(x.last)
	return ok && lost >= contradictLost && s.report.Duplicates < lost/2 && float64(x.lost) <= contradictShare*float64(lost)
}

// longPause is a run of losses longer than networks make and shorter than any fax, ms.
const longPause = 2000

// pausedForFax reports whether an SDP turned the stream's m-line from audio to
// something else while it ran, and its sender fell silent and numbered on.
func (s *stream) pausedForFax() bool {
	if s.at == nil || float64(s.report.LossRuns.Longest)*s.report.PTimeMS < longPause {
		return false
	}
	at := s.at.line.switched
	return at != 0 && s.report.Start < at && at < s.report.End
}

// percent writes a ratio for people.
func percent(ratio float64) string { return fmt.Sprintf("%.1f %%", 100*ratio) }
