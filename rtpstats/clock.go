package rtpstats

import (
	"math"
	"slices"
)

// standardClocks are the rates that an unannounced payload type may have.
var standardClocks = [...]uint32{8000, 16000, 24000, 32000, 44100, 48000, 90000}

// frameTimesMS are the packet times of real codecs; a clock that makes the
// timestamp step one of them is believed sooner, the usual one soonest.
var frameTimesMS = [...]float64{usualFrameMS, 0.125, 1, 2.5, 4, 5, 10, 30, 40, 60, 80, 100, 120}

const (
	usualFrameMS     = 20
	rareFramePenalty = 0.1  // of a clock that makes it another frame time, in ln(rate)
	oddFramePenalty  = 0.15 // of a clock that makes it none
	clockTolerance   = 0.35 // largest distance of the measured rate, in ln(rate)
	videoClock       = 90000
	videoTolerance   = 1 // the same for frames over several packets: a few of them measure poorly
)

// rateEstimate fits timestamps against arrival times by least squares and finds
// the most common step.
type rateEstimate struct {
	n                    float64
	meanX, meanY         float64
	sxx, sxy             float64
	firstAt              int64
	ts                   uint32
	sum                  float64 // unwrapped timestamp
	step, stepN          uint32
	zeroSteps, moreSteps uint32
	seq                  uint16
}

// add takes a packet of the payload type in question.
func (r *rateEstimate) add(p *Packet) {
	if r.n == 0 {
		r.firstAt = p.At
	} else {
		r.addStep(p)
	}
	r.ts, r.seq = p.Timestamp, p.Seq
	r.n++
	x := float64(p.At-r.firstAt) * 1e-9
	dx := x - r.meanX
	r.meanX += dx / r.n
	r.meanY += (r.sum - r.meanY) / r.n
	r.sxx += dx * (x - r.meanX)
	r.sxy += dx * (r.sum - r.meanY)
}

// addStep votes for the most common timestamp step between neighbours
// (Boyer-Moore) and counts the frames that took several packets.
func (r *rateEstimate) addStep(p *Packet) {
	step := p.Timestamp - r.ts
	r.sum += float64(int32(step))
	if p.Seq-r.seq != 1 {
		return
	}
	switch {
	case step == 0:
		r.zeroSteps++
		return
	case step == r.step:
		r.stepN++
	case r.stepN == 0:
		r.step, r.stepN = step, 1
	default:
		r.stepN--
	}
	r.moreSteps++
}

// clock snaps the measured rate to a standard one; 0 where none is near.
func (r *rateEstimate) clock() uint32 {
	if r.n < 3 || r.sxx <= 0 || r.sxy <= 0 {
		return 0
	}
	rate := r.sxy / r.sxx
	if r.split() && math.Abs(math.Log(rate/videoClock)) < videoTolerance {
		return videoClock // the payload formats that split frames all have it
	}
	best, bestScore := uint32(0), clockTolerance
	for _, c := range standardClocks {
		score := math.Abs(math.Log(rate/float64(c))) + framePenalty(r.step, c)
		if score < bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// split reports whether frames took several packets, which then have one timestamp.
func (r *rateEstimate) split() bool { return r.zeroSteps > r.moreSteps/4 }

// stepClock is for arrivals that say nothing of the rate, such as a backlog
// that drains: the clock that makes a constant step the usual frame time.
func (r *rateEstimate) stepClock() uint32 {
	if 2*r.stepN < r.moreSteps { // votes above the others: three quarters of the steps
		return 0
	}
	for _, c := range standardClocks {
		if isFrame(r.step, c, usualFrameMS) {
			return c
		}
	}
	return 0
}

// framePenalty is how unlikely a timestamp step is at a clock; frames of video
// come in all lengths.
func framePenalty(step, clock uint32) float64 {
	switch {
	case clock == videoClock || isFrame(step, clock, usualFrameMS):
		return 0
	case slices.ContainsFunc(frameTimesMS[:], func(ms float64) bool { return isFrame(step, clock, ms) }):
		return rareFramePenalty
	}
	return oddFramePenalty
}

func isFrame(step, clock uint32, ms float64) bool {
	return math.Abs(float64(step)*1000/float64(clock)-ms) < ms/100
}
