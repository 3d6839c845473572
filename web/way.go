package web

import (
	"sync/atomic"

	"earshot/dialog"
	"earshot/rtpstats"
)

// way is what is counted of a segment in one direction. The recorder's
// goroutine writes it; any may read it.
type way struct {
	labels string // of segment and direction

	seconds        [bands][trusts]atomic.Uint64 // stream-seconds, ns
	jitter, delay  *histogram                   // s
	loss           *histogram                   // ratio
	mos, mosCQ     *histogram
	roundTrip      *histogram // s, by RTCP
	remoteJitter   *histogram // s, by RTCP
	remoteLost     atomic.Uint64
	located        [wheres]atomic.Uint64
	recent         window
	spots          []spot // by capture point; the last is of points without a name
	bandLabels     [bands][trusts]string
	locatedLabels  [wheres]string
	witnessedLabel string // of figures that RTCP reports
}

// where is on which side of the capture point packets were lost.
type where uint8

const (
	beforePoint where = iota
	afterPoint
	undetermined
	wheres
)

var whereNames = [wheres]string{"before_point", "after_point", "undetermined"}

// spot is what is counted of a way at one capture point.
type spot struct {
	labels                                               string
	packets, expected, lost, duplicates, reordered, late atomic.Uint64
	debt                                                 uint64 // lost packets that came after all, not yet taken off what is lost; the recorder's
}

func newWay(segment, direction string, step int64) *way {
	l := labels("segment", segment, "direction", direction)
	w := &way{
		labels:         l,
		jitter:         newHistogram(jitterBuckets).withExemplars(),
		delay:          newHistogram(delayBuckets),
		loss:           newHistogram(lossBuckets).withExemplars(),
		mos:            newHistogram(mosBuckets).withExemplars(),
		mosCQ:          newHistogram(mosBuckets),
		roundTrip:      newHistogram(roundTripBuckets),
		remoteJitter:   newHistogram(jitterBuckets),
		recent:         window{step: step},
		witnessedLabel: joinLabels(l, labels("source", "rtcp")),
	}
	for b := range bands {
		for t := range trusts {
			w.bandLabels[b][t] = joinLabels(l, labels("band", bandNames[b], "trust", trustNames[t]))
		}
	}
	for i := range wheres {
		w.locatedLabels[i] = joinLabels(l, labels("where", whereNames[i]))
	}
	return w
}

// The buckets. Loss and MOS are those that operators ask about; jitter and
// delay go up to where any buffer gives up.
var (
	jitterBuckets    = newBuckets(.001, .002, .005, .01, .015, .02, .03, .05, .1, .2)
	delayBuckets     = newBuckets(.01, .02, .04, .06, .08, .1, .15, .2)
	lossBuckets      = newBuckets(0, .001, .003, .01, .03, .05, .1, .2, .5)
	mosBuckets       = newBuckets(1, 1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.2, 4.4)
	roundTripBuckets = newBuckets(.01, .025, .05, .1, .15, .2, .3, .4, .5, 1, 2)
)

// observe counts an interval of one of the way's streams.
//
// Of an interval in which the capture itself lost packets, what was seen counts
// as packets, and its seconds as suspect; expected and lost packets, the
// histograms and their exemplars leave it out, for the probe's trouble is not
// the network's. Its losses are located as undetermined.
func (w *way) observe(s *spot, o *dialog.Observation) {
	lost := s.observe(o)
	w.hear(o)
	w.witness(&o.RTCP)
	w.located[beforePoint].Add(lost) // by then late arrivals are taken off
	w.located[afterPoint].Add(uint64(o.Located.After))
	w.located[undetermined].Add(uint64(o.Located.Undetermined))
	w.recent.observe(o)
	if o.Suspect {
		return
	}
	if o.Expected > 0 {
		w.observeLoss(o)
	}
	if o.JitterMS > 0 || hasTiming(o) {
		w.observeTiming(o)
	}
	w.observeScore(o)
}

// observe counts an interval's packets, and returns by how many more are lost.
func (s *spot) observe(o *dialog.Observation) (lost uint64) {
	s.packets.Add(uint64(o.Packets))
	s.duplicates.Add(uint64(o.Duplicates))
	s.reordered.Add(uint64(o.Reordered))
	s.late.Add(uint64(o.Late))
	if o.Lost < 0 {
		s.debt += uint64(-int64(o.Lost))
	}
	if o.Suspect {
		return 0
	}
	s.expected.Add(uint64(o.Expected))
	if o.Lost <= 0 {
		return 0
	}
	// A counter never decreases: packets that came after all, in a later
	// interval, are taken off the next losses.
	lost = uint64(o.Lost)
	repaired := min(lost, s.debt)
	s.debt -= repaired
	lost -= repaired
	s.lost.Add(lost)
	return lost
}

// hear counts the interval's seconds by how it sounded. Video is not heard.
func (w *way) hear(o *dialog.Observation) {
	if o.Media == rtpstats.MediaVideo || o.Media == rtpstats.MediaOther || o.End <= o.Start {
		return
	}
	t := trusted
	if o.Suspect {
		t = suspect
	}
	w.seconds[bandOf(o.MOS)][t].Add(uint64(o.End - o.Start))
}

func (w *way) witness(r *dialog.RTCPObservation) {
	if r.RTTMS > 0 {
		w.roundTrip.update(r.RTTMS / 1000)
	}
	if r.Reports == 0 {
		return
	}
	w.remoteJitter.update(r.JitterMS / 1000)
	w.remoteLost.Add(uint64(max(0, r.Lost)))
}

// hasTiming reports whether a jitter of 0 is a measured one: the clock is known
// and there were two packets to compare.
func hasTiming(o *dialog.Observation) bool { return o.Packets > 1 && o.Codec != "" }

func (w *way) observeLoss(o *dialog.Observation) {
	ratio := min(1, float64(max(0, o.Lost))/float64(o.Expected))
	w.note(w.loss, ratio, o, 1)
}

func (w *way) observeTiming(o *dialog.Observation) {
	w.note(w.jitter, o.JitterMS/1000, o, 1)
	w.delay.update(o.DelayVariationMS / 1000)
}

func (w *way) observeScore(o *dialog.Observation) {
	if o.MOS > 0 {
		w.note(w.mos, o.MOS, o, -1)
	}
	if o.MOSCQ > 0 {
		w.mosCQ.update(o.MOSCQ)
	}
}

// note takes a value and remembers the stream that it came from, if it is the
// worst of its bucket. Sign is 1 where high values are bad, else -1.
func (w *way) note(h *histogram, v float64, o *dialog.Observation, sign float64) {
	bucket := h.update(v)
	if h.worse(bucket, v, o.End, sign) {
		h.exemplars[bucket].Store(&exemplar{labels("stream_id", o.StreamID()), v, o.End})
	}
}
