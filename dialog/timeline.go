package dialog

import (
	"earshot/mos"
	"earshot/rtpstats"
)

// maxIntervals bounds a timeline: 6 hours of 5-second steps. A longer one is
// folded, two steps into one, as often as it takes.
const maxIntervals = 4320

// step is one interval of a stream as the timeline keeps it.
type step struct {
	losses
	packets  uint32
	jitterMS float32
	suspect  bool
}

// losses is the part of a step that a score needs.
type losses struct {
	start    int64
	expected uint32
	lost     int32
	late     uint32
	badRuns  uint32
}

// timeline is a stream's quality over time: the worst steps always, all steps
// where they are wanted.
type timeline struct {
	steps   []step
	folds   int32  // how often it was folded: a step covers 2^folds intervals
	partial int32  // intervals in the last step
	suspect uint32 // intervals that a drop of the capture's own touched
	// The worst trusted interval, by two measures, because the codec that will
	// judge them may not be known yet: by loss alone, and by loss weighted
	// with its bursts.
	byLoss, byBursts losses
}

// outcome turns a step into what the ear gets: Ppl in percent, and BurstR.
// Late arrivals that repaired an earlier interval make its loss negative; that
// is no gain for this one.
func (s *losses) outcome() (ppl, burstR float64) {
	bad := float64(max(s.lost, 0)) + float64(s.late)
	if s.expected == 0 || bad == 0 {
		return 0, 1
	}
	ppl = min(100, 100*bad/float64(s.expected))
	run := bad / float64(max(s.badRuns, 1))
	return ppl, max(1, run*(1-ppl/100)) // BurstR = mean run * (1 - Ppl), G.107
}

// add takes an interval that a report closed.
func (t *timeline) add(i *rtpstats.Interval, codec *mos.Codec, keep bool) {
	if i.Packets == 0 && i.Expected == 0 {
		return
	}
	s := stepOf(i)
	if keep {
		t.append(s)
	}
	if s.suspect {
		t.suspect++
		return
	}
	if s.expected < minScored {
		return
	}
	t.rank(s.losses, codec)
}

func stepOf(i *rtpstats.Interval) step {
	return step{
		losses:  losses{start: i.Start, expected: i.Expected, lost: i.Lost, late: i.Late, badRuns: i.BadRuns},
		packets: i.Packets, jitterMS: float32(i.JitterMS), suspect: i.Suspect,
	}
}

// rank keeps the worst steps; of equals the first.
func (t *timeline) rank(s losses, codec *mos.Codec) {
	ppl, burstR := s.outcome()
	if ppl == 0 && t.byLoss.expected != 0 {
		return
	}
	worst, _ := t.byLoss.outcome()
	if t.byLoss.expected == 0 || ppl > worst {
		t.byLoss = s
	}
	worst, worstBurstR := t.byBursts.outcome()
	if t.byBursts.expected == 0 ||
		mos.LQ(mos.Input{Codec: *codec, Ppl: ppl, BurstR: burstR}).R <
			mos.LQ(mos.Input{Codec: *codec, Ppl: worst, BurstR: worstBurstR}).R {
		t.byBursts = s
	}
}

// append puts a step at the end, into the last step while that is not full.
func (t *timeline) append(s step) {
	if n := len(t.steps); n > 0 && t.partial < 1<<t.folds {
		t.steps[n-1].merge(&s)
		t.partial++
		return
	}
	if len(t.steps) == maxIntervals {
		t.fold()
	}
	t.steps = append(t.steps, s)
	t.partial = 1
}

// fold merges the steps in pairs.
func (t *timeline) fold() {
	half := len(t.steps) / 2
	for i := range half {
		s := t.steps[2*i]
		s.merge(&t.steps[2*i+1])
		t.steps[i] = s
	}
	t.steps = t.steps[:half]
	t.folds++
}

// merge adds the step that follows; jitter is the mean over packets.
func (s *step) merge(o *step) {
	if all := s.packets + o.packets; all > 0 {
		s.jitterMS = float32((float64(s.jitterMS)*float64(s.packets) + float64(o.jitterMS)*float64(o.packets)) / float64(all))
	}
	s.packets += o.packets
	s.expected += o.expected
	s.lost += o.lost
	s.late += o.late
	s.badRuns += o.badRuns
	s.suspect = s.suspect || o.suspect
}

// score writes the worst interval, and the timeline where it was kept.
func (t *timeline) score(codec *mos.Codec, rec *StreamRecord) {
	for _, s := range [2]*losses{&t.byLoss, &t.byBursts} {
		if lq := s.mos(codec); lq != nil && (rec.MOSMin == nil || *lq < *rec.MOSMin) {
			rec.MOSMin, rec.MOSMinAt = lq, Time(s.start)
		}
	}
	for i := range rec.Timeline {
		rec.Timeline[i].MOS = t.steps[i].mos(codec)
	}
}

// mos is the listening quality of one step, nil where it is too short.
func (s *losses) mos(codec *mos.Codec) *float64 {
	if s.expected < minScored {
		return nil
	}
	return new(mos.LQ(s.input(codec)).MOS)
}

// input is what the model is asked for the step.
func (s *losses) input(codec *mos.Codec) mos.Input {
	ppl, burstR := s.outcome()
	return mos.Input{Codec: *codec, Ppl: ppl, BurstR: burstR}
}

// records writes the steps that were kept, without their scores.
func (t *timeline) records() []IntervalRecord {
	if len(t.steps) == 0 {
		return nil
	}
	list := make([]IntervalRecord, len(t.steps))
	for i := range t.steps {
		s := &t.steps[i]
		list[i] = IntervalRecord{
			Start: Time(s.start), Packets: s.packets, Lost: s.lost, Late: s.late,
			JitterMS: float64(s.jitterMS), Suspect: s.suspect,
		}
	}
	return list
}
